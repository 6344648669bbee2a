// The signals, the scales and the letters on one time line, which can be stopped and looked back on.

import { byId, setText } from "../../dom.js";
import { SPAN_MS } from "../../signals.js";
import { COUNTS, SignalChart, WHOLE_TURN } from "./chart.js";
import { ScalesChart } from "./scales_chart.js";

const DRAW_EVERY_REDUCED_MS = 500;
const STEP_S = 1;

export class Timeline {
  #page;
  #words;
  #charts;
  #scales;
  #pausedAt = null; // device time at the right edge, while it does not move
  #drawnAt = -Infinity;
  #reduced = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(page) {
    this.#page = page;
    this.#charts = [
      new SignalChart(byId("plot-flex"), { channels: [0, 1, 2, 3, 4], upright: COUNTS }),
      new SignalChart(byId("plot-angle"), { channels: [5, 6, 7], upright: WHOLE_TURN }),
    ];
    this.#scales = new ScalesChart(byId("plot-scales"));
    byId("pause").addEventListener("click", () => (this.#pausedAt === null ? this.#pause() : this.goOn()));
    byId("back").addEventListener("input", ({ target }) => this.#lookBack(Number(target.value)));
    byId("back").step = String(STEP_S);
  }

  /** Device time that is looked at, or null: the present. */
  get pausedAt() {
    return this.#pausedAt;
  }

  setWords(words) {
    this.#words = words;
    this.#scales.setWords(words);
    byId("back").setAttribute("aria-label", words.back);
  }

  fit() {
    for (const chart of [...this.#charts, this.#scales]) chart.fit();
  }

  goOn() {
    this.#pausedAt = null;
  }

  draw(now) {
    const { signals, history } = this.#page;
    const live = signals.playhead(now);
    if (signals.oldest === null || (this.#pausedAt !== null && this.#pausedAt > live)) this.goOn(); // another clock
    this.#controls(live);
    if (this.#reduced.matches && now - this.#drawnAt < DRAW_EVERY_REDUCED_MS) return;
    this.#drawnAt = now;
    const right = this.#pausedAt ?? live ?? 0;
    const seen = signals.seen(right);
    for (const chart of this.#charts) chart.draw(seen, right);
    this.#scales.draw(history, right);
  }

  #pause() {
    this.#pausedAt = this.#page.signals.playhead(performance.now());
  }

  #lookBack(seconds) {
    const live = this.#page.signals.playhead(performance.now());
    if (live !== null) this.#pausedAt = live + seconds * 1000;
  }

  #controls(live) {
    const { oldest } = this.#page.signals;
    const slider = byId("back");
    byId("look-back").hidden = oldest === null;
    const past = live === null || oldest === null ? 0 : Math.floor((live - oldest - SPAN_MS / 2) / 1000);
    const seconds = Math.max(STEP_S, past); // without a range the thumb would stand at the wrong end
    if (slider.min !== String(-seconds)) slider.min = String(-seconds);
    const back = this.#pausedAt === null ? 0 : Math.max(0, Math.round((live - this.#pausedAt) / 1000));
    if (document.activeElement !== slider || this.#pausedAt === null) slider.value = String(-back);
    setText(byId("pause"), this.#pausedAt === null ? this.#words.pause : this.#words.goOn);
    setText(byId("back-by"), this.#words.backBy(back));
    if (slider.getAttribute("aria-valuetext") !== this.#words.backBy(back)) {
      slider.setAttribute("aria-valuetext", this.#words.backBy(back));
    }
  }
}
