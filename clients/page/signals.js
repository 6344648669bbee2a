// The last two minutes of the eight signals, by the glove's own clock. Pure: no drawing, no clock.

import { CHANNELS, FIRST_ANGLE, MAX_GAP_MS } from "./glove.js";

export const SPAN_MS = 10_000; // the time that a chart shows
export const KEPT_MS = 120_000;
const CLOCK_BACK_MS = 1000; // as in the service: a larger step back means that the glove restarted
const DELAY_MS = 120; // drawn this late, so that frames that arrive in batches still scroll evenly
const DRIFT = 0.02; // how fast the estimated offset of the two clocks follows their drift
const TRIM_MS = 5000; // kept in addition: removing a few entries from long arrays costs as much as removing many

export class Signals {
  #lastMs;
  #nextSeq;
  #offsetMs; // this clock minus the glove's, by the frames with the least delay
  #steps; // times between consecutive frames without a gap

  constructor() {
    this.clear();
  }

  clear() {
    this.t = [];
    this.channels = CHANNELS.map(() => []);
    this.latest = null; // the newest frame, 8 numbers
    this.#lastMs = null;
    this.#nextSeq = null;
    this.#offsetMs = null;
    this.#steps = [];
  }

  /** Add a `frames` message that arrived at `now`. In a channel, null breaks the line and undefined is not a point. */
  push({ seq, t_ms, values }, now) {
    let broken = this.#nextSeq !== null && seq !== this.#nextSeq;
    t_ms.forEach((t, i) => {
      this.#frame(t, values[i], broken);
      broken = false;
    });
    this.#nextSeq = seq + t_ms.length;
    this.#followClock(now);
    this.#trim();
  }

  /** Return the device time at the right edge of a live chart, or null before the first frame. */
  playhead(now) {
    return this.#offsetMs === null ? null : now - this.#offsetMs - DELAY_MS;
  }

  /** The oldest device time that is kept, or null. */
  get oldest() {
    return this.t.length === 0 ? null : Math.max(this.t[0], this.t.at(-1) - KEPT_MS);
  }

  /** Return the points of a chart whose right edge is at device time `right`, with one more on either side: { t, channels }. */
  visible(right) {
    const from = Math.max(0, firstAfter(this.t, right - SPAN_MS) - 1);
    const to = firstAfter(this.t, right) + 1;
    return { t: this.t.slice(from, to), channels: this.channels.map((channel) => channel.slice(from, to)) };
  }

  /** Return the last frame at or before device time `t`, or null. */
  at(t) {
    for (let i = firstAfter(this.t, t) - 1; i >= 0; i--) {
      const frame = this.channels.map((channel) => channel[i]);
      if (frame.every((value) => typeof value === "number")) return frame;
    }
    return null;
  }

  /** Return the frames per second by the glove's clock, or null before there are enough. */
  rateHz() {
    if (this.#steps.length < 10) return null;
    return (1000 * this.#steps.length) / this.#steps.reduce((sum, step) => sum + step, 0);
  }

  #frame(t, frame, broken) {
    if (this.#lastMs !== null) {
      const step = t - this.#lastMs;
      if (step < -CLOCK_BACK_MS) {
        this.clear();
      } else if (step <= 0) {
        return;
      } else if (broken || step > MAX_GAP_MS) {
        this.#append(t - step / 2, Array(CHANNELS.length).fill(null));
      } else {
        this.#steps.push(step);
        const turned = (value, c) => c >= FIRST_ANGLE && Math.abs(value - this.latest[c]) > 180;
        const jumps = frame.map((value, c) => (turned(value, c) ? null : undefined));
        if (jumps.includes(null)) this.#append(t - step / 2, jumps);
      }
    }
    this.#append(t, frame);
    this.#lastMs = t;
    this.latest = frame;
  }

  #append(t, row) {
    this.t.push(t);
    this.channels.forEach((channel, c) => channel.push(row[c]));
  }

  #followClock(now) {
    const offset = now - this.#lastMs;
    const early = this.#offsetMs === null || offset < this.#offsetMs || offset - this.#offsetMs > SPAN_MS / 2;
    this.#offsetMs = early ? offset : this.#offsetMs + (offset - this.#offsetMs) * DRIFT;
  }

  #trim() {
    if (this.t[0] < this.#lastMs - KEPT_MS - TRIM_MS) {
      const extra = firstAfter(this.t, this.#lastMs - KEPT_MS);
      [this.t, ...this.channels].forEach((column) => column.splice(0, extra));
    }
    this.#steps.splice(0, this.#steps.length - 500);
  }
}

/** Return the index of the first of the increasing `times` that is later than `t`. */
export function firstAfter(times, t) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] > t) high = middle;
    else low = middle + 1;
  }
  return low;
}
