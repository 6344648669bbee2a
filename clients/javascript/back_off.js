// How long to wait before trying again. Pure: the caller does the waiting.

const FIRST_MS = 500;
const LAST_MS = 8000;

/** Waits that double from 0.5 s to 8 s while nothing answers. */
export class BackOff {
  #failures = 0;

  success() {
    this.#failures = 0;
  }

  failure() {
    return Math.min(FIRST_MS * 2 ** this.#failures++, LAST_MS);
  }
}
