// The seconds that are left, what to do in them, and a bar.

import { make, setShare, setText } from "../dom.js";

export class Countdown {
  #seconds;
  #prompt;
  #bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));

  /** `prefix` begins the test ids. */
  constructor(prefix = "") {
    this.#seconds = make("strong", { class: "seconds number", "aria-hidden": "true", "data-testid": `${prefix}seconds` });
    this.#prompt = make("p", { class: "prompt", "data-testid": `${prefix}prompt` });
    this.element = make("div", { class: "countdown" }, this.#seconds, this.#prompt, this.#bar);
  }

  /** `leftMs` is 0 where nothing is counted down; `share`, 0 to 1, fills the bar. */
  show(leftMs, share, prompt) {
    setText(this.#seconds, leftMs > 0 ? String(Math.ceil(leftMs / 1000)) : "");
    setShare(this.#bar, share);
    setText(this.#prompt, prompt);
  }
}
