// What is odd about the glove, and how far it is ranged: sentences above the signals.

import { byId, make } from "../../dom.js";

// What the check of a glove finds the cause of.
const CHECKED = new Set([
  "does_not_move", "level", "missing_sensors", "nothing_fits", "scale_12_bit", "scale_16_bit", "scale_other", "scale_unit",
]);

export class Notices {
  #messages;
  #shown = null; // the state that is shown

  setMessages({ live }) {
    this.#messages = live;
    this.#shown = null;
  }

  render({ notices, ranging }) {
    if (this.#shown !== null && this.#shown[0] === notices && this.#shown[1] === ranging) return;
    this.#shown = [notices, ranging];
    const texts = notices.map((notice) => this.#textOf(notice));
    if (ranging !== null) texts.push(this.#rangingText(ranging));
    byId("notices").replaceChildren(...texts.map((text) => make("li", {}, text)));
    byId("notices").hidden = texts.length === 0;
    byId("check-glove").hidden = !notices.some(({ code }) => CHECKED.has(code));
  }

  /** The text of a notice: by its code, or the sender's own words where the code is unknown. */
  #textOf({ code, text, channel, values }) {
    const { notices, channelNames } = this.#messages;
    return notices[code]?.({ ...values, channel: channelNames[channel] ?? channel }) ?? text;
  }

  #rangingText({ shapes, needed, sure, reversed, turned }) {
    const { ranging, channelNames } = this.#messages;
    if (!sure) return ranging.going(shapes, needed);
    return ranging.sure(reversed.map((channel) => channelNames[channel] ?? channel), turned);
  }
}
