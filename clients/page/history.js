// The predictions and letters of the last two minutes, by the glove's own clock, and their latency. Pure.

import { SCALES } from "./glove.js";
import { KEPT_MS, firstAfter } from "./signals.js";

const TRIMMED_AT = 100; // old entries that accumulate before they are removed together
const LATENCY_SMOOTHING = 0.1;

export class History {
  #frames = null; // the last `frames` message: { from, to, at }
  #letters = "";
  #begun = "";

  constructor() {
    this.clear();
  }

  clear() {
    this.t = []; // of predictions
    this.predictions = [];
    this.gestures = []; // { label, begin, end, shape }; end is null while the letter is held, shape the number of its hand shape or null
    this.#letters = ""; // of the line
    this.#begun = ""; // the labels of the gestures since these letters
    this.latencyMs = null; // from the arrival of a window's last frame to that of its prediction
    this.#frames = null;
  }

  /** Add a message that arrived at `now`. */
  push(message, now) {
    if (message.type === "frames") this.#frames = { from: message.seq, to: message.seq + message.t_ms.length, at: now };
    if (message.type === "prediction") this.#addPrediction(message, now);
    if (message.type === "gesture") this.#addGesture(message);
    if (message.type === "text") this.#addText(message);
  }

  /** Return the prediction that was current at device time `t`, or null. */
  at(t) {
    return this.predictions[firstAfter(this.t, t) - 1] ?? null;
  }

  /** Return the importance of each time scale from `from` to `to`: { t, shares }, with a row for each scale and null where
   * there was no prediction. */
  importance(from, to) {
    const [first, last] = [Math.max(0, firstAfter(this.t, from) - 1), firstAfter(this.t, to) + 1];
    const predictions = this.predictions.slice(first, last);
    const shares = SCALES.map((scale) => predictions.map((each) => each.scale_importance[scale] ?? null));
    return { t: this.t.slice(first, last), shares };
  }

  #addPrediction(message, now) {
    const last = this.t.at(-1);
    if (last !== undefined && message.t_ms < last) this.clear(); // the glove restarted
    if (this.t.at(-1) === message.t_ms) {
      this.predictions[this.predictions.length - 1] = message; // after a gap several windows end at the same frame
    } else {
      this.t.push(message.t_ms);
      this.predictions.push(message);
    }
    const frames = this.#frames;
    if (frames !== null && message.seq >= frames.from && message.seq < frames.to) this.#addLatency(now - frames.at);
    this.#trim(message.t_ms - KEPT_MS);
  }

  #addGesture({ phase, label, t_ms, shape = null }) {
    if (phase === "begin") {
      this.gestures.push({ label, begin: t_ms, end: null, shape });
      this.#begun += label;
    } else if (this.gestures.length > 0) this.gestures.at(-1).end ??= t_ms;
  }

  /** Take the letters of the word, which stay as they were decoded where its language changes the word. Where they are not
   * those before with what was signed since, or a new word of it, they were edited: of which hand shapes they are is not
   * known then. */
  #addText({ letters }) {
    if (letters === this.#letters) return;
    if (letters !== this.#letters + this.#begun && letters !== this.#begun) {
      this.gestures = this.gestures.map((gesture) => ({ ...gesture, shape: null }));
    }
    this.#letters = letters;
    this.#begun = "";
  }

  #addLatency(ms) {
    this.latencyMs = this.latencyMs === null ? ms : this.latencyMs + (ms - this.latencyMs) * LATENCY_SMOOTHING;
  }

  #trim(oldest) {
    const extra = firstAfter(this.t, oldest);
    if (extra < TRIMMED_AT) return;
    this.t.splice(0, extra);
    this.predictions.splice(0, extra);
    this.gestures = this.gestures.filter(({ end }) => end === null || end > oldest);
  }
}
