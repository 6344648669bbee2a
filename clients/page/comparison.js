// Two models on the same frames: where they say the same, and where they differ. Pure.

const SIDES = 2;
const MOST_PENDING = 200; // windows that only one side has answered: more is a side that has fallen silent
const MOST_DIFFERENCES = 60;
const JOINED_MS = 400; // windows come every 100 ms; one that is left out ends no difference

export class Comparison {
  #pending = new Map(); // by the number of a window's last frame: the one answer that is here
  #firstMs = null;

  /** Windows that both have answered. */
  windows = 0;
  /** Of these, windows with the same letter, or none on either side. */
  same = 0;
  /** The stretches in which they differ, the newest first: { fromMs, toMs, said }, `said` a prediction for each side, of
   * the window where the two were surest; times count from the first window. */
  differences = [];

  /** Take a `prediction` of `side` 0 or 1. */
  push(side, prediction) {
    if (prediction.state === "warming") return;
    const { seq } = prediction;
    const there = this.#pending.get(seq);
    if (there === undefined || there.side === side) {
      this.#pending.set(seq, { side, prediction });
      if (this.#pending.size > MOST_PENDING) this.#pending.delete(this.#pending.keys().next().value);
      return;
    }
    this.#pending.delete(seq);
    const said = Array(SIDES);
    said[side] = prediction;
    said[there.side] = there.prediction;
    this.#compare(said);
  }

  #compare(said) {
    const [{ t_ms: t, label }, { label: other }] = said;
    this.#firstMs ??= t;
    this.windows += 1;
    if (label === other) this.same += 1;
    else this.#differ(t - this.#firstMs, said);
  }

  #differ(ms, said) {
    const [last] = this.differences;
    const goesOn = last !== undefined && ms - last.toMs <= JOINED_MS && last.said.every((each, side) => each.label === said[side].label);
    if (!goesOn) {
      this.differences = [{ fromMs: ms, toMs: ms, said }, ...this.differences].slice(0, MOST_DIFFERENCES);
      return;
    }
    last.toMs = ms;
    if (sureness(said) > sureness(last.said)) last.said = said;
  }
}

function sureness(said) {
  return said.reduce((sum, { confidence }) => sum + (confidence ?? 0), 0);
}
