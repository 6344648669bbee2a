// A line that says why a request failed, in the user's language.

import { make, setText } from "../dom.js";
import { describeProblem } from "../i18n/index.js";

export class ProblemLine {
  #messages;

  constructor(testId) {
    this.element = make("p", { class: "error", role: "alert", "data-testid": testId });
  }

  setMessages(messages) {
    this.#messages = messages;
  }

  /** Show a problem { code, detail }, or nothing for null. */
  show(problem) {
    const text = problem === null ? "" : describeProblem(this.#messages, problem);
    if (text === this.element.textContent) return;
    setText(this.element, text);
    if (text !== "") this.element.scrollIntoView({ block: "nearest" }); // on a phone the pressed button is far below
  }
}
