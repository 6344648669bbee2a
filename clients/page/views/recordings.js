// The recordings view: record a letter or open files, and see what each model answers.

import { make } from "../dom.js";
import { isReceiving } from "../state.js";
import { RecordingDetail } from "./recordings/detail.js";
import { FileInput } from "./recordings/file_input.js";
import { RecordingList } from "./recordings/list.js";
import { Recorder } from "./recordings/recorder.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");

export class RecordingsView {
  #recorder;
  #fileInput;
  #list;
  #detail;
  #theme = "";
  #onKey = (event) => this.#recorder.onKey(event);

  constructor(root, page) {
    this.#detail = new RecordingDetail(page.service, (episode, change) => this.#list.change(episode, change));
    this.#list = new RecordingList((episode) => this.#detail.show(episode));
    this.#recorder = new Recorder(page.signals, (episode) => this.#list.add(episode, { select: true }));
    this.#fileInput = new FileInput(this.#list);
    const parts = [this.#recorder, this.#fileInput, this.#list];
    root.append(make("div", { class: "aside" }, ...parts.map(({ element }) => element)), this.#detail.element);
  }

  show() {
    document.addEventListener("keydown", this.#onKey);
    this.#fileInput.listen();
    this.#detail.fit();
  }

  hide() {
    document.removeEventListener("keydown", this.#onKey);
    this.#fileInput.unlisten();
    this.#recorder.finish();
  }

  setMessages(messages) {
    for (const part of [this.#recorder, this.#fileInput, this.#list, this.#detail]) part.setMessages(messages);
  }

  render(state, now) {
    this.#recorder.render(isReceiving(state, now) ? state.following : null);
    const theme = `${document.documentElement.dataset.theme} ${DARK.matches}`;
    if (theme !== this.#theme) this.#detail.draw(); // a canvas does not follow the theme by itself
    this.#theme = theme;
  }
}
