// The form that selects a known name or a new one.

import { button, make, setText } from "../dom.js";

export class NameChoice {
  #choose;
  #names = [];
  #heading;
  #intro = make("p");
  #notice = make("p", { class: "notice", hidden: true });
  #knownLabel;
  #known;
  #knownField;
  #nameLabel;
  #name;
  #hint;
  #submit = make("button", { type: "submit", class: "primary" });

  /** `id` begins the ids of the elements; `choose` is called with the name. */
  constructor(id, choose) {
    this.#choose = choose;
    this.#heading = make("h2", { id: `${id}-choose` });
    this.#knownLabel = make("p", { id: `${id}-known`, class: "muted" });
    this.#known = make("div", { class: "known", role: "group", "aria-labelledby": `${id}-known` });
    this.#knownField = make("div", { hidden: true }, this.#knownLabel, this.#known);
    this.#nameLabel = make("label", { for: `${id}-name`, class: "muted" });
    this.#name = make("input", {
      id: `${id}-name`, type: "text", required: true, maxlength: "64", autocomplete: "off", spellcheck: "false",
      pattern: "[\\p{L}\\p{N}_\\-][\\p{L}\\p{N}_.\\-]*", "aria-describedby": `${id}-hint`,
    });
    this.#hint = make("p", { id: `${id}-hint`, class: "muted" });
    const form = make("form", {}, this.#nameLabel, make("div", { class: "form-row" }, this.#name, this.#submit), this.#hint);
    this.element = make(
      "section",
      { class: "card name-choice", "aria-labelledby": `${id}-choose` },
      this.#heading, this.#intro, this.#notice, this.#knownField, form,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#choose(this.#name.value.trim());
    });
    this.#known.addEventListener("click", ({ target }) => {
      const { name } = target.closest("button")?.dataset ?? {};
      if (name !== undefined) this.#choose(name);
    });
  }

  /** Write the texts: { heading, intro, notice, known, newName, nameHint, submit }. */
  setTexts({ heading, intro, notice = "", known, newName, nameHint, submit }) {
    setText(this.#heading, heading);
    setText(this.#intro, intro);
    setText(this.#notice, notice);
    setText(this.#knownLabel, known);
    setText(this.#nameLabel, newName);
    setText(this.#hint, nameHint);
    setText(this.#submit, submit);
    this.#name.title = nameHint;
  }

  /** Offer the names that the service knows. */
  offer(names) {
    if (JSON.stringify(names) === JSON.stringify(this.#names)) return;
    this.#names = names;
    this.#knownField.hidden = names.length === 0;
    this.#known.replaceChildren(...names.map((name) => button(name, { "data-name": name })));
  }

  /** Show the notice, or hide it. */
  notice(isShown) {
    this.#notice.hidden = !isShown;
  }

  /** Move the focus to the field, which begins with `name`; typing replaces it. */
  focus(name = "") {
    this.#name.value = name;
    this.#name.focus();
    this.#name.select();
  }
}
