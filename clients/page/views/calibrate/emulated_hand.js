// The hand of an emulated glove, which shows what a calibration asks for, so that a visitor can try it without a glove.

import { problemOf } from "../../service.js";

export class EmulatedHand {
  #service;
  #stream = null; // the stream on show if its hand can be asked, or null
  #label = null; // what it is asked for, or null
  #sent = Promise.resolve(); // requests keep their order

  /** `service` is the page's Service. */
  constructor(service) {
    this.#service = service;
  }

  /** Ask the hand of this stream from here on; null: a person's hand reads the target. */
  setStream(stream) {
    if (stream === this.#stream) return;
    this.#stream = stream;
    if (this.#label !== null) this.#send(this.#label);
  }

  /** Ask for a label; null: go on as before. Asking again for the same one keeps the hand there for longer. */
  show(label) {
    if (label === null && this.#label === null) return;
    this.#label = label;
    this.#send(label);
  }

  #send(letter) {
    const stream = this.#stream;
    if (stream === null) return;
    const body = { command: "show", ...(letter === null ? {} : { letter }) };
    // A refusal changes nothing: the visitor sees whether the hand shows the letter.
    this.#sent = this.#sent.then(() => problemOf(this.#service.post(`/v1/streams/${encodeURIComponent(stream)}/commands`, body)));
  }
}
