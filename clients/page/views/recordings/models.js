// What the served models say about a recording, one under the other.

import { button, make, setText } from "../../dom.js";
import { ask } from "../../recordings/answers.js";
import { ServiceError } from "../../service.js";
import { ModelAnswer } from "./model_answer.js";
import { SCALES } from "../../scales.js";

export class Models {
  #service;
  #words;
  #episode = null;
  #turn = 0; // counts what was asked, so that an answer that comes too late is dropped
  #answers = [];
  #failed = null; // why they are not known, or null
  #heading = make("h3", { id: "models-say" });
  #intro = make("p", { class: "quiet" });
  #scales = SCALES.map(() => make("span"));
  #wrong = make("p", { class: "wrong", role: "alert" });
  #again = button("", { hidden: true });
  #list = make("div", { class: "model-answers", "data-testid": "answers" });

  constructor(service) {
    this.#service = service;
    this.element = make(
      "section",
      { "aria-labelledby": "models-say" },
      this.#heading, this.#intro, legend(this.#scales), this.#wrong, this.#again, this.#list,
    );
    this.#again.addEventListener("click", () => this.ask(this.#episode));
  }

  setWords(words) {
    this.#words = words;
    setText(this.#heading, words.recordings.modelsHeading);
    setText(this.#intro, words.recordings.modelsIntro);
    setText(this.#again, words.recordings.again);
    this.#scales.forEach((name, i) => setText(name, words.live.scaleNames[i]));
    for (const answer of this.#answers) answer.setWords(words);
    this.#tellFailed();
  }

  /** Ask each model about an episode, one after the other. */
  async ask(episode) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#episode = episode;
    this.#failed = null;
    this.#tellFailed();
    for (const answer of this.#answers) answer.wait();
    try {
      const { models } = await this.#service.get("/v1/models");
      if (turn === this.#turn) await this.#askEach(models, turn);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (turn !== this.#turn) return;
      this.#failed = error.detail;
      this.#tellFailed();
    }
  }

  forget() {
    this.#turn += 1;
  }

  relabel(letter) {
    this.#episode = { ...this.#episode, letter };
    for (const answer of this.#answers) answer.relabel(letter);
  }

  fit() {
    for (const answer of this.#answers) answer.fit();
  }

  draw() {
    for (const answer of this.#answers) answer.draw();
  }

  async #askEach(models, turn) {
    this.#offer(models);
    for (const [i, model] of models.entries()) {
      const answered = await ask(this.#service, model, this.#episode);
      if (turn !== this.#turn) return;
      this.#answers[i].show(answered, this.#episode);
    }
  }

  /** A place for the answer of each; those that are there are used again, so that the page does not jump. */
  #offer(models) {
    const isAsBefore = models.map(({ name }) => name).join() === this.#answers.map(({ name }) => name).join();
    if (!isAsBefore) {
      this.#answers = models.map((model) => new ModelAnswer(model));
      this.#list.replaceChildren(...this.#answers.map(({ element }) => element));
    }
    for (const answer of this.#answers) answer.setWords(this.#words);
  }

  #tellFailed() {
    setText(this.#wrong, this.#failed === null ? "" : this.#words.recordings.failed(this.#failed));
    this.#again.hidden = this.#failed === null;
  }
}

function legend(names) {
  const entries = names.map((name, i) => {
    const swatch = make("span", { class: "swatch" });
    swatch.style.setProperty("--swatch", `var(--scale-${SCALES[i]})`);
    return make("li", {}, swatch, name);
  });
  return make("ul", { class: "channels" }, ...entries);
}
