// What a wearer asks for becomes requests, and their answers events of calibrating.js.

import { ServiceError } from "../../service.js";
import { INITIAL, countdown, isPoor, may, reduce, wantedOf } from "./calibrating.js";

export class Session {
  sitting = INITIAL;
  #wearers;
  #readLetters;
  #changed;

  /** `wearers` is one of wearers.js, `readLetters` gives all letters there are; `changed` hears of every new sitting, and
   * of the one before. */
  constructor(wearers, readLetters, changed) {
    this.#wearers = wearers;
    this.#readLetters = readLetters;
    this.#changed = changed;
  }

  /** Begin with the wearer called `name`. */
  open(name) {
    return this.#run("waiting", async () => {
      const letters = await this.#readLetters();
      const { wearer, profiles } = await this.#wearers.open(name);
      this.#tell({ kind: "opened", wearer, letters, profiles });
      await this.#advise();
    });
  }

  /** Do what is asked for, where it makes sense now. */
  async ask(command) {
    if (may(this.sitting, command)) await this.#commands[command]();
  }

  /** At every picture: the example is taken where the countdown is over, and not where `stream` is null: no glove is
   * heard. */
  tick(stream, now) {
    if (this.sitting.phase !== "counting") return;
    const stands = countdown(this.sitting, now);
    if (stream === null || stands === "late") this.#tell({ kind: "stop" });
    else if (stands === "over") this.#keep(stream);
  }

  /** Let an earlier profile hold, or a later one again. */
  async activate(version) {
    if (!may(this.sitting, "activate")) return;
    await this.#run("waiting", async () => {
      await this.#wearers.activate(this.sitting.wearer, version);
      await this.#readProfiles();
    });
  }

  /** `take` gets the file of all that is kept of the wearer, and its name. */
  async export(take) {
    if (!may(this.sitting, "export")) return;
    const { wearer } = this.sitting;
    await this.#run("waiting", async () => take(await this.#wearers.export(wearer), `${wearer}.scaleglove.json`));
  }

  #commands = {
    take: () => this.#take(),
    stop: () => this.#tell({ kind: "stop" }),
    keep: () => this.#run("waiting", () => this.#advise()),
    undo: () => this.#run("waiting", () => this.#undo()),
    skip: () => this.#advisedAfter({ kind: "skip" }),
    unskip: () => this.#advisedAfter({ kind: "unskip" }),
    calibrate: () => this.#run("calibrating", () => this.#calibrate()),
    goOn: () => this.#tell({ kind: "goOn" }),
    leave: () => this.#tell({ kind: "leave" }),
  };

  /** Count down; an example that is poor makes room for the new one first. */
  async #take() {
    const { wearer, poor } = this.sitting;
    if (poor !== null) {
      await this.#run("waiting", async () => {
        await this.#wearers.takeBack(wearer, poor.id);
        this.#tell({ kind: "takenBack", id: poor.id });
      });
    }
    if (this.sitting.phase === "asking") this.#tell({ kind: "start" });
  }

  #keep(stream) {
    const { wearer, asked } = this.sitting;
    return this.#run("keeping", async () => {
      const example = await this.#wearers.show(wearer, asked.label, stream);
      this.#tell({ kind: "kept", example });
      if (!isPoor(example)) await this.#advise();
    });
  }

  async #undo() {
    const { wearer, shown } = this.sitting;
    const { id } = shown.at(-1);
    await this.#wearers.takeBack(wearer, id);
    this.#tell({ kind: "takenBack", id });
    await this.#advise();
  }

  #advisedAfter(event) {
    this.#tell(event);
    return this.#run("waiting", () => this.#advise());
  }

  async #advise() {
    const guide = await this.#wearers.guide(this.sitting.wearer, wantedOf(this.sitting));
    this.#tell({ kind: "advised", guide });
  }

  async #calibrate() {
    const worth = await this.#wearers.calibrate(this.sitting.wearer);
    await this.#readProfiles();
    this.#tell({ kind: "calibrated", worth });
  }

  async #readProfiles() {
    const { profiles } = await this.#wearers.read(this.sitting.wearer);
    this.#tell({ kind: "profiles", profiles });
  }

  async #run(phase, work) {
    this.#tell({ kind: "busy", phase });
    try {
      await work();
      this.#tell({ kind: "settled" });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#tell({ kind: "failed", detail: error.detail });
    }
  }

  #tell(event) {
    const before = this.sitting;
    this.sitting = reduce(before, event, performance.now());
    this.#changed(this.sitting, before);
  }
}
