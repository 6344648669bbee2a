// The gloves view: a check of the glove's wiring that makes its profile, and the profiles that the service keeps.

import { make, save, setText } from "../dom.js";
import { problemOf } from "../service.js";
import { isReceiving } from "../state.js";
import { CheckController } from "./gloves/controller.js";
import { Fingers } from "./gloves/fingers.js";
import { Gloves } from "./gloves/gloves.js";
import { spokenFindings, spokenText } from "./gloves/labels.js";
import { Result } from "./gloves/result.js";
import { isPossible } from "./gloves/session.js";
import { Stage } from "./gloves/stage.js";
import { StoredGloves } from "./gloves/stored_gloves.js";
import { LetterPictures } from "./letter_pictures.js";
import { ProblemLine } from "./problem_line.js";
import { commandOfKey } from "./shortcuts.js";

const SHORTCUTS = { Escape: "stop", Backspace: "redo", r: "redo", s: "skip" };
const ENTER = { start: "begin", asking: "take" }; // by phase
const OWN = "own"; // the source of the glove that this page reads itself, whatever its stream is called

export class GlovesView {
  #page;
  #gloves;
  #controller;
  #pictures = new LetterPictures();
  #stage;
  #fingers = new Fingers();
  #result;
  #kept;
  #failed = new ProblemLine("gloves-failed");
  #spoken = make("p", { class: "visually-hidden", role: "status", "data-testid": "gloves-spoken" });
  #spokenFindings = make("p", { class: "visually-hidden", role: "status", "data-testid": "gloves-found" });
  #messages;
  #source = null; // the glove on show: OWN, the name of its stream, or null where no frames arrive
  #board = null; // the board of the stream on show, if it has a serial number
  #isRead = false; // whether the gloves were read since the service was last reachable
  #onFrames = (message) => this.#source !== null && this.#controller.add(message, this.#source);

  constructor(root, page) {
    this.#page = page;
    this.#gloves = new Gloves(page.service);
    this.#controller = new CheckController(this.#gloves, (session, before) => this.#changed(session, before));
    this.#stage = new Stage(this.#pictures, (command, argument) => this.#run(command, argument), (hand) => this.#controller.setHand(hand));
    this.#result = new Result((name) => this.#run("store", name));
    this.#kept = new StoredGloves(this.#actions);
    const check = make("div", {}, this.#stage.element, this.#result.element);
    const aside = make("div", {}, this.#fingers.element, this.#kept.element);
    root.append(this.#failed.element, make("div", { class: "glove-check" }, check, aside), this.#spoken, this.#spokenFindings);
    root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  show() {
    this.#isRead = false;
    this.#page.frameListeners.add(this.#onFrames);
  }

  hide() {
    this.#page.frameListeners.delete(this.#onFrames);
    this.#controller.run("stop");
  }

  setMessages(messages) {
    this.#messages = messages;
    this.#failed.setMessages(messages);
    for (const part of [this.#stage, this.#fingers, this.#result, this.#kept]) part.setMessages(messages);
    this.#changed(this.#controller.session, this.#controller.session);
  }

  render(state, now) {
    const { ownGlove, signals } = this.#page;
    const isOwn = ownGlove.isReading(state.following);
    const isLive = isReceiving(state, now);
    const { session } = this.#controller;
    this.#source = isLive ? (isOwn ? OWN : state.following) : null;
    this.#board = boardOf(state);
    this.#controller.tick(isLive, now);
    const isOther = session.phase !== "stored" && this.#source !== null && session.source !== null && session.source !== this.#source;
    this.#stage.render(this.#controller.session, this.#controller.heldShare, isLive, isOther, now);
    this.#fingers.render(signals, isLive, now);
    this.#result.render(ownGlove.profile, isOwn, state.started?.glove ?? null);
    this.#kept.render(isOwn, ownGlove.profile);
    if (state.service !== "reachable") this.#isRead = false;
    else if (!this.#isRead) this.#readGloves();
  }

  /** What the user may do with the gloves that the service keeps. */
  #actions = {
    show: (name) => this.#attempt(() => this.#offer(name)),
    activate: (name, version) => this.#attempt(() => this.#gloves.activate(name, version).then(() => this.#offer(name))),
    use: (name) => this.#page.ownGlove.useProfile(name),
    export: (name) => this.#attempt(async () => save(await this.#gloves.export(name), `${name}.scaleglove.json`)),
    remove: (name) => this.#attempt(() => this.#remove(name)),
    import: async (file, replace) => (await this.#attempt(() => this.#import(file, replace), "glove_exists"))?.code === "glove_exists",
  };

  #readGloves() {
    this.#isRead = true;
    this.#attempt(async () => {
      await this.#pictures.read(this.#page.service);
      await this.#offer(this.#controller.session.stored?.glove ?? this.#page.ownGlove.profile);
    });
  }

  /** Show the gloves that the service keeps and the profiles of one, by default the first. */
  async #offer(wanted = null) {
    const names = await this.#gloves.names();
    const name = names.includes(wanted) ? wanted : (names[0] ?? null);
    this.#result.offer(names);
    this.#kept.offer(names, name === null ? null : await this.#gloves.read(name));
  }

  async #remove(name) {
    await this.#gloves.remove(name);
    if (this.#page.ownGlove.profile === name) this.#page.ownGlove.useProfile(null);
    await this.#offer();
  }

  async #import(file, replace) {
    const { glove } = await this.#gloves.import(file, replace);
    await this.#offer(glove);
  }

  /** Run a request, and show why it failed; return the problem, or null. That of the code `expected` is not shown. */
  async #attempt(request, expected = null) {
    const problem = await problemOf(request());
    this.#failed.show(problem?.code === expected ? null : problem);
    return problem;
  }

  #onKey(event) {
    const command = commandOfKey(event, SHORTCUTS, ENTER[this.#controller.session.phase]);
    if (command === null || !isPossible(this.#controller.session, command)) return;
    event.preventDefault();
    this.#run(command);
  }

  #run(command, argument) {
    if (command === "take" && this.#source === null) setText(this.#spoken, this.#messages.gloves.noGlove);
    else this.#controller.run(command, argument);
  }

  #changed(session, before) {
    for (const part of [this.#stage, this.#fingers, this.#result]) part.setSession(session);
    if (session.failed !== before.failed || session === before) this.#failed.show(session.failed);
    setText(this.#spoken, spokenText(session, this.#messages));
    if (session.findings !== before.findings) this.#announce(session.findings, before.findings);
    if (before.stored === null && session.stored !== null) this.#use(session.stored);
    this.#moveFocus(session, before);
  }

  #announce(findings, before) {
    const text = spokenFindings(findings, before, this.#messages);
    if (text !== "" || findings.length === 0) setText(this.#spokenFindings, text); // nothing new: the last may still be read
  }

  /** A profile that was made of the glove that this page reads is used at once; another glove is tied to its board. */
  #use({ glove }) {
    const { source } = this.#controller.session; // another glove may be on show by now
    const board = source !== OWN && source === this.#source ? this.#board : null;
    if (source === OWN) this.#page.ownGlove.useProfile(glove);
    this.#attempt(async () => {
      await this.#offer(glove);
      if (board !== null) await this.#gloves.tie(glove, board);
    });
  }

  #moveFocus(session, before) {
    const couldStore = isPossible(before, "store");
    if (before.stored === null && session.stored !== null) this.#result.focus();
    else if (isPossible(session, "store") && !couldStore && before.phase !== "storing") this.#result.focus();
    else if (session.phase !== before.phase || session.step !== before.step) this.#focusStage();
  }

  /** Move the focus to the primary button, unless the user is busy with the gloves that the service keeps. */
  #focusStage() {
    if (!this.#kept.element.contains(document.activeElement)) this.#stage.focus();
  }
}

/** Return the board of the stream that is followed, vendor:product:serial number, or null where it has no such number. */
function boardOf({ streams, following }) {
  const usb = streams.find(({ stream }) => stream === following)?.usb ?? null;
  return /^.*:.*:.+/.test(usb ?? "") ? usb : null;
}
