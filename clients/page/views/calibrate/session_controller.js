// Runs the commands of a calibration session as requests; the results are events of session.js.

import { ServiceError } from "../../client/wire.js";
import { problemOf } from "../../service.js";
import { INITIAL, countdownOf, isPoor, isPossible, reduce, wantedLetters } from "./session.js";

const GLOVE_GONE = ["unknown_glove", "no_glove_profile"]; // it, or its profile, was deleted since the stream began

export class SessionController {
  session = INITIAL;
  /** The name of the glove whose profile reads the examples, or null: few letters do not tell how a glove reads. */
  glove = null;
  #wearers;
  #readLetters;
  #onChange;

  /** `wearers` is a Wearers, `readLetters` returns all letters; `onChange` is called with each new session and the one
   * before. */
  constructor(wearers, readLetters, onChange) {
    this.#wearers = wearers;
    this.#readLetters = readLetters;
    this.#onChange = onChange;
  }

  /** Start with the wearer called `name`. */
  open(name) {
    return this.#run("waiting", async () => {
      const letters = await this.#readLetters();
      const { wearer, profiles } = await this.#wearers.open(name);
      this.#emit({ kind: "opened", wearer, letters, profiles });
      await this.#suggest();
    });
  }

  /** Run a command, if it is possible now. */
  async run(command) {
    if (isPossible(this.session, command)) await this.#commands[command]();
  }

  /** In each animation frame: record the example when the countdown is over, or stop it without a `stream`. */
  tick(stream, now) {
    if (this.session.phase !== "counting") return;
    const countdown = countdownOf(this.session, now);
    if (stream === null || countdown === "late") this.#emit({ kind: "stop" });
    else if (countdown === "over") this.#keep(stream);
  }

  /** Use another profile of the wearer. */
  async activate(version) {
    if (!isPossible(this.session, "activate")) return;
    await this.#run("waiting", async () => {
      await this.#wearers.activate(this.session.wearer, version);
      await this.#readProfiles();
    });
  }

  /** Call `save` with a file of everything that the service keeps of the wearer, and its name. */
  async export(save) {
    if (!isPossible(this.session, "export")) return;
    const { wearer } = this.session;
    await this.#run("waiting", async () => save(await this.#wearers.export(wearer), `${wearer}.scaleglove.json`));
  }

  #commands = {
    take: () => this.#take(),
    stop: () => this.#emit({ kind: "stop" }),
    keep: () => this.#run("waiting", () => this.#suggest()),
    undo: () => this.#run("waiting", () => this.#undo()),
    skip: () => this.#suggestAfter({ kind: "skip" }),
    unskip: () => this.#suggestAfter({ kind: "unskip" }),
    calibrate: () => this.#run("calibrating", () => this.#calibrate()),
    resume: () => this.#emit({ kind: "resume" }),
    leave: () => this.#emit({ kind: "leave" }),
  };

  /** Start the countdown; a poor example is removed first. */
  async #take() {
    const { wearer, poor } = this.session;
    if (poor !== null) {
      await this.#run("waiting", async () => {
        await this.#wearers.removeExample(wearer, poor.id);
        this.#emit({ kind: "removed", id: poor.id });
      });
    }
    if (this.session.phase === "asking") this.#emit({ kind: "start" });
  }

  #keep(stream) {
    const { wearer, target } = this.session;
    return this.#run("keeping", async () => {
      const example = await this.#wearers.addExample(wearer, target.label, stream);
      this.#emit({ kind: "kept", example });
      if (!isPoor(example)) await this.#suggest();
    });
  }

  async #undo() {
    const { wearer, shown } = this.session;
    const { id } = shown.at(-1);
    await this.#wearers.removeExample(wearer, id);
    this.#emit({ kind: "removed", id });
    await this.#suggest();
  }

  #suggestAfter(event) {
    this.#emit(event);
    return this.#run("waiting", () => this.#suggest());
  }

  async #suggest() {
    const guide = await this.#wearers.guide(this.session.wearer, wantedLetters(this.session));
    this.#emit({ kind: "suggested", guide });
  }

  async #calibrate() {
    const improvement = await this.#calibrateWith(this.glove);
    await this.#readProfiles();
    this.#emit({ kind: "calibrated", improvement });
  }

  /** Calibrate with the glove called `glove`, or without one where it is gone: examples of eight letters need none. */
  async #calibrateWith(glove) {
    const { wearer } = this.session;
    try {
      return await this.#wearers.calibrate(wearer, glove);
    } catch (error) {
      if (glove === null || !(error instanceof ServiceError) || !GLOVE_GONE.includes(error.code)) throw error;
      this.#emit({ kind: "glove_gone", glove });
      return await this.#wearers.calibrate(wearer, null);
    }
  }

  async #readProfiles() {
    const { profiles } = await this.#wearers.read(this.session.wearer);
    this.#emit({ kind: "profiles", profiles });
  }

  async #run(phase, work) {
    this.#emit({ kind: "busy", phase });
    const problem = await problemOf(work());
    this.#emit(problem === null ? { kind: "settled" } : { kind: "failed", problem });
  }

  #emit(event) {
    const before = this.session;
    this.session = reduce(before, event, performance.now());
    this.#onChange(this.session, before);
  }
}
