// "What was this?": shapes that the hand has held already and that the service is in doubt about, one after the other.

import { button, make, setText } from "../../dom.js";
import { REST } from "../../glove.js";
import { Hand } from "../../hand.js";
import { withoutYaw } from "../letter_pictures.js";
import { labelWithKey } from "../shortcuts.js";
import { shortLabel, spokenLabel } from "./labels.js";
import { isPossible } from "./session.js";

const MOST_CANDIDATES = 4;

/** The keys of the answers, and the index of the answer: of a candidate, or no letter. */
export const ANSWER_KEYS = { Digit1: 0, Digit2: 1, Digit3: 2, Digit4: 3, Digit0: MOST_CANDIDATES };

export class Doubts {
  #run;
  #messages;
  #session = null;
  #offered = ""; // the labels in the list of other letters, as text
  #heading = make("h2", { id: "calibrate-doubts" });
  #intro = make("p", { class: "muted" });
  #question = make("p", { class: "question", role: "status", "data-testid": "doubt-question" });
  #hand = new Hand();
  #answers = Array.from({ length: MOST_CANDIDATES + 1 }, (_, index) => button("", { "data-answer": String(index) }));
  #otherLabel = make("label", { for: "doubt-other", class: "muted" });
  #other = make("select", { id: "doubt-other" });
  #otherSubmit = make("button", { type: "submit" });
  #pass = button("");
  #ask = button("", { id: "doubt-ask" });
  #asked;

  /** `run` is called with `ask`, `pass`, or `answer` and a label. */
  constructor(run) {
    this.#run = run;
    const other = make("form", { class: "form-row" }, this.#other, this.#otherSubmit);
    this.#asked = make(
      "div", { class: "doubt", hidden: true, "data-testid": "doubt" },
      this.#hand.element, make("div", { class: "buttons" }, ...this.#answers), this.#otherLabel, other, this.#pass,
    );
    this.element = make(
      "section", { class: "card doubts", "aria-labelledby": "calibrate-doubts" },
      this.#heading, this.#intro, this.#question, this.#asked, this.#ask,
    );
    this.#answers.forEach((each, index) => each.addEventListener("click", () => this.answer(index)));
    other.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run("answer", this.#other.value);
    });
    this.#pass.addEventListener("click", () => this.#run("pass"));
    this.#ask.addEventListener("click", () => this.#run("ask"));
  }

  setMessages(messages) {
    this.#messages = messages;
    this.#offered = "";
    const { doubts, keys } = messages.calibrate;
    setText(this.#heading, doubts.heading);
    setText(this.#intro, doubts.intro);
    setText(this.#otherLabel, doubts.other);
    setText(this.#otherSubmit, doubts.submit);
    labelWithKey(this.#pass, doubts.pass, keys.pass);
    labelWithKey(this.#ask, doubts.ask, keys.ask);
  }

  setSession(session) {
    this.#session = session;
    const [doubt = null] = session.doubts.left;
    const [hadFocus, askHadFocus] = [this.#asked.contains(document.activeElement), this.#ask === document.activeElement];
    this.#asked.hidden = doubt === null;
    this.#ask.hidden = doubt !== null;
    this.#ask.setAttribute("aria-disabled", String(!isPossible(session, "ask")));
    setText(this.#question, this.#questionOf(session, doubt));
    if (doubt === null) {
      if (hadFocus) this.#ask.focus(); // the keys work where the focus is
      return;
    }
    this.#hand.draw(withoutYaw(doubt.frame));
    this.#hand.label(this.#messages.calibrate.doubts.picture);
    const isReady = String(!isPossible(session, "answer"));
    for (const each of this.element.querySelectorAll(".doubt button")) each.setAttribute("aria-disabled", isReady);
    this.#answers.forEach((each, index) => this.#offer(each, index, doubt));
    this.#offerOthers(session);
    if (askHadFocus) this.#answers.find((each) => !each.hidden).focus();
  }

  /** Answer with the candidate of this index, or that it was no letter. */
  answer(index) {
    const [doubt] = this.#session.doubts.left;
    const label = doubt === undefined ? undefined : labelsOf(doubt)[index];
    if (label !== undefined) this.#run("answer", label);
  }

  #questionOf({ doubts: { stream, held }, vocabulary }, doubt) {
    const { doubts } = this.#messages.calibrate;
    if (doubt === null) return stream === null ? "" : doubts.nothing(held);
    const shown = (label) => shortLabel(label, this.#messages, vocabulary);
    const written = doubt.letter === null ? doubts.unwritten : shown(doubt.letter);
    return doubts.question(doubt.before.map(shown).join(" "), written, doubt.after.map(shown).join(" "));
  }

  #offer(each, index, doubt) {
    const label = labelsOf(doubt)[index];
    each.hidden = label === undefined;
    if (label === undefined) return;
    const { calibrate } = this.#messages;
    const { vocabulary } = this.#session;
    const text = label === REST ? calibrate.doubts.noLetter : shortLabel(label, this.#messages, vocabulary);
    labelWithKey(each, text, String((index + 1) % (MOST_CANDIDATES + 1)));
    each.setAttribute("aria-label", label === REST ? text : spokenLabel(label, this.#messages, vocabulary));
  }

  #offerOthers({ letters, vocabulary }) {
    if (letters.join() === this.#offered) return;
    this.#offered = letters.join();
    const options = letters.map((label) => make("option", { value: label, text: shortLabel(label, this.#messages, vocabulary) }));
    this.#other.replaceChildren(...options);
  }
}

/** Return the labels of the answers: the candidates in their places, and last no letter. */
function labelsOf({ candidates }) {
  const labels = Array(MOST_CANDIDATES + 1);
  candidates.slice(0, MOST_CANDIDATES).forEach(({ label }, index) => (labels[index] = label));
  return labels.with(MOST_CANDIDATES, REST);
}
