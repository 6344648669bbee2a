// Exponential backoff. Pure: the caller does the waiting.

const FIRST_MS = 500;
const LONGEST_MS = 8000;

/** Delays that double from 0.5 s to 8 s with each failure, until `success` resets them. */
export class BackOff {
  #failures = 0;

  success() {
    this.#failures = 0;
  }

  /** Return the delay before the next try, in milliseconds. */
  failure() {
    return Math.min(FIRST_MS * 2 ** this.#failures++, LONGEST_MS);
  }
}
