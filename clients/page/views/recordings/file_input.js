// Files that the user drops on the page or selects.

import { button, make, setText } from "../../dom.js";
import { MAX_FRAMES } from "../../recordings/files.js";

const MAX_ERRORS = 20; // shown for files that cannot be read together

export class FileInput {
  #list;
  #messages;
  #queue = [];
  #worker = null;
  #opened = 0;
  #heading = make("h2", { id: "open-heading" });
  #intro = make("p", { class: "muted" });
  #input = make("input", { type: "file", multiple: true, accept: ".csv,.mcap", hidden: true, "data-testid": "files" });
  #choose = button("");
  #status = make("p", { class: "muted", role: "status", "data-testid": "opened" });
  #errors = make("ul", { class: "error", role: "alert", "data-testid": "unreadable" });
  #handlers = {
    dragover: (event) => this.#over(event),
    dragleave: (event) => event.relatedTarget === null && this.#mark(false),
    drop: (event) => this.#dropped(event),
  };

  /** The episodes are added to `list`, a RecordingList. */
  constructor(list) {
    this.#list = list;
    this.element = make(
      "section",
      { class: "card file-input", "aria-labelledby": "open-heading" },
      this.#heading, this.#intro, this.#choose, this.#input, this.#status, this.#errors,
    );
    this.#choose.addEventListener("click", () => this.#input.click());
    this.#input.addEventListener("change", () => {
      this.#enqueue([...this.#input.files]);
      this.#input.value = ""; // so that the same file can be selected again
    });
  }

  listen() {
    for (const [name, handler] of Object.entries(this.#handlers)) document.addEventListener(name, handler);
  }

  unlisten() {
    for (const [name, handler] of Object.entries(this.#handlers)) document.removeEventListener(name, handler);
    this.#mark(false);
  }

  setMessages({ recordings }) {
    this.#messages = recordings;
    setText(this.#heading, recordings.openHeading);
    setText(this.#intro, recordings.openIntro);
    setText(this.#choose, recordings.choose);
    setText(this.#status, "");
    this.#errors.replaceChildren();
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
    this.#enqueue([...event.dataTransfer.files]);
  }

  #mark(isOver) {
    this.element.classList.toggle("over", isOver);
  }

  #enqueue(files) {
    const isIdle = this.#queue.length === 0;
    this.#queue.push(...files);
    if (!isIdle) return;
    this.#errors.replaceChildren();
    this.#opened = 0;
    this.#readNext();
  }

  /** Read the next file in the worker. */
  #readNext() {
    const [file] = this.#queue;
    if (file === undefined) {
      setText(this.#status, this.#opened === 0 ? "" : this.#messages.opened(this.#opened));
      return;
    }
    setText(this.#status, this.#messages.reading(file.name));
    this.#worker ??= this.#newWorker();
    this.#worker.postMessage(file);
  }

  #newWorker() {
    const worker = new Worker(new URL("../../recordings/reading_worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("error", () => {
      this.#worker = null; // most likely out of memory: the next file gets a new worker
      worker.terminate();
      this.#receive({ error: { key: "damaged" } });
    });
    return worker;
  }

  #receive({ episode, cut, damaged, error }) {
    if (episode !== undefined) {
      if (this.#list.add(episode, { select: this.#opened === 0 })) this.#opened += 1;
      return;
    }
    const { name } = this.#queue.shift();
    if (error !== undefined) this.#showError(this.#messages.cannotRead(name, this.#messages.readErrors[error.key](error)));
    else if (cut) this.#showError(this.#messages.cut(name, MAX_FRAMES));
    else if (damaged > 0) this.#showError(this.#messages.partsLeftOut(name, damaged));
    this.#readNext();
  }

  #showError(sentence) {
    if (this.#errors.childElementCount < MAX_ERRORS) this.#errors.append(make("li", { text: sentence }));
  }
}
