// The range that each finger has moved through, beside that of the finger that moved most. Pure.

import { FIRST_ANGLE } from "../../glove.js";

export class RangeSeen {
  #low;
  #high;

  constructor() {
    this.clear();
  }

  clear() {
    this.#low = Array(FIRST_ANGLE).fill(Infinity);
    this.#high = Array(FIRST_ANGLE).fill(-Infinity);
  }

  /** Take a frame; null in it is a sensor without a reading. */
  see(frame) {
    for (let finger = 0; finger < FIRST_ANGLE; finger++) {
      if (frame[finger] === null) continue;
      this.#low[finger] = Math.min(this.#low[finger], frame[finger]);
      this.#high[finger] = Math.max(this.#high[finger], frame[finger]);
    }
  }

  /** Return the range of each finger as a share of the largest, 0 to 1. */
  shares() {
    const ranges = this.#high.map((high, finger) => Math.max(0, high - this.#low[finger]));
    const most = Math.max(...ranges);
    return ranges.map((range) => (most > 0 ? range / most : 0));
  }
}
