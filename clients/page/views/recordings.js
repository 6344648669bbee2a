// The recordings view: record a letter, open files, and see what each model says about them.

import { make } from "../dom.js";
import { isHeard } from "../state.js";
import { Looking } from "./recordings/looking.js";
import { Opening } from "./recordings/opening.js";
import { Recorder } from "./recordings/recorder.js";
import { Shelf } from "./recordings/shelf.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");

export class RecordingsView {
  #recorder;
  #opening;
  #shelf;
  #looking;
  #theme = "";
  #pressed = (event) => this.#recorder.press(event);

  constructor(root, page) {
    this.#looking = new Looking(page.service, (episode, change) => this.#shelf.change(episode, change));
    this.#shelf = new Shelf((episode) => this.#looking.look(episode));
    this.#recorder = new Recorder(page.signals, (episode) => this.#shelf.add(episode, { look: true }));
    this.#opening = new Opening(this.#shelf);
    const parts = [this.#recorder, this.#opening, this.#shelf];
    root.append(make("div", { class: "aside" }, ...parts.map(({ element }) => element)), this.#looking.element);
  }

  show() {
    document.addEventListener("keydown", this.#pressed);
    this.#opening.listen();
    this.#looking.fit();
  }

  hide() {
    document.removeEventListener("keydown", this.#pressed);
    this.#opening.deafen();
    this.#recorder.finish();
  }

  setWords(words) {
    for (const part of [this.#recorder, this.#opening, this.#shelf, this.#looking]) part.setWords(words);
  }

  render(state, now) {
    this.#recorder.render(isHeard(state, now) ? state.following : null);
    const theme = `${document.documentElement.dataset.theme} ${DARK.matches}`;
    if (theme !== this.#theme) this.#looking.draw(); // what is drawn does not follow the theme by itself
    this.#theme = theme;
  }
}
