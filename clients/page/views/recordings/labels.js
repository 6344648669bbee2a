// Which letter a recording shows, and in which way it is held.

import { make, setText } from "../../dom.js";
import { BENDS, LETTERS } from "../../recordings/episode.js";

export class Labels {
  #letterName = make("span", { class: "quiet" });
  #bendName = make("span", { class: "quiet" });
  #none = new Option("", "");
  #letter = make("select", { "data-label": "letter", lang: "ko" });
  #bend = make("select", { "data-label": "bend" });

  /** `choose` hears { letter, bend }, both null where no letter is said. */
  constructor(choose) {
    this.#letter.append(this.#none, ...LETTERS.map((letter) => new Option(letter, letter)));
    this.#bend.append(...BENDS.map((bend) => new Option(bend, bend)));
    this.element = make(
      "div",
      { class: "labels" },
      make("label", {}, this.#letterName, this.#letter),
      make("label", {}, this.#bendName, this.#bend),
    );
    this.element.addEventListener("change", () => {
      this.#bend.disabled = this.#letter.value === "";
      choose(this.chosen);
    });
    this.set({ letter: null, bend: null });
  }

  get chosen() {
    const letter = this.#letter.value || null;
    return { letter, bend: letter === null ? null : this.#bend.value };
  }

  set({ letter, bend }) {
    if (bend !== null && !BENDS.includes(bend)) this.#bend.append(new Option(bend, bend)); // as a file has it
    this.#letter.value = letter ?? "";
    this.#bend.value = bend ?? BENDS[0];
    this.#bend.disabled = letter === null;
  }

  setWords({ recordings }) {
    setText(this.#letterName, recordings.letter);
    setText(this.#bendName, recordings.bend);
    setText(this.#none, recordings.unlabelled);
  }
}
