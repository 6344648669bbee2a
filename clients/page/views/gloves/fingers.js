// The fingers and the motion sensor: a bar that follows each reading, and what is found of it.

import { make, setData, setShare, setText } from "../../dom.js";
import { FIRST_ANGLE } from "../../glove.js";
import { Levels } from "./levels.js";
import { PARTS, partOf, verdictOf } from "./labels.js";

const NUMBERS_EVERY_MS = 200; // numbers that change faster cannot be read
const MARKS = { none: "", good: "✓", warn: "!", bad: "✗" }; // not by colour alone
const WHOLE_FROM = 10; // smaller readings are those of a glove that sends 0 to 1

export class Fingers {
  #messages;
  #levels = new Levels();
  #heading = make("h2", { id: "gloves-fingers" });
  #intro = make("p", { class: "muted" });
  #rows = new Map(PARTS.map((part) => [part, partRow(part)]));
  #findings = [];
  #numbersAt = -Infinity;

  constructor() {
    const rows = [...this.#rows.values()].map(({ element }) => element);
    this.element = make(
      "section",
      { class: "card fingers", "aria-labelledby": "gloves-fingers" },
      this.#heading, this.#intro, make("ul", {}, ...rows),
    );
  }

  setMessages(messages) {
    this.#messages = messages;
    setText(this.#heading, messages.gloves.fingersHeading);
    setText(this.#intro, messages.gloves.fingersIntro);
    for (const [part, { name }] of this.#rows) setText(name, messages.gloves.parts[part]);
    this.#show();
  }

  setSession({ findings }) {
    if (findings === this.#findings) return;
    this.#findings = findings;
    this.#show();
  }

  /** In each animation frame: draw the readings of a Signals, or none without a glove. */
  render(signals, isReceiving, now) {
    const levels = isReceiving ? this.#levels.of(signals, now) : [];
    PARTS.slice(0, FIRST_ANGLE).forEach((part, finger) => setShare(this.#rows.get(part).bar, levels[finger]?.share ?? 0));
    if (now - this.#numbersAt < NUMBERS_EVERY_MS) return;
    this.#numbersAt = now;
    PARTS.forEach((part, finger) => setText(this.#rows.get(part).reading, this.#readingOf(part, levels[finger], signals, isReceiving)));
  }

  #readingOf(part, level, signals, isReceiving) {
    const { none } = this.#messages.live;
    if (part !== "motion") return (level ?? null) === null ? none : reading(level.reading);
    const angles = isReceiving && signals.latest !== null ? signals.latest.slice(FIRST_ANGLE) : [];
    const known = angles.filter((angle) => angle !== null);
    return known.length === 0 ? none : known.map((angle) => `${Math.round(angle)}°`.replace("-", "−")).join(" ");
  }

  #show() {
    const byPart = new Map(this.#findings.map((finding) => [partOf(finding), finding]));
    for (const [part, { element, mark, verdict, advice, ends }] of this.#rows) {
      const finding = byPart.get(part);
      const { tone, text, advice: what } = verdictOf(finding, this.#messages);
      setData(element, "tone", tone);
      setData(element, "code", finding?.code ?? "");
      setText(mark, MARKS[tone]);
      setText(verdict, text);
      setText(advice, what);
      setText(ends, this.#endsOf(finding));
    }
  }

  #endsOf({ straight = null, bent = null } = {}) {
    if (straight === null || bent === null) return "";
    return this.#messages.gloves.ends(reading(straight), reading(bent));
  }
}

function reading(value) {
  const text = Math.abs(value) < WHOLE_FROM ? value.toFixed(2) : String(Math.round(value));
  return text.replace("-", "−");
}

function partRow(part) {
  const [name, value] = [make("strong"), make("span", { class: "number reading-now" })];
  const bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
  const [mark, verdict, ends] = [make("span", { class: "found-mark", "aria-hidden": "true" }), make("span"), make("span", { class: "muted number" })];
  const advice = make("p", { class: "advice" });
  const found = make("p", { class: "found" }, mark, verdict, " ", ends);
  const element = make("li", { "data-part": part, "data-testid": `part-${part}` }, name, value, bar, found, advice);
  bar.hidden = part === "motion";
  return { element, name, reading: value, bar, mark, verdict, ends, advice };
}
