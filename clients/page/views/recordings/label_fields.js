// The fields for the label of a recording: its letter and its signing style.

import { make, setText } from "../../dom.js";
import { LETTERS } from "../../korean.js";
import { STYLES } from "../../recordings/episode.js";

export class LabelFields {
  #letterName = make("span", { class: "muted" });
  #styleName = make("span", { class: "muted" });
  #none = new Option("", "");
  #letter = make("select", { "data-label": "letter", lang: "ko" });
  #style = make("select", { "data-label": "bend" });

  /** `onChange` is called with { letter, bend }, both null without a letter. */
  constructor(onChange) {
    this.#letter.append(this.#none, ...LETTERS.map((letter) => new Option(letter, letter)));
    this.#style.append(...STYLES.map((style) => new Option(style, style)));
    this.element = make(
      "div",
      { class: "label-fields" },
      make("label", {}, this.#letterName, this.#letter),
      make("label", {}, this.#styleName, this.#style),
    );
    this.element.addEventListener("change", () => {
      this.#style.disabled = this.#letter.value === "";
      onChange(this.value);
    });
    this.set({ letter: null, bend: null });
  }

  get value() {
    const letter = this.#letter.value || null;
    return { letter, bend: letter === null ? null : this.#style.value };
  }

  set({ letter, bend }) {
    if (bend !== null && !STYLES.includes(bend)) this.#style.append(new Option(bend, bend)); // as in a file
    this.#letter.value = letter ?? "";
    this.#style.value = bend ?? STYLES[0];
    this.#style.disabled = letter === null;
  }

  setMessages({ recordings }) {
    setText(this.#letterName, recordings.letter);
    setText(this.#styleName, recordings.style);
    setText(this.#none, recordings.unlabelled);
  }
}
