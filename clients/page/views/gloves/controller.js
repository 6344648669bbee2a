// Runs the commands of a check: it takes the frames of each step, and has them judged and stored by the service. The
// results are events of session.js.

import { problemOf } from "../../service.js";
import { INITIAL, isPossible, reduce, stepBefore } from "./session.js";
import { StepTake } from "./step_take.js";

export class CheckController {
  session = INITIAL;
  #gloves;
  #onChange;
  #take = null; // of the step that is held
  #source = null; // the glove that it is of
  #requests = 0;

  /** `gloves` is a Gloves; `onChange` is called with each new session and the one before. */
  constructor(gloves, onChange) {
    this.#gloves = gloves;
    this.#onChange = onChange;
  }

  /** How much of a held step is over, 0 to 1. */
  get heldShare() {
    return this.#take?.share ?? 0;
  }

  /** Run a command, if it is possible now. */
  run(command, argument) {
    return isPossible(this.session, command) ? this.#commands[command](argument) : undefined;
  }

  setHand(hand) {
    this.#emit({ kind: "hand", hand });
  }

  /** Add a `frames` message of the glove `source`. */
  add(message, source) {
    if (this.session.phase !== "holding") return;
    if (source !== this.#source) [this.#take, this.#source] = [new StepTake(), source];
    this.#take.add(message);
    if (!this.#take.isDone) return;
    const { frames } = this.#take;
    this.#drop();
    this.#emit({ kind: "taken", frames, source });
    this.#judge();
  }

  /** In each animation frame; `isReceiving`: whether frames arrive. */
  tick(isReceiving, now) {
    const { phase, until } = this.session;
    if (phase !== "counting" && phase !== "holding") return;
    if (!isReceiving) this.#interrupt();
    else if (phase === "counting" && now >= until) this.#emit({ kind: "hold" });
  }

  #commands = {
    begin: () => this.#emit({ kind: "begin" }),
    take: () => this.#emit({ kind: "start" }),
    stop: () => this.#stop(),
    skip: () => this.#skip(),
    redo: () => this.#emit({ kind: "show", step: stepBefore(this.session) }),
    show: (step) => this.#emit({ kind: "show", step }),
    judge: () => this.#judge(),
    store: (name) => this.#store(name),
    cancel: () => this.#cancel(),
  };

  #stop() {
    this.#drop();
    this.#emit({ kind: "stop" });
  }

  #interrupt() {
    this.#drop();
    this.#emit({ kind: "interrupted" });
  }

  #drop() {
    this.#take = this.#source = null;
  }

  #skip() {
    this.#emit({ kind: "skip" });
    this.#judge();
  }

  #cancel() {
    this.#requests++; // an answer that is on its way is of the check that was left
    this.#emit({ kind: "cancel" });
  }

  async #judge() {
    const request = ++this.#requests;
    const { frames, hand } = this.session;
    let answer;
    const problem = await problemOf(this.#gloves.judge(frames, hand).then((judged) => (answer = judged)));
    if (request !== this.#requests) return; // another request has more frames
    this.#emit(problem === null ? { kind: "judged", ...answer } : { kind: "unjudged", problem });
  }

  async #store(name) {
    const { frames, hand } = this.session;
    this.#emit({ kind: "busy" });
    let made;
    const problem = await problemOf(this.#gloves.calibrate(name, frames, hand).then((profile) => (made = profile)));
    if (problem !== null) {
      this.#emit({ kind: "failed", problem });
      return;
    }
    const { glove, version, profile } = made;
    this.#emit({ kind: "stored", stored: { glove, version, missing: profile.missing } });
  }

  #emit(event) {
    const before = this.session;
    this.session = reduce(before, event, performance.now());
    this.#onChange(this.session, before);
  }
}
