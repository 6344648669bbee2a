// The header of a file: its separator, and which column is which clock or sensor, by the rules of
// scaleglove/recordings/header.py. Pure.

import { ACCELERATION, QUATERNION, RECEIVED, TIME, factorOf, readHeader } from "../client/channel_names.js";
import { CHANNELS, FIRST_ANGLE } from "../glove.js";
import { UnreadableError } from "./episode.js";

const SEPARATORS = [",", ";", "\t"]; // in the order of preference where a header reads as well with several
const PUBLIC_NAMES = { [TIME]: "timestamp_ms", [RECEIVED]: "recv_timestamp_ms" }; // win over other columns of times
const LEAST_KNOWN = 3;
const MAX_LINE = 65_536; // characters of the line that names the columns
const SEPARATOR_LINE = /^"?sep=([^A-Za-z0-9_"])\1*"?$/i;

/** Return the separator that a first line `sep=;` names, "" for any other line. */
export function separatorLine(line) {
  return SEPARATOR_LINE.exec(line.replace(/^ +| +$/g, ""))?.[1] ?? "";
}

/** Read the line that names the columns: { separator, names, columns }, with { quantity, place, name, field, isOptional } for
 * each column that is used.
 * @throws {UnreadableError} it names no frames of a glove. */
export function readColumns(line, separator) {
  const chosen = separator || separatorOf(line);
  const names = splitLine(line, chosen).map((name) => name.trim());
  return { separator: chosen, names, columns: columnsOf(names) };
}

/** Return the fields of a line; quoted ones may contain the separator.
 * @throws {UnreadableError} it is longer than any that names columns. */
export function splitLine(line, separator) {
  if (line.length > MAX_LINE) throw new UnreadableError("no_header");
  return [...recordsOf(line, separator)][0]?.cells ?? [];
}

/** Yield the records of a text: { line, cells }, `line` counted from 1 at the last line of each. Only a quotation mark at the
 * beginning of a field quotes, and quoted fields may contain line ends. */
export function* recordsOf(text, separator) {
  let line = 1;
  let cells = [];
  for (let at = 0; at <= text.length; ) {
    while (text[at] === " ") at += 1;
    let cell = "";
    if (text[at] === '"') {
      at += 1;
      for (; at < text.length && (text[at] !== '"' || text[at + 1] === '"'); at++) {
        if (text[at] === '"') at += 1;
        if (text[at] === "\n") line += 1;
        cell += text[at];
      }
      at += 1;
    }
    const from = at;
    while (at < text.length && text[at] !== separator && text[at] !== "\n") at += 1;
    cells.push(cell + text.slice(from, at));
    if (text[at] !== separator) {
      yield { line, cells };
      line += 1;
      cells = [];
    }
    at += 1;
  }
}

/** Tell whether a line, such as a remark, names columns of a glove: more than a word of prose does by chance. */
export function namesColumns(line, separator) {
  return known(line, separator || separatorOf(line)) >= LEAST_KNOWN;
}

/** Return the separator by which the header names most quantities. */
function separatorOf(line) {
  return SEPARATORS.reduce((best, separator) => (known(line, separator) > known(line, best) ? separator : best));
}

function known(line, separator) {
  return readHeader(splitLine(line, separator)).filter(({ quantity }) => quantity !== "").length;
}

function columnsOf(names) {
  const fields = readHeader(names);
  const all = names.map((name, place) => ({ quantity: fields[place].quantity, place, name, field: fields[place] }));
  const found = (quantity) => all.filter((column) => column.quantity === quantity);
  const has = (quantity) => found(quantity).length > 0;
  if (![TIME, RECEIVED, ...CHANNELS, ...QUATERNION].some(has)) throw new UnreadableError("no_header");
  const isTurned = QUATERNION.every((name) => found(name).length === 1) && !CHANNELS.slice(FIRST_ANGLE).some(has);
  const sensors = isTurned ? [...CHANNELS.slice(0, FIRST_ANGLE), ...QUATERNION] : CHANNELS;
  const needed = [TIME, RECEIVED, ...sensors].filter(has).map((quantity) => oneOf(quantity, found(quantity)));
  if (!sensors.some(has)) throw new UnreadableError("no_channel");
  if (!has(TIME) && !has(RECEIVED)) throw new UnreadableError("no_time");
  needed.forEach(requireUnit);
  const acceleration = ACCELERATION.every((name) => found(name).length === 1) ? ACCELERATION.flatMap(found) : [];
  return [...needed, ...acceleration].map((column) => ({
    ...column,
    isOptional: acceleration.includes(column), // and of two clocks one, which the table decides
  }));
}

/** Return the column of a quantity. Of several clocks the public layout's is used; other columns must be one. */
function oneOf(quantity, columns) {
  const open = columns.filter(({ name }) => name.toLowerCase() === PUBLIC_NAMES[quantity]);
  if (columns.length > 1 && open.length !== 1) throw new UnreadableError("column_twice", { column: columns.at(-1).name });
  return open[0] ?? columns[0];
}

/** Refuse angles in an unknown unit. Fingers have any: their scale is the glove's own. */
function requireUnit({ quantity, name, field }) {
  if (factorOf(field) === null && !quantity.startsWith("flex")) throw new UnreadableError("unit", { column: name });
}
