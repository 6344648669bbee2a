// What a calibration brought: before and after in numbers, a sentence, and how to use it.

import { make, setShare, setText } from "../../dom.js";
import { shortOf, summaryOf } from "./naming.js";

export class Outcome {
  #words;
  #heading = make("h2", { id: "calibrate-outcome" });
  #sentence = make("p", { class: "sentence", "data-testid": "calibrate-outcome" });
  #scores = make("dl", { class: "scores" });
  #notes = make("p", { class: "quiet" });
  #useHeading = make("h3");
  #use = make("p");
  #command = make("code");
  #commandField = make("pre", { tabindex: "0" }, this.#command);

  constructor() {
    this.element = make(
      "section",
      { class: "card outcome", "aria-labelledby": "calibrate-outcome", hidden: true },
      this.#heading, this.#sentence, this.#scores, this.#notes, this.#useHeading, this.#use, this.#commandField,
    );
  }

  setWords(words) {
    this.#words = words;
    setText(this.#heading, words.calibrate.worthHeading);
    setText(this.#useHeading, words.calibrate.useHeading);
  }

  setSitting({ worth, wearer }) {
    this.element.hidden = worth === null;
    if (worth === null) return;
    const { calibrate } = this.#words;
    setText(this.#sentence, summaryOf(worth, this.#words));
    this.#scores.hidden = worth.before === null;
    if (worth.before !== null) {
      const both = [this.#score(calibrate.before, worth.before), this.#score(calibrate.after, worth.after)];
      this.#scores.replaceChildren(...both);
    }
    setText(this.#notes, this.#notesOn(worth));
    setText(this.#command, `scaleglove bridge --wearer ${wearer}`);
  }

  /** `worn` is whom the glove that is followed says that it is worn by, or null. */
  render({ worth, wearer }, worn) {
    if (worth === null) return;
    const { calibrate } = this.#words;
    setText(this.#use, worn === wearer ? calibrate.inUse : calibrate.startWith);
    this.#commandField.hidden = worn === wearer;
  }

  #score(name, { accuracy, mean_confidence: confidence }) {
    const { calibrate } = this.#words;
    const bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
    setShare(bar, accuracy);
    const figure = make("strong", { class: "number", text: calibrate.percent(accuracy) });
    const value = make("dd", {}, figure, ` ${calibrate.right}`, bar, make("span", { class: "quiet", text: calibrate.confidence(confidence) }));
    return make("div", {}, make("dt", { text: name }), value);
  }

  #notesOn({ before, single }) {
    const { calibrate } = this.#words;
    const letters = single.map((label) => shortOf(label, this.#words)).join(", ");
    const judged = before === null ? [] : [calibrate.judgedWithout];
    return [...judged, ...(single.length === 0 ? [] : [calibrate.single(letters)])].join(" ");
  }
}
