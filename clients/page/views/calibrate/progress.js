// The progress of a session: the number of examples of each letter, and the quality of the latest ones.

import { make, setShare, setText } from "../../dom.js";
import { REST } from "../../glove.js";
import { reasonFor, shortLabel, spokenLabel } from "./labels.js";
import { MAX_LETTERS, countOf, coverageOf, gradeOf } from "./session.js";

const LATEST = 5;
const MOST_IN_COLUMN = 4; // characters of a label beside its quality; a longer one stands above it

export class Progress {
  #messages;
  #heading = make("h2", { id: "calibrate-progress" });
  #counts = make("p", { "data-testid": "calibrate-counts" });
  #bar = make("div", { class: "bar", role: "meter", "aria-valuemin": "0", "aria-valuemax": "100" }, make("span"));
  #chips = make("ul", { class: "chips" });
  #notes = make("p", { class: "muted" });
  #now = make("p", { class: "muted", "data-testid": "calibrate-now" });
  #latestHeading = make("h3");
  #latest = make("ol", { class: "latest", "data-testid": "calibrate-latest" });
  #vocabulary = null;
  #rendered = "";

  constructor() {
    this.element = make(
      "section",
      { class: "card progress", "aria-labelledby": "calibrate-progress" },
      this.#heading, this.#counts, this.#bar, this.#chips, this.#notes, this.#now, this.#latestHeading, this.#latest,
    );
  }

  setMessages(messages) {
    this.#messages = messages;
    this.#rendered = "";
    setText(this.#heading, messages.calibrate.progressHeading);
    setText(this.#latestHeading, messages.calibrate.latestHeading);
  }

  setSession({ guide, letters, shown, sitting, target: asked, vocabulary }) {
    const target = sitting === null ? asked : null; // a sitting asks for words
    const rendered = JSON.stringify([guide, letters, shown, target]);
    if (guide === null || rendered === this.#rendered) return;
    this.#rendered = rendered;
    this.#vocabulary = vocabulary;
    const { calibrate } = this.#messages;
    const counts = letters.map((letter) => countOf(guide, letter));
    const count = counts.reduce((sum, each) => sum + each, 0);
    const lettersText = calibrate.letters(counts.filter((each) => each > 0).length, letters.length);
    setText(this.#counts, `${lettersText}, ${calibrate.examples(count + countOf(guide, REST))}`);
    this.#bar.setAttribute("aria-label", this.#counts.textContent);
    setShare(this.#bar, Math.min(1, guide.enough ? 1 : count / MAX_LETTERS));
    this.#chips.replaceChildren(...[REST, ...letters].map((label) => this.#chip(label, countOf(guide, label), target)));
    setText(this.#notes, this.#notesOn(guide));
    setText(this.#now, this.#nowText(coverageOf({ letters, guide })));
    const latest = shown.slice(-LATEST).toReversed();
    this.#latest.replaceChildren(
      ...(latest.length === 0 ? [make("li", { class: "muted", text: calibrate.noneYet })] : latest.map((each) => this.#example(each))),
    );
  }

  #chip(label, count, target) {
    const spoken = this.#messages.calibrate.chip(spokenLabel(label, this.#messages, this.#vocabulary), count);
    const marks = make("span", { class: "marks", "aria-hidden": "true", text: "•".repeat(Math.min(count, 3)) });
    const name = make("span", { "aria-hidden": "true", text: this.#short(label) });
    return make(
      "li",
      { "data-have": String(count > 0), "data-target": String(label === target?.label), "data-long": String(name.textContent.length > 1) },
      name, marks, make("span", { class: "visually-hidden", text: spoken }),
    );
  }

  #short(label) {
    return shortLabel(label, this.#messages, this.#vocabulary);
  }

  #notesOn({ expected_accuracy, confused }) {
    const { calibrate } = this.#messages;
    const expected = expected_accuracy === null ? calibrate.enoughAfter : calibrate.expected(expected_accuracy);
    const pairs = confused.map(([one, other]) => `${this.#short(one)} ${this.#short(other)}`);
    return pairs.length === 0 ? expected : `${expected} ${calibrate.confused(pairs)}`;
  }

  /** Say what a calibration would be made of now, while letters are missing. */
  #nowText({ shown, without }) {
    const { calibrate } = this.#messages;
    if (shown.length === 0) return calibrate.nothingYet;
    return without.length === 0 ? "" : calibrate.now(shown.length, without.map((label) => this.#short(label)).join(", "));
  }

  #example(example) {
    const { calibrate } = this.#messages;
    const label = this.#short(example.label);
    const quality = example.quality ?? 1;
    const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("span"));
    setShare(bar, quality);
    const grade = gradeOf(example);
    const reason = reasonFor(example, this.#messages);
    return make(
      "li",
      { "data-grade": grade, "data-long": String(label.length > MOST_IN_COLUMN) },
      make("strong", { text: label }), bar,
      make("span", { class: "number", text: calibrate.percent(quality) }),
      make("span", { text: calibrate.grades[grade] }),
      reason === "" ? "" : make("span", { class: "muted reason", text: reason }),
    );
  }
}
