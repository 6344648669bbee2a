// Runs the commands of a calibration session as requests; the results are events of session.js.

import { ServiceError } from "../../client/wire.js";
import { problemOf } from "../../service.js";
import { SittingController } from "./sitting_controller.js";
import {
  FEWEST_ALONE, INITIAL, countdownOf, isAlone, isPoor, isPossible, isRecognised, keptWords, leftWithout, reduce,
  wantedLetters,
} from "./session.js";

const ALONE_NO_MORE = ["too_few_signs", "unknown_label"]; // too few signs are left, or none with an example of the wearer's
const FORGOTTEN = ["unknown_shape", "unknown_stream"]; // a shape held long ago, or in a stream that has ended
const GLOVE_GONE = ["unknown_glove", "no_glove_profile"]; // it, or its profile, was deleted since the stream began

export class SessionController {
  session = INITIAL;
  /** The name of the glove whose profile reads the examples, or null: few letters do not tell how a glove reads. */
  glove = null;
  /** The stream on show while it sends, or null. */
  #present = null;
  /** The stream of the last example: where no profile of the glove is known, it says how the glove reads; null: none. */
  #stream = null;
  #wearers;
  #readModel;
  #onChange;
  #sitting;

  /** `wearers` is a Wearers, `readModel` returns the model { model, vocabulary, foreign } to calibrate, `foreign` being the
   * labels of every alphabet that the package knows; `onChange` is called with
   * each new session and the one before. */
  constructor(wearers, readModel, onChange) {
    this.#wearers = wearers;
    this.#readModel = readModel;
    this.#onChange = onChange;
    const finish = () => this.#run("calibrating", () => this.#finish());
    this.#sitting = new SittingController(wearers, () => this.session, (event) => this.#emit(event), finish);
  }

  /** Start with the wearer called `name`. */
  open(name) {
    return this.#run("waiting", async () => {
      const { model, vocabulary, foreign } = await this.#readModel();
      const { wearer, profiles, words } = await this.#wearers.open(name);
      this.#emit({ kind: "opened", wearer, model, vocabulary, foreign, profiles, words });
      await this.#suggest();
    });
  }

  /** Run a command, if it is possible now; `argument` is the label to `teach` or `forget`, whether own signs are to be
   * recognised `alone`, or whose signs to `share`. */
  async run(command, argument) {
    if (isPossible(this.session, command)) await this.#commands[command](argument);
  }

  /** In each animation frame: record the example when the countdown is over, or stop it without a `stream`; or go on with
   * a sitting. */
  tick(stream, now) {
    this.#present = stream;
    if (this.session.phase === "sitting") this.#sit(stream, now);
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
    stop: () => (this.session.sitting === null ? this.#emit({ kind: "stop" }) : this.#stopSitting()),
    sit: () => this.#run("waiting", () => this.#sitting.begin(performance.now())),
    next: () => this.#sitting.command("next"),
    again: () => this.#sitting.command("again"),
    keep: () => this.#run("waiting", () => this.#goOn()),
    undo: () => this.#run("waiting", () => this.#undo()),
    skip: () => this.#suggestAfter({ kind: "skip" }),
    unskip: () => this.#suggestAfter({ kind: "unskip" }),
    ask: () => this.#run("waiting", () => this.#ask()),
    answer: (label) => this.#run("waiting", () => this.#answer(label)),
    pass: () => this.#pass(),
    calibrate: () => this.#run("calibrating", () => (this.session.sign === null ? this.#calibrate() : this.#teach())),
    teach: (label) => this.#suggestAfter({ kind: "teach", label }),
    back: () => this.#back(),
    forget: (label) => this.#run("calibrating", () => this.#forget(label)),
    alone: (alone) => this.#run("calibrating", () => this.#makeProfile({ alone })),
    keepWords: () => this.#run("calibrating", () => this.#keepWords()),
    forgetWords: () => this.#run("calibrating", () => this.#forgetWords()),
    share: (wearer) => this.#run("calibrating", () => this.#share(wearer)),
    resume: () => this.#emit({ kind: "resume" }),
    leave: () => this.#emit({ kind: "leave" }),
  };

  /** Start the countdown; a poor example is removed first. */
  async #take() {
    await this.#removePoor();
    if (this.session.phase === "asking") this.#emit({ kind: "start" });
  }

  /** Go back to the letters; a poor example is removed first, or the next profile would be made of it. */
  async #back() {
    await this.#removePoor();
    if (this.session.poor === null) await this.#suggestAfter({ kind: "back" });
  }

  async #removePoor() {
    const { wearer, poor } = this.session;
    if (poor === null) return;
    await this.#run("waiting", async () => {
      await this.#wearers.removeExample(wearer, poor.id);
      this.#emit({ kind: "removed", id: poor.id });
    });
  }

  #keep(stream) {
    const { wearer, model, target } = this.session;
    return this.#run("keeping", async () => {
      const example = await this.#wearers.addExample(wearer, model, target.label, stream);
      this.#stream = stream;
      this.#emit({ kind: "kept", example });
      if (!isPoor(example)) await this.#goOn();
    });
  }

  /** Do what a sitting has to do now; one that fails is over, and its examples are kept. */
  async #sit(stream, now) {
    const work = this.#sitting.tick(stream, now);
    if (work === null) return;
    this.#stream = stream;
    const problem = await problemOf(work);
    if (problem === null) return;
    this.#sitting.command("stop");
    this.#emit({ kind: "failed", problem });
  }

  #stopSitting() {
    this.#sitting.command("stop");
    return this.#run("waiting", () => this.#suggest());
  }

  /** Make the profile of a sitting. */
  async #finish() {
    await this.#suggest();
    await this.#calibrate();
  }

  /** Look what there is to ask about in what the hand has held. */
  async #ask() {
    const { wearer, model } = this.session;
    const stream = this.#present;
    if (stream === null) throw new ServiceError({ code: "unknown_stream", detail: "no glove streams now" });
    this.#emit({ kind: "asked", stream, answer: await this.#wearers.doubts(wearer, model, stream) });
  }

  /** Keep the shape that is asked about as an example of `label`, and go on with the next one. */
  async #answer(label) {
    const { wearer, model, doubts } = this.session;
    const { stream, left: [{ shape, frame }] } = doubts;
    try {
      const example = await this.#wearers.answer(wearer, model, label, stream, shape);
      this.#emit({ kind: "answered", example: { ...example, drawn: frame } });
    } catch (error) {
      if (FORGOTTEN.includes(error.code)) this.#emit({ kind: "pass" });
      throw error;
    }
    this.#stream = stream;
    if (this.session.sitting !== null) return this.#goOnSitting();
    if (this.session.doubts.left.length === 0) await this.#ask();
    return this.#suggest();
  }

  /** Leave the shape open; look for others after the last one. */
  async #pass() {
    this.#emit({ kind: "pass" });
    if (this.session.sitting !== null) await this.#goOnSitting();
    else if (this.session.doubts.left.length === 0) await this.#run("waiting", () => this.#ask());
  }

  /** A sitting asks about few shapes, and is over then. */
  #goOnSitting() {
    return this.session.doubts.left.length === 0 ? this.#sitting.command("next") : undefined;
  }

  /** Ask for the next example, or teach the own sign that was shown often enough. */
  async #goOn() {
    await this.#suggest();
    const { sign, target } = this.session;
    if (sign === null || target !== null) return;
    this.#emit({ kind: "busy", phase: "calibrating" });
    await this.#teach();
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
    const { wearer, model, skipped } = this.session;
    const guide = await this.#wearers.guide(wearer, model, skipped.length === 0 ? [] : wantedLetters(this.session));
    this.#emit({ kind: "suggested", guide });
  }

  async #calibrate() {
    const improvement = await this.#makeProfile({});
    this.#emit({ kind: "calibrated", improvement });
  }

  async #teach() {
    const { label } = this.session.sign;
    const result = await this.#makeProfile({ signs: [label], alone: isAlone(this.session) || null });
    this.#emit({ kind: "taught", taught: taughtOf(label, result) });
    await this.#suggest();
  }

  /** Recognise the own signs of another wearer too; an empty name: of nobody. */
  #share(wearer) {
    return this.#makeProfile({ signs_from: wearer, alone: isAlone(this.session) || null });
  }

  /** Keep what the words of the stream on show have shown, and make a profile with it. */
  async #keepWords() {
    const stream = this.#present;
    if (stream === null) throw new ServiceError({ code: "unknown_stream", detail: "no glove streams now" });
    await this.#wearers.keepWords(this.session.wearer, stream);
    this.#stream = stream;
    await this.#calibrate();
  }

  /** Delete what words have shown, and make a profile of what the wearer has. A profile cannot be made of nothing. */
  async #forgetWords() {
    await this.#wearers.forgetWords(this.session.wearer);
    await this.#readProfiles();
    const { examples } = leftWithout(this.session, null);
    if (examples === "none") await this.#beginAgain();
    else if (examples === "usable") await this.#makeProfile({});
  }

  /** Delete a sign. A profile cannot be made of nothing: a wearer without any example begins from the start. Where only
   * examples of another alphabet would be left, nothing is deleted: the profile would go on recognising the sign. */
  async #forget(label) {
    const { wearer } = this.session;
    const alone = isAlone(this.session) && leftWithout(this.session, label).signs >= FEWEST_ALONE;
    const wasRecognised = isRecognised(this.session, label);
    if (wasRecognised && leftWithout(this.session, label).examples === "another") {
      throw new ServiceError({ code: "nothing_else_shown", detail: "" });
    }
    await this.#wearers.removeLabel(wearer, label);
    this.#emit({ kind: "forgotten", label });
    await this.#suggest();
    const { examples } = leftWithout(this.session, label);
    if (examples === "none" && keptWords(this.session) === 0) await this.#beginAgain();
    else if (examples === "usable" || wasRecognised) await this.#makeProfileOfRest(alone);
  }

  /** Make a profile after signs were deleted: of own signs alone if they were, and the service finds enough of them. */
  async #makeProfileOfRest(alone) {
    try {
      await this.#makeProfile({ alone });
    } catch (error) {
      if (!alone || !ALONE_NO_MORE.includes(error.code)) throw error;
      await this.#makeProfile({ alone: false });
    }
  }

  /** Remove the wearer's profiles. */
  async #beginAgain() {
    const { wearer } = this.session;
    await this.#wearers.remove(wearer);
    await this.#wearers.open(wearer);
    await this.#readProfiles();
  }

  /** Make a profile of the wearer's examples, and return what the service says of it. */
  async #makeProfile(fields) {
    const made = await this.#calibrateWith(this.glove, fields);
    await this.#readProfiles();
    return made;
  }

  /** Calibrate with the glove called `glove`, or without one where it is gone, and likewise with the stream: examples of
   * eight letters need neither. */
  async #calibrateWith(glove, fields) {
    const { wearer, model } = this.session;
    try {
      return await this.#wearers.calibrate(wearer, model, { ...fields, glove, stream: this.#stream });
    } catch (error) {
      const code = error instanceof ServiceError ? error.code : null;
      if (this.#stream !== null && code === "unknown_stream") {
        this.#stream = null;
        return this.#calibrateWith(glove, fields);
      }
      if (glove === null || !GLOVE_GONE.includes(code)) throw error;
      this.#emit({ kind: "glove_gone", glove });
      return this.#calibrateWith(null, fields);
    }
  }

  async #readProfiles() {
    const { profiles, words = {} } = await this.#wearers.read(this.session.wearer);
    this.#emit({ kind: "profiles", profiles, words });
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

/** Return what the answer of a calibration says about the own sign `label`: whether it moves, and what it is too close to. */
function taughtOf(label, { signs, alike, left_out: leftOut, ...result }) {
  const moving = signs.find((each) => each.label === label)?.moving ?? false;
  const others = alike.filter((pair) => pair.includes(label)).map(([one, other]) => (one === label ? other : one));
  return { label, moving, alike: [...new Set(others)], leftOut, result };
}
