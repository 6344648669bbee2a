// The predictions of two models on the same frames: where they agree, and where they differ. Pure.

const SIDES = 2;
const MAX_PENDING = 200; // windows that only one side has answered: with more, the other side has stopped
const MAX_DIFFERENCES = 60;
const JOINED_MS = 400; // windows come every 100 ms; a few skipped ones do not end a difference

export class Comparison {
  #pending = new Map(); // by the number of a window's last frame: its first answer
  #firstMs = null;

  /** The number of windows that both have answered. */
  windows = 0;
  /** How many of these have the same letter, or no letter on either side. */
  same = 0;
  /** The time spans in which they differ, newest first: { fromMs, toMs, answers }. `answers` has a prediction of each side
   * for the window with the highest confidence; times count from the first window. */
  differences = [];

  /** Add a `prediction` of `side` 0 or 1. */
  push(side, prediction) {
    if (prediction.state === "warming") return;
    const { seq } = prediction;
    const other = this.#pending.get(seq);
    if (other === undefined || other.side === side) {
      this.#pending.set(seq, { side, prediction });
      if (this.#pending.size > MAX_PENDING) this.#pending.delete(this.#pending.keys().next().value);
      return;
    }
    this.#pending.delete(seq);
    const answers = Array(SIDES);
    answers[side] = prediction;
    answers[other.side] = other.prediction;
    this.#compare(answers);
  }

  #compare(answers) {
    const [{ t_ms: t, label }, { label: other }] = answers;
    this.#firstMs ??= t;
    this.windows += 1;
    if (label === other) this.same += 1;
    else this.#differ(t - this.#firstMs, answers);
  }

  #differ(ms, answers) {
    const [last] = this.differences;
    const continues = last !== undefined && ms - last.toMs <= JOINED_MS && last.answers.every((each, side) => each.label === answers[side].label);
    if (!continues) {
      this.differences = [{ fromMs: ms, toMs: ms, answers }, ...this.differences].slice(0, MAX_DIFFERENCES);
      return;
    }
    last.toMs = ms;
    if (confidenceOf(answers) > confidenceOf(last.answers)) last.answers = answers;
  }
}

function confidenceOf(answers) {
  return answers.reduce((sum, { confidence }) => sum + (confidence ?? 0), 0);
}
