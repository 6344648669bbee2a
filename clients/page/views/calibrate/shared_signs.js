// A form that adds the own signs of another wearer, or takes them out again.

import { make, setText } from "../../dom.js";
import { isPossible, sharerOf } from "./session.js";

const NOBODY = ""; // as in the service: of no other wearer

export class SharedSigns {
  #messages = null;
  #session = null;
  #names = []; // of all wearers
  #rendered = "";
  #label = make("label", { for: "signs-from", class: "muted" });
  #choice = make("select", { id: "signs-from", "aria-describedby": "signs-from-hint" });
  #submit = make("button", { type: "submit" });
  #hint = make("p", { class: "muted", id: "signs-from-hint" });
  #run;

  /** `run` is called with the command `share` and the name of the other wearer, or an empty one. */
  constructor(run) {
    this.#run = run;
    this.element = make("form", { hidden: true }, this.#label, make("div", { class: "form-row" }, this.#choice, this.#submit), this.#hint);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (isPossible(this.#session, "share")) this.#run("share", this.#choice.value);
    });
  }

  setMessages({ calibrate: { signs } }) {
    this.#messages = signs;
    this.#rendered = "";
    setText(this.#label, signs.shared);
    setText(this.#submit, signs.share);
    setText(this.#hint, signs.sharedHint);
    this.#show();
  }

  /** Offer the wearers with these names. */
  offer(names) {
    this.#names = names;
    this.#show();
  }

  setSession(session) {
    this.#session = session;
    this.#show();
  }

  #show() {
    if (this.#session === null || this.#messages === null) return;
    const others = this.#names.filter((name) => name !== this.#session.wearer);
    this.element.hidden = others.length === 0;
    const sharer = sharerOf(this.#session) ?? NOBODY;
    const rendered = JSON.stringify([others, sharer]);
    if (rendered === this.#rendered) return;
    this.#rendered = rendered;
    this.#choice.replaceChildren(new Option(this.#messages.sharedNobody, NOBODY), ...others.map((name) => new Option(name, name)));
    this.#choice.value = others.includes(sharer) ? sharer : NOBODY;
  }
}
