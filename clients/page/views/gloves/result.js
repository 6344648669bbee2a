// The end of a check: the name under which the profile is stored, and how it is used.

import { make, setText } from "../../dom.js";
import { NameChoice } from "../name_choice.js";
import { channelsOf, PARTS } from "./labels.js";
import { isPossible } from "./session.js";

export class Result {
  #messages;
  #session = null;
  #name = ""; // of the glove that was stored last
  #choice;
  #heading = make("h2", { id: "gloves-stored", tabindex: "-1", "data-testid": "glove-stored" });
  #missing = make("p", { "data-testid": "glove-missing" });
  #use = make("p", { "data-testid": "glove-use" });
  #command = make("code");
  #commandField = make("pre", { tabindex: "0" }, this.#command);
  #next = make("p");
  #stored;

  /** `store` is called with the name of the glove. */
  constructor(store) {
    this.#choice = new NameChoice("glove", store);
    this.#stored = make(
      "section",
      { class: "card stored", "aria-labelledby": "gloves-stored", hidden: true },
      this.#heading, this.#missing, this.#use, this.#commandField, this.#next,
    );
    this.element = make("div", { class: "result" }, this.#choice.element, this.#stored);
  }

  setMessages(messages) {
    this.#messages = messages;
    const { gloves, calibrate } = messages;
    this.#choice.setTexts({
      heading: gloves.storeHeading, intro: gloves.storeIntro, known: gloves.known, newName: gloves.newName,
      nameHint: calibrate.nameHint, submit: gloves.store,
    });
    this.#next.replaceChildren(`${gloves.next} `, make("a", { href: "#calibrate", text: messages.page.views.calibrate }));
  }

  offer(names) {
    this.#choice.offer(names);
  }

  setSession(session) {
    this.#session = session;
    const { stored } = session;
    if (session.phase === "start") this.#name = ""; // another check may be of another glove
    this.#choice.element.hidden = !isPossible(session, "store");
    this.#stored.hidden = stored === null;
    this.element.hidden = this.#choice.element.hidden && this.#stored.hidden;
    if (stored === null) return;
    this.#name = stored.glove;
    const { gloves } = this.#messages;
    setText(this.#heading, gloves.stored(stored.glove, stored.version));
    setText(this.#missing, this.#missingText(stored));
    setText(this.#command, `scaleglove bridge --glove ${stored.glove}`);
  }

  /** Show how the profile is used: by this page's own glove, which is read with `ownProfile`, by the stream on show
   * already, or by a bridge. */
  render(ownProfile, isOwn, streamGlove) {
    const stored = this.#session?.stored ?? null;
    if (stored === null) return;
    const { ownUse, inUse, startWith } = this.#messages.gloves;
    const isInUse = streamGlove === stored.glove;
    const isOwnUse = isOwn && ownProfile === stored.glove;
    setText(this.#use, isOwnUse ? ownUse : isInUse ? inUse : startWith);
    this.#commandField.hidden = isOwnUse || isInUse;
  }

  /** Move the focus to what there is to do. */
  focus() {
    if (this.#session.stored === null) this.#choice.focus(this.#name);
    else this.#heading.focus();
  }

  #missingText({ missing }) {
    const { gloves } = this.#messages;
    const parts = PARTS.filter((part) => channelsOf(part).some((channel) => missing.includes(channel)));
    return parts.length === 0 ? gloves.allUsed : gloves.notUsed(parts.map((part) => gloves.parts[part]).join(", "));
  }
}
