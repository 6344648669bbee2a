// The fields of the link protocol's header: a column's name, perhaps with a unit and a range. As header_fields.py. Pure.

import { CHANNELS } from "../wire.js";

export const TIME_NAMES = ["timestamp", "timestamp_ms", "time_ms", "t_ms"];
export const ACCELERATION = ["accel_x", "accel_y", "accel_z"];

const NAME = /^[A-Za-z_][A-Za-z0-9_. ()[\]/-]*$/;
const NOT_FINITE = /^[+-]?(nan|inf|infinity|ovf)$/i; // ovf: Arduino's print of a huge float

/** The spellings of the unit that a column of a frame has. None is converted: a column in another unit is not the frame's. */
const UNITS = new Map([
  ...TIME_NAMES.map((name) => [name, ["ms", "msec", "millis", "millisecond", "milliseconds"]]),
  ...CHANNELS.map((name) => [name, name.startsWith("flex") ? ["adc", "count", "counts", "raw", "lsb"] : ["deg", "degs", "degree", "degrees"]]),
  ...ACCELERATION.map((name) => [name, ["g"]]),
]);

const BRACKETED = /^([^()[\]]*[^()[\] ]) *(?:\(([^()[\]]*)\)|\[([^()[\]]*)\])$/;
const SUFFIXED = /^(.+)[_ ](.+)$/;
const INSIDE = /^ *(?:(-?[0-9]{1,9}(?:\.[0-9]{1,9})?) *\.\. *(-?[0-9]{1,9}(?:\.[0-9]{1,9})?))? *([a-z]*) *$/;

/** Tell whether all fields are names, unlike in any damaged line of numbers. */
export function areNames(fields) {
  return fields.length > 1 && fields.every((name) => NAME.test(name) && !NOT_FINITE.test(name));
}

/** Return what a field of a header names: { text, column, limits }, its text without brackets, the column of a frame that it
 * names ("" for any other), and the lowest and the highest reading, or null. */
export function readField(field) {
  const text = field.toLowerCase();
  const [matched, bare, round, square] = BRACKETED.exec(text) ?? [];
  if (matched === undefined) return { text, column: columnOf(text), limits: null };
  const column = columnOf(bare);
  const [isSaid, low, high, unit] = INSIDE.exec(round ?? square) ?? [];
  if (isSaid === undefined || (unit !== "" && !UNITS.get(column)?.includes(unit))) return { text: bare, column: "", limits: null };
  return { text: bare, column, limits: limitsOf(low, high) };
}

/** Return the column that a name stands for, with the unit behind it or without; "" for another name. */
function columnOf(text) {
  if (UNITS.has(text)) return text;
  const [, name, unit] = SUFFIXED.exec(text) ?? [];
  return UNITS.get(name)?.includes(unit) ? name : "";
}

/** Return the ends of a range in order: which of them is straight is not said. */
function limitsOf(low, high) {
  if (low === undefined || Number(low) === Number(high)) return null;
  return [Number(low), Number(high)].sort((a, b) => a - b);
}
