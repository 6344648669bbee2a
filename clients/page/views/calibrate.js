// The calibrate view: a wearer shows letters until the service has adapted to their hand.

import { make, save, setText } from "../dom.js";
import { describeProblem } from "../i18n/index.js";
import { problemOf } from "../service.js";
import { isReceiving, supportedCommands } from "../state.js";
import { EmulatedHand } from "./calibrate/emulated_hand.js";
import { Improvement } from "./calibrate/improvement.js";
import { spokenText } from "./calibrate/labels.js";
import { Profiles } from "./calibrate/profiles.js";
import { Progress } from "./calibrate/progress.js";
import { SessionController } from "./calibrate/session_controller.js";
import { LetterPictures, Stage } from "./calibrate/stage.js";
import { WearerChoice } from "./calibrate/wearer_choice.js";
import { Wearers } from "./calibrate/wearers.js";

const SHORTCUTS = { Escape: "stop", Backspace: "undo", u: "undo", s: "skip", c: "calibrate", k: "keep" };
const ENTER = { asking: "take", poor: "take", enough: "calibrate", calibrated: "resume" }; // by phase
const HANDLES_ENTER = "a, button, summary";
const TEXT_FIELDS = "input, select, textarea";

export class CalibrateView {
  #page;
  #wearers;
  #controller;
  #hand;
  #pictures = new LetterPictures();
  #choice;
  #stage;
  #progress = new Progress();
  #improvement = new Improvement();
  #profiles;
  #columns = make("div", { class: "session", hidden: true });
  #failed = make("p", { class: "error", role: "alert", "data-testid": "calibrate-failed" });
  #spoken = make("p", { class: "visually-hidden", role: "status", "data-testid": "calibrate-spoken" });
  #messages;
  #isReceiving = false;
  #isRead = false; // whether the wearers were read since the service was last reachable

  constructor(root, page) {
    this.#page = page;
    this.#wearers = new Wearers(page.service);
    this.#hand = new EmulatedHand(page.service);
    const readLetters = () => this.#pictures.letters(page.service);
    this.#controller = new SessionController(this.#wearers, readLetters, (session, before) => this.#changed(session, before));
    this.#choice = new WearerChoice((name) => this.#controller.open(name));
    this.#stage = new Stage(this.#pictures, (command) => this.#run(command));
    this.#profiles = new Profiles((version) => this.#controller.activate(version), () => this.#controller.export(save));
    const aside = make("div", { class: "aside" }, this.#progress.element, this.#profiles.element);
    this.#columns.append(make("div", {}, this.#improvement.element, this.#stage.element), aside);
    root.append(this.#failed, this.#choice.element, this.#columns, this.#spoken);
    root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  show() {
    this.#isRead = false;
    this.#hand.show(this.#controller.session.target?.label ?? null);
  }

  hide() {
    this.#controller.run("stop");
    this.#hand.show(null);
  }

  setMessages(messages) {
    this.#messages = messages;
    for (const part of [this.#choice, ...this.#sessionParts()]) part.setMessages(messages);
    this.#changed(this.#controller.session, this.#controller.session);
  }

  render(state, now) {
    const stream = isReceiving(state, now) ? state.following : null;
    this.#isReceiving = stream !== null;
    this.#hand.setStream(supportedCommands(state).includes("show") ? stream : null);
    this.#controller.tick(stream, now);
    this.#stage.render(this.#controller.session, stream === null ? null : this.#page.signals.latest, now);
    this.#choice.render(this.#isReceiving);
    this.#improvement.render(this.#controller.session, state.started?.wearer ?? null);
    if (state.service !== "reachable") this.#isRead = false;
    else if (!this.#isRead) this.#readWearers();
  }

  #sessionParts() {
    return [this.#stage, this.#progress, this.#improvement, this.#profiles];
  }

  async #readWearers() {
    this.#isRead = true;
    const problem = await problemOf(this.#offerWearers());
    if (problem !== null) this.#showProblem(problem);
  }

  async #offerWearers() {
    this.#choice.offer(await this.#wearers.names());
  }

  #onKey(event) {
    const command = commandOfKey(event, this.#controller.session.phase);
    if (command === null) return;
    event.preventDefault();
    this.#run(command);
  }

  #run(command) {
    if (command === "take" && !this.#isReceiving) setText(this.#spoken, this.#messages.calibrate.noGlove);
    else this.#controller.run(command);
  }

  #changed(session, before) {
    if (asksAnew(session, before)) this.#hand.show(session.target?.label ?? null);
    const isChoosing = session.guide === null;
    const wasChoosing = before.guide === null;
    this.#choice.element.hidden = !isChoosing;
    this.#columns.hidden = isChoosing;
    for (const part of this.#sessionParts()) part.setSession(session);
    this.#showProblem(session.failed);
    setText(this.#spoken, spokenText(session, this.#messages));
    if (before.improvement === null && session.improvement !== null) {
      this.#improvement.element.scrollIntoView({ block: "nearest" });
    }
    if (isChoosing === wasChoosing) return;
    if (isChoosing) this.#isRead = false;
    (isChoosing ? this.#choice : this.#stage).focus();
  }

  #showProblem(problem) {
    const text = problem === null ? "" : describeProblem(this.#messages, problem);
    if (text === this.#failed.textContent) return;
    setText(this.#failed, text);
    if (text !== "") this.#failed.scrollIntoView({ block: "nearest" }); // on a phone the pressed button is far below
  }
}

/** Return whether the target is another one, or its countdown begins: an emulated hand may have gone on since. */
function asksAnew(session, before) {
  const begins = session.phase === "counting" && before.phase !== "counting";
  return begins || session.target?.label !== before.target?.label;
}

/** Return the command of a key in this phase, or null. Letters count by what the key types on a Latin keyboard, so that
 * shortcuts work while Hangul is typed. */
function commandOfKey(event, phase) {
  const { target, key, code } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || target.closest(TEXT_FIELDS)) return null;
  if (key === "Enter") return commandOfEnter(event, phase);
  if (event.repeat) return null;
  const typed = /^[^a-z]$/i.test(key) ? code.replace("Key", "") : key;
  return SHORTCUTS[typed.length === 1 ? typed.toLowerCase() : typed] ?? null;
}

function commandOfEnter(event, phase) {
  if (event.repeat) {
    event.preventDefault(); // a held key would press a button repeatedly
    return null;
  }
  return event.target.closest(HANDLES_ENTER) ? null : (ENTER[phase] ?? null);
}
