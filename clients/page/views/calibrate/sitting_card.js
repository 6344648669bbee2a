// The card of a sitting: what it is, the seconds to move and to rest the hand in with the range seen of each finger, the
// word to spell with the text that is understood, and the buttons.

import { button, make, setData, setShare, setText } from "../../dom.js";
import { FINGERS } from "../gloves/steps.js";
import { languageOf } from "../../vocabularies.js";
import { Countdown } from "../countdown.js";
import { labelWithKey } from "../shortcuts.js";
import { shortLabel, spokenLabel } from "./labels.js";
import { hasWords, isPossible } from "./session.js";
import { MOVING_MS, RESTING_MS, lettersOf, wordOf } from "./sitting.js";
import { RangeSeen } from "./range_seen.js";

const STEP_MS = { moving: MOVING_MS, resting: RESTING_MS };
const MARKS = { found: "✓", unsure: "?", missed: "–", waiting: "" }; // not by colour alone

export class SittingCard {
  #run;
  #messages;
  #session = null;
  #range = new RangeSeen();
  #heading = make("h2", { id: "calibrate-sitting" });
  #intro = make("p", { class: "muted" });
  #countdown = new Countdown("sitting-");
  #fingers = make("ul", { class: "ranges" });
  #bars = FINGERS.map(() => make("span", { class: "bar", "aria-hidden": "true" }, make("span")));
  #names = this.#bars.map(() => make("span"));
  #asked = make("div", { class: "asked" });
  #word = make("p", { class: "asked-word", "data-testid": "sitting-word" });
  #letters = make("ol", { class: "asked-letters", "data-testid": "sitting-letters" });
  #text = make("p", { class: "asked-text", role: "status", "data-testid": "sitting-text" });
  #primary = button("", { class: "primary", id: "sitting-primary" });
  #again = button("");
  #letterByLetter = button("");
  #stop = button("");
  #drawn = "";

  /** `run` is called with `letters`, `sit`, `next`, `again` and `stop`. */
  constructor(run) {
    this.#run = run;
    this.#fingers.append(...this.#bars.map((bar, finger) => make("li", {}, this.#names[finger], bar)));
    this.#asked.append(this.#word, this.#letters, this.#text);
    this.element = make(
      "section", { class: "card sitting", "aria-labelledby": "calibrate-sitting" },
      this.#heading, this.#intro, this.#countdown.element, this.#fingers, this.#asked,
      make("div", { class: "buttons" }, this.#primary, this.#letterByLetter, this.#again, this.#stop),
    );
    this.#letterByLetter.addEventListener("click", () => this.#run("letters"));
    this.#primary.addEventListener("click", () => this.#run(this.#session.sitting === null ? "sit" : "next"));
    this.#again.addEventListener("click", () => this.#run("again"));
    this.#stop.addEventListener("click", () => this.#run("stop"));
  }

  setMessages(messages) {
    this.#messages = messages;
    this.#drawn = "";
    const { parts } = messages.gloves;
    this.#names.forEach((name, finger) => setText(name, parts[FINGERS[finger]]));
    labelWithKey(this.#letterByLetter, messages.calibrate.sitting.letters, messages.calibrate.keys.letters);
    labelWithKey(this.#again, messages.calibrate.sitting.again, messages.calibrate.keys.again);
    labelWithKey(this.#stop, messages.calibrate.sitting.stop, messages.calibrate.keys.stop);
  }

  focus() {
    this.#primary.focus();
  }

  setSession(session) {
    const step = session.sitting?.step ?? null;
    if (step === "moving" && this.#session?.sitting?.step !== "moving") this.#range.clear();
    this.#session = session;
    this.element.hidden = !hasWords(session);
    setData(this.element, "step", step ?? "none");
    const { calibrate } = this.#messages;
    const { sitting: texts, keys } = calibrate;
    setText(this.#heading, step === null ? texts.heading : texts.headings[step]);
    setText(this.#intro, step === null ? texts.intro : texts.intros[step]);
    const command = session.sitting === null ? "sit" : "next";
    labelWithKey(this.#primary, step === null ? texts.start : texts.next[step], step === null ? keys.sit : keys.take);
    this.#primary.setAttribute("aria-disabled", String(!isPossible(session, command)));
    this.#letterByLetter.hidden = step !== null;
    this.#countdown.element.hidden = !(step in STEP_MS);
    this.#fingers.hidden = step !== "moving";
    this.#asked.hidden = step !== "spelling";
    for (const [each, name] of [[this.#again, "again"], [this.#stop, "stop"]]) {
      each.hidden = step === null || (name === "again" && step !== "spelling");
      if (each.hidden && each === document.activeElement) this.focus();
      each.setAttribute("aria-disabled", String(!isPossible(session, name)));
    }
    if (step === "spelling") this.#showWord(session);
  }

  /** In each animation frame: draw the countdown, and the range of a frame, or null. */
  render({ sitting }, frame, now) {
    const total = STEP_MS[sitting?.step];
    if (total === undefined) return;
    const leftMs = Math.max(0, sitting.until - now);
    this.#countdown.show(leftMs, leftMs / total, this.#messages.calibrate.sitting.prompts[sitting.step]);
    if (sitting.step === "moving" && frame !== null) this.#range.see(frame);
    this.#range.shares().forEach((share, finger) => setShare(this.#bars[finger], share));
  }

  #showWord({ sitting, vocabulary }) {
    const word = wordOf(sitting);
    if (word === null) return;
    setText(this.#word, word.word);
    this.#word.lang = this.#text.lang = languageOf(vocabulary);
    const letters = lettersOf(sitting);
    setText(this.#text, sitting.spelled?.text ?? "");
    const drawn = JSON.stringify(letters.map(({ label, state }) => [label, state]));
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#letters.replaceChildren(...letters.map((letter) => this.#letter(letter, vocabulary)));
  }

  #letter({ label, state }, vocabulary) {
    const { states } = this.#messages.calibrate.sitting;
    const spoken = `${spokenLabel(label, this.#messages, vocabulary)}: ${states[state]}`;
    return make(
      "li", { "data-state": state },
      make("span", { "aria-hidden": "true", text: shortLabel(label, this.#messages, vocabulary) }),
      make("span", { class: "marks", "aria-hidden": "true", text: MARKS[state] }),
      make("span", { class: "visually-hidden", text: spoken }),
    );
  }
}
