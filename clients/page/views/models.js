// The models view: what is served, side by side; what each one's weights listen to; two of them on the same glove.

import { make } from "../dom.js";
import { ServiceError } from "../service.js";
import { Comparing } from "./models/comparing.js";
import { ModelTable } from "./models/table.js";
import { WeightImportance } from "./models/importance.js";

export class ModelsView {
  #page;
  #words;
  #table;
  #importance = new WeightImportance();
  #comparing;
  #root;
  #wrong = make("p", { class: "wrong", role: "alert" });

  constructor(root, page) {
    this.#page = page;
    this.#root = root;
    this.#table = new ModelTable((model) => this.#use(model));
    this.#comparing = new Comparing(page);
    root.append(this.#wrong, this.#table.element, this.#comparing.element, this.#importance.element);
  }

  async show() {
    this.#comparing.fit();
    await this.#trying(async () => {
      const { models, default: first } = await this.#page.service.get("/v1/models");
      const contracts = await Promise.all(models.map(({ name }) => this.#page.service.get(`/v1/models/${encodeURIComponent(name)}`)));
      const served = models.map((model, i) => ({ ...model, isDefault: model.name === first, contract: contracts[i] }));
      this.#table.show(served);
      this.#importance.show(served);
      this.#comparing.offer(served.map(({ name }) => name));
    });
  }

  hide() {}

  setWords(words) {
    this.#words = words;
    this.#wrong.textContent = "";
    for (const part of [this.#table, this.#importance, this.#comparing]) part.setWords(words);
  }

  render(state, now) {
    this.#table.render(state.started?.model ?? null);
    this.#comparing.render(state, now);
  }

  /** Let the glove that is followed be answered by this model. */
  async #use(model) {
    const { following } = this.#page.state();
    if (following === null) return;
    await this.#trying(() => this.#page.service.post(`/v1/streams/${encodeURIComponent(following)}/model`, { model }));
  }

  async #trying(asked) {
    this.#wrong.textContent = "";
    try {
      await asked();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#wrong.textContent = error.detail === "" ? this.#words.page.unanswered : error.detail;
    }
  }
}
