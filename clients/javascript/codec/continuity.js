// The continuity of frames: losses, repeats and restarts. Pure. The sequence number decides where the format has one; in
// text only the time between frames can. Device time comes from a counter that wraps around; it is unwrapped here.

import { modulo, roundHalfEven } from "./arithmetic.js";
import { FrameInterval } from "./frame_interval.js";

const WRAP_US_MS = 2 ** 32 / 1000; // the range of a 32-bit counter of microseconds: 71.6 minutes
const WRAP_MS = 2 ** 32; // that of milliseconds, such as Arduino's `millis()`: 49.7 days
const SEQ = 2 ** 16;
const HALF = SEQ / 2;

const MAX_WRAP_STEP_MS = 10_000; // frames on both sides of a wrap-around are closer together than this
// Or up to this silence, when the missing numbers fill it: within 2 %, the accuracy of the interval, and at most 256
// numbers, a chance match of 1 in 128. Otherwise the device has restarted.
const MAX_WRAP_SILENCE_MS = 600_000;
const SILENCE_SLACK = 0.02;
const MAX_SILENCE_SLACK = 256;

const RESTART_MS = 1000; // text only: real gloves have stepped back by less without a restart
const MAX_RATE_PER_MS = 1;
const MAX_REPEATED = 256; // a device that repeats a buffer goes back by fewer frames than this

/** The follower of one glove's frames, also across times without its port. */
export class Continuity {
  #lastMs = null;
  #lastRawMs = 0;
  #lastSeq = null;
  #lastValues = [];
  #wrapsMs = 0;
  #letterMs = null;
  #paused = false;
  #interval = new FrameInterval();
  #sent = []; // the last frames as sent, each at its number modulo MAX_REPEATED

  /** Expect a frame every `ms` from now on, as the device announced. */
  expectInterval(ms) {
    this.#interval.change(ms);
  }

  /** Expect no frames, as the device announced; until they resume, none is missing. */
  expectNoFrames() {
    this.#paused = true;
  }

  /** Return the events before `frame`, whose `t_ms` is the device's counter as sent, and it with its time unwrapped; a
   * repeated frame is left out. */
  follow(frame) {
    const { seq, t_ms: rawMs } = frame;
    if (this.#lastMs === null) return [this.#take(frame, rawMs)];
    if (this.#resumesAfterPause(rawMs)) {
      this.#wrapsMs = this.#nearestWrapsMs(rawMs);
      return [this.#take(frame, rawMs + this.#wrapsMs)];
    }
    const wrapsMs = this.#wrapsMs + (rawMs < this.#lastRawMs ? this.#wrappedMs(rawMs, seq) : 0);
    if (seq === null || this.#lastSeq === null) return this.#byTime(frame, wrapsMs);
    return this.#bySequence(frame, wrapsMs, modulo(seq - this.#lastSeq, SEQ));
  }

  /** Return `letter`, whose `t_ms` is the device's counter as sent, on the unwrapped clock of the frames. */
  place(letter) {
    this.#letterMs = letter.t_ms + this.#nearestWrapsMs(letter.t_ms);
    return { ...letter, t_ms: this.#letterMs };
  }

  /** Return the wraps that bring the counter nearest to the last known time: without frames it may wrap often. A counter of
   * ms wraps after a thousand wraps of one of us, so the latter serve both. */
  #nearestWrapsMs(rawMs) {
    return Math.max(0, roundHalfEven((this.#newestMs - rawMs) / WRAP_US_MS)) * WRAP_US_MS;
  }

  get #newestMs() {
    return Math.max(this.#lastMs ?? 0, this.#letterMs ?? 0);
  }

  #resumesAfterPause(rawMs) {
    const wasPaused = this.#paused;
    this.#paused = false;
    const stepMs = rawMs + this.#nearestWrapsMs(rawMs) - this.#newestMs;
    return wasPaused && stepMs >= 0 && stepMs <= MAX_WRAP_STEP_MS;
  }

  #bySequence(frame, wrapsMs, ahead) {
    const tMs = frame.t_ms + wrapsMs;
    const stepMs = tMs - this.#lastMs;
    if (stepMs > 0 && ahead === 1) {
      this.#interval.missing(stepMs); // only learns: the sequence decides
      return [this.#takeAt(frame, wrapsMs)];
    }
    if (stepMs < 0 && this.#isRestart(frame, ahead)) return this.#restart(frame);
    if (stepMs <= 0) return [{ event: "repeated", t_ms: tMs }];
    const missing = this.#missingBySequence(ahead, stepMs);
    return [...missingEvents(tMs, missing, "sequence"), this.#takeAt(frame, wrapsMs)];
  }

  #byTime(frame, wrapsMs) {
    const tMs = frame.t_ms + wrapsMs;
    const stepMs = tMs - this.#lastMs;
    if (stepMs < -RESTART_MS) return this.#restart(frame);
    if (stepMs === 0 && isSame(frame.values, this.#lastValues)) return [{ event: "repeated", t_ms: tMs }];
    const missing = stepMs > 0 ? this.#interval.missing(stepMs) : 0;
    return [...missingEvents(tMs, missing, "time"), this.#takeAt(frame, wrapsMs)];
  }

  /** Tell whether a frame of an earlier time belongs to another run of the device, rather than being a repeat. */
  #isRestart(frame, ahead) {
    if (frame.seq === 0 || SEQ - ahead > MAX_REPEATED) return true;
    const sent = this.#sent[frame.seq % MAX_REPEATED];
    if (sent === undefined || sent.seq !== frame.seq) return false;
    return sent.t_ms !== frame.t_ms || !isSame(sent.values, frame.values);
  }

  /** Return the count of skipped numbers; after a silence they may have wrapped, and the time tells how often. */
  #missingBySequence(ahead, stepMs) {
    const expected = this.#interval.isKnown ? stepMs / this.#interval.ms : ahead;
    const rounds = Math.max(0, roundHalfEven((expected - ahead) / SEQ));
    if (ahead > HALF && rounds === 0 && ahead > 2 * expected) return 0; // its numbers restarted, but not its clock
    if (ahead > 0) return modulo(ahead - 1, SEQ) + rounds * SEQ;
    return rounds > 0 ? rounds * SEQ - 1 : 0;
  }

  /** Return the range of the counter that has wrapped around; 0 when it has fallen for another reason. */
  #wrappedMs(rawMs, seq) {
    const wraps = [WRAP_US_MS, WRAP_MS];
    return wraps.find((wrapMs) => this.#goesOn(seq, rawMs + wrapMs - this.#lastRawMs)) ?? 0;
  }

  #goesOn(seq, stepMs) {
    if (stepMs < 0) return false;
    if (seq === null || this.#lastSeq === null) return stepMs <= MAX_WRAP_STEP_MS;
    const ahead = modulo(seq - this.#lastSeq, SEQ);
    if (stepMs <= MAX_WRAP_STEP_MS) return ahead >= 1 && ahead <= stepMs * MAX_RATE_PER_MS + 1;
    if (seq === 0 || stepMs > MAX_WRAP_SILENCE_MS || !this.#interval.isKnown) return false;
    const expected = stepMs / this.#interval.ms;
    const off = expected - ahead;
    return Math.abs(off - SEQ * roundHalfEven(off / SEQ)) <= Math.min(SILENCE_SLACK * expected, MAX_SILENCE_SLACK);
  }

  /** Forget what the device may have changed by its restart: its interval, its numbers. */
  #restart(frame) {
    const event = { event: "restarted", before_ms: this.#lastMs, t_ms: frame.t_ms };
    this.#letterMs = null;
    this.#interval = new FrameInterval();
    this.#sent = [];
    return [event, this.#takeAt(frame, 0)];
  }

  #takeAt(frame, wrapsMs) {
    this.#wrapsMs = wrapsMs;
    return this.#take(frame, frame.t_ms + wrapsMs);
  }

  #take(frame, tMs) {
    this.#lastMs = tMs;
    this.#lastRawMs = frame.t_ms;
    this.#lastSeq = frame.seq;
    this.#lastValues = frame.values;
    if (frame.seq !== null) this.#sent[frame.seq % MAX_REPEATED] = frame;
    return tMs === frame.t_ms ? frame : { ...frame, t_ms: tMs };
  }
}

function missingEvents(tMs, count, reason) {
  return count > 0 ? [{ event: "missing", t_ms: tMs, count, reason }] : [];
}

function isSame(values, others) {
  return values.length === others.length && values.every((value, place) => value === others[place]);
}
