// Whether the page has slept: the computer was suspended, or the browser froze a tab in the background. What it then
// receives first waited meanwhile and is old, while a clock that stood still as well makes it look new. Pure.

const SLEPT_MS = 10_000; // longer than any pause of a busy computer; less waits in a connection that goes on in an instant

export class Wakefulness {
  #awakeAt;

  /** `now` is the time of day in milliseconds, which goes on while the computer sleeps. */
  constructor(now) {
    this.#awakeAt = now;
  }

  /** Return whether the page has slept since the last call. It must be called more often than every SLEPT_MS. */
  hasSlept(now) {
    const sleptMs = now - this.#awakeAt;
    this.#awakeAt = now;
    return sleptMs > SLEPT_MS;
  }
}
