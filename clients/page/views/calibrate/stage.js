// The target in large: the letter, a picture of the hand, the live hand, the countdown and the buttons.

import { button, make, setText } from "../../dom.js";
import { REST } from "../../glove.js";
import { Hand } from "../../hand.js";
import { Countdown } from "../countdown.js";
import { withoutYaw } from "../letter_pictures.js";
import { labelWithKey } from "../shortcuts.js";
import { instructionFor, reasonFor, shortLabel, spokenLabel } from "./labels.js";
import { COUNTDOWN_MS, isPossible } from "./session.js";

// What the primary button does in each phase. It stays in its place, so that it keeps the focus.
const PRIMARY = { asking: "take", counting: "stop", poor: "take", enough: "calibrate", calibrated: "resume" };
const SECONDARY = ["skip", "unskip", "keep", "undo", "calibrate", "leave"];
const STILL_MS = 2000; // the last part of the countdown, in which the hand has to be still

export class Stage {
  #pictures;
  #run;
  #messages;
  #session = null;
  #task = make("h2", { class: "task", id: "calibrate-task" });
  #letter = make("p", { class: "target-letter", lang: "ko", "data-testid": "target" });
  #name = make("p", { class: "target-name" });
  #instruction = make("p", { class: "instruction" });
  #picture = new Hand();
  #live = new Hand();
  #pictureCaption = make("figcaption", { class: "muted" });
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
    const picture = make("figure", {}, this.#picture.element, this.#pictureCaption);
    this.#hands.append(target, picture, this.#liveFigure);
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
    for (const [command, each] of this.#secondary) labelWithKey(each, calibrate[command], calibrate.keys[command]);
  }

  focus() {
    this.#primary.focus();
  }

  setSession(session) {
    this.#session = session;
    const { target, phase } = session;
    const { calibrate } = this.#messages;
    this.#hands.hidden = target === null || phase === "calibrated";
    this.#instruction.hidden = this.#hands.hidden;
    setText(this.#task, this.#taskOf(session));
    if (target !== null) this.#showTarget(target);
    this.element.dataset.phase = phase;
    if (phase in PRIMARY) {
      const key = phase === "counting" ? calibrate.keys.stop : calibrate.keys.take;
      labelWithKey(this.#primary, calibrate.primary[phase], key);
    }
    this.#primary.setAttribute("aria-disabled", String(!(phase in PRIMARY)));
    for (const [command, each] of this.#secondary) this.#offer(each, command, session);
  }

  /** In each animation frame: draw the live hand, a frame or null, and the countdown. */
  render({ phase, until }, frame, now) {
    this.#live.draw(frame === null ? null : withoutYaw(frame));
    this.#liveFigure.dataset.known = String(frame !== null);
    this.#noGlove.hidden = frame !== null;
    const leftMs = phase === "counting" ? Math.max(0, until - now) : 0;
    this.#countdown.show(leftMs, leftMs / COUNTDOWN_MS, this.#promptOf(phase, leftMs));
  }

  #showTarget(target) {
    const name = spokenLabel(target.label, this.#messages);
    setText(this.#letter, shortLabel(target.label, this.#messages));
    setText(this.#name, name === this.#letter.textContent ? "" : name);
    this.#letter.dataset.long = String(this.#letter.textContent.length > 1);
    setText(this.#instruction, instructionFor(target, this.#messages));
    this.#picture.label(this.#messages.calibrate.pictureOf(name));
    this.#picture.draw(this.#pictures.frameOf(target));
  }

  #taskOf({ target, phase }) {
    const { calibrate } = this.#messages;
    if (phase === "calibrated") return calibrate.continueHeading;
    if (target === null) return calibrate.enoughHeading;
    return target.label === REST ? calibrate.promptRest : calibrate.prompt;
  }

  #promptOf(phase, leftMs) {
    const { calibrate } = this.#messages;
    const { skipped, poor } = this.#session;
    if (phase === "counting") return leftMs > STILL_MS ? calibrate.makeShape : calibrate.holdStill;
    if (phase === "asking") return calibrate.ready;
    if (phase === "poor") return calibrate.poor(reasonFor(poor, this.#messages));
    if (phase === "calibrated") return calibrate.stays;
    if (phase !== "enough") return calibrate.busy[phase] ?? "";
    const names = skipped.map((label) => shortLabel(label, this.#messages)).join(", ");
    return skipped.length === 0 ? calibrate.enough : calibrate.enoughSkipped(names);
  }

  /** Hide the commands that make no sense in this phase, and disable those that are only not possible yet, so that the
   * buttons keep their places. */
  #offer(each, command, session) {
    const { phase, target, poor, improvement, skipped } = session;
    const makesSense = {
      skip: target !== null && poor === null,
      unskip: target === null && skipped.length > 0,
      keep: poor !== null,
      undo: true,
      calibrate: target !== null && poor === null,
      leave: true,
    }[command];
    const hide = !makesSense || (improvement !== null && command !== "leave") || PRIMARY[phase] === command;
    if (hide && each === document.activeElement) this.#primary.focus();
    each.hidden = hide;
    each.setAttribute("aria-disabled", String(!isPossible(session, command)));
  }
}
