// The result of teaching a sign: that it is recognised, what it is too close to, and how to use the profile.

import { make, setText } from "../../dom.js";
import { improvementText, lostText, shortLabel, taughtText } from "./labels.js";
import { ProfileUse } from "./profile_use.js";

export class Taught {
  #messages;
  #heading = make("h2", { id: "calibrate-taught" });
  #sentence = make("p", { class: "sentence", "data-testid": "calibrate-taught" });
  #alike = make("p", { class: "notice", "data-testid": "calibrate-alike" });
  #notes = make("p", { class: "muted", "data-testid": "calibrate-taught-notes" });
  #use;

  /** `use` is called with the wearer whose profile this page's glove is to use, or null. */
  constructor(use) {
    this.#use = new ProfileUse(use);
    this.element = make(
      "section",
      { class: "card improvement", "aria-labelledby": "calibrate-taught", hidden: true },
      this.#heading, this.#sentence, this.#alike, this.#notes, this.#use.element,
    );
  }

  setMessages(messages) {
    this.#messages = messages;
    setText(this.#heading, messages.calibrate.signs.taughtHeading);
    this.#use.setMessages(messages);
  }

  setSession({ taught, goneGlove, vocabulary }) {
    this.element.hidden = taught === null;
    if (taught === null) return;
    const [sentence, alike = ""] = taughtText(taught, this.#messages, vocabulary);
    setText(this.#sentence, sentence);
    setText(this.#alike, alike);
    this.#alike.hidden = alike === "";
    setText(this.#notes, this.#notesOf(taught, goneGlove, vocabulary));
  }

  /** Show how to use the profile; `stream` is as for ProfileUse. */
  render({ taught, wearer }, stream) {
    if (taught !== null) this.#use.render(wearer, stream);
  }

  #notesOf({ result, leftOut }, goneGlove, vocabulary) {
    const { calibrate } = this.#messages;
    const labels = leftOut.map((label) => shortLabel(label, this.#messages, vocabulary)).join(", ");
    return [
      ...(result.before === null ? [] : [improvementText(result, this.#messages), calibrate.heldOut]),
      ...(labels === "" ? [] : [calibrate.signs.leftOut(labels)]),
      ...lostText(result, this.#messages),
      ...(goneGlove === null ? [] : [calibrate.gloveGone(goneGlove)]),
    ].join(" ");
  }
}
