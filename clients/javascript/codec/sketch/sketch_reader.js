// The reader of text from any sketch. Pure: the time of arrival is an argument. docs/reference/link.md, "Text from any
// sketch", is the specification. How lines are divided is decided once; a line that then differs is damage.

import { isAscii, strip, toBytes } from "../bytes.js";
import { FAULTS, Unreadable } from "../events.js";
import { letterOfRemark } from "../letters.js";
import { damagedLine } from "../lines.js";
import { remarkOf } from "../remarks.js";
import { Columns, columnsByCount } from "./columns.js";
import { areNumbers, divide, divideNumbers, headerDivisions, namedFields, numberOf } from "./fields.js";
import { FrameTimes } from "./frame_times.js";
import { LineEnds } from "./line_ends.js";
import { Motion } from "./motion.js";
import { fieldOf } from "./names.js";
import { Notices } from "./notices.js";

const AGREEING = 3; // lines of one shape that decide
const MAX_HELD = 8; // lines among which they are sought
const MAX_STRAYS = 25; // lines of another shape in a row, after which the shape is decided again
const MIN_BLANK_NAMES = 3; // words with blanks between them are a header from this number on

const BYTE_ORDER_MARK = "\xef\xbb\xbf";
const COLOURS = /\x1b\[[0-9;?]*[A-Za-z]/g;
const CONTROL = /[\0-\x08\n-\x1f\x7f]/;
const PLAIN = /^[0-9.+,; \t-]+$/;
const NOT_WORDS = /\b(?:nan|infinity|inf|ovf)\b/gi;
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class SketchReader {
  #notices = new Notices();
  #ends = new LineEnds();
  #orderUnknown = false;
  #columns = null; // of a header or of names in each line
  #header = ""; // the text of the header in force
  #lastHeader = ""; // and of the last one that was read
  #isDoubted = false; // whether that may be the one in force with a flipped bit, or the one in force may have been
  #shape = null; // { separator, count, isClosed, key, isTimeFirst }, or { names, key }
  #held = []; // { line, arrival, key, named } until a shape is decided
  #pending = null; // a header that holds only if the next line of numbers has as many fields
  #strays = 0;
  #times = new FrameTimes(null);
  #timesOf = "";
  #isTimed = null; // null before any columns
  #motion = null;

  /** Whether the last header was ambiguous or is doubted, or lines do not fit it: send `header`. */
  get orderUnknown() {
    return this.#orderUnknown || this.#isDoubted || (this.#columns !== null && this.#strays >= MAX_STRAYS);
  }

  /** Forget the header and the shape: another glove may be connected now. */
  reset() {
    this.#ends = new LineEnds();
    this.#orderUnknown = false;
    this.#columns = this.#shape = this.#pending = this.#motion = null;
    this.#header = this.#lastHeader = "";
    this.#isDoubted = false;
    this.#held = [];
    this.#strays = 0;
    this.#times = new FrameTimes(null);
    this.#timesOf = "";
    this.#isTimed = null;
  }

  /** Divide text into lines; the last piece has not ended yet. */
  split(characters, isSkipping) {
    return this.#ends.divide(characters, isSkipping);
  }

  mayBeLine(piece) {
    return !CONTROL.test(cleaned(piece)) && isUtf8(piece);
  }

  /** Take the first line after the port was opened: a piece of a line, unless it is a header all of whose names are known. */
  partial(raw) {
    const line = cleaned(raw);
    const columns = headerOf(line);
    if (columns !== null && !columns.isAmbiguous && columns.knownCount === columns.fields.length) this.#pending = { columns, line, remark: [] };
  }

  /** Return the events of a line without its end, which arrived at `arrival` in milliseconds. */
  read(raw, arrival) {
    const line = cleaned(raw);
    if (line === "") return [];
    return this.#notices.after(this.#readLine(line, arrival), arrival);
  }

  /** When frames that are held come out though nothing arrives; null without such frames. */
  get due() {
    return this.#times.due;
  }

  /** Return the events that are due at `now` though nothing has arrived. */
  idle(now) {
    return this.#times.due === null ? [] : this.#notices.after(this.#times.idle(now).map(completed), now);
  }

  #readLine(line, arrival) {
    if (line.startsWith("#")) return [letterOfRemark(strip(line.slice(1))) ?? remarkOf(line.slice(1))];
    return CONTROL.test(line) || !isUtf8(line) ? [damagedLine(line, FAULTS.ascii)] : this.#readText(line, arrival);
  }

  #readText(line, arrival) {
    const named = namedFields(line);
    if (named !== null && this.#shape?.names !== undefined) return this.#readNumbers({ line, arrival, named });
    if (PLAIN.test(line) || areNumbers(divideNumbers(line))) return this.#takeNumbers(line, arrival);
    const inLine = named === null ? null : columnsOf(named.names);
    if (inLine?.isUseful) return this.#takeNamed({ line, arrival, named, key: named.names.join() }, inLine.isAmbiguous);
    const columns = headerOf(line);
    if (columns !== null) return this.#takeHeader(columns, line);
    return [areWords(line) ? wordsOf(line) : damagedLine(line, FAULTS.number)];
  }

  /** Take a line of names while lines without names are read: a status, unless no other line comes any more. */
  #takeNamed(item, isAmbiguous) {
    if (this.#shape !== null) {
      this.#strays += 1;
      if (this.#strays < MAX_STRAYS) return [wordsOf(item.line)];
      this.#forgetShape();
    }
    return isAmbiguous ? [damagedLine(item.line, FAULTS.header)] : this.#hold(item);
  }

  #takeHeader(columns, line) {
    this.#isDoubted = this.#lastHeader !== line && differByABit(this.#header, line);
    this.#lastHeader = line;
    if (this.#isDoubted) return [damagedLine(line, FAULTS.header)];
    if (columns.isAmbiguous) {
      this.#orderUnknown = true;
      return [damagedLine(line, FAULTS.header)];
    }
    const isSure = columns.knownCount > 1 && (this.#shape === null || this.#shape.count === columns.fields.length);
    if (isSure) return [...this.#dropPending(), ...this.#adopt(columns, line)];
    const dropped = this.#dropPending();
    this.#pending = { columns, line, remark: [wordsOf(line)] };
    return dropped;
  }

  #dropPending() {
    const { remark } = this.#pending ?? { remark: [] };
    this.#pending = null;
    return remark;
  }

  #adopt(columns, line) {
    const { header } = columns;
    this.#header = line;
    if (this.#columns !== null && !this.#orderUnknown && JSON.stringify(this.#columns.fields) === JSON.stringify(columns.fields)) {
      return [header]; // said again: the lines that are held are under it already
    }
    const dropped = this.#held.map(({ line }) => damagedLine(line, FAULTS.fields));
    this.#held = [];
    this.#orderUnknown = false;
    this.#strays = 0;
    this.#columns = columns;
    if (this.#shape?.count !== columns.fields.length) this.#shape = null;
    return [...dropped, ...this.#useTimesOf(columns), header];
  }

  /** Begin another search for the unit of time, where the columns have another one; return the events of it. */
  #useTimesOf(columns) {
    const [isTimed, wasTimed, key] = [columns.time >= 0, this.#isTimed, `${columns.time < 0} ${columns.timeScale}`];
    let events = [];
    if (key !== this.#timesOf) {
      const before = this.#times;
      this.#times = new FrameTimes(columns.timeScale);
      events = isTimed === wasTimed ? this.#times.takeOver(before) : before.giveUp();
    }
    this.#timesOf = key;
    this.#isTimed = isTimed;
    this.#motion = columns.needsAngles ? new Motion(columns) : null;
    return events.map(completed);
  }

  #takeNumbers(line, arrival) {
    if (this.#orderUnknown) return [damagedLine(line, FAULTS.order)];
    const divided = divideNumbers(line);
    const before = this.#settlePending(divided.fields.length);
    const key = `${divided.separator}${divided.fields.length}${divided.isClosed}`;
    const item = { line, arrival, named: null, key, divided };
    return [...before, ...(this.#shape === null ? this.#hold(item) : this.#readNumbers(item))];
  }

  #settlePending(count) {
    if (this.#pending?.columns.fields.length !== count) return this.#dropPending();
    const { columns, line } = this.#pending;
    this.#pending = null;
    return this.#adopt(columns, line);
  }

  /** Keep a line until three of its shape decide. */
  #hold(item) {
    this.#held.push(item);
    const agreeing = this.#held.filter(({ key }) => key === item.key);
    if (this.#held.length < MAX_HELD && (agreeing.length < AGREEING || this.#mayBeTimeFirst(agreeing))) return [];
    const held = this.#held;
    this.#held = [];
    if (agreeing.length < AGREEING) return held.map(({ line }) => damagedLine(line, FAULTS.fields));
    const before = this.#decide(agreeing);
    return [...before, ...held.flatMap((each) => this.#readNumbers(each))];
  }

  #decide(agreeing) {
    const [{ named, divided }] = agreeing;
    this.#strays = 0;
    if (named !== null) {
      this.#columns = columnsOf(named.names);
      this.#shape = { names: named.names.join(), count: named.names.length };
      return [...this.#useTimesOf(this.#columns), this.#columns.header];
    }
    const columns = this.#columns ?? columnsByCount(divided.fields.length);
    const isTimeFirst = this.#mayBeTimeFirst(agreeing);
    this.#shape = { separator: divided.separator, count: divided.fields.length, isClosed: divided.isClosed, isTimeFirst };
    return columns !== null && this.#columns === null ? this.#useTimesOf(columns) : [];
  }

  /** Tell whether lines without names and without a time begin with a field that rises as a time does. */
  #mayBeTimeFirst(lines) {
    const [{ named, divided }] = lines;
    if (this.#columns !== null || named !== null) return false;
    const columns = columnsByCount(divided.fields.length);
    return columns !== null && columns.time < 0 && risesEvenly(lines);
  }

  #readNumbers({ line, arrival, named }) {
    try {
      return this.#frame(named === null ? this.#numbersOf(line) : this.#namedNumbersOf(named), line, arrival);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return [damagedLine(line, error.reason)];
    }
  }

  #namedNumbersOf({ names, separator, fields }) {
    if (names.join() !== this.#shape.names) this.#stray();
    this.#strays = 0;
    return fields.map((field) => numberOf(field, separator));
  }

  #numbersOf(line) {
    const { separator, count, isClosed } = this.#shape;
    const divided = separator === undefined ? null : divide(line, separator);
    if (divided === null || divided.fields.length !== count || divided.isClosed !== isClosed) this.#stray();
    this.#strays = 0;
    const columns = this.#columns ?? columnsByCount(count);
    if (columns === null || columns.fields.length !== count) throw new Unreadable(FAULTS.fields);
    const isUsed = ({ kind }) => kind !== null && kind !== "ignored";
    return divided.fields.map((field, place) => (isUsed(columns.fields[place]) ? numberOf(field, separator) : 0));
  }

  #stray() {
    this.#strays += 1;
    if (this.#strays >= MAX_STRAYS && (this.#columns === null || this.#shape.names !== undefined)) this.#forgetShape();
    throw new Unreadable(FAULTS.fields);
  }

  #forgetShape() {
    this.#shape = this.#columns = null;
    this.#header = "";
    this.#strays = 0;
  }

  #frame(numbers, line, arrival) {
    const columns = this.#columns ?? columnsByCount(numbers.length);
    const unlikely = this.#shape.isTimeFirst ? { field: columns.fields[0].name, value: numbers[0] } : columns.unlikely(numbers);
    if (unlikely !== null) return [damagedLine(line, FAULTS.range), ...this.#notices.unlikely({ ...unlikely, line })];
    const { time, ...reading } = columns.read(numbers);
    if (time !== null && !(time >= 0 && time < Number.MAX_SAFE_INTEGER)) throw new Unreadable(FAULTS.range);
    const notice = this.#motion?.notice(reading) ?? null;
    this.#notices.frame();
    // The frame may be held back, and gets its angles when its time is known.
    const events = this.#times.take({ event: "frame", ...reading, seq: null, motion: this.#motion }, time, arrival);
    return [...(notice === null ? [] : [notice]), ...events.map(completed)];
  }
}

/** Return an event; a frame with the angles of the motion that it was read with. */
function completed(event) {
  if (event.event !== "frame") return event;
  const { motion, ...frame } = event;
  if (motion !== null) return motion.complete(frame);
  const { turn, ...rest } = frame;
  return rest;
}

function cleaned(raw) {
  const line = strip(raw.startsWith(BYTE_ORDER_MARK) ? raw.slice(BYTE_ORDER_MARK.length) : raw);
  return strip(line.replace(COLOURS, ""));
}

function isUtf8(line) {
  if (isAscii(line)) return true;
  try {
    UTF_8.decode(toBytes(line));
    return true;
  } catch {
    return false;
  }
}

function wordsOf(line) {
  return { event: "remark", text: UTF_8.decode(toBytes(line)), values: {} };
}

/** Tell whether a line is a sentence, boot text or a panic, rather than damaged numbers. */
function areWords(line) {
  const text = UTF_8.decode(toBytes(line));
  return /\p{L}{2}/u.test(text.replace(NOT_WORDS, "")) || /:|0x/.test(text) || !/[0-9]/.test(text);
}

function columnsOf(names) {
  return new Columns(names.map((name) => fieldOf(name) ?? { name, kind: null, place: null, factor: null, range: null }), true);
}

/** Return the columns that a header names, or null where the line is none. */
function headerOf(line) {
  const text = isAscii(line) || !isUtf8(line) ? line : UTF_8.decode(toBytes(line));
  for (const { separator, fields } of headerDivisions(text)) {
    const named = fields.map(fieldOf);
    if (named.includes(null)) continue;
    const columns = new Columns(named, true);
    const isHeader = separator !== " " || (columns.fields.length >= MIN_BLANK_NAMES && columns.knownCount >= columns.fields.length - 1);
    return isHeader && columns.isUseful ? columns : null;
  }
  return null;
}

/** Tell whether one flipped bit makes the other line of a line. */
function differByABit(line, other) {
  const places = line.length === other.length ? [...line].map((_, place) => line.charCodeAt(place) ^ other.charCodeAt(place)) : [];
  const [bits, ...more] = places.filter((difference) => difference !== 0);
  return bits !== undefined && more.length === 0 && (bits & (bits - 1)) === 0;
}

/** Tell whether the first field rises by the same step, to a fifth: it is a time. */
function risesEvenly(lines) {
  const first = lines.map(({ divided: { fields, separator } }) => numberOf(fields[0], separator));
  const steps = first.slice(1).map((value, place) => value - first[place]);
  return steps.every((step) => step > 0 && Math.abs(step - steps[0]) <= steps[0] / 5);
}
