// The calibrate view: a wearer shows letters until the service has adapted to their hand, or teaches signs of their own.

import { make, save, setText } from "../dom.js";
import { problemOf } from "../service.js";
import { isReceiving, supportedCommands } from "../state.js";
import { ANSWER_KEYS, Doubts } from "./calibrate/doubts.js";
import { EmulatedHand } from "./calibrate/emulated_hand.js";
import { Improvement } from "./calibrate/improvement.js";
import { spokenText } from "./calibrate/labels.js";
import { LearnedWords } from "./calibrate/learned_words.js";
import { OwnSigns } from "./calibrate/own_signs.js";
import { Profiles } from "./calibrate/profiles.js";
import { Progress } from "./calibrate/progress.js";
import { coverageOf, hasWords, isPoor, isPossible, labelsUndone } from "./calibrate/session.js";
import { SessionController } from "./calibrate/session_controller.js";
import { labelOf } from "./calibrate/sitting.js";
import { SittingCard } from "./calibrate/sitting_card.js";
import { Stage } from "./calibrate/stage.js";
import { Taught } from "./calibrate/taught.js";
import { Wearers } from "./calibrate/wearers.js";
import { LetterPictures } from "./letter_pictures.js";
import { NameChoice } from "./name_choice.js";
import { ProblemLine } from "./problem_line.js";
import { commandOfKey } from "./shortcuts.js";
import { packageLabels } from "../vocabularies.js";

const SHORTCUTS = {
  Escape: "stop", Backspace: "undo", u: "undo", s: "skip", c: "calibrate", k: "keep", t: "teach", b: "back", d: "ask", p: "pass", m: "sit", w: "keepWords",
  r: "again", l: "letters",
  ...ANSWER_KEYS,
};
const NEEDS_GLOVE = ["take", "ask", "sit", "keepWords"];
const ENTER = { asking: "take", poor: "take", enough: "calibrate", calibrated: "resume", taught: "resume", sitting: "next" }; // by phase

export class CalibrateView {
  #page;
  #wearers;
  #controller;
  #hand;
  #pictures = new LetterPictures();
  #choice;
  #sitting;
  #stage;
  #progress = new Progress();
  #improvement = new Improvement((wearer) => this.#use(wearer));
  #taught = new Taught((wearer) => this.#use(wearer));
  #signs;
  #doubts;
  #words;
  #profiles;
  #columns = make("div", { class: "session", hidden: true });
  #failed = new ProblemLine("calibrate-failed");
  #spoken = make("p", { class: "visually-hidden", role: "status", "data-testid": "calibrate-spoken" });
  #messages;
  #isReceiving = false;
  #isRead = false; // whether the wearers were read since the service was last reachable

  constructor(root, page) {
    this.#page = page;
    this.#wearers = new Wearers(page.service);
    this.#hand = new EmulatedHand(page.service);
    const readModel = async () => ({
      ...(await this.#pictures.read(page.service, page.state().started?.model ?? null)),
      foreign: await packageLabels(page.service),
    });
    this.#controller = new SessionController(this.#wearers, readModel, (session, before) => this.#changed(session, before));
    this.#choice = new NameChoice("wearer", (name) => this.#controller.open(name));
    this.#sitting = new SittingCard((command) => this.#run(command));
    this.#stage = new Stage(this.#pictures, (command) => this.#run(command));
    this.#signs = new OwnSigns((command, argument) => this.#run(command, argument));
    this.#doubts = new Doubts((command, argument) => this.#run(command, argument));
    this.#words = new LearnedWords((command) => this.#run(command));
    const [activate, download] = [(version) => this.#controller.activate(version), () => this.#controller.export(save)];
    this.#profiles = new Profiles(activate, download, (wearer) => this.#use(wearer));
    const results = [this.#improvement.element, this.#taught.element];
    const aside = make("div", { class: "aside" }, this.#progress.element, this.#signs.element, this.#profiles.element);
    this.#columns.append(make("div", {}, ...results, this.#sitting.element, this.#stage.element, this.#doubts.element, this.#words.element), aside);
    root.append(this.#failed.element, this.#choice.element, this.#columns, this.#spoken);
    root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  show() {
    this.#isRead = false;
    this.#hand.show(labelToShow(this.#controller.session));
  }

  hide() {
    this.#controller.run("stop");
    this.#hand.show(null);
  }

  setMessages(messages) {
    this.#messages = messages;
    this.#failed.setMessages(messages);
    const { calibrate } = messages;
    this.#choice.setTexts({
      ...calibrate, heading: calibrate.chooseHeading, intro: calibrate.chooseIntro, notice: calibrate.noGlove,
      submit: calibrate.start,
    });
    for (const part of this.#sessionParts()) part.setMessages(messages);
    this.#changed(this.#controller.session, this.#controller.session);
  }

  render(state, now) {
    const stream = isReceiving(state, now) ? state.following : null;
    this.#isReceiving = stream !== null;
    this.#hand.setStream(supportedCommands(state).includes("show") ? stream : null);
    this.#controller.glove = state.started?.glove_profile ? state.started.glove : null;
    this.#controller.tick(stream, now);
    const frame = stream === null ? null : this.#page.signals.latest;
    this.#sitting.render(this.#controller.session, frame, now);
    this.#stage.render(this.#controller.session, frame, now);
    this.#words.render(stream === null ? null : state.learned);
    this.#choice.notice(!this.#isReceiving);
    const reading = { wearer: state.started?.wearer ?? null, isOwn: this.#ownGlove(state) !== null };
    for (const part of [this.#improvement, this.#taught, this.#profiles]) part.render(this.#controller.session, reading);
    if (state.service !== "reachable") this.#isRead = false;
    else if (!this.#isRead) this.#readWearers();
  }

  /** Return the glove of this page, real or simulated, that the stream on show is of, or null. */
  #ownGlove({ following }) {
    const { ownGlove, demo } = this.#page;
    return [ownGlove, demo].find((glove) => glove?.isReading(following)) ?? null;
  }

  #use(wearer) {
    this.#ownGlove(this.#page.state())?.useWearer(wearer, wearer === null ? null : this.#controller.session.model);
  }

  #sessionParts() {
    return [this.#sitting, this.#stage, this.#progress, this.#improvement, this.#taught, this.#signs, this.#doubts, this.#words, this.#profiles];
  }

  async #readWearers() {
    this.#isRead = true;
    const problem = await problemOf(this.#offerWearers());
    if (problem !== null) this.#failed.show(problem);
  }

  async #offerWearers() {
    const names = await this.#wearers.names();
    this.#choice.offer(names);
    this.#signs.offer(names);
  }

  #onKey(event) {
    const command = commandOfKey(event, SHORTCUTS, ENTER[this.#controller.session.phase]);
    if (command === null) return;
    event.preventDefault();
    if (typeof command === "number") this.#doubts.answer(command);
    else this.#run(command);
  }

  #run(command, argument) {
    if (NEEDS_GLOVE.includes(command) && !this.#isReceiving) setText(this.#spoken, this.#messages.calibrate.noGlove);
    else if (command === "letters") this.#stage.focus();
    else if (command === "teach" && argument === undefined) this.#askForSign();
    else this.#controller.run(command, argument);
  }

  #askForSign() {
    if (isPossible(this.#controller.session, "teach")) this.#signs.focus();
  }

  /** Draw the hand that was just shown for a label, and no longer one that was undone. */
  #keepPicture(session, before) {
    for (const label of labelsUndone(session, before)) this.#pictures.forget(label);
    const { shown } = session;
    const newest = shown.at(-1);
    const frame = newest?.drawn ?? this.#page.signals.latest;
    if (shown.length <= before.shown.length || isPoor(newest) || frame === null || frame.includes(null)) return;
    this.#pictures.show(newest.label, frame);
  }

  #changed(session, before) {
    this.#page.wearer = session.wearer;
    if (asksAnew(session, before)) this.#hand.show(labelToShow(session));
    const isChoosing = session.guide === null;
    const wasChoosing = before.guide === null;
    this.#choice.element.hidden = !isChoosing;
    this.#columns.hidden = isChoosing;
    for (const part of this.#sessionParts()) part.setSession(session);
    this.#stage.element.hidden = session.sitting !== null;
    this.#failed.show(session.failed);
    this.#keepPicture(session, before);
    setText(this.#spoken, spokenText(session, this.#messages));
    if (before.improvement === null && session.improvement !== null) {
      this.#improvement.element.scrollIntoView({ block: "nearest" });
    }
    if (before.taught === null && session.taught !== null) this.#taught.element.scrollIntoView({ block: "nearest" });
    if (before.sign === null && session.sign !== null) {
      this.#stage.focus();
      this.#stage.element.scrollIntoView({ block: "nearest" });
    }
    if ((session.sitting === null) !== (before.sitting === null)) this.#moveFocus(session);
    if (isChoosing === wasChoosing) return;
    this.#pictures.clear();
    if (isChoosing) this.#isRead = false;
    (isChoosing ? this.#choice : offersSittingFirst(session) ? this.#sitting : this.#stage).focus();
  }

  /** Move the focus when a sitting begins or ends; while its doubts are answered it is there. */
  #moveFocus({ sitting, guide }) {
    if (sitting !== null) this.#sitting.focus();
    else if (guide !== null) this.#stage.focus();
  }
}

/** Return whether the target is another one, or its countdown begins: an emulated hand may have gone on since. */
function asksAnew(session, before) {
  const begins = session.phase === "counting" && before.phase !== "counting";
  return begins || labelToShow(session) !== labelToShow(before);
}

/** Return the label that an emulated hand is to show, or null for what it signs by itself. */
function labelToShow({ sitting, target }) {
  return sitting === null ? (target?.label ?? null) : labelOf(sitting);
}

/** Return whether the wearer is asked for words before letters: they have shown no letter yet. */
function offersSittingFirst(session) {
  return hasWords(session) && coverageOf(session).shown.length === 0;
}
