// The recordings that are here, in the browser's memory.

import { button, make, setText } from "../../dom.js";
import { durationMs } from "../../recordings/episode.js";

const MOST = 300;

export class Shelf {
  #choose;
  #words;
  #rows = []; // { episode, element, open, remove }
  #chosen = null;
  #heading = make("h2", { id: "shelf-heading" });
  #note = make("p", { class: "quiet" });
  #list = make("ul", { class: "shelf", "data-testid": "shelf" });
  #full = make("p", { class: "wrong", role: "alert" });

  /** `choose` hears the episode that is to be looked at, or null. */
  constructor(choose) {
    this.#choose = choose;
    this.element = make(
      "section",
      { class: "card", "aria-labelledby": "shelf-heading" },
      this.#heading, this.#list, this.#full, this.#note,
    );
  }

  setWords({ recordings }) {
    this.#words = recordings;
    setText(this.#heading, recordings.listHeading);
    setText(this.#full, "");
    this.#rows.forEach((row) => this.#name(row));
    this.#tellCount();
  }

  /** Keep an episode, and look at it where it is the one to look at. False when there is no room. */
  add(episode, { look }) {
    if (this.#rows.length === MOST) {
      setText(this.#full, this.#words.full(MOST));
      return false;
    }
    const open = button("", { class: "open" });
    const remove = button("×", { class: "remove" });
    const row = { episode, open, remove, element: make("li", {}, open, remove) };
    open.addEventListener("click", () => this.#look(row));
    remove.addEventListener("click", () => this.#remove(row));
    this.#rows.push(row);
    this.#list.append(row.element);
    this.#name(row);
    this.#tellCount();
    if (look) this.#look(row);
    return true;
  }

  /** Put a changed episode in the place of one that is here. */
  change(episode, changed) {
    const row = this.#rows.find((each) => each.episode === episode);
    row.episode = changed;
    this.#name(row);
  }

  #look(row) {
    this.#chosen = row;
    for (const { open } of this.#rows) open.removeAttribute("aria-current");
    row?.open.setAttribute("aria-current", "true");
    this.#choose(row?.episode ?? null);
  }

  #remove(row) {
    const place = this.#rows.indexOf(row);
    this.#rows.splice(place, 1);
    row.element.remove();
    setText(this.#full, "");
    this.#tellCount();
    const neighbour = this.#rows[Math.min(place, this.#rows.length - 1)] ?? null;
    if (row === this.#chosen) this.#look(neighbour);
    neighbour?.open.focus();
  }

  #name({ episode, open, remove }) {
    const { part, facts, remove: removeWord } = this.#words;
    const name = episode.part === null ? episode.name : `${episode.name} ${part(episode.part)}`;
    open.replaceChildren(
      make("strong", { text: episode.letter ?? "·", lang: "ko" }),
      make("span", { class: "file", text: name }),
      make("span", { class: "quiet number", text: facts(durationMs(episode), episode.t.length) }),
    );
    remove.setAttribute("aria-label", `${removeWord}: ${name}`);
  }

  #tellCount() {
    setText(this.#note, this.#rows.length === 0 ? this.#words.listEmpty : this.#words.listNote);
  }
}
