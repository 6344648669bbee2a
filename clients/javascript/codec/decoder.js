// The decoder from a glove's bytes to events. Pure: no port, no clock; any split of the bytes gives the same events.
//
// Text and binary are detected by their bytes (docs/reference/link.md): no text contains a zero, and every packet ends with
// one. So a zero switches to binary, and more bytes without one than a packet can have switch back to text.

import { strip, toCharacters } from "./bytes.js";
import { Continuity } from "./continuity.js";
import { LinkCounts } from "./counts.js";
import { FAULTS, Unreadable } from "./events.js";
import { damagedLine, LineReader, MAX_LINE_BYTES, tooLong } from "./lines.js";
import { damagedPacket, MAX_ENCODED_BYTES, packetOf } from "./packets.js";
import { intervalOf } from "./remarks.js";

const DELIMITER = "\0";
const TEXT = /^[ -~\t\r\n]*$/;
/** The end of a line, followed by the start of a packet of version 1: a COBS code, and the version. */
const PACKET_BEHIND = /\n(?=[^\x01]\x01)/g;
/** The bytes taken at once: those behind a change of format are scanned again, so this bounds the time that takes. */
const STEP_BYTES = 16_384;

/** The decoder of one glove's bytes, with `counts` of the events. events.js lists the events. */
export class GloveDecoder {
  counts = new LinkCounts();
  #lines;
  #arrival = 0; // of the bytes of the present call of `feed`
  #continuity = new Continuity();
  #events = []; // of the present call of `feed`
  #held = "";
  #isBinary = false;
  #isJoining = true;
  #joinedBytes = 0;
  #isSkipping = false;
  #format = null;

  /** @param {object} [lines] the reader of lines, whose interface is that of LineReader */
  constructor(lines = new LineReader()) {
    this.#lines = lines;
  }

  /** The format of the last message that could be read, "text" or "binary"; null before one. */
  get format() {
    return this.#format;
  }

  /** Whether a line or packet has ended since the link was opened, so that the next is whole. */
  get joined() {
    return !this.#isJoining;
  }

  /** Whether the last header did not name a frame, so that lines are damage until one does: send `header`. */
  get wantsHeader() {
    return this.#lines.orderUnknown;
  }

  /** When to call `feed` though nothing has arrived, since frames that are held are due; null: not at all. */
  get due() {
    return this.#lines.due;
  }

  /** Restart on a link that was opened (again): the bytes before the next delimiter are a partial message. */
  rejoin() {
    this.#held = "";
    this.#isBinary = false;
    this.#isJoining = true;
    this.#joinedBytes = 0;
    this.#isSkipping = false;
    this.#format = null;
    this.#lines.reset();
  }

  /**
   * Take the next bytes, in pieces of any size, and return the events they complete, behind those that were due before.
   * @param {Uint8Array} bytes
   * @param {number} [arrival] when they arrived, for readers of lines that need it
   * @returns {object[]}
   */
  feed(bytes, arrival = 0) {
    this.#events = [];
    this.#arrival = arrival;
    for (const event of this.#lines.idle(arrival)) this.#emit(event);
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      let rest = toCharacters(bytes.subarray(at, at + STEP_BYTES));
      while (rest !== "") rest = this.#isBinary ? this.#feedBinary(rest) : this.#feedText(rest);
    }
    return this.#events;
  }

  /** Take packets; return the characters that are left to be read as text. */
  #feedBinary(data) {
    const pieces = (this.#held + data).split(DELIMITER);
    const rest = pieces.pop();
    this.#held = "";
    for (const [place, piece] of pieces.entries()) {
      if (piece.length > MAX_ENCODED_BYTES) {
        this.#isBinary = false;
        return [...pieces.slice(place), rest].join(DELIMITER);
      }
      if (piece !== "") this.#takePiece(piece);
    }
    if (rest.length > MAX_ENCODED_BYTES) {
      this.#isBinary = false;
      return rest;
    }
    this.#held = rest;
    return "";
  }

  /** Take lines; return the characters behind the first zero. */
  #feedText(data) {
    const end = data.indexOf(DELIMITER);
    const lines = this.#lines.split(this.#held + (end < 0 ? data : data.slice(0, end)), this.#isSkipping);
    const rest = lines.pop();
    this.#held = "";
    for (const line of lines) this.#endLine(line);
    if (end < 0) {
      this.#hold(rest);
      return "";
    }
    this.#isBinary = true;
    this.#endWithZero(rest);
    return data.slice(end + 1);
  }

  #endLine(line) {
    if (this.#isSkipping) {
      this.#isSkipping = false;
    } else if (this.#isJoining) {
      this.#isJoining = false;
      if (strip(line) !== "") this.counts.partial += 1;
      this.#joinedBytes = line.length;
      if (line.length <= MAX_LINE_BYTES) this.#lines.partial(line);
    } else if (line.length > MAX_LINE_BYTES) {
      this.#emit(tooLong(line));
    } else if (this.#mayBeMidPacket && !this.#lines.mayBeLine(line)) {
      this.counts.partial += 1;
      this.#joinedBytes += line.length;
    } else {
      this.#takeLine(line);
    }
  }

  /** Whether the link may have been opened in the middle of a binary packet, which may contain ends of lines: the bytes
   * between them are no damage. */
  get #mayBeMidPacket() {
    return this.#joinedBytes > 0 && this.#joinedBytes <= MAX_ENCODED_BYTES && this.#format === null;
  }

  /** Keep the beginning of a line until its end comes, unless it is too long. */
  #hold(rest) {
    if (this.#isSkipping) return;
    if (rest.length <= MAX_LINE_BYTES) {
      this.#held = rest;
      return;
    }
    this.#isSkipping = true;
    if (!this.#isJoining) {
      this.#emit(tooLong(rest));
      return;
    }
    this.#isJoining = false;
    this.counts.partial += 1;
    this.#joinedBytes += MAX_LINE_BYTES;
  }

  /** End a line with a zero: the first sign of binary. */
  #endWithZero(piece) {
    const [wasSkipping, wasJoining] = [this.#isSkipping, this.#isJoining];
    this.#isSkipping = this.#isJoining = false;
    if (wasSkipping || piece === "") return;
    if (!wasJoining && piece.length > MAX_LINE_BYTES) {
      this.#emit(tooLong(piece));
    } else if (wasJoining || this.#mayBeMidPacket) {
      const event = packetEvent(piece);
      if (event.event === "damaged") this.counts.partial += 1;
      else this.#emit(event);
      this.#joinedBytes += piece.length;
    } else {
      this.#takePiece(piece);
    }
  }

  /** Take the bytes between two zeros: a packet, lines with a packet behind them, or lines alone. */
  #takePiece(piece) {
    const event = packetEvent(piece);
    if (event.event !== "damaged") {
      this.#emit(event);
    } else if (!this.#takeLinesAndPacket(piece)) {
      if (piece.includes("\n") && TEXT.test(piece)) this.#takeLines(piece);
      else this.#emit(event);
    }
  }

  /** Take lines with a packet behind them; return false, and take nothing, where the piece is something else. */
  #takeLinesAndPacket(piece) {
    for (const { index } of piece.matchAll(PACKET_BEHIND)) {
      const behind = packetEvent(piece.slice(index + 1));
      if (behind.event === "damaged") continue;
      for (const line of piece.slice(0, index).split("\n")) this.#takeLine(line);
      this.#emit(behind);
      return true;
    }
    return false;
  }

  /** Take lines that a device wrote among packets; the zero behind them cuts off the last one, if not empty. */
  #takeLines(piece) {
    const lines = piece.split("\n");
    const rest = lines.pop();
    for (const line of lines) this.#takeLine(line);
    if (rest !== "") this.#emit(packetEvent(rest));
  }

  #takeLine(line) {
    for (const event of this.#lines.read(line, this.#arrival)) {
      if (event.event !== "damaged") this.#format = "text";
      this.#emit(event);
    }
  }

  #emit(event) {
    if (event.seq !== undefined && event.seq !== null) this.#format = "binary";
    if (event.event === "remark") this.#obey(event);
    if (event.event === "frame") for (const followed of this.#continuity.follow(event)) this.#add(followed);
    else this.#add(event.event === "letter" ? this.#continuity.place(event) : event);
  }

  #obey(remark) {
    const intervalMs = intervalOf(remark);
    if (intervalMs !== null) this.#continuity.expectInterval(intervalMs);
    if (remark.values.letters === "only") this.#continuity.expectNoFrames();
  }

  #add(event) {
    this.counts.add(event);
    this.#events.push(event);
  }
}

function packetEvent(piece) {
  try {
    return packetOf(piece);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return TEXT.test(piece) ? damagedLine(piece, FAULTS.cut) : damagedPacket(piece, error.reason);
  }
}
