// What has been shown: of each letter how often, and how good the last examples are.

import { make, setShare, setText } from "../../dom.js";
import { MOST_LETTERS, REST, gradeOf } from "./calibrating.js";
import { nameOf, reasonOf, shortOf } from "./naming.js";

const LAST = 5;

export class Progress {
  #words;
  #heading = make("h2", { id: "calibrate-progress" });
  #counts = make("p", { "data-testid": "calibrate-counts" });
  #bar = make("div", { class: "bar", role: "meter", "aria-valuemin": "0", "aria-valuemax": "100" }, make("span"));
  #chips = make("ul", { class: "chips" });
  #remarks = make("p", { class: "quiet" });
  #lastHeading = make("h3");
  #last = make("ol", { class: "last", "data-testid": "calibrate-last" });
  #drawn = "";

  constructor() {
    this.element = make(
      "section",
      { class: "card progress", "aria-labelledby": "calibrate-progress" },
      this.#heading, this.#counts, this.#bar, this.#chips, this.#remarks, this.#lastHeading, this.#last,
    );
  }

  setWords(words) {
    this.#words = words;
    this.#drawn = "";
    setText(this.#heading, words.calibrate.progressHeading);
    setText(this.#lastHeading, words.calibrate.lastHeading);
  }

  setSitting({ guide, letters, shown, asked }) {
    const drawn = JSON.stringify([guide, letters, shown, asked]);
    if (guide === null || drawn === this.#drawn) return;
    this.#drawn = drawn;
    const { calibrate } = this.#words;
    const counts = letters.map((letter) => guide.have[letter] ?? 0);
    const count = counts.reduce((sum, each) => sum + each, 0);
    const told = calibrate.letters(counts.filter((each) => each > 0).length, letters.length);
    setText(this.#counts, `${told}, ${calibrate.examples(count + (guide.have[REST] ?? 0))}`);
    this.#bar.setAttribute("aria-label", this.#counts.textContent);
    setShare(this.#bar, Math.min(1, guide.enough ? 1 : count / MOST_LETTERS));
    this.#chips.replaceChildren(...[REST, ...letters].map((label) => this.#chip(label, guide.have[label] ?? 0, asked)));
    setText(this.#remarks, this.#remarksOn(guide));
    const last = shown.slice(-LAST).toReversed();
    this.#last.replaceChildren(
      ...(last.length === 0 ? [make("li", { class: "quiet", text: calibrate.noneYet })] : last.map((each) => this.#example(each))),
    );
  }

  #chip(label, count, asked) {
    const told = this.#words.calibrate.chip(nameOf(label, this.#words), count);
    const marks = make("span", { class: "marks", "aria-hidden": "true", text: "•".repeat(Math.min(count, 3)) });
    const name = make("span", { "aria-hidden": "true", text: shortOf(label, this.#words) });
    return make(
      "li",
      { "data-have": String(count > 0), "data-asked": String(label === asked?.label), "data-long": String(label === REST) },
      name, marks, make("span", { class: "unseen", text: told }),
    );
  }

  #remarksOn({ expected_accuracy, confused }) {
    const { calibrate } = this.#words;
    const expected = expected_accuracy === null ? calibrate.enoughAfter : calibrate.expected(expected_accuracy);
    const pairs = confused.map(([one, other]) => `${one} ${other}`);
    return pairs.length === 0 ? expected : `${expected} ${calibrate.confused(pairs)}`;
  }

  #example(example) {
    const { calibrate } = this.#words;
    const quality = example.quality ?? 1;
    const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("span"));
    setShare(bar, quality);
    const grade = gradeOf(example);
    const reason = reasonOf(example, this.#words);
    return make(
      "li",
      { "data-grade": grade },
      make("strong", { text: shortOf(example.label, this.#words) }), bar,
      make("span", { class: "number", text: calibrate.percent(quality) }),
      make("span", { text: calibrate.grades[grade] }),
      reason === "" ? "" : make("span", { class: "quiet reason", text: reason }),
    );
  }
}
