// One recording: its label, its signals, and the answers of each model.

import { button, make, save, setText } from "../../dom.js";
import { durationMs, fileNameOf } from "../../recordings/episode.js";
import { writeCsv } from "../../recordings/episode_csv.js";
import { LabelFields } from "./label_fields.js";
import { ModelAnswers } from "./model_answers.js";
import { SignalCharts } from "./signal_charts.js";

export class RecordingDetail {
  #onChange;
  #episode = null;
  #messages;
  #heading = make("h2", { id: "recording-heading" });
  #empty = make("p", { class: "muted" });
  #facts = make("p", { class: "muted number", "data-testid": "facts" });
  #repairs = make("p", { class: "muted" });
  #labels = new LabelFields((labels) => this.#relabel(labels));
  #download = button("", { "data-testid": "download" });
  #charts = new SignalCharts();
  #answers;
  #body;

  /** `onChange` is called with an episode and its changed copy. */
  constructor(service, onChange) {
    this.#onChange = onChange;
    this.#answers = new ModelAnswers(service);
    this.#download.addEventListener("click", () => {
      const file = new Blob([writeCsv(this.#episode)], { type: "text/csv" });
      save(file, fileNameOf(this.#episode));
    });
    const labelRow = make("div", { class: "label-row" }, this.#labels.element, this.#download);
    this.#body = make(
      "div",
      { class: "recording-body", hidden: true },
      this.#facts, this.#repairs, labelRow, this.#charts.element, this.#answers.element,
    );
    this.element = make(
      "section",
      { class: "card recording-detail", "aria-labelledby": "recording-heading" },
      this.#heading, this.#empty, this.#body,
    );
  }

  setMessages(messages) {
    this.#messages = messages.recordings;
    this.#labels.setMessages(messages);
    this.#charts.setMessages(messages);
    this.#answers.setMessages(messages);
    setText(this.#empty, this.#messages.nothingOpen);
    setText(this.#download, this.#messages.download);
    this.#renderFacts();
  }

  /** Show an episode, or with null that there is none. */
  show(episode) {
    this.#episode = episode;
    this.#empty.hidden = episode !== null;
    this.#body.hidden = episode === null;
    this.#renderFacts();
    if (episode === null) {
      this.#answers.cancel();
      return;
    }
    this.#labels.set(episode);
    this.#charts.show(episode);
    this.#answers.ask(episode);
  }

  fit() {
    this.#charts.fit();
    this.#answers.fit();
  }

  draw() {
    if (this.#episode === null) return;
    this.#charts.draw();
    this.#answers.draw();
  }

  #relabel({ letter, bend }) {
    const changed = { ...this.#episode, label: letter, letter, bend };
    this.#onChange(this.#episode, changed);
    this.#episode = changed;
    this.#answers.relabel(letter);
  }

  #renderFacts() {
    const { detailHeading, facts, repairs } = this.#messages;
    setText(this.#heading, this.#episode?.name ?? detailHeading);
    if (this.#episode === null) return;
    setText(this.#facts, facts(durationMs(this.#episode), this.#episode.t.length));
    const repaired = Object.entries(this.#episode.repairs).filter(([, count]) => count > 0);
    setText(this.#repairs, repaired.map(([key, count]) => described(repairs, key, count)).join("; "));
  }
}

/** Return the sentence of a repair, whose key is a code or code:channel. */
function described(repairs, key, count) {
  const [code, channel] = key.split(":");
  return repairs[code](count, channel);
}
