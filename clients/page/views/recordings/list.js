// The list of recordings, kept in the browser's memory.

import { button, make, setText } from "../../dom.js";
import { durationMs } from "../../recordings/episode.js";

const MAX_RECORDINGS = 300;

export class RecordingList {
  #onSelect;
  #messages;
  #rows = []; // { episode, element, open, remove }
  #selected = null;
  #heading = make("h2", { id: "list-heading" });
  #note = make("p", { class: "muted" });
  #list = make("ul", { class: "recording-list", "data-testid": "recordings" });
  #full = make("p", { class: "error", role: "alert" });

  /** `onSelect` is called with the episode to show, or null. */
  constructor(onSelect) {
    this.#onSelect = onSelect;
    this.element = make(
      "section",
      { class: "card", "aria-labelledby": "list-heading" },
      this.#heading, this.#list, this.#full, this.#note,
    );
  }

  setMessages({ recordings }) {
    this.#messages = recordings;
    setText(this.#heading, recordings.listHeading);
    setText(this.#full, "");
    this.#rows.forEach((row) => this.#name(row));
    this.#renderNote();
  }

  /** Add an episode, and select it if asked to; return false when the list is full. */
  add(episode, { select }) {
    if (this.#rows.length === MAX_RECORDINGS) {
      setText(this.#full, this.#messages.full(MAX_RECORDINGS));
      return false;
    }
    const open = button("", { class: "open" });
    const remove = button("×", { class: "remove" });
    const row = { episode, open, remove, element: make("li", {}, open, remove) };
    open.addEventListener("click", () => this.#select(row));
    remove.addEventListener("click", () => this.#remove(row));
    this.#rows.push(row);
    this.#list.append(row.element);
    this.#name(row);
    this.#renderNote();
    if (select) this.#select(row);
    return true;
  }

  /** Replace an episode by a changed copy. */
  change(episode, changed) {
    const row = this.#rows.find((each) => each.episode === episode);
    row.episode = changed;
    this.#name(row);
  }

  #select(row) {
    this.#selected = row;
    for (const { open } of this.#rows) open.removeAttribute("aria-current");
    row?.open.setAttribute("aria-current", "true");
    this.#onSelect(row?.episode ?? null);
  }

  #remove(row) {
    const index = this.#rows.indexOf(row);
    this.#rows.splice(index, 1);
    row.element.remove();
    setText(this.#full, "");
    this.#renderNote();
    const neighbour = this.#rows[Math.min(index, this.#rows.length - 1)] ?? null;
    if (row === this.#selected) this.#select(neighbour);
    neighbour?.open.focus();
  }

  #name({ episode, open, remove }) {
    const { part, facts, remove: removeText } = this.#messages;
    const name = episode.part === null ? episode.name : `${episode.name} ${part(episode.part)}`;
    open.replaceChildren(
      make("strong", { text: episode.label ?? "·", lang: "ko" }),
      make("span", { class: "file", text: name }),
      make("span", { class: "muted number", text: facts(durationMs(episode), episode.t.length) }),
    );
    remove.setAttribute("aria-label", `${removeText}: ${name}`);
  }

  #renderNote() {
    setText(this.#note, this.#rows.length === 0 ? this.#messages.listEmpty : this.#messages.listNote);
  }
}
