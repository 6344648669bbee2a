// One of the two models that are compared: which, what it writes, its letter now, and its letters and scales over time.

import { make, setText } from "../../dom.js";
import { History } from "../../history.js";
import { ScalesChart } from "../live/scales_chart.js";

export class Side {
  #words;
  #history = new History();
  #prediction = null;
  #text = null;
  #chart = null;
  #label = make("span");
  #choice;
  #line = make("p", { class: "line-written", lang: "ko" });
  #letter = make("output", { class: "letter-now", lang: "ko", "aria-live": "off" });
  #confidence = make("span", { class: "number quiet" });
  #plot = make("div", { class: "side-plot", role: "img" });

  /** `number` 0 or 1; `chosen` is told when another model is. */
  constructor(number, chosen) {
    this.#choice = make("select", { "data-testid": `compare-${number + 1}` });
    this.#choice.addEventListener("change", chosen);
    this.element = make(
      "div",
      { class: "side", "data-testid": `side-${number + 1}` },
      make("label", { class: "asked-for" }, this.#label, this.#choice),
      make("p", { class: "now" }, this.#letter, this.#confidence), this.#line, this.#plot,
    );
    this.number = number;
  }

  get model() {
    return this.#choice.value;
  }

  offer(names, chosen) {
    this.#choice.replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
  }

  setWords({ models, live }) {
    this.#words = { ...models, noLetter: live.noLetter };
    setText(this.#label, models.sideName(this.number + 1));
    this.#plot.setAttribute("aria-label", models.sidePlot(this.number + 1));
    this.#chart?.setWords(live);
    this.live = live;
    this.#tell();
  }

  clear() {
    this.#history.clear();
    this.#prediction = this.#text = null;
    this.#tell();
  }

  hear(message) {
    this.#history.push(message, performance.now());
    if (message.type === "prediction") this.#prediction = message;
    if (message.type === "text") this.#text = message;
    this.#tell();
  }

  fit() {
    this.#chart?.fit();
  }

  draw(right) {
    if (this.#chart === null) {
      this.#chart = new ScalesChart(this.#plot);
      this.#chart.setWords(this.live);
    }
    this.#chart.draw(this.#history, right);
  }

  #tell() {
    const { label, confidence } = this.#prediction ?? { label: null, confidence: null };
    setText(this.#letter, label ?? this.#words.noLetter);
    setText(this.#confidence, confidence === null ? "" : this.#words.confidence(confidence));
    setText(this.#line, this.#text === null ? "" : `${this.#text.committed}${this.#text.composing}`);
  }
}
