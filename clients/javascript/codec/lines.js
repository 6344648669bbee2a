// The reader of the glove's text protocol. A line that cannot be read is reported, never repaired. Pure.

import { isAscii, strip } from "./bytes.js";
import { FAULTS, MAX_MAGNITUDE, MAX_TIME_MS, Unreadable } from "./events.js";
import { ACCELERATION, areNames, readField, TIME_NAMES } from "./header_fields.js";
import { letterOfRemark } from "./letters.js";
import { remarkOf } from "./remarks.js";
import { CHANNELS } from "../wire.js";

/** The longest line. One of 12 fields takes about 90 bytes; this bounds the memory of a link without newlines. */
export const MAX_LINE_BYTES = 512;

const ANGLES = ["pitch", "roll", "yaw"];
const FLEX = CHANNELS.slice(0, 5);

/** The fields of gloves without a header. The acceleration is in the middle: the last 8 of 12 fields are not a frame. */
const KNOWN = new Map(
  [["timestamp", ...ANGLES, ...FLEX], ["timestamp", ...ANGLES, ...ACCELERATION, ...FLEX]].map((names) => [
    names.length,
    columnsOf(names),
  ]),
);

const SHOWN_CHARACTERS = 60;
const PLAIN = /^[0-9.+, -]+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/; // stricter than Number(), which takes "" and "0x10"
const NOT_FINITE = /^[+-]?(nan|inf|infinity|ovf)$/i; // ovf: Arduino's print of a huge float

/** Blanks around a field. No others: a minus with one bit flipped is a carriage return, and the rest a number. */
const AROUND = /^[ \t]+|[ \t]+$/g;
const SPACES = /^ +| +$/g;

/** The reader of lines; a header decides the order of the fields from the next line on. */
export class LineReader {
  #header = null;
  #orderUnknown = false;

  /** Whether the last header did not name a frame, so that lines are damage until one does: send `header`. */
  get orderUnknown() {
    return this.#orderUnknown;
  }

  /** Forget the header: another glove may be connected now. */
  reset() {
    this.#header = null;
    this.#orderUnknown = false;
  }

  /** Divide text into lines; the last piece has not ended yet. */
  split(characters) {
    return characters.split("\n");
  }

  /** Tell whether a piece may be a glove's line, readable or not, rather than bytes between two ends of lines. */
  mayBeLine(piece) {
    return piece.startsWith("#") || (piece.includes(",") && isAscii(piece));
  }

  /** Take the first line after the port was opened, of which only the end may have come. */
  partial() {}

  /** When events come though nothing arrives: never. */
  get due() {
    return null;
  }

  /** Return the events that are due though nothing has arrived: none. */
  idle() {
    return [];
  }

  /** Return the events of a line without its end: one, or none for an empty line; a frame's `t_ms` is as sent. */
  read(raw) {
    const line = strip(raw);
    return line === "" ? [] : [this.#event(line)];
  }

  #event(line) {
    try {
      if (PLAIN.test(line)) return this.#frame(line.split(",").map((field) => field.replace(SPACES, "")));
      if (line.startsWith("#")) return letterOfRemark(strip(line.slice(1))) ?? remarkOf(line.slice(1));
      return this.#readFields(line);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return damagedLine(line, error.reason);
    }
  }

  #readFields(line) {
    if (!isAscii(line)) throw new Unreadable(FAULTS.ascii);
    const fields = line.split(",").map((field) => field.replace(AROUND, ""));
    return areNames(fields) ? this.#takeHeader(fields.map(readField)) : this.#frame(fields);
  }

  #takeHeader(named) {
    this.#header = null;
    this.#orderUnknown = true;
    this.#header = columnsOf(named.map(({ column }) => column));
    this.#orderUnknown = false;
    const ranged = named.filter(({ column, limits }) => limits !== null && CHANNELS.includes(column));
    const ranges = Object.fromEntries(ranged.map(({ column, limits }) => [column, limits]));
    return { event: "header", names: named.map(({ text }) => text), ranges };
  }

  #frame(fields) {
    if (this.#orderUnknown) throw new Unreadable(FAULTS.order);
    const columns = this.#header ?? KNOWN.get(fields.length);
    if (columns === undefined || columns.names.length !== fields.length) throw new Unreadable(FAULTS.fields);
    const numbers = columns.names.map((name, place) => (name === null ? 0 : numberOf(fields[place])));
    return frameOf(numbers, columns);
  }
}

/** Return the event of a line that cannot be read. */
export function damagedLine(line, reason) {
  const shown = line.replace(/[^\0-\x7f]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  return { event: "damaged", shown: shown.slice(0, SHOWN_CHARACTERS), reason };
}

/** Return the event of a line of more than MAX_LINE_BYTES. */
export function tooLong(line) {
  return damagedLine(line.slice(0, MAX_LINE_BYTES), FAULTS.long);
}

/** Return the places of a frame's numbers; `names` has null for a field that the frame does not use. */
function columnsOf(names) {
  const times = names.filter((name) => TIME_NAMES.includes(name));
  const isOnce = (wanted) => names.filter((name) => name === wanted).length === 1;
  if (times.length !== 1 || !CHANNELS.every(isOnce)) throw new Unreadable(FAULTS.header);
  const acceleration = ACCELERATION.every(isOnce) ? ACCELERATION : [];
  const wanted = new Set([...times, ...CHANNELS, ...acceleration]);
  return {
    names: names.map((name) => (wanted.has(name) ? name : null)),
    time: names.indexOf(times[0]),
    values: CHANNELS.map((name) => names.indexOf(name)),
    acceleration: acceleration.map((name) => names.indexOf(name)),
  };
}

function frameOf(numbers, columns) {
  const tMs = numbers[columns.time];
  if (!(tMs >= 0 && tMs < MAX_TIME_MS)) throw new Unreadable(FAULTS.range);
  const [values, acceleration] = [columns.values, columns.acceleration].map((places) => places.map((place) => numbers[place]));
  for (const value of [...values, ...acceleration]) if (Math.abs(value) > MAX_MAGNITUDE) throw new Unreadable(FAULTS.range);
  return { event: "frame", t_ms: tMs, values, acceleration: acceleration.length === 0 ? null : acceleration, seq: null };
}

function numberOf(text) {
  if (NOT_FINITE.test(text)) throw new Unreadable(FAULTS.finite);
  if (!NUMBER.test(text)) throw new Unreadable(FAULTS.number);
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Unreadable(FAULTS.range);
  return value;
}
