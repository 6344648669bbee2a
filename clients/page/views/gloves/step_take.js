// The frames of one step, until they cover the time that the shape is held by the glove's clock. Pure; as in
// firmware_bridge/glove_wizard/session.py.

export const HOLD_MS = 2000; // the service takes the stillest half of it
const LEAST_FRAMES = 10; // the service's limits
const MOST_FRAMES = 3000;
const CLOCK_BACK_MS = 1000; // a larger step back means that the glove restarted

export class StepTake {
  #times = [];
  frames = [];

  /** Add a `frames` message; after a restart of the glove the step begins again. */
  add({ t_ms: times, values }) {
    times.forEach((time, i) => {
      if (this.isDone) return;
      if (time < this.#times.at(-1) - CLOCK_BACK_MS) [this.#times, this.frames] = [[], []];
      this.#times.push(time);
      this.frames.push(values[i]);
    });
  }

  get isDone() {
    if (this.frames.length < LEAST_FRAMES) return false;
    return this.frames.length >= MOST_FRAMES || this.#heldMs >= HOLD_MS;
  }

  /** How much of the time is over, 0 to 1. */
  get share() {
    return Math.min(1, this.#heldMs / HOLD_MS);
  }

  get #heldMs() {
    return this.#times.length === 0 ? 0 : this.#times.at(-1) - this.#times[0];
  }
}
