// How to use the wearer's profile: nothing to do where the stream on show has it, else a command.

import { make, setText } from "../../dom.js";

export class ProfileUse {
  #messages;
  #heading = make("h3");
  #use = make("p");
  #command = make("code");
  #commandField = make("pre", { tabindex: "0" }, this.#command);

  constructor() {
    this.element = make("div", { class: "profile-use" }, this.#heading, this.#use, this.#commandField);
  }

  setMessages({ calibrate }) {
    this.#messages = calibrate;
    setText(this.#heading, calibrate.useHeading);
  }

  /** `streamWearer` is the wearer of the stream on show, or null. */
  render(wearer, streamWearer) {
    const isInUse = streamWearer === wearer;
    setText(this.#use, isInUse ? this.#messages.inUse : this.#messages.startWith);
    setText(this.#command, `scaleglove bridge --wearer ${wearer}`);
    this.#commandField.hidden = isInUse;
  }
}
