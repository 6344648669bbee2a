// The line being written: the finished words, the last one marked where its language has changed it, and the current word.

import { make, setText } from "./dom.js";
import { partsOf } from "./words.js";

export class Line {
  #element;
  #before = make("span");
  #changed = make("span", { class: "changed" });
  #after = make("span");
  #composing = make("u");

  /** `element` is the paragraph that shows the line. */
  constructor(element) {
    this.#element = element;
    element.append(this.#before, this.#changed, this.#after, this.#composing);
  }

  /** Show the last message `text` in `language`, and what its language has changed (words.js); both may be null. */
  render(text, word, language) {
    if (this.#element.lang !== language) this.#element.lang = language;
    const [before, changed, after] = partsOf(text, word);
    setText(this.#before, before);
    setText(this.#changed, changed);
    setText(this.#after, after);
    setText(this.#composing, text?.composing ?? "");
  }
}
