// The models view: the served models side by side, a comparison of two of them, and the importance of their weights.

import { make } from "../dom.js";
import { describeProblem } from "../i18n/index.js";
import { problemOf } from "../service.js";
import { Comparing } from "./models/comparing.js";
import { ModelTable } from "./models/table.js";
import { WeightImportance } from "./models/importance.js";

export class ModelsView {
  #page;
  #messages;
  #table;
  #importance = new WeightImportance();
  #comparing;
    #error = make("p", { class: "error", role: "alert" });

  constructor(root, page) {
    this.#page = page;
    this.#table = new ModelTable((model) => this.#use(model));
    this.#comparing = new Comparing(page);
    root.append(this.#error, this.#table.element, this.#comparing.element, this.#importance.element);
  }

  async show() {
    this.#comparing.fit();
    await this.#tryTo(this.#readModels());
  }

  hide() {}

  setMessages(messages) {
    this.#messages = messages;
    this.#error.textContent = "";
    for (const part of [this.#table, this.#importance, this.#comparing]) part.setMessages(messages);
  }

  render(state, now) {
    this.#table.render(state.started?.model ?? null);
    this.#comparing.render(state, now);
  }

  async #readModels() {
    const { service } = this.#page;
    const { models, default: defaultName } = await service.get("/v1/models");
    const contracts = await Promise.all(models.map(({ name }) => service.get(`/v1/models/${encodeURIComponent(name)}`)));
    const served = models.map((model, i) => ({ ...model, isDefault: model.name === defaultName, contract: contracts[i] }));
    this.#table.show(served);
    this.#importance.show(served);
    this.#comparing.offer(served);
  }

  /** Use a model for the stream on show. */
  async #use(model) {
    const { following } = this.#page.state();
    if (following === null) return;
    await this.#tryTo(this.#page.service.put(`/v1/streams/${encodeURIComponent(following)}/model`, { model }));
  }

  /** Wait for a request, and show its problem if it fails. */
  async #tryTo(request) {
    this.#error.textContent = "";
    const problem = await problemOf(request);
    if (problem !== null) this.#error.textContent = describeProblem(this.#messages, problem);
  }
}
