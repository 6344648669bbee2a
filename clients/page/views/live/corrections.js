// The letters of the line, each of which can be corrected: what it was instead is kept as an example of the wearer.

import { button, byId, make, setText } from "../../dom.js";
import { REST } from "../../glove.js";
import { describeProblem } from "../../i18n/index.js";
import { problemOf } from "../../service.js";
import { displayOf } from "../../vocabularies.js";
import { signedAs, wearerOf } from "./signed_letters.js";

export class Corrections {
  #page;
  #messages;
  #rendered = ""; // the letters on the line with their shapes, as text
  #vocabulary = null;
  #corrected = null; // { label, shape, stream } of the letter that is being corrected
  #question = make("label", { for: "correction-label" });
  #label = make("select", { id: "correction-label" });
  #submit = make("button", { type: "submit" });
  #cancel = button("");
  #form = make("form", { hidden: true }, this.#question, this.#label, this.#submit, this.#cancel);
  #result = make("p", { role: "status", "data-testid": "correction-result" });

  constructor(page) {
    this.#page = page;
    byId("correction").append(this.#form, this.#result);
    byId("line").addEventListener("click", ({ target }) => {
      const { shape } = target.dataset;
      if (shape !== undefined) this.#open({ label: target.dataset.label, shape: Number(shape), stream: page.state().following });
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep();
    });
    this.#form.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close());
    this.#cancel.addEventListener("click", () => this.#close());
  }

  setMessages(messages) {
    this.#messages = messages;
    this.#rendered = "";
    const { correction } = messages.live;
    setText(this.#submit, correction.submit);
    setText(this.#cancel, correction.cancel);
    setText(this.#result, "");
  }

  /** Show the letters of the line, as buttons where the shapes that were held for them are known. */
  render({ text }, vocabulary) {
    this.#vocabulary = vocabulary;
    const letters = text?.letters ?? "";
    const signed = signedAs(letters, this.#page.history.gestures);
    const rendered = JSON.stringify([letters, signed]);
    if (rendered === this.#rendered) return;
    this.#rendered = rendered;
    if (signed === null) setText(byId("line"), letters);
    else byId("line").replaceChildren(...signed.map((letter) => this.#letter(letter)));
  }

  #letter({ label, shape }) {
    if (shape === null) return make("span", { text: label });
    const { correct } = this.#messages.live.correction;
    return button(label, { "data-label": label, "data-shape": String(shape), "aria-label": correct(label) });
  }

  #open(letter) {
    this.#corrected = letter;
    const { question, noLetter } = this.#messages.live.correction;
    setText(this.#question, question(letter.label));
    setText(this.#result, "");
    const labels = (this.#vocabulary?.labels ?? []).map(({ label }) => make("option", { value: label, text: displayOf(this.#vocabulary, label) }));
    this.#label.replaceChildren(...labels, make("option", { value: REST, text: noLetter }));
    this.#label.value = letter.label;
    this.#form.hidden = false;
    this.#label.focus();
  }

  #close() {
    this.#form.hidden = true;
    byId("line").querySelector("button:last-of-type")?.focus();
  }

  async #keep() {
    const { started } = this.#page.state();
    const { kept, noWearer } = this.#messages.live.correction;
    const wearer = wearerOf(started, this.#page.wearer);
    const label = this.#label.value;
    this.#close();
    if (wearer === null) {
      setText(this.#result, noWearer);
      return;
    }
    const { shape, stream } = this.#corrected;
    const body = { label, stream, shape, model: started?.model };
    const problem = await problemOf(this.#page.service.post(`/v1/wearers/${encodeURIComponent(wearer)}/examples`, body));
    setText(this.#result, problem === null ? kept(label === REST ? null : label, wearer) : describeProblem(this.#messages, problem));
  }
}
