// The calibrate view: a wearer shows one letter after the other, until the service knows her hand.

import { make, save, setText } from "../dom.js";
import { ServiceError } from "../service.js";
import { isHeard } from "../state.js";
import { Choosing } from "./calibrate/choosing.js";
import { commandOf } from "./calibrate/keys.js";
import { Outcome } from "./calibrate/outcome.js";
import { Pictures } from "./calibrate/pictures.js";
import { Profiles } from "./calibrate/profiles.js";
import { Progress } from "./calibrate/progress.js";
import { Session } from "./calibrate/session.js";
import { spokenOf } from "./calibrate/spoken.js";
import { Stage } from "./calibrate/stage.js";
import { Wearers } from "./calibrate/wearers.js";

export class CalibrateView {
  #page;
  #wearers;
  #session;
  #pictures = new Pictures();
  #choosing;
  #stage;
  #progress = new Progress();
  #outcome = new Outcome();
  #profiles;
  #parts;
  #sitting = make("div", { class: "sitting", hidden: true });
  #failed = make("p", { class: "wrong", role: "alert", "data-testid": "calibrate-failed" });
  #spoken = make("p", { class: "unseen", role: "status", "data-testid": "calibrate-spoken" });
  #words;
  #isHeard = false;
  #isRead = false; // whether wearers were asked for since the service was last there

  constructor(root, page) {
    this.#page = page;
    this.#wearers = new Wearers(page.service);
    const letters = () => this.#pictures.letters(page.service);
    this.#session = new Session(this.#wearers, letters, (sitting, before) => this.#changed(sitting, before));
    this.#choosing = new Choosing((name) => this.#session.open(name));
    this.#stage = new Stage(this.#pictures, (command) => this.#ask(command));
    this.#profiles = new Profiles((version) => this.#session.activate(version), () => this.#session.export(save));
    this.#parts = [this.#choosing, this.#stage, this.#progress, this.#outcome, this.#profiles];
    const aside = make("div", { class: "aside" }, this.#progress.element, this.#profiles.element);
    this.#sitting.append(make("div", { class: "chiefly" }, this.#outcome.element, this.#stage.element), aside);
    root.append(this.#failed, this.#choosing.element, this.#sitting, this.#spoken);
    root.addEventListener("keydown", (event) => this.#pressed(event));
  }

  show() {
    this.#isRead = false;
  }

  hide() {
    this.#session.ask("stop");
  }

  setWords(words) {
    this.#words = words;
    for (const part of this.#parts) part.setWords(words);
    this.#changed(this.#session.sitting, this.#session.sitting);
  }

  render(state, now) {
    const stream = isHeard(state, now) ? state.following : null;
    this.#isHeard = stream !== null;
    this.#session.tick(stream, now);
    this.#stage.render(this.#session.sitting, stream === null ? null : this.#page.signals.latest, now);
    this.#choosing.render(this.#isHeard);
    this.#outcome.render(this.#session.sitting, state.started?.wearer ?? null);
    if (state.service !== "reachable") this.#isRead = false;
    else if (!this.#isRead) this.#read();
  }

  /** Who there is. */
  async #read() {
    this.#isRead = true;
    try {
      this.#choosing.offer(await this.#wearers.names());
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#tellFailed(error.detail);
    }
  }

  #pressed(event) {
    const { sitting } = this.#session;
    const command = commandOf(event, sitting.phase);
    if (command === null) return;
    event.preventDefault();
    this.#ask(command);
  }

  #ask(command) {
    if (command === "take" && !this.#isHeard) setText(this.#spoken, this.#words.calibrate.noGlove);
    else this.#session.ask(command);
  }

  #changed(sitting, before) {
    const isChoosing = sitting.guide === null;
    const wasChoosing = before.guide === null;
    this.#choosing.element.hidden = !isChoosing;
    this.#sitting.hidden = isChoosing;
    this.#stage.setSitting(sitting);
    this.#progress.setSitting(sitting);
    this.#outcome.setSitting(sitting);
    this.#profiles.setSitting(sitting);
    this.#tellFailed(sitting.failed);
    setText(this.#spoken, spokenOf(sitting, this.#words));
    if (before.worth === null && sitting.worth !== null) this.#outcome.element.scrollIntoView({ block: "nearest" });
    if (isChoosing === wasChoosing) return;
    if (isChoosing) this.#isRead = false;
    (isChoosing ? this.#choosing : this.#stage).focus();
  }

  #tellFailed(detail) {
    const { calibrate, page } = this.#words;
    const told = detail === null ? "" : detail === "" ? page.unanswered : calibrate.failed(detail);
    if (told === this.#failed.textContent) return;
    setText(this.#failed, told);
    if (told !== "") this.#failed.scrollIntoView({ block: "nearest" }); // on a phone the button lies far below
  }
}
