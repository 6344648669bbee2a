// What is asked for, large: the letter, how the hand looks, the hand that there is, the countdown, and what one may do.

import { button, make, setShare, setText } from "../../dom.js";
import { Hand } from "../../hand.js";
import { COUNTDOWN_MS, may } from "./calibrating.js";
import { howOf, nameOf, reasonOf, shortOf } from "./naming.js";
import { unturned } from "./pictures.js";

// The chief button, and what it does in each phase; it stays in its place, so that the focus does.
const CHIEF = { asking: "take", counting: "stop", judged: "take", enough: "calibrate", worth: "goOn" };
const OTHERS = ["skip", "unskip", "keep", "undo", "calibrate", "leave"];
const STILL_MS = 2000; // of the countdown in which the hand has to be still

export class Stage {
  #pictures;
  #ask;
  #words;
  #sitting = null;
  #task = make("h2", { class: "task", id: "calibrate-task" });
  #letter = make("p", { class: "asked", lang: "ko", "data-testid": "asked" });
  #name = make("p", { class: "asked-name" });
  #how = make("p", { class: "how" });
  #picture = new Hand();
  #live = new Hand();
  #pictureCaption = make("figcaption", { class: "quiet" });
  #liveCaption = make("figcaption", { class: "quiet" });
  #liveFigure = make("figure", { "data-known": "false" }, this.#live.element, this.#liveCaption);
  #hands = make("div", { class: "hands" });
  #number = make("strong", { class: "seconds number", "aria-hidden": "true", "data-testid": "seconds" });
  #say = make("p", { class: "say", "data-testid": "say" });
  #bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
  #noGlove = make("p", { class: "notice", hidden: true });
  #chief = button("", { class: "chief", id: "calibrate-chief" });
  #others = new Map(OTHERS.map((command) => [command, button("", { "data-command": command })]));

  /** `pictures` are those of pictures.js; `ask` hears the commands. */
  constructor(pictures, ask) {
    this.#pictures = pictures;
    this.#ask = ask;
    const picture = make("figure", {}, this.#picture.element, this.#pictureCaption);
    const asked = make("div", { class: "asked-what" }, this.#letter, this.#name);
    this.#hands.append(asked, picture, this.#liveFigure);
    const count = make("div", { class: "count" }, this.#number, this.#say, this.#bar);
    const commands = make("div", { class: "commands" }, this.#chief, ...this.#others.values());
    this.element = make(
      "section",
      { class: "card stage-of-letters", tabindex: "-1", "aria-labelledby": "calibrate-task" },
      this.#task, this.#how, this.#hands, count, this.#noGlove, commands,
    );
    this.#chief.addEventListener("click", () => this.#ask(CHIEF[this.#sitting.phase]));
    for (const [command, each] of this.#others) each.addEventListener("click", () => this.#ask(command));
  }

  setWords(words) {
    this.#words = words;
    const { calibrate } = words;
    setText(this.#pictureCaption, calibrate.picture);
    setText(this.#liveCaption, calibrate.liveHand);
    setText(this.#noGlove, calibrate.noGlove);
    for (const [command, each] of this.#others) this.#label(each, calibrate[command], calibrate.keys[command]);
  }

  focus() {
    this.#chief.focus();
  }

  setSitting(sitting) {
    this.#sitting = sitting;
    const { asked, phase } = sitting;
    const { calibrate } = this.#words;
    this.#hands.hidden = asked === null || phase === "worth";
    this.#how.hidden = this.#hands.hidden;
    setText(this.#task, this.#taskOf(sitting));
    if (asked !== null) this.#show(asked);
    this.element.dataset.phase = phase;
    if (phase in CHIEF) {
      const key = phase === "counting" ? calibrate.keys.stop : calibrate.keys.take;
      this.#label(this.#chief, calibrate.primary[phase], key);
    }
    this.#chief.setAttribute("aria-disabled", String(!(phase in CHIEF)));
    for (const [command, each] of this.#others) this.#offer(each, command, sitting);
  }

  /** At every picture: the hand that there is, a frame or null, and the countdown. */
  render({ phase, until }, frame, now) {
    this.#live.draw(frame === null ? null : unturned(frame));
    this.#liveFigure.dataset.known = String(frame !== null);
    this.#noGlove.hidden = frame !== null;
    const leftMs = phase === "counting" ? Math.max(0, until - now) : 0;
    setText(this.#number, leftMs > 0 ? String(Math.ceil(leftMs / 1000)) : "");
    setShare(this.#bar, leftMs / COUNTDOWN_MS);
    setText(this.#say, this.#saidOf(phase, leftMs));
  }

  #show(asked) {
    const name = nameOf(asked.label, this.#words);
    setText(this.#letter, shortOf(asked.label, this.#words));
    setText(this.#name, name === this.#letter.textContent ? "" : name);
    this.#letter.dataset.long = String(this.#letter.textContent.length > 1);
    setText(this.#how, howOf(asked, this.#words));
    this.#picture.label(this.#words.calibrate.pictureOf(name));
    this.#picture.draw(this.#pictures.of(asked));
  }

  #taskOf({ asked, phase }) {
    const { calibrate } = this.#words;
    if (phase === "worth") return calibrate.goOnHeading;
    if (asked === null) return calibrate.enoughHeading;
    return asked.label === "rest" ? calibrate.askedRest : calibrate.asked;
  }

  #saidOf(phase, leftMs) {
    const { calibrate } = this.#words;
    const { skipped, poor } = this.#sitting;
    if (phase === "counting") return leftMs > STILL_MS ? calibrate.makeShape : calibrate.holdStill;
    if (phase === "asking") return calibrate.ready;
    if (phase === "judged") return calibrate.judged(reasonOf(poor, this.#words));
    if (phase === "worth") return calibrate.stays;
    if (phase !== "enough") return calibrate.busy[phase] ?? "";
    const names = skipped.map((label) => shortOf(label, this.#words)).join(", ");
    return skipped.length === 0 ? calibrate.enough : calibrate.enoughSkipped(names);
  }

  /** Those that make no sense in a phase are not there; those that only have to wait are, so that nothing jumps. */
  #offer(each, command, sitting) {
    const { phase, asked, poor, worth, skipped } = sitting;
    const isThere = {
      skip: asked !== null && poor === null,
      unskip: asked === null && skipped.length > 0,
      keep: poor !== null,
      undo: true,
      calibrate: asked !== null && poor === null,
      leave: true,
    }[command];
    const hide = !isThere || (worth !== null && command !== "leave") || CHIEF[phase] === command;
    if (hide && each === document.activeElement) this.#chief.focus();
    each.hidden = hide;
    each.setAttribute("aria-disabled", String(!may(sitting, command)));
  }

  #label(each, text, key) {
    if (each.dataset.text === text + key) return;
    each.dataset.text = text + key;
    each.replaceChildren(text, ...(key === undefined ? [] : [make("kbd", { text: key, "aria-hidden": "true" })]));
    if (key !== undefined) each.setAttribute("aria-keyshortcuts", key === "Esc" ? "Escape" : key);
  }
}
