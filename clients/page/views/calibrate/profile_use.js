// How to use the wearer's profile: a button for a glove that this page reads, a command for any other.

import { button, make, setText } from "../../dom.js";

/** A button that reads this page's own glove with the wearer's profile, or without it again. */
export class UseButton {
  #use;
  #name = null; // what a press does: the wearer whose profile is to be used, or null
  element = button("", { hidden: true });

  /** `use` is called with the name of the wearer whose profile is to be used, or null. */
  constructor(use) {
    this.#use = use;
    this.element.addEventListener("click", () => this.#use(this.#name));
  }

  /** `stream` is { wearer, isOwn }: whose profile the stream on show uses, or null, and whether this page sends it. */
  render({ calibrate }, wearer, stream) {
    const isInUse = stream.wearer === wearer;
    this.#name = isInUse ? null : wearer;
    this.element.hidden = !stream.isOwn;
    setText(this.element, isInUse ? calibrate.useNone : calibrate.useThis);
  }
}

export class ProfileUse {
  #messages;
  #heading = make("h3");
  #use = make("p");
  #command = make("code");
  #commandField = make("pre", { tabindex: "0" }, this.#command);
  #button;

  /** `use` is as for UseButton. */
  constructor(use) {
    this.#button = new UseButton(use);
    this.element = make("div", { class: "profile-use" }, this.#heading, this.#use, this.#button.element, this.#commandField);
  }

  setMessages(messages) {
    this.#messages = messages;
    setText(this.#heading, messages.calibrate.useHeading);
  }

  /** `stream` is as for UseButton. */
  render(wearer, stream) {
    const { calibrate } = this.#messages;
    const isInUse = stream.wearer === wearer;
    setText(this.#use, isInUse ? calibrate.inUse : stream.isOwn ? calibrate.startHere : calibrate.startWith);
    setText(this.#command, `scaleglove bridge --wearer ${wearer}`);
    this.#commandField.hidden = isInUse || stream.isOwn;
    this.#button.render(this.#messages, wearer, stream);
  }
}
