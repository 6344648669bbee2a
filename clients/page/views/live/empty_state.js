// What the live view shows in place of a letter: how to start without a glove, and the form for a token.

import { problemOf } from "../../service.js";
import { byId, setText } from "../../dom.js";
import { DemoGlove } from "../../demo.js";
import { describeProblem } from "../../i18n/index.js";
import { greetingOf } from "../../signing_hand.js";
import { shapesOf } from "../letter_pictures.js";

const PANELS = { none: "help", left: "help", locked: "unlock" }; // by the key of the status
const START_BRIDGE = "scaleglove bridge --port auto";

export class EmptyState {
  #page;
  #messages;

  constructor(page) {
    this.#page = page;
    setText(byId("help-commands"), START_BRIDGE);
    byId("demo-start").addEventListener("click", () => this.#start());
    byId("demo-stop").addEventListener("click", () => this.#stop());
    byId("unlock").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = byId("token");
      page.unlock(field.value);
      field.value = ""; // the token does not stay in the document
    });
  }

  setMessages(messages) {
    this.#messages = messages;
  }

  /** Show the panel for a status key, if there is one. */
  render(key, wrongToken) {
    const panel = PANELS[key];
    const isUnlockNew = byId("unlock").hidden && panel === "unlock";
    for (const id of new Set(Object.values(PANELS))) byId(id).hidden = id !== panel;
    for (const id of ["stage", "letter-name", "confidence-field"]) byId(id).hidden = panel !== undefined;
    setText(byId("token-wrong"), wrongToken ? this.#messages.problems.unauthorized : "");
    if (isUnlockNew) byId("token").focus();
    byId("demo-stop").hidden = this.#page.demo === null;
  }

  async #start() {
    byId("demo-start").disabled = true;
    setText(byId("demo-failed"), "");
    const problem = await problemOf(this.#startDemo());
    if (problem !== null) this.#failed(problem);
    byId("demo-start").disabled = false;
  }

  async #startDemo() {
    const { service, choose } = this.#page;
    const { signs, language } = await signsOf(service);
    const text = greetingOf(language, [...signs.keys()]);
    this.#page.demo = new DemoGlove(service, signs, text, { started: choose, failed: (problem) => this.#failed(problem) });
  }

  #stop() {
    this.#page.demo?.stop();
    this.#page.demo = null;
  }

  #failed(problem) {
    this.#page.demo = null;
    setText(byId("demo-failed"), this.#messages.live.demoFailed(describeProblem(this.#messages, problem)));
  }
}

/** Return the signs of the service's own model and their language; those of Korean where it has no hands of the model's. */
export async function signsOf(service) {
  const { default: model } = await service.peek("/v1/models");
  const { vocabulary } = await service.peek(`/v1/models/${encodeURIComponent(model)}`);
  const signs = await shapesOf(service, vocabulary.name);
  return signs.size > 0 ? { signs, language: vocabulary.language } : { signs: await shapesOf(service, "korean"), language: "korean" };
}
