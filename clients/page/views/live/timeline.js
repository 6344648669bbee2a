// The signals, the time scales and the letters on one timeline, which can be paused and scrolled back.

import { ScaleChart } from "../../charts/scale_chart.js";
import { COUNTS, SignalChart, WHOLE_TURN } from "../../charts/signal_chart.js";
import { byId, setText } from "../../dom.js";
import { isDue } from "../../motion.js";
import { SPAN_MS } from "../../signals.js";

const STEP_S = 1;

export class Timeline {
  #page;
  #messages;
  #charts;
  #scales;
  #pausedAt = null; // device time at the right edge while paused
  #drawnAt = -Infinity;

  constructor(page) {
    this.#page = page;
    this.#charts = [
      new SignalChart(byId("plot-flex"), { channels: [0, 1, 2, 3, 4], vertical: COUNTS }),
      new SignalChart(byId("plot-angle"), { channels: [5, 6, 7], vertical: WHOLE_TURN }),
    ];
    this.#scales = new ScaleChart(byId("plot-scales"));
    byId("pause").addEventListener("click", () => (this.#pausedAt === null ? this.#pause() : this.resume()));
    byId("back").addEventListener("input", ({ target }) => this.#lookBack(Number(target.value)));
    byId("back").step = String(STEP_S);
  }

  /** The device time on show while paused, or null. */
  get pausedAt() {
    return this.#pausedAt;
  }

  setMessages({ live }) {
    this.#messages = live;
    this.#scales.setMessages(live);
    byId("back").setAttribute("aria-label", live.lookBack);
  }

  fit() {
    for (const chart of [...this.#charts, this.#scales]) chart.fit();
  }

  resume() {
    this.#pausedAt = null;
  }

  draw(now) {
    const { signals, history } = this.#page;
    const live = signals.playhead(now);
    if (signals.oldest === null || (this.#pausedAt !== null && this.#pausedAt > live)) this.resume(); // the glove restarted
    this.#controls(live);
    if (!isDue(now, this.#drawnAt)) return;
    this.#drawnAt = now;
    const right = this.#pausedAt ?? live ?? 0;
    const visible = signals.visible(right);
    for (const chart of this.#charts) chart.draw(visible, right);
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
    const seconds = Math.max(STEP_S, past); // without a range the thumb would be at the wrong end
    if (slider.min !== String(-seconds)) slider.min = String(-seconds);
    const back = this.#pausedAt === null ? 0 : Math.max(0, Math.round((live - this.#pausedAt) / 1000));
    if (document.activeElement !== slider || this.#pausedAt === null) slider.value = String(-back);
    setText(byId("pause"), this.#pausedAt === null ? this.#messages.pause : this.#messages.resume);
    setText(byId("back-by"), this.#messages.lookBackBy(back));
    if (slider.getAttribute("aria-valuetext") !== this.#messages.lookBackBy(back)) {
      slider.setAttribute("aria-valuetext", this.#messages.lookBackBy(back));
    }
  }
}
