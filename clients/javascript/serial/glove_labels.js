// The labels of a glove's own letters, by what the glove says of them: firmware_bridge/uplink/glove_labels.py in JavaScript.

import { MOST_LABELS } from "../codec/letters.js";

const BEFORE_VOCABULARIES = "korean"; // the vocabulary of a glove that says none: its firmware is from before there were others
const UNANSWERED = 20; // letters without an answer, two seconds of them, after which a glove says none
const NUMBER = /^[0-9]{1,3}$/;

/** What a glove does not say is asked for once, and never guessed: a letter whose label is not known is left out, and said
 * to be once. */
export class GloveLabels {
  #lookUp;
  #labels = new Map();
  #count = null;
  #problem = null;
  #waits = null;
  #isSaid = false;
  /** Whether the glove is to be sent `labels`; `asked` says that it was. */
  asks = false;

  /** @param {(name: string) => Promise<string[] | null>} lookUp gives the labels of a vocabulary of scaleglove's own, null
   *   where there is none of this name */
  constructor(lookUp) {
    this.#lookUp = lookUp;
  }

  asked() {
    this.asks = false;
    this.#waits = 0;
  }

  /** Return the events with the `label` of each letter; remarks that are for this class alone are left out. */
  take(events) {
    return events.flatMap((event) => {
      if (event.event === "letter") return this.#name(event);
      return event.event === "remark" && this.#hear(event) ? [] : [event];
    });
  }

  #name(letter) {
    if (this.#count === null && this.#problem === null) {
      this.#ask();
      return [];
    }
    const label = this.#labels.get(letter.place);
    if (label !== undefined) return [{ ...letter, label }];
    return this.#problem === null && letter.place < this.#count ? [] : this.#complain(letter); // [] while labels are on the way
  }

  #ask() {
    if (this.#waits === null) this.asks = true;
    else if ((this.#waits += 1) > UNANSWERED) this.#use(BEFORE_VOCABULARIES, null);
  }

  #complain({ place }) {
    if (this.#isSaid) return [];
    this.#isSaid = true;
    const strange = {
      text: `the glove's letter ${place} is none of its ${this.#count} labels: export its network again`,
      values: { letter: String(place), labels: String(this.#count) },
    };
    return [{ event: "notice", code: "unknown_labels", channel: null, ...(this.#problem ?? strange) }];
  }

  /** Take what a remark says of labels; return whether it says nothing to people. */
  #hear({ text, values }) {
    const { labels: count, vocabulary, label: place, error } = values;
    if (NUMBER.test(count ?? "") && Number(count) > 0 && Number(count) <= MOST_LABELS) {
      this.#begin(Number(count), vocabulary);
    } else if (NUMBER.test(place ?? "") && Number(place) < MOST_LABELS) {
      this.#labels.set(Number(place), text);
      return true;
    } else if (error === "unknown_command" && this.#waits !== null && this.#count === null) {
      this.#use(BEFORE_VOCABULARIES, null);
      return true; // the answer to what this class asked
    }
    return false;
  }

  #begin(count, name) {
    this.asks = false;
    this.#isSaid = false;
    this.#problem = null;
    this.#count = count;
    this.#labels = new Map();
    if (name !== undefined) this.#use(name, count);
  }

  /** Use the labels of a vocabulary of scaleglove's own, of `count` labels, or of any number where it is null. */
  async #use(name, count) {
    this.#count = count ?? MOST_LABELS;
    const labels = await this.#lookUp(name).catch(() => null);
    if (labels !== null && (count === null || labels.length === count)) {
      this.#count = labels.length;
      this.#labels = new Map(labels.entries());
      return;
    }
    const text = `the glove's letters are of the vocabulary ${name}, which the service does not know: update scaleglove`;
    this.#problem = { text, values: { vocabulary: name, labels: String(this.#count) } };
  }
}
