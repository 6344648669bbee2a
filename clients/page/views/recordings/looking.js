// One recording: its label, its signals, and what each model says about it.

import { button, make, save, setText } from "../../dom.js";
import { durationMs, fileNameOf } from "../../recordings/episode.js";
import { writeCsv } from "../../recordings/episode_csv.js";
import { Labels } from "./labels.js";
import { Models } from "./models.js";
import { SignalCharts } from "./signal_charts.js";

export class Looking {
  #change;
  #episode = null;
  #words;
  #heading = make("h2", { id: "look-heading" });
  #empty = make("p", { class: "quiet" });
  #facts = make("p", { class: "quiet number", "data-testid": "facts" });
  #repairs = make("p", { class: "quiet" });
  #labels = new Labels((labels) => this.#relabel(labels));
  #download = button("", { "data-testid": "download" });
  #charts = new SignalCharts();
  #models;
  #body;

  /** `change` hears an episode and what it has become. */
  constructor(service, change) {
    this.#change = change;
    this.#models = new Models(service);
    this.#download.addEventListener("click", () => {
      const file = new Blob([writeCsv(this.#episode)], { type: "text/csv" });
      save(file, fileNameOf(this.#episode));
    });
    const about = make("div", { class: "about" }, this.#labels.element, this.#download);
    this.#body = make(
      "div",
      { class: "looked-at", hidden: true },
      this.#facts, this.#repairs, about, this.#charts.element, this.#models.element,
    );
    this.element = make(
      "section",
      { class: "card looking", "aria-labelledby": "look-heading" },
      this.#heading, this.#empty, this.#body,
    );
  }

  setWords(words) {
    this.#words = words.recordings;
    this.#labels.setWords(words);
    this.#charts.setWords(words);
    this.#models.setWords(words);
    setText(this.#empty, this.#words.nothingOpen);
    setText(this.#download, this.#words.download);
    this.#tell();
  }

  /** Show an episode, or that there is none. */
  look(episode) {
    this.#episode = episode;
    this.#empty.hidden = episode !== null;
    this.#body.hidden = episode === null;
    this.#tell();
    if (episode === null) {
      this.#models.forget();
      return;
    }
    this.#labels.set(episode);
    this.#charts.show(episode);
    this.#models.ask(episode);
  }

  fit() {
    this.#charts.fit();
    this.#models.fit();
  }

  draw() {
    if (this.#episode === null) return;
    this.#charts.draw();
    this.#models.draw();
  }

  #relabel({ letter, bend }) {
    const changed = { ...this.#episode, letter, bend };
    this.#change(this.#episode, changed);
    this.#episode = changed;
    this.#models.relabel(letter);
  }

  #tell() {
    const { lookHeading, facts, repairs } = this.#words;
    setText(this.#heading, this.#episode?.name ?? lookHeading);
    if (this.#episode === null) return;
    setText(this.#facts, facts(durationMs(this.#episode), this.#episode.t.length));
    const done = Object.entries(this.#episode.repairs).filter(([, count]) => count > 0);
    setText(this.#repairs, done.map(([key, count]) => repairs[key](count)).join("; "));
  }
}
