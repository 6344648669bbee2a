// The step in large: its picture, the countdown, the buttons, and the list of all steps, any of which can be shown again.

import { button, make, setData, setText } from "../../dom.js";
import { Hand } from "../../hand.js";
import { Countdown } from "../countdown.js";
import { labelWithKey } from "../shortcuts.js";
import { shownText, titleOf } from "./labels.js";
import { COUNTDOWN_MS, isPossible, stateOf } from "./session.js";
import { pictureOf, STEPS } from "./steps.js";

// What the primary button does in each phase. It stays in its place, so that it keeps the focus.
const PRIMARY = { start: "begin", asking: "take", counting: "stop", holding: "stop" };
const SECONDARY = ["skip", "redo", "judge", "cancel"];

export class Stage {
  #pictures;
  #run;
  #messages;
  #session = null;
  #task = make("h2", { class: "task", id: "gloves-task", "data-testid": "glove-task" });
  #instruction = make("p", { class: "instruction" });
  #picture = new Hand();
  #countdown = new Countdown("glove-");
  #noGlove = make("p", { class: "notice", hidden: true });
  #kept = make("span", { hidden: true });
  #otherGlove = make("p", { class: "notice", hidden: true });
  #primary = button("", { class: "primary", id: "gloves-primary" });
  #secondary = new Map(SECONDARY.map((command) => [command, button("", { "data-command": command })]));
  #steps = new Map(STEPS.map((step) => [step, button("", { "data-step": step })]));
  #stepList = make("ol", { class: "steps" });
  #left = make("input", { type: "checkbox", id: "gloves-left" });
  #leftLabel = make("label", { for: "gloves-left" });

  /** `pictures` is a LetterPictures; `run` is called with the commands and `setHand` with "left" or "right". */
  constructor(pictures, run, setHand) {
    this.#pictures = pictures;
    this.#run = run;
    this.#stepList.append(...[...this.#steps.values()].map((each) => make("li", {}, each)));
    const picture = make("div", { class: "step-picture" }, this.#picture.element);
    const buttons = make("div", { class: "buttons" }, this.#primary, ...this.#secondary.values());
    const hand = make("p", { class: "which-hand" }, this.#left, this.#leftLabel);
    this.element = make(
      "section",
      { class: "card session-stage glove-stage", tabindex: "-1", "aria-labelledby": "gloves-task" },
      this.#task, this.#instruction, picture, this.#countdown.element, this.#noGlove, this.#otherGlove, buttons, this.#stepList, hand,
    );
    this.#primary.addEventListener("click", () => this.#run(PRIMARY[this.#session.phase]));
    for (const [command, each] of this.#secondary) each.addEventListener("click", () => this.#run(command));
    for (const [step, each] of this.#steps) each.addEventListener("click", () => this.#run("show", step));
    this.#left.addEventListener("change", () => setHand(this.#left.checked ? "left" : "right"));
  }

  setMessages(messages) {
    this.#messages = messages;
    const { gloves } = messages;
    this.#noGlove.replaceChildren(gloves.noGlove, " ", this.#kept, " ", make("a", { href: "#live", text: messages.live.connectStart }));
    setText(this.#kept, gloves.kept);
    setText(this.#otherGlove, gloves.otherGlove);
    setText(this.#leftLabel, gloves.left);
    this.#stepList.setAttribute("aria-label", gloves.stepsLabel);
  }

  focus() {
    (this.#primary.hidden ? this.element : this.#primary).focus();
  }

  setSession(session) {
    this.#session = session;
    const { phase, step, hand } = session;
    const { gloves } = this.#messages;
    setData(this.element, "phase", phase);
    setData(this.element, "step", step ?? "");
    setText(this.#task, step === null ? gloves.headings[phase] : titleOf(step, this.#messages));
    setText(this.#instruction, step === null ? (gloves.intros[phase] ?? "") : gloves.how[step]);
    this.#picture.draw(step === null ? null : pictureOf(step, this.#pictures));
    this.#picture.element.classList.toggle("mirrored", hand === "left");
    this.#picture.element.parentElement.hidden = step === null;
    this.#left.checked = hand === "left";
    this.#primary.hidden = !(phase in PRIMARY);
    if (phase in PRIMARY) labelWithKey(this.#primary, gloves.primary[phase], gloves.keys[PRIMARY[phase] === "stop" ? "stop" : "take"]);
    for (const [command, each] of this.#secondary) this.#offer(command, each);
    this.#stepList.hidden = phase === "start";
    for (const [each, choice] of this.#steps) this.#showStep(each, choice);
  }

  /** In each animation frame: `heldShare` is how much of the held step is over; `isOther`: the glove on show is another. */
  render(session, heldShare, isReceiving, isOther, now) {
    const { phase, until } = session;
    const leftMs = phase === "counting" ? Math.max(0, until - now) : 0;
    this.#countdown.show(leftMs, phase === "counting" ? leftMs / COUNTDOWN_MS : heldShare, this.#promptOf(session));
    this.#noGlove.hidden = isReceiving;
    this.#kept.hidden = Object.keys(session.frames).length === 0;
    this.#otherGlove.hidden = !isOther;
  }

  #promptOf(session) {
    const { phase, isInterrupted } = session;
    const { gloves } = this.#messages;
    if (phase === "asking") return isInterrupted ? gloves.interrupted : gloves.ready;
    if (phase === "shown") return shownText(session, this.#messages);
    return { counting: gloves.getReady, holding: gloves.holdStill, storing: gloves.storing }[phase] ?? "";
  }

  /** Hide what makes no sense in this phase, and disable what is only not possible yet, so that buttons keep their places. */
  #offer(command, each) {
    const { phase, isJudged } = this.#session;
    const { gloves } = this.#messages;
    const makesSense = {
      skip: phase in PRIMARY, redo: phase !== "stored", judge: !isJudged, cancel: true,
    }[command];
    const isHidden = phase === "start" || !makesSense;
    if (isHidden && each === document.activeElement) this.focus();
    each.hidden = isHidden;
    labelWithKey(each, command === "cancel" && phase === "stored" ? gloves.again : gloves[command], gloves.keys[command]);
    each.setAttribute("aria-disabled", String(!isPossible(this.#session, command)));
  }

  #showStep(step, choice) {
    const { gloves } = this.#messages;
    const state = stateOf(this.#session, step);
    setData(choice, "state", state);
    setText(choice, gloves.steps[step]);
    choice.setAttribute("aria-label", gloves.stepLabel(gloves.steps[step], gloves.stepStates[state]));
    choice.setAttribute("aria-disabled", String(!isPossible(this.#session, "show")));
    if (state === "current") choice.setAttribute("aria-current", "step");
    else choice.removeAttribute("aria-current");
  }
}
