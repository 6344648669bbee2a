// One of the two compared models: its current letter, its transcript, and its letters and time scales over time.

import { ScaleChart } from "../../charts/scale_chart.js";
import { make, setText } from "../../dom.js";
import { History } from "../../history.js";
import { Line } from "../../line.js";
import { wordAfter } from "../../words.js";

export class Side {
  #messages;
  #history = new History();
  #prediction = null;
  #text = null;
  #word = null;
  #chart = null;
  #label = make("span");
  #choice;
  #transcript = make("p", { class: "side-transcript" });
  #line = new Line(this.#transcript);
  #letter = make("output", { class: "letter-now", lang: "ko", "aria-live": "off" });
  #confidence = make("span", { class: "number muted" });
  #plot = make("div", { class: "side-plot", role: "img" });

  /** `number` is 0 or 1; `onSelect` is called when the user selects another model. */
  constructor(number, onSelect) {
    this.#choice = make("select", { "data-testid": `compare-${number + 1}` });
    this.#choice.addEventListener("change", onSelect);
    this.element = make(
      "div",
      { class: "side", "data-testid": `side-${number + 1}` },
      make("label", { class: "field" }, this.#label, this.#choice),
      make("p", { class: "now" }, this.#letter, this.#confidence), this.#transcript, this.#plot,
    );
    this.number = number;
  }

  get model() {
    return this.#choice.value;
  }

  offer(names, selected) {
    this.#choice.replaceChildren(...names.map((name) => new Option(name, name, false, name === selected)));
  }

  setMessages({ models, live }) {
    this.#messages = { models, live };
    setText(this.#label, models.sideName(this.number + 1));
    this.#plot.setAttribute("aria-label", models.sidePlot(this.number + 1));
    this.#chart?.setMessages(live);
    this.#render();
  }

  clear() {
    this.#history.clear();
    this.#prediction = this.#text = this.#word = null;
    this.#render();
  }

  receive(message) {
    this.#history.push(message, performance.now());
    if (message.type === "prediction") this.#prediction = message;
    this.#word = wordAfter(this.#word, this.#text, message);
    if (message.type === "text") this.#text = message;
    this.#render();
  }

  fit() {
    this.#chart?.fit();
  }

  draw(right) {
    if (this.#chart === null) {
      this.#chart = new ScaleChart(this.#plot);
      this.#chart.setMessages(this.#messages.live);
    }
    this.#chart.draw(this.#history, right);
  }

  #render() {
    const { label, confidence } = this.#prediction ?? { label: null, confidence: null };
    setText(this.#letter, label ?? this.#messages.live.noLetter);
    setText(this.#confidence, confidence === null ? "" : this.#messages.models.confidence(confidence));
    this.#line.render(this.#text, this.#word, "ko");
  }
}
