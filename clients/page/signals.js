// The last two minutes of the eight signals, on the glove's own clock. Pure: no drawing, no clock.

export const SPAN_MS = 10_000; // what a picture shows
export const KEPT_MS = 120_000;
export const CHANNELS = 8;
const FIRST_ANGLE = 5;
const HOLE_MS = 250; // as in the service: frames further apart are not joined by a line
const CLOCK_BACK_MS = 1000; // as in the service: a step back by more is a new clock
const DELAY_MS = 120; // drawn this late, so that frames that travel in batches still scroll evenly
const DRIFT = 0.02; // how fast the estimate of the two clocks' offset follows their drift
const TRIM_MS = 5000; // so much more may stay: to drop a little from long rows takes as long as to drop much

export class Signals {
  #lastMs;
  #nextSeq;
  #offsetMs; // our clock minus the glove's, as the quickest frames saw it
  #steps; // times between frames that follow each other without a hole

  constructor() {
    this.clear();
  }

  clear() {
    this.t = [];
    this.channels = Array.from({ length: CHANNELS }, () => []);
    this.latest = null; // the newest frame, 8 numbers
    this.#lastMs = null;
    this.#nextSeq = null;
    this.#offsetMs = null;
    this.#steps = [];
  }

  /** Take a `frames` message that arrived at `now`. In a row, null breaks a line and undefined is no point at all. */
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

  /** The device time that the right edge shows at `now`, or null before the first frame. */
  playhead(now) {
    return this.#offsetMs === null ? null : now - this.#offsetMs - DELAY_MS;
  }

  /** The oldest device time that can still be looked at, or null. */
  get oldest() {
    return this.t.length === 0 ? null : Math.max(this.t[0], this.t.at(-1) - KEPT_MS);
  }

  /** What a picture whose right edge is at device time `right` shows, a point more on either side: { t, channels }. */
  seen(right) {
    const from = Math.max(0, firstAfter(this.t, right - SPAN_MS) - 1);
    const to = firstAfter(this.t, right) + 1;
    return { t: this.t.slice(from, to), channels: this.channels.map((channel) => channel.slice(from, to)) };
  }

  /** The last frame at or before device time `t`, or null. */
  at(t) {
    for (let i = firstAfter(this.t, t) - 1; i >= 0; i--) {
      const frame = this.channels.map((channel) => channel[i]);
      if (frame.every((value) => typeof value === "number")) return frame;
    }
    return null;
  }

  /** Frames per second by the glove's clock, or null. */
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
      } else if (broken || step > HOLE_MS) {
        this.#append(t - step / 2, Array(CHANNELS).fill(null));
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

/** The place of the first of `times`, which rise, that is later than `t`. */
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
