// What takes the place of the letter: how to begin where there is no glove yet, and the question for a token.

import { byId, setText } from "../../dom.js";
import { DemoGlove } from "../../demo.js";
import { ServiceError } from "../../service.js";

const SHOWN = { none: "help", left: "help", locked: "unlock" };
const COMMANDS = "scaleglove bridge --port auto";

export class Instead {
  #page;
  #words;
  #demo = null;

  constructor(page) {
    this.#page = page;
    setText(byId("help-commands"), COMMANDS);
    byId("demo-start").addEventListener("click", () => this.#start());
    byId("demo-stop").addEventListener("click", () => this.#stop());
    byId("unlock").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = byId("token");
      page.unlock(field.value);
      field.value = ""; // it does not stay in the document
    });
  }

  setWords(words) {
    this.#words = words;
  }

  /** `key` of the status in state.js. */
  render(key, wrongToken) {
    const instead = SHOWN[key];
    const asks = byId("unlock").hidden && instead === "unlock";
    for (const id of new Set(Object.values(SHOWN))) byId(id).hidden = id !== instead;
    for (const id of ["stage", "letter-name", "confidence-field"]) byId(id).hidden = instead !== undefined;
    setText(byId("token-wrong"), wrongToken ? this.#words.tokenWrong : "");
    if (asks) byId("token").focus();
    byId("demo-stop").hidden = this.#demo === null;
  }

  async #start() {
    byId("demo-start").disabled = true;
    setText(byId("demo-failed"), "");
    try {
      const { letters } = await this.#page.service.get("/v1/letters");
      this.#demo = new DemoGlove(this.#page.service, letters, this.#words.demoText, (detail) => this.#ended(detail));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#ended(error.detail);
    }
    byId("demo-start").disabled = false;
  }

  #stop() {
    this.#demo?.stop();
    this.#demo = null;
  }

  #ended(detail) {
    this.#demo = null;
    setText(byId("demo-failed"), this.#words.demoFailed(detail));
  }
}
