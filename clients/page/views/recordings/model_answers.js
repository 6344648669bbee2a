// The answers of the served models for a recording, one below the other.

import { recordingAxis } from "../../charts/axes.js";
import { ScaleChart } from "../../charts/scale_chart.js";
import { button, make, setData, setText } from "../../dom.js";
import { SCALES } from "../../glove.js";
import { describeProblem } from "../../i18n/index.js";
import { importanceOf, lettersOf, predictEpisode } from "../../recordings/answers.js";
import { durationMs, missingIn } from "../../recordings/episode.js";
import { problemOf } from "../../service.js";

export class ModelAnswers {
  #service;
  #messages;
  #episode = null;
  #request = 0; // counts the requests, so that a late answer to an earlier one is ignored
  #answers = [];
  #problem = null;
  #heading = make("h3", { id: "answers-heading" });
  #intro = make("p", { class: "muted" });
  #scales = SCALES.map(() => make("span"));
  #error = make("p", { class: "error", role: "alert" });
  #retry = button("", { hidden: true });
  #list = make("div", { class: "model-answers", "data-testid": "answers" });

  constructor(service) {
    this.#service = service;
    this.element = make(
      "section",
      { "aria-labelledby": "answers-heading" },
      this.#heading, this.#intro, legend(this.#scales), this.#error, this.#retry, this.#list,
    );
    this.#retry.addEventListener("click", () => this.ask(this.#episode));
  }

  setMessages(messages) {
    this.#messages = messages;
    setText(this.#heading, messages.recordings.modelsHeading);
    setText(this.#intro, messages.recordings.modelsIntro);
    setText(this.#retry, messages.recordings.retry);
    this.#scales.forEach((name, i) => setText(name, messages.live.scaleNames[i]));
    for (const answer of this.#answers) answer.setMessages(messages);
    this.#renderProblem();
  }

  /** Ask each model about an episode, one after the other. */
  async ask(episode) {
    this.#request += 1;
    const request = this.#request;
    this.#episode = episode;
    this.#setProblem(null);
    for (const answer of this.#answers) answer.clear();
    if (missingIn(episode).length > 0) {
      this.#setProblem({ code: "channel_missing", detail: "" });
      return;
    }
    const problem = await problemOf(this.#askModels(request));
    if (problem !== null && request === this.#request) this.#setProblem(problem);
  }

  /** Ignore the answers to the current request. */
  cancel() {
    this.#request += 1;
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

  async #askModels(request) {
    const { models } = await this.#service.get("/v1/models");
    if (request !== this.#request) return;
    this.#prepare(models);
    for (const [i, model] of models.entries()) {
      const answered = await predictEpisode(this.#service, model, this.#episode);
      if (request !== this.#request) return;
      this.#answers[i].show(answered, this.#episode);
    }
  }

  /** Make an element for the answer of each model; those of the same models are used again, so that the page does not jump. */
  #prepare(models) {
    const isUnchanged = models.map(({ name }) => name).join() === this.#answers.map(({ name }) => name).join();
    if (!isUnchanged) {
      this.#answers = models.map((model) => new ModelAnswer(model));
      this.#list.replaceChildren(...this.#answers.map(({ element }) => element));
    }
    for (const answer of this.#answers) answer.setMessages(this.#messages);
  }

  #setProblem(problem) {
    this.#problem = problem;
    this.#renderProblem();
  }

  #renderProblem() {
    setText(this.#error, this.#problem === null ? "" : describeProblem(this.#messages, this.#problem));
    this.#retry.hidden = this.#problem === null;
  }
}

/** The answer of one model: its letters and time scales over time, and its prediction for the whole recording. */
class ModelAnswer {
  #model;
  #messages;
  #answered = null; // { windows, predictions } of answers.js
  #episode = null;
  #history = null; // what the chart shows
  #chart = null;
  #span = make("span", { class: "muted" });
  #prediction = make("strong", { lang: "ko", "data-testid": "answer" });
  #verdict = make("span", { class: "verdict" });
  #plot = make("div", { class: "answer-plot", role: "img" });
  #letters = make("p", { class: "visually-hidden", "data-testid": "letters" });

  /** `model` is one of GET /v1/models. */
  constructor(model) {
    this.#model = model;
    const line = make("p", {}, this.#span, this.#prediction, this.#verdict);
    const caption = make("figcaption", {}, make("h4", { text: model.name }), line);
    this.element = make("figure", { class: "model-answer", "data-model": model.name }, caption, this.#plot, this.#letters);
  }

  get name() {
    return this.#model.name;
  }

  setMessages({ recordings }) {
    this.#messages = recordings;
    this.#plot.setAttribute("aria-label", recordings.answerPlot(this.name));
    this.#render();
  }

  clear() {
    this.#answered = null;
    this.#render();
  }

  show(answered, episode) {
    this.#answered = answered;
    this.#episode = episode;
    const importance = importanceOf(answered);
    this.#history = { importance: () => importance, gestures: lettersOf(answered) };
    this.#chart ??= new ScaleChart(this.#plot, recordingAxis);
    this.draw();
    this.#render();
  }

  relabel(letter) {
    if (this.#episode === null) return;
    this.#episode = { ...this.#episode, letter };
    this.#render();
  }

  fit() {
    this.#chart?.fit();
  }

  draw() {
    if (this.#history === null) return;
    const lengthMs = durationMs(this.#episode);
    this.#chart.draw(this.#history, lengthMs, lengthMs);
  }

  #render() {
    const { asking, letters, span } = this.#messages;
    setData(this.element, "answered", String(this.#answered !== null));
    if (this.#answered === null) {
      setText(this.#span, asking);
      for (const each of [this.#prediction, this.#verdict, this.#letters]) setText(each, "");
      return;
    }
    this.#renderPrediction(this.#answered.predictions.at(-1));
    setText(this.#letters, letters(this.#history.gestures.map(({ label, begin, end }) => span(label, begin, end))));
  }

  /** Show the prediction of the newest window: for the whole episode, or for the end of a long one. */
  #renderPrediction({ label, confidence, state }) {
    const { whole, atEnd, answer, asLabelled, notAsLabelled } = this.#messages;
    const { window_frames: frames, sample_rate_hz: rate } = this.#model;
    const windowS = frames / rate;
    setText(this.#span, durationMs(this.#episode) <= 2000 * windowS ? whole : atEnd(windowS));
    setText(this.#prediction, label === null ? this.#messages[state] : answer(label, confidence));
    const { letter } = this.#episode;
    const isCorrect = label === letter;
    setText(this.#verdict, letter === null ? "" : isCorrect ? asLabelled : notAsLabelled(letter));
    setData(this.#verdict, "correct", String(isCorrect));
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
