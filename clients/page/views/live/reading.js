// The letter with its confidence, its runners-up, the hand that shows it, and the share of each time scale.

import { byId, make, pair, setData, setShare, setText } from "../../dom.js";
import { Hand } from "../../hand.js";
import { SCALES } from "../../scales.js";

const UNSURE_BELOW = 0.5;
const RUNNERS_UP = 3;
const RUNNER_UP_FROM = 0.005; // what would read "0 %" is left out

export class Reading {
  #words;
  #scales;
  #hand = new Hand();
  #frame = undefined;

  constructor() {
    this.#scales = SCALES.map((scale) => scaleRow(scale));
    byId("scales").append(...this.#scales.map(({ row }) => row));
    byId("hand").append(this.#hand.element);
  }

  setWords(words) {
    this.#words = words;
    byId("confidence-bar").setAttribute("aria-label", words.confidenceLabel);
    this.#hand.label(words.handHeading);
    this.#scales.forEach(({ name }, i) => setText(name, words.scaleNames[i]));
  }

  /** `standing` is of state.js; `prediction`, `frame` and `started` may be null. */
  render(standing, prediction, frame, started) {
    // A rejected letter is a runner-up like the others: the big place is for what the glove says.
    const shown = prediction !== null && standing.key !== "rejected" ? prediction : null;
    this.#letter(standing, prediction, shown);
    this.#runners(prediction, shown);
    this.#importance(prediction, started?.sample_rate_hz ?? null);
    if (frame === this.#frame) return;
    this.#frame = frame;
    this.#hand.draw(frame);
    setData(byId("hand"), "known", String(frame !== null));
  }

  #letter(standing, prediction, shown) {
    const { none, noLetter, percent, letterNames } = this.#words;
    const letter = byId("letter");
    setText(letter, shown?.label ?? noLetter);
    setData(letter, "seq", prediction === null ? "" : String(prediction.seq));
    setData(letter, "tone", tone(standing, shown));
    setText(byId("letter-name"), shown === null ? "" : (letterNames[shown.label] ?? ""));
    setText(byId("confidence"), shown === null ? none : percent(shown.confidence));
    setShare(byId("confidence-bar"), shown?.confidence ?? 0);
  }

  #runners(prediction, shown) {
    const { percent } = this.#words;
    const others = (prediction?.top_k ?? [])
      .filter(({ label, confidence }) => label !== shown?.label && confidence >= RUNNER_UP_FROM)
      .slice(0, RUNNERS_UP);
    const runners = others.map(({ label, confidence }) => `${label}\u00a0${percent(confidence).replace(" ", "\u00a0")}`);
    setText(byId("runners"), runners.join("   "));
  }

  #importance(prediction, rateHz) {
    const { none, percent, scaleSpan } = this.#words;
    const importance = prediction?.scale_importance ?? {};
    for (const { scale, span, value, bar } of this.#scales) {
      const share = importance[scale];
      setText(span, scaleSpan(scale, rateHz === null ? null : (1000 * scale) / rateHz));
      setText(value, share === undefined ? none : percent(share));
      setShare(bar, share ?? 0);
    }
  }
}

function tone(standing, shown) {
  if (shown === null) return "none";
  return standing.key === "ok" && shown.confidence >= UNSURE_BELOW ? "sure" : "unsure";
}

function scaleRow(scale) {
  const { entry: row, term, value } = pair("", { class: "scale", id: `scale-${scale}`, "data-testid": `scale-${scale}` });
  const [name, span] = [make("span"), make("span", { class: "quiet" })];
  term.append(name, span);
  const bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
  const share = make("span", { class: "number" });
  value.append(share, bar);
  return { scale, row, name, span, value: share, bar };
}
