// The sender of a glove's events to the service: frames with their numbers, losses, letters, remarks, and reports of the
// link. It repeats frames that a lost connection may have swallowed.

import { RetransmitBuffer } from "./retransmit_buffer.js";

const MIN_INTERVAL_MS = 8; // a glove at 100 Hz is never delayed; one at 1,000 Hz makes 125 messages a second
const MAX_REMARKS = 32; // kept while the service is away: those of a glove that starts, several times over
const MAX_REMARK_CHARACTERS = 200; // the service's limit
const MAX_LETTERS = 600; // a minute of a glove that sends ten a second
const SCALES = ["3", "5", "7"];
const U32 = 2 ** 32;

export class GloveUplink {
  #stream;
  #runCommand;
  #buffer = new RetransmitBuffer();
  #letters = []; // { tMs, message }: each is sent after the frame it is based on
  #remarks = []; // and notices
  #report = null;
  #sentReport = null;
  #sentAt = -Infinity;
  #timer = null;

  /**
   * @param {GloveStream} stream
   * @param {(command: {command: string, interval_ms: number | null}) => Promise<{refused: string | null, code: string | null}>}
   *   runCommand writes a command of the service to the glove
   */
  constructor(stream, runCommand) {
    this.#stream = stream;
    this.#runCommand = runCommand;
  }

  /** The number of frames that were read, but lost because the service was away. */
  get unsent() {
    return this.#buffer.dropped;
  }

  /** Queue events of the decoder, with the label of each letter. */
  put(events) {
    for (const event of events) {
      if (event.event === "frame") this.#buffer.put(event.t_ms, event.values);
      else if (event.event === "missing" && event.reason === "sequence") this.#buffer.skip(event.count);
      else if (event.event === "letter") this.#putLetter(event);
      else if (event.event === "remark") this.#putRemark(event);
      else if (event.event === "notice") this.#putNotice(event);
    }
    this.#flush();
  }

  /** Queue the newest report of the link, in place of an older one. */
  report(report) {
    this.#report = report;
    this.#flush();
  }

  /**
   * Use the stream until it ends, passing on its messages.
   * @throws {ServiceError} the service refuses the stream
   */
  async run(passOn) {
    const messages = this.#stream[Symbol.asyncIterator]();
    this.#stream.open().catch(() => {}); // the iterator throws the same error
    for await (const message of messages) {
      if (message.type === "started") this.#begin();
      else if (message.type === "lost") this.#buffer.requeue();
      else if (message.type === "prediction") this.#buffer.acknowledge(message.seq);
      else if (message.type === "command") this.#obey(message);
      passOn(message);
    }
  }

  stop() {
    clearTimeout(this.#timer);
    this.#stream.close();
  }

  #putLetter({ t_ms: tMs, label, confidence, shares }) {
    const message = {
      type: "glove_letter",
      seq: this.#buffer.numberAt(tMs),
      t_ms: Math.round(tMs) % U32,
      label,
      confidence,
      scale_importance: shares === null ? {} : Object.fromEntries(SCALES.map((scale, place) => [scale, shares[place]])),
    };
    this.#letters = [...this.#letters, { tMs, message }].slice(-MAX_LETTERS);
  }

  #putRemark({ text, values }) {
    const message = { type: "remark", text: [...text].slice(0, MAX_REMARK_CHARACTERS).join(""), values };
    this.#remarks = [...this.#remarks, message].slice(-MAX_REMARKS);
  }

  #putNotice({ code, text, channel, values }) {
    this.#remarks = [...this.#remarks, { type: "glove", code, text, channel, values, present: true }].slice(-MAX_REMARKS);
  }

  /** Begin a stream: the service counts from its first report on, so the last one that was sent is repeated. */
  #begin() {
    if (this.#sentReport !== null) this.#stream.tell(this.#sentReport);
    this.#sentAt = -Infinity;
    this.#flush();
  }

  async #obey({ id, command, interval_ms: intervalMs }) {
    const answer = await this.#runCommand({ command, interval_ms: intervalMs });
    this.#stream.tell({ type: "commanded", id, ...answer });
  }

  /** Send what is queued, at most every MIN_INTERVAL_MS. */
  #flush() {
    clearTimeout(this.#timer);
    if (this.#stream.started === null) return;
    const waitMs = this.#sentAt + MIN_INTERVAL_MS - performance.now();
    if (waitMs > 0) this.#timer = setTimeout(() => this.#flush(), waitMs);
    else this.#send();
  }

  #send() {
    this.#sentAt = performance.now();
    for (let batch = this.#buffer.take(); batch !== null; batch = this.#buffer.take()) {
      this.#stream.send(batch.times, batch.values, { seq: batch.seq });
      this.#sendLetters(batch.times.at(-1));
    }
    this.#sendLetters(Infinity);
    for (const remark of this.#remarks.splice(0)) this.#stream.tell(remark);
    if (this.#report === this.#sentReport) return;
    this.#sentReport = this.#report;
    this.#stream.tell(this.#report);
  }

  #sendLetters(sentMs) {
    while (this.#letters.length > 0 && this.#letters[0].tMs <= sentMs) this.#stream.tell(this.#letters.shift().message);
  }
}
