// The wearer's own signs: those that there are, a form that teaches another, and whether they are recognised alone.

import { button, make, setText } from "../../dom.js";
import { REST } from "../../glove.js";
import { isAlone, isPossible, ownSigns } from "./session.js";
import { SharedSigns } from "./shared_signs.js";

const MAX_LABEL = 64; // as in the service
const FORBIDDEN = /[/\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^\.{1,2}$/u; // as in the service: a label names a folder

export class OwnSigns {
  #run;
  #messages;
  #session = null;
  #rendered = "";
  #shared;
  #fault = null; // the key of what is wrong with the name, or null
  #heading = make("h2", { id: "calibrate-signs" });
  #intro = make("p", { class: "muted", id: "sign-hint" });
  #list = make("ul", { class: "signs", "data-testid": "calibrate-signs" });
  #label = make("label", { for: "sign-name", class: "muted" });
  #name = make("input", {
    id: "sign-name", type: "text", maxlength: String(MAX_LABEL), autocomplete: "off", "aria-describedby": "sign-hint sign-fault",
  });
  #submit = make("button", { type: "submit" });
  #faultText = make("p", { class: "error", id: "sign-fault", role: "alert", "data-testid": "sign-fault" });
  #alone = make("input", { id: "signs-alone", type: "checkbox", "aria-describedby": "signs-alone-hint" });
  #aloneLabel = make("label", { for: "signs-alone" });
  #aloneHint = make("p", { class: "muted", id: "signs-alone-hint" });
  #aloneField = make("div", { class: "alone" }, this.#alone, this.#aloneLabel, this.#aloneHint);

  /** `run` is called with a command and its argument: `teach` or `forget` and a label, `alone` and whether, `share` and
   * a wearer. */
  constructor(run) {
    this.#run = run;
    this.#shared = new SharedSigns(run);
    const form = make("form", { novalidate: true }, this.#label, make("div", { class: "form-row" }, this.#name, this.#submit), this.#faultText);
    this.element = make(
      "section",
      { class: "card own-signs", "aria-labelledby": "calibrate-signs" },
      this.#heading, this.#intro, this.#list, form, this.#aloneField, this.#shared.element,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#teach(this.#name.value.normalize("NFC").trim());
    });
    this.#name.addEventListener("input", () => this.#showFault(null));
    this.#name.addEventListener("keydown", ({ key }) => key === "Escape" && this.#leaveName());
    this.#alone.addEventListener("change", () => this.#changeAlone());
    this.#list.addEventListener("click", ({ target }) => {
      const { teach, forget } = target.closest("button")?.dataset ?? {};
      if (teach !== undefined) this.#teach(teach);
      if (forget !== undefined) this.#forget(forget);
    });
  }

  setMessages(messages) {
    this.#messages = messages.calibrate;
    this.#rendered = "";
    const { signs } = this.#messages;
    setText(this.#heading, signs.heading);
    setText(this.#intro, signs.intro);
    setText(this.#label, signs.name);
    setText(this.#submit, signs.teach);
    setText(this.#aloneLabel, signs.alone);
    setText(this.#aloneHint, signs.aloneHint);
    this.#shared.setMessages(messages);
    this.#showFault(this.#fault);
  }

  /** Offer the signs of the wearers with these names, but for this one. */
  offer(names) {
    this.#shared.offer(names);
  }

  /** Move the focus to the name of a new sign. */
  focus() {
    this.#name.focus();
    this.element.scrollIntoView({ block: "nearest" });
  }

  setSession(session) {
    this.#session = session;
    this.#shared.setSession(session);
    const signs = ownSigns(session);
    this.#showList(signs);
    const isReady = isPossible(session, "teach");
    for (const each of this.element.querySelectorAll("button")) each.setAttribute("aria-disabled", String(!isReady));
    this.#aloneField.hidden = signs.length === 0;
    this.#alone.checked = isAlone(session);
    this.#alone.setAttribute("aria-disabled", String(!isPossible(session, "alone")));
  }

  #showList(signs) {
    const rendered = JSON.stringify(signs);
    if (rendered === this.#rendered) return;
    this.#rendered = rendered;
    this.#list.hidden = signs.length === 0;
    const had = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...signs.map((sign) => this.#entry(sign)));
    if (had) (this.#list.querySelector("button") ?? this.#name).focus();
  }

  /** Return an entry; a sign of another wearer, which has no example of this one's, cannot be deleted here. */
  #entry({ label, count, moving }) {
    const { signs, examples } = this.#messages;
    const kind = moving === null ? signs.untaught : signs.kinds[moving ? "moving" : "held"];
    const forget = button(signs.forget, { "data-forget": label, "aria-label": signs.forgetLabel(label), hidden: count === 0 });
    return make(
      "li",
      {},
      make("strong", { text: label }),
      make("span", { class: "muted", text: `${kind}, ${count === 0 ? signs.noExample : examples(count)}` }),
      make("span", { class: "buttons" }, button(signs.again, { "data-teach": label, "aria-label": signs.againLabel(label) }), forget),
    );
  }

  #teach(label) {
    if (!isPossible(this.#session, "teach")) return;
    const fault = faultOf(label, this.#session);
    this.#showFault(fault);
    if (fault !== null) {
      this.#name.focus();
      return;
    }
    this.#name.value = "";
    this.#run("teach", label);
  }

  #forget(label) {
    if (!isPossible(this.#session, "forget")) return;
    if (window.confirm(this.#messages.signs.confirmForget(label))) this.#run("forget", label);
  }

  #changeAlone() {
    const alone = this.#alone.checked;
    if (isPossible(this.#session, "alone")) this.#run("alone", alone);
    else this.#alone.checked = !alone;
  }

  /** Escape leaves the field, so that the keys of the session work again. */
  #leaveName() {
    this.#name.blur();
  }

  #showFault(fault) {
    this.#fault = fault;
    setText(this.#faultText, fault === null ? "" : this.#messages.signs.faults[fault]);
    this.#name.setAttribute("aria-invalid", String(fault !== null));
  }
}

/** Return the key of what is wrong with the name of a sign, or null. */
function faultOf(label, { letters }) {
  if (label === "") return "empty";
  if (label === REST || letters.includes(label)) return "known";
  return FORBIDDEN.test(label) ? "forbidden" : null;
}
