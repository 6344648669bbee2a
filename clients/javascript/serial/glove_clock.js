// The clock and the frame rate of a glove, estimated from its frames. Pure: time is an argument, in milliseconds.

const RATE_WINDOW_MS = 5000; // long enough that whole milliseconds give the rate to a thousandth
const MIN_SPAN_MS = 500; // over less, the rate depends more on how the bytes are delivered than on the glove
const SAMPLE_MS = 1000;
const SAMPLES = 60;
const MIN_FOR_DRIFT = 10; // over fewer samples, the jitter of the delay looks like a drift

/** The rate and the clock of one glove; both start over when the device restarts. */
export class GloveClock {
  #sent = 0;
  #seen = []; // device time, and the frames sent up to it
  #samples = []; // the least offset of each second, with its time
  #least = null;
  #beganAt = 0;

  /** Add the events of one read, which arrived at `now`. */
  observe(events, now) {
    let newest = null;
    for (const event of events) {
      if (event.event === "restarted") this.#reset();
      if (event.event === "missing") this.#sent += event.count;
      if (event.event !== "frame") continue;
      newest = event.t_ms;
      this.#sent += 1;
      if (this.#seen.length === 0) this.#seen.push([newest, this.#sent]);
    }
    if (newest === null) return;
    this.#seen.push([newest, this.#sent]);
    while (newest - this.#seen[0][0] > RATE_WINDOW_MS) this.#seen.shift();
    this.#sample(now, now - newest);
  }

  /** Frames per second by this computer's clock over the last 5 s, those known to be missing included; or null. */
  get rateHz() {
    if (this.#seen.length === 0) return null;
    const [[firstMs, before], [lastMs, after]] = [this.#seen[0], this.#seen.at(-1)];
    if (lastMs - firstMs < MIN_SPAN_MS) return null;
    // host = device + offset, and the offset grows by the drift: one host second is 1 - drift device seconds.
    return ((1000 * (after - before)) / (lastMs - firstMs)) * (1 - (this.mapping?.driftPpm ?? 0) * 1e-6);
  }

  /** The range of the last minute's offsets without the drift, and the drift where it is known; null before a frame. */
  get mapping() {
    if (this.#least === null) return null;
    const samples = this.#samples.length > 0 ? this.#samples : [this.#least];
    const drift = samples.length < MIN_FOR_DRIFT ? null : slope(samples);
    const level = samples.map(([at, offset]) => offset - (drift ?? 0) * (at - samples.at(-1)[0]));
    return { uncertaintyMs: Math.max(...level) - Math.min(...level), driftPpm: drift === null ? null : drift * 1e6 };
  }

  /** A frame of device time t that arrives at h bounds the offset between the clocks by h - t, since no delay is negative:
   * the least of a second is its sample. */
  #sample(now, offset) {
    if (this.#least === null || now - this.#beganAt >= SAMPLE_MS) {
      if (this.#least !== null) this.#samples = [...this.#samples, this.#least].slice(-SAMPLES);
      this.#beganAt = now;
      this.#least = [now, offset];
    } else if (offset < this.#least[1]) {
      this.#least = [now, offset];
    }
  }

  #reset() {
    this.#seen = [];
    this.#samples = [];
    this.#least = null;
  }
}

/** Return the slope of the line of least squares through points. */
function slope(points) {
  const mean = (place) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  let [above, below] = [0, 0];
  for (const [at, value] of points) {
    above += (at - x) * (value - y);
    below += (at - x) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
