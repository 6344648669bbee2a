// What one model says about a recording: its letters and time scales over time, and its answer on the whole.

import { make, setData, setText } from "../../dom.js";
import { importanceOf, lettersOf } from "../../recordings/answers.js";
import { durationMs } from "../../recordings/episode.js";
import { ScalesChart } from "../live/scales_chart.js";
import { secondsAxis } from "./time_axis.js";

export class ModelAnswer {
  #model;
  #words;
  #answered = null; // { windows, predictions } of answers.js
  #episode = null;
  #drawn = null; // what the chart shows
  #chart = null;
  #told = make("strong", { lang: "ko", "data-testid": "answer" });
  #judged = make("span", { class: "judged" });
  #on = make("span", { class: "quiet" });
  #plot = make("div", { class: "answer-plot", role: "img" });
  #heard = make("p", { class: "unseen", "data-testid": "letters" });

  /** `model` is of GET /v1/models. */
  constructor(model) {
    this.#model = model;
    const verdict = make("p", {}, this.#on, this.#told, this.#judged);
    const caption = make("figcaption", {}, make("h4", { text: model.name }), verdict);
    this.element = make("figure", { class: "model-answer", "data-model": model.name }, caption, this.#plot, this.#heard);
  }

  get name() {
    return this.#model.name;
  }

  setWords({ recordings }) {
    this.#words = recordings;
    this.#plot.setAttribute("aria-label", recordings.letterBand(this.name));
    this.#tell();
  }

  /** Until the answer is here. */
  wait() {
    this.#answered = null;
    this.#tell();
  }

  show(answered, episode) {
    this.#answered = answered;
    this.#episode = episode;
    const { t, shares } = importanceOf(answered);
    this.#drawn = { importance: () => ({ t, shares }), gestures: lettersOf(answered) };
    this.#chart ??= new ScalesChart(this.#plot, secondsAxis);
    this.draw();
    this.#tell();
  }

  relabel(letter) {
    if (this.#episode === null) return;
    this.#episode = { ...this.#episode, letter };
    this.#tell();
  }

  fit() {
    this.#chart?.fit();
  }

  draw() {
    if (this.#drawn === null) return;
    const lengthMs = durationMs(this.#episode);
    this.#chart.draw(this.#drawn, lengthMs, lengthMs);
  }

  #tell() {
    const { asking, heard, span } = this.#words;
    setData(this.element, "answered", String(this.#answered !== null));
    if (this.#answered === null) {
      setText(this.#on, asking);
      for (const each of [this.#told, this.#judged, this.#heard]) setText(each, "");
      return;
    }
    this.#tellWhole(this.#answered.predictions.at(-1));
    setText(this.#heard, heard(this.#drawn.gestures.map(({ label, begin, end }) => span(label, begin, end))));
  }

  /** The newest window is that of a whole episode, or of the end of a long one. */
  #tellWhole(prediction) {
    const { whole, atEnd, sure, asLabelled, notAsLabelled } = this.#words;
    const { window_frames: frames, sample_rate_hz: rate } = this.#model;
    const { label, confidence, state } = prediction;
    const windowS = frames / rate;
    setText(this.#on, durationMs(this.#episode) <= 2000 * windowS ? whole : atEnd(windowS));
    setText(this.#told, label === null ? this.#words[state] : sure(label, confidence));
    const { letter } = this.#episode;
    const isRight = label === letter;
    setText(this.#judged, letter === null ? "" : isRight ? asLabelled : notAsLabelled(letter));
    setData(this.#judged, "right", String(isRight));
  }
}
