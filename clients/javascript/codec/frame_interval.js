// The usual time between a glove's frames, learned from them or announced by the glove. Pure.

import { roundHalfEven } from "./arithmetic.js";

const SMOOTHING = 0.1;
const FASTER = 0.7; // steps shorter than this share of the usual one are a faster rate, adopted within a few frames
const FASTER_AFTER = 2; // short steps in a row before that: a single one follows a late frame
const KNOWN_AFTER = 5; // intervals seen before the time between two frames can show a loss
const MISSING_FROM = 1.75; // a step of this many intervals misses a frame: real gloves vary between 20 and 31 ms
const NEW_RATE_AFTER = 3; // this many long intervals in a row are a slower rate, not losses

export class FrameInterval {
  ms = 0;
  #seen = 0;
  #long = 0;
  #short = 0;
  #slackMs = 0; // the step across a change may contain part of the previous interval

  get isKnown() {
    return this.#seen >= KNOWN_AFTER;
  }

  /** Return the number of frames expected within a step, the last one excluded. */
  missing(stepMs) {
    if (!this.isKnown) {
      this.#learn(stepMs);
      return 0;
    }
    const slackMs = this.#slackMs;
    this.#slackMs = 0;
    if (stepMs < MISSING_FROM * this.ms + slackMs) {
      this.#long = 0;
      if (slackMs === 0) this.#learn(stepMs);
      return 0;
    }
    this.#long += 1;
    const missing = roundHalfEven((stepMs - slackMs) / this.ms) - 1;
    if (this.#long < NEW_RATE_AFTER) return missing;
    this.#expect(stepMs);
    return 0;
  }

  /** Adopt the interval that the glove itself announces. */
  change(ms) {
    this.#slackMs = this.ms;
    this.#expect(ms);
  }

  #expect(ms) {
    this.ms = ms;
    this.#seen = KNOWN_AFTER;
    this.#long = this.#short = 0;
  }

  #learn(stepMs) {
    this.#seen += 1;
    this.#short = stepMs < FASTER * this.ms ? this.#short + 1 : 0;
    // A mean at first, then one that follows.
    this.ms += (stepMs - this.ms) * Math.max(SMOOTHING, 1 / this.#seen, this.#short >= FASTER_AFTER ? 0.5 : 0);
  }
}
