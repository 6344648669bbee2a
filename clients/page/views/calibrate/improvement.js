// The result of a calibration: a sentence, the accuracy before and after, and how to use the profile.

import { make, setShare, setText } from "../../dom.js";
import { improvementText, lostText, shortLabel } from "./labels.js";
import { ProfileUse } from "./profile_use.js";

export class Improvement {
  #messages;
  #heading = make("h2", { id: "calibrate-improvement" });
  #sentence = make("p", { class: "sentence", "data-testid": "calibrate-improvement" });
  #scores = make("dl", { class: "scores" });
  #notes = make("p", { class: "muted", "data-testid": "calibrate-notes" });
  #use;

  /** `use` is called with the wearer whose profile this page's glove is to use, or null. */
  constructor(use) {
    this.#use = new ProfileUse(use);
    this.element = make(
      "section",
      { class: "card improvement", "aria-labelledby": "calibrate-improvement", hidden: true },
      this.#heading, this.#sentence, this.#scores, this.#notes, this.#use.element,
    );
  }

  setMessages(messages) {
    this.#messages = messages;
    setText(this.#heading, messages.calibrate.improvementHeading);
    this.#use.setMessages(messages);
  }

  setSession({ improvement, goneGlove, vocabulary }) {
    this.element.hidden = improvement === null;
    if (improvement === null) return;
    const { calibrate } = this.#messages;
    setText(this.#sentence, improvementText(improvement, this.#messages));
    this.#scores.hidden = improvement.before === null;
    if (improvement.before !== null) {
      const both = [this.#score(calibrate.before, improvement.before), this.#score(calibrate.after, improvement.after)];
      this.#scores.replaceChildren(...both);
    }
    setText(this.#notes, this.#notesOf(improvement, goneGlove, vocabulary));
  }

  /** Show how to use the profile; `stream` is as for ProfileUse. */
  render({ improvement, wearer }, stream) {
    if (improvement !== null) this.#use.render(wearer, stream);
  }

  #score(name, { accuracy, mean_confidence: confidence }) {
    const { calibrate } = this.#messages;
    const bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
    setShare(bar, accuracy);
    const figure = make("strong", { class: "number", text: calibrate.percent(accuracy) });
    const value = make("dd", {}, figure, ` ${calibrate.correct}`, bar, make("span", { class: "muted", text: calibrate.confidence(confidence) }));
    return make("div", {}, make("dt", { text: name }), value);
  }

  #notesOf({ before, single, words = 0, ...result }, goneGlove, vocabulary) {
    const { calibrate } = this.#messages;
    const letters = single.map((label) => shortLabel(label, this.#messages, vocabulary)).join(", ");
    const heldOut = before === null ? [] : [calibrate.heldOut];
    const gone = goneGlove === null ? [] : [calibrate.gloveGone(goneGlove)];
    const ofWords = words === 0 ? [] : [calibrate.words.used(words)];
    return [...gone, ...lostText(result, this.#messages), ...ofWords, ...heldOut, ...(single.length === 0 ? [] : [calibrate.single(letters)])].join(" ");
  }
}
