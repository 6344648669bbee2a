// The letter with its confidence and its runners-up, the hand, the importance of each time scale, and the letter that the
// glove itself recognises.

import { byId, make, pair, setData, setShare, setText } from "../../dom.js";
import { Hand } from "../../hand.js";
import { SCALES } from "../../glove.js";
import { letterNameOf } from "../../i18n/index.js";
import { isDue } from "../../motion.js";
import { displayOf } from "../../vocabularies.js";

const UNSURE_BELOW = 0.5;
const MAX_RUNNERS_UP = 3;
const WIDE = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}]/u;
const NARROW = 0.7; // width of any other character, as a share of a wide one
const RUNNER_UP_FROM = 0.005; // lower values would read "0 %"

export class Reading {
  #messages;
  #scales;
  #hand = new Hand();
  #frame = undefined;
  #handAt = -Infinity;

  constructor() {
    this.#scales = SCALES.map((scale) => scaleRow(scale));
    byId("scales").append(...this.#scales.map(({ row }) => row));
    byId("hand").append(this.#hand.element);
  }

  setMessages({ live }) {
    this.#messages = live;
    byId("confidence-bar").setAttribute("aria-label", live.confidenceLabel);
    this.#hand.label(live.handHeading);
    this.#scales.forEach(({ name }, i) => setText(name, live.scaleNames[i]));
  }

  /** `status` is that of state.js; `prediction`, `frame`, `started` and `vocabulary` may be null; `now` is in ms. */
  render(status, prediction, frame, started, vocabulary, now) {
    // A rejected letter is shown as a runner-up: the large letter is for what was recognised.
    const shown = prediction !== null && status.key !== "rejected" ? prediction : null;
    this.#renderLetter(status, prediction, shown, vocabulary);
    this.#renderRunnersUp(prediction, shown, vocabulary);
    this.#renderImportance(prediction, started?.sample_rate_hz ?? null);
    if (frame === this.#frame || !isDue(now, this.#handAt)) return;
    this.#frame = frame;
    this.#handAt = now;
    this.#hand.draw(frame);
    setData(byId("hand"), "known", String(frame !== null));
  }

  #renderLetter(status, prediction, shown, vocabulary) {
    const { none, noLetter, percent } = this.#messages;
    const letter = byId("letter");
    const text = shown === null ? noLetter : displayOf(vocabulary, shown.label);
    if (letter.textContent !== text) fit(letter, text);
    setText(letter, text);
    setData(letter, "seq", prediction === null ? "" : String(prediction.seq));
    setData(letter, "tone", tone(status, shown));
    setText(byId("letter-name"), shown === null ? "" : (letterNameOf(this.#messages, shown.label) ?? ""));
    setText(byId("confidence"), shown === null ? none : percent(shown.confidence));
    setShare(byId("confidence-bar"), shown?.confidence ?? 0);
  }

  #renderRunnersUp(prediction, shown, vocabulary) {
    const { percent } = this.#messages;
    const others = (prediction?.top_k ?? [])
      .filter(({ label, confidence }) => label !== shown?.label && confidence >= RUNNER_UP_FROM)
      .slice(0, MAX_RUNNERS_UP);
    const texts = others.map(({ label, confidence }) => `${displayOf(vocabulary, label)}\u00a0${percent(confidence).replace(" ", "\u00a0")}`);
    setText(byId("runners-up"), texts.join("   "));
  }

  #renderImportance(prediction, rateHz) {
    const { none, percent, scaleSpan } = this.#messages;
    const importance = prediction?.scale_importance ?? {};
    for (const { scale, span, value, bar } of this.#scales) {
      const share = importance[scale];
      setText(span, scaleSpan(scale, rateHz === null ? null : (1000 * scale) / rateHz));
      setText(value, share === undefined ? none : percent(share));
      setShare(bar, share ?? 0);
    }
  }
}

/** The letter that a network on the glove recognises, beside the service's prediction. */
export class DevicePrediction {
  #messages;

  setMessages({ live }) {
    this.#messages = live;
  }

  /** `device` is the message of the glove, `prediction` that of the service; either may be null. */
  render(device, prediction) {
    byId("device").hidden = device === null;
    if (device === null) return;
    const { percent, deviceScale, deviceDiffers, scaleNames } = this.#messages;
    const shares = SCALES.map((scale) => device.scale_importance[scale] ?? 0);
    const largest = shares.indexOf(Math.max(...shares));
    const differs = prediction?.label != null && prediction.label !== device.label;
    setText(byId("device-letter"), device.label);
    setText(byId("device-confidence"), percent(device.confidence));
    setText(byId("device-scale"), shares[largest] === 0 ? "" : deviceScale(scaleNames[largest]));
    setText(byId("device-differs"), differs ? deviceDiffers : "");
    setData(byId("device"), "differs", String(differs));
  }
}

/** Tell the style sheet how much space a label needs: a letter fills its place, a sign's name is set smaller. */
function fit(element, text) {
  const words = text.split(" ");
  const widths = words.map((word) => [...word].reduce((sum, each) => sum + (WIDE.test(each) ? 1 : NARROW), 0));
  element.style.setProperty("--width", Math.max(1, ...widths).toFixed(2));
  element.style.setProperty("--lines", String(words.length));
}

function tone(status, shown) {
  if (shown === null) return "none";
  return status.key === "ok" && shown.confidence >= UNSURE_BELOW ? "sure" : "unsure";
}

function scaleRow(scale) {
  const { entry: row, term, value } = pair("", { class: "scale", id: `scale-${scale}`, "data-testid": `scale-${scale}` });
  const [name, span] = [make("span"), make("span", { class: "muted" })];
  term.append(name, span);
  const bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
  const share = make("span", { class: "number" });
  value.append(share, bar);
  return { scale, row, name, span, value: share, bar };
}
