// Frames kept for retransmission until the service acknowledges them. Pure.
//
// Writing to a socket does not mean that the service has read the data: only its answers show how far it has read. Frames
// are kept until then and sent again on the next stream if one is lost, up to a bound; frames beyond it are counted.
//
//   put --> pending --take--> sent --acknowledge--> done
//              ^               |
//              |               +--overflow--> unconfirmed --acknowledge--> done
//              '--- requeue ---'                  '--------- requeue ----> dropped

const CAPACITY = 6000; // a minute at 100 Hz
const MAX_BATCH = 240; // as in the bridge: a message never reaches the service's longest time, however slow the glove is
const MAX_TIMES = 32; // a letter of the glove's own arrives within a few frames of its own
const SAME_FRAME_MS = 0.5; // the unwrapped times of frames and letters differ by rounding
const U32 = 2 ** 32;
const MAX_SKIP = 2 ** 31 - 1; // a larger jump would count as going backwards in serial number arithmetic (RFC 1982)

/** Numbered frames; the numbers of frames known to be lost are skipped. `dropped` counts frames that will not be sent again
 * and that no stream has acknowledged. */
export class RetransmitBuffer {
  dropped = 0;
  #capacity;
  #next = 0;
  #pending = []; // { number, tMs, values }
  #sent = [];
  #unconfirmed = []; // numbers of frames that were dropped from the buffer after they were sent
  #lastSent = -1;
  #recent = [];

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /** Add the newest frame; when the buffer is full, drop the oldest. */
  put(tMs, values) {
    const frame = { number: this.#next++, tMs, values };
    this.#pending.push(frame);
    this.#recent = [...this.#recent, frame].slice(-MAX_TIMES);
    if (this.#pending.length + this.#sent.length <= this.#capacity) return;
    // Only an acknowledgement shows whether a sent frame is lost, so its number is kept.
    if (this.#sent.length > 0) this.#unconfirmed.push(this.#sent.shift().number);
    else this.dropped += this.#pending.splice(0, 1).length;
  }

  /** Return the number modulo 2**32 of the frame at device time `tMs`, or null where it is not among the most recent. */
  numberAt(tMs) {
    const found = this.#recent.findLast((frame) => Math.abs(frame.tMs - tMs) < SAME_FRAME_MS);
    return found === undefined ? null : found.number % U32;
  }

  /** Skip `count` numbers before the next frame; the service sees from them that frames are missing. */
  skip(count) {
    this.#next += Math.min(count, MAX_SKIP);
  }

  /** Return the next message { seq, times, values }, numbered without a gap; null if everything was sent. */
  take() {
    if (this.#pending.length === 0) return null;
    const first = this.#pending[0].number;
    const isNext = ({ number }, place) => number === first + place && place < MAX_BATCH;
    const end = this.#pending.findIndex((frame, place) => !isNext(frame, place));
    const batch = this.#pending.splice(0, end < 0 ? this.#pending.length : end);
    this.#sent.push(...batch);
    this.#lastSent = batch.at(-1).number;
    return { seq: first % U32, times: batch.map(({ tMs }) => tMs), values: batch.map(({ values }) => values) };
  }

  /** Release all frames up to number `seq` (modulo 2**32), the frame that a prediction names. */
  acknowledge(seq) {
    const number = this.#lastSent - ((((this.#lastSent - seq) % U32) + U32) % U32);
    this.#unconfirmed = this.#unconfirmed.filter((each) => each > number);
    const end = this.#sent.findIndex((frame) => frame.number > number);
    this.#sent.splice(0, end < 0 ? this.#sent.length : end);
  }

  /** Queue the unacknowledged frames of a stream that has ended for the next one. */
  requeue() {
    this.#pending.unshift(...this.#sent.splice(0));
    this.dropped += this.#unconfirmed.splice(0).length;
  }
}
