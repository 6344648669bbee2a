// The target in large: the letter, a picture of the hand, the live hand, the countdown and the buttons.

import { button, make, setText } from "../../dom.js";
import { REST } from "../../glove.js";
import { Hand } from "../../hand.js";
import { isReduced } from "../../motion.js";
import { languageOf } from "../../vocabularies.js";
import { Countdown } from "../countdown.js";
import { withoutYaw } from "../letter_pictures.js";
import { labelWithKey } from "../shortcuts.js";
import { countdownTexts, instructionFor, reasonFor, shortLabel, spokenLabel } from "./labels.js";
import { COUNTDOWN_MS, SHOWS, isPossible } from "./session.js";

// What the primary button does in each phase. It stays in its place, so that it keeps the focus.
const PRIMARY = { asking: "take", counting: "stop", poor: "take", enough: "calibrate", calibrated: "resume", taught: "resume" };
const SECONDARY = ["skip", "unskip", "keep", "undo", "calibrate", "teach", "back", "leave"];
const RESULTS = ["calibrated", "taught"];
const STILL_MS = 2000; // the last part of the countdown, in which the hand has to be still

export class Stage {
  #pictures;
  #run;
  #messages;
  #session = null;
  #task = make("h2", { class: "task", id: "calibrate-task" });
  #letter = make("p", { class: "target-letter", "data-testid": "target" });
  #name = make("p", { class: "target-name" });
  #instruction = make("p", { class: "instruction" });
  #picture = new Hand();
  #drawn = undefined; // the frame of the picture as text, or null
  #live = new Hand();
  #pictureCaption = make("figcaption", { class: "muted" });
  #pictureFigure = make("figure", {}, this.#picture.element, this.#pictureCaption);
  #liveCaption = make("figcaption", { class: "muted" });
  #liveFigure = make("figure", { "data-known": "false" }, this.#live.element, this.#liveCaption);
  #hands = make("div", { class: "hands" });
  #countdown = new Countdown();
  #noGlove = make("p", { class: "notice", hidden: true });
  #primary = button("", { class: "primary", id: "calibrate-primary" });
  #secondary = new Map(SECONDARY.map((command) => [command, button("", { "data-command": command })]));

  /** `pictures` is a LetterPictures; `run` is called with the commands. */
  constructor(pictures, run) {
    this.#pictures = pictures;
    this.#run = run;
    const target = make("div", { class: "target" }, this.#letter, this.#name);
    this.#hands.append(target, this.#pictureFigure, this.#liveFigure);
    const buttons = make("div", { class: "buttons" }, this.#primary, ...this.#secondary.values());
    this.element = make(
      "section",
      { class: "card session-stage", tabindex: "-1", "aria-labelledby": "calibrate-task" },
      this.#task, this.#instruction, this.#hands, this.#countdown.element, this.#noGlove, buttons,
    );
    this.#primary.addEventListener("click", () => this.#run(PRIMARY[this.#session.phase]));
    for (const [command, each] of this.#secondary) each.addEventListener("click", () => this.#run(command));
  }

  setMessages(messages) {
    this.#messages = messages;
    const { calibrate } = messages;
    setText(this.#pictureCaption, calibrate.picture);
    setText(this.#liveCaption, calibrate.liveHand);
    setText(this.#noGlove, calibrate.noGlove);
  }

  focus() {
    this.#primary.focus();
  }

  setSession(session) {
    this.#session = session;
    const { target, phase } = session;
    const { calibrate } = this.#messages;
    this.#hands.hidden = target === null || RESULTS.includes(phase);
    this.#instruction.hidden = this.#hands.hidden;
    setText(this.#task, this.#taskOf(session));
    if (target !== null) this.#showTarget(session);
    this.element.dataset.phase = phase;
    if (phase in PRIMARY) {
      const key = phase === "counting" ? calibrate.keys.stop : calibrate.keys.take;
      labelWithKey(this.#primary, this.#textOf(PRIMARY[phase], calibrate.primary[phase]), key);
    }
    this.#primary.setAttribute("aria-disabled", String(!(phase in PRIMARY)));
    for (const [command, each] of this.#secondary) this.#offer(each, command, session);
  }

  /** In each animation frame: draw both hands, the live one from a frame or null, and the countdown. */
  render({ phase, until, target }, frame, now) {
    if (target !== null) this.#drawPicture(this.#pictures.frameOf(target, isReduced() ? 0 : now / 1000));
    this.#live.draw(frame === null ? null : withoutYaw(frame));
    this.#liveFigure.dataset.known = String(frame !== null);
    this.#noGlove.hidden = frame !== null;
    const leftMs = phase === "counting" ? Math.max(0, until - now) : 0;
    this.#countdown.show(leftMs, leftMs / COUNTDOWN_MS, this.#promptOf(phase, leftMs));
  }

  /** Return the text of a command: while an own sign is taught, to calibrate is to teach it. */
  #textOf(command, text) {
    return command === "calibrate" && this.#session.sign !== null ? this.#messages.calibrate.signs.teachNow : text;
  }

  #showTarget({ target, vocabulary }) {
    const name = spokenLabel(target.label, this.#messages, vocabulary);
    setText(this.#letter, shortLabel(target.label, this.#messages, vocabulary));
    setText(this.#name, name === this.#letter.textContent ? "" : name);
    this.#letter.dataset.long = String(this.#letter.textContent.length > 1);
    this.#letter.lang = target.isOwn ? "" : languageOf(vocabulary);
    setText(this.#instruction, instructionFor(target, this.#messages));
    this.#picture.label(this.#messages.calibrate.pictureOf(name));
  }

  #drawPicture(frame) {
    const drawn = frame?.join() ?? null;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#pictureFigure.hidden = frame === null;
    if (frame !== null) this.#picture.draw(frame);
  }

  #taskOf({ target, phase, sign }) {
    const { calibrate } = this.#messages;
    if (RESULTS.includes(phase)) return calibrate.continueHeading;
    if (target === null) return sign === null ? calibrate.enoughHeading : calibrate.signs.enoughHeading;
    if (sign !== null) return calibrate.signs.prompt(Math.min(SHOWS, sign.ids.length + (phase === "poor" ? 0 : 1)), SHOWS);
    return target.label === REST ? calibrate.promptRest : calibrate.prompt;
  }

  #promptOf(phase, leftMs) {
    const { calibrate } = this.#messages;
    const { skipped, poor, sign, target, vocabulary } = this.#session;
    if (phase === "counting") {
      const { first, last } = countdownTexts(target, this.#messages);
      return leftMs > STILL_MS ? first : last;
    }
    if (phase === "asking") return sign === null ? calibrate.ready : calibrate.signs.ready;
    if (phase === "poor") return calibrate.poor(reasonFor(poor, this.#messages));
    if (RESULTS.includes(phase)) return calibrate.stays;
    if (phase !== "enough") return sign !== null && phase === "calibrating" ? calibrate.signs.busy : (calibrate.busy[phase] ?? "");
    if (sign !== null) return calibrate.signs.enough;
    const names = skipped.map((label) => shortLabel(label, this.#messages, vocabulary)).join(", ");
    return skipped.length === 0 ? calibrate.enough : calibrate.enoughSkipped(names);
  }

  /** Hide the commands that make no sense in this phase, and disable those that are only not possible yet, so that the
   * buttons keep their places. */
  #offer(each, command, session) {
    const hide = !makesSense(command, session) || PRIMARY[session.phase] === command;
    if (hide && each === document.activeElement) this.#primary.focus();
    each.hidden = hide;
    const { [command]: text, keys } = this.#messages.calibrate;
    labelWithKey(each, this.#textOf(command, text), keys[command]);
    each.setAttribute("aria-disabled", String(!isPossible(session, command)));
  }
}

function makesSense(command, { target, poor, improvement, taught, skipped, sign }) {
  const isOver = improvement !== null || taught !== null;
  const isAsked = target !== null && poor === null;
  return {
    skip: isAsked && sign === null && !isOver,
    unskip: target === null && skipped.length > 0 && sign === null && !isOver,
    keep: poor !== null && !isOver,
    undo: !isOver,
    calibrate: isAsked && !isOver,
    teach: sign === null && poor === null,
    back: sign !== null,
    leave: sign === null,
  }[command];
}
