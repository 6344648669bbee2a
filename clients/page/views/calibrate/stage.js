// The target in large: the letter, a picture of the hand, the live hand, the countdown and the buttons.

import { button, make, setShare, setText } from "../../dom.js";
import { ARM_DOWN } from "../../glove.js";
import { Hand } from "../../hand.js";
import { instructionFor, reasonFor, shortLabel, spokenLabel } from "./labels.js";
import { COUNTDOWN_MS, REST, isPossible } from "./session.js";

// What the primary button does in each phase. It stays in its place, so that it keeps the focus.
const PRIMARY = { asking: "take", counting: "stop", poor: "take", enough: "calibrate", calibrated: "resume" };
const SECONDARY = ["skip", "unskip", "keep", "undo", "calibrate", "leave"];
const STILL_MS = 2000; // the last part of the countdown, in which the hand has to be still

const YAW = 7; // it drifts while the hand is still and says nothing about a letter
const LOOSE_FINGERS = [800, 795, 808, 819, 828];

/** Pictures of the hand shapes: letters as the service describes them, and rest. */
export class LetterPictures {
  #frames = new Map();

  /** Return all letters in order; the service is asked once. */
  async letters(service) {
    if (this.#frames.size === 0) {
      const { letters } = await service.get("/v1/letters");
      this.#frames = new Map(letters.map(({ label, frame }) => [label, frame]));
    }
    return [...this.#frames.keys()];
  }

  /** Return the frame to draw for a target { label, again }, or null where there is none. */
  frameOf({ label, again }) {
    if (label === REST) return [...LOOSE_FINGERS, ...(again ? [ARM_DOWN.pitch, ARM_DOWN.roll, 0] : [0, 0, 0])];
    return this.#frames.has(label) ? withoutYaw(this.#frames.get(label)) : null;
  }
}

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
  #seconds = make("strong", { class: "seconds number", "aria-hidden": "true", "data-testid": "seconds" });
  #prompt = make("p", { class: "prompt", "data-testid": "prompt" });
  #bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
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
    const countdown = make("div", { class: "countdown" }, this.#seconds, this.#prompt, this.#bar);
    const buttons = make("div", { class: "buttons" }, this.#primary, ...this.#secondary.values());
    this.element = make(
      "section",
      { class: "card letter-stage", tabindex: "-1", "aria-labelledby": "calibrate-task" },
      this.#task, this.#instruction, this.#hands, countdown, this.#noGlove, buttons,
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
    for (const [command, each] of this.#secondary) this.#label(each, calibrate[command], calibrate.keys[command]);
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
      this.#label(this.#primary, calibrate.primary[phase], key);
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
    setText(this.#seconds, leftMs > 0 ? String(Math.ceil(leftMs / 1000)) : "");
    setShare(this.#bar, leftMs / COUNTDOWN_MS);
    setText(this.#prompt, this.#promptOf(phase, leftMs));
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

  #label(each, text, key) {
    if (each.dataset.text === text + key) return;
    each.dataset.text = text + key;
    each.replaceChildren(text, ...(key === undefined ? [] : [make("kbd", { text: key, "aria-hidden": "true" })]));
    if (key !== undefined) each.setAttribute("aria-keyshortcuts", key === "Esc" ? "Escape" : key);
  }
}

/** Return a frame with a yaw of 0, so that two hands can be compared. */
function withoutYaw(frame) {
  return frame.with(YAW, 0);
}
