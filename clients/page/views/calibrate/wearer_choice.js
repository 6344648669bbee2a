// The form that selects or creates the wearer of a session.

import { button, make, setText } from "../../dom.js";

export class WearerChoice {
  #open;
  #names = [];
  #heading = make("h2", { id: "calibrate-choose" });
  #intro = make("p");
  #noGlove = make("p", { class: "notice" });
  #knownLabel = make("p", { id: "calibrate-known", class: "muted" });
  #known = make("div", { class: "known", role: "group", "aria-labelledby": "calibrate-known" });
  #knownField = make("div", { hidden: true }, this.#knownLabel, this.#known);
  #nameLabel = make("label", { for: "wearer-name", class: "muted" });
  #name = make("input", {
    id: "wearer-name", type: "text", required: true, maxlength: "64", autocomplete: "off", spellcheck: "false",
    pattern: "[\\p{L}\\p{N}_\\-][\\p{L}\\p{N}_.\\-]*", "aria-describedby": "wearer-hint",
  });
  #hint = make("p", { id: "wearer-hint", class: "muted" });
  #start = make("button", { type: "submit", class: "primary" });
  #form = make("form", {}, this.#nameLabel, make("div", { class: "form-row" }, this.#name, this.#start), this.#hint);

  /** `open` is called with the name of the wearer. */
  constructor(open) {
    this.#open = open;
    this.element = make(
      "section",
      { class: "card wearer-choice", "aria-labelledby": "calibrate-choose" },
      this.#heading, this.#intro, this.#noGlove, this.#knownField, this.#form,
    );
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#open(this.#name.value.trim());
    });
    this.#known.addEventListener("click", ({ target }) => {
      const { wearer } = target.closest("button")?.dataset ?? {};
      if (wearer !== undefined) this.#open(wearer);
    });
  }

  setMessages({ calibrate }) {
    setText(this.#heading, calibrate.chooseHeading);
    setText(this.#intro, calibrate.chooseIntro);
    setText(this.#noGlove, calibrate.noGlove);
    setText(this.#knownLabel, calibrate.known);
    setText(this.#nameLabel, calibrate.newName);
    setText(this.#hint, calibrate.nameHint);
    setText(this.#start, calibrate.start);
    this.#name.title = calibrate.nameHint;
  }

  /** Offer the wearers that the service knows. */
  offer(names) {
    if (JSON.stringify(names) === JSON.stringify(this.#names)) return;
    this.#names = names;
    this.#knownField.hidden = names.length === 0;
    this.#known.replaceChildren(...names.map((name) => button(name, { "data-wearer": name })));
  }

  render(isReceiving) {
    this.#noGlove.hidden = isReceiving;
  }

  focus() {
    this.#name.value = "";
    this.#name.focus();
  }
}
