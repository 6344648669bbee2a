// Files that are dropped on the page or chosen.

import { button, make, setText } from "../../dom.js";
import { MAX_FRAMES } from "../../recordings/files.js";

const TOLD_AT_MOST = 20; // files that cannot be read, of one drop

export class Opening {
  #shelf;
  #words;
  #queue = [];
  #worker = null;
  #opened = 0;
  #heading = make("h2", { id: "open-heading" });
  #intro = make("p", { class: "quiet" });
  #input = make("input", { type: "file", multiple: true, accept: ".csv,.mcap", hidden: true, "data-testid": "files" });
  #choose = button("");
  #told = make("p", { class: "quiet", role: "status", "data-testid": "opened" });
  #failed = make("ul", { class: "wrong", role: "alert", "data-testid": "unreadable" });
  #handlers = {
    dragover: (event) => this.#over(event),
    dragleave: (event) => event.relatedTarget === null && this.#mark(false),
    drop: (event) => this.#dropped(event),
  };

  /** The episodes go to `shelf`. */
  constructor(shelf) {
    this.#shelf = shelf;
    this.element = make(
      "section",
      { class: "card opening", "aria-labelledby": "open-heading" },
      this.#heading, this.#intro, this.#choose, this.#input, this.#told, this.#failed,
    );
    this.#choose.addEventListener("click", () => this.#input.click());
    this.#input.addEventListener("change", () => {
      this.#take([...this.#input.files]);
      this.#input.value = ""; // so that the same file can be chosen again
    });
  }

  listen() {
    for (const [name, handler] of Object.entries(this.#handlers)) document.addEventListener(name, handler);
  }

  deafen() {
    for (const [name, handler] of Object.entries(this.#handlers)) document.removeEventListener(name, handler);
    this.#mark(false);
  }

  setWords({ recordings }) {
    this.#words = recordings;
    setText(this.#heading, recordings.openHeading);
    setText(this.#intro, recordings.openIntro);
    setText(this.#choose, recordings.choose);
    setText(this.#told, "");
    this.#failed.replaceChildren();
  }

  #over(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.#mark(true);
  }

  #dropped(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.#mark(false);
    this.#take([...event.dataTransfer.files]);
  }

  #mark(isOver) {
    this.element.classList.toggle("over", isOver);
  }

  #take(files) {
    const isIdle = this.#queue.length === 0;
    this.#queue.push(...files);
    if (!isIdle) return;
    this.#failed.replaceChildren();
    this.#opened = 0;
    this.#next();
  }

  /** One file after another, each in the worker. */
  #next() {
    const [file] = this.#queue;
    if (file === undefined) {
      setText(this.#told, this.#opened === 0 ? "" : this.#words.opened(this.#opened));
      return;
    }
    setText(this.#told, this.#words.reading(file.name));
    this.#worker ??= this.#newWorker();
    this.#worker.postMessage(file);
  }

  #newWorker() {
    const worker = new Worker(new URL("../../recordings/reading_worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#heard(data));
    worker.addEventListener("error", () => {
      this.#worker = null; // out of memory, most likely: the next file gets another
      worker.terminate();
      this.#heard({ why: { key: "damaged" } });
    });
    return worker;
  }

  #heard({ episode, cut, why }) {
    if (episode !== undefined) {
      if (this.#shelf.add(episode, { look: this.#opened === 0 })) this.#opened += 1;
      return;
    }
    const { name } = this.#queue.shift();
    if (why !== undefined) this.#fail(this.#words.unreadable(name, this.#words.why[why.key](why)));
    else if (cut) this.#fail(this.#words.cut(name, MAX_FRAMES));
    this.#next();
  }

  #fail(sentence) {
    if (this.#failed.childElementCount < TOLD_AT_MOST) this.#failed.append(make("li", { text: sentence }));
  }
}
