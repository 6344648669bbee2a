// What was said of the last two minutes, on the glove's own clock: predictions, letters, and how soon they came. Pure.

import { KEPT_MS, firstAfter } from "./signals.js";
import { SCALES } from "./scales.js";

const TRIMMED_AT = 100; // entries more than needed, before any are dropped
const LATENCY_FOLLOWS = 0.1;

export class History {
  #frames = null; // the last message of frames: { from, to, at }

  constructor() {
    this.clear();
  }

  clear() {
    this.t = []; // of predictions
    this.predictions = [];
    this.gestures = []; // { label, begin, end } ; end is null while it is held
    this.latencyMs = null; // from a window's last frame being here to its answer being here
    this.#frames = null;
  }

  /** Take a message that arrived at `now`. */
  push(message, now) {
    if (message.type === "frames") this.#frames = { from: message.seq, to: message.seq + message.t_ms.length, at: now };
    if (message.type === "prediction") this.#predicted(message, now);
    if (message.type === "gesture") this.#signed(message);
  }

  /** The prediction that held at device time `t`, or null. */
  at(t) {
    return this.predictions[firstAfter(this.t, t) - 1] ?? null;
  }

  /** The importance of each scale from `from` to `to`: { t, shares }, a row for each scale, null where nothing was
   * said. */
  importance(from, to) {
    const [first, last] = [Math.max(0, firstAfter(this.t, from) - 1), firstAfter(this.t, to) + 1];
    const predictions = this.predictions.slice(first, last);
    const shares = SCALES.map((scale) => predictions.map((each) => each.scale_importance[scale] ?? null));
    return { t: this.t.slice(first, last), shares };
  }

  #predicted(message, now) {
    const last = this.t.at(-1);
    if (last !== undefined && message.t_ms < last) this.clear(); // another clock
    if (this.t.at(-1) === message.t_ms) {
      this.predictions[this.predictions.length - 1] = message; // after a hole several windows end at one frame
    } else {
      this.t.push(message.t_ms);
      this.predictions.push(message);
    }
    const frames = this.#frames;
    if (frames !== null && message.seq >= frames.from && message.seq < frames.to) this.#took(now - frames.at);
    this.#trim(message.t_ms - KEPT_MS);
  }

  #signed({ phase, label, t_ms }) {
    if (phase === "begin") this.gestures.push({ label, begin: t_ms, end: null });
    else if (this.gestures.length > 0) this.gestures.at(-1).end ??= t_ms;
  }

  #took(ms) {
    this.latencyMs = this.latencyMs === null ? ms : this.latencyMs + (ms - this.latencyMs) * LATENCY_FOLLOWS;
  }

  #trim(oldest) {
    const extra = firstAfter(this.t, oldest);
    if (extra < TRIMMED_AT) return;
    this.t.splice(0, extra);
    this.predictions.splice(0, extra);
    this.gestures = this.gestures.filter(({ end }) => end === null || end > oldest);
  }
}
