// The fields of a line: how it is divided, and its numbers. Pure. docs/reference/link.md, "Numbers" and "Names".

import { FAULTS, Unreadable } from "../events.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NOT_FINITE = /^[+-]?(nan|inf|infinity|ovf)$/i;
const NAMED = /^([A-Za-z_][A-Za-z0-9_. /()[\]-]*?) *: *(\S+)$/;

/** Separators as they are written, by the character that stands for them. */
const SEPARATORS = { ";": /[ \t]*;[ \t]*/, ",": /[ \t]*,[ \t]*/, "\t": / *(?:\t *)+/, " ": / +/ };

/** Divide a line by a separator: { separator, fields, isClosed }; `isClosed`: a separator ends the line. */
export function divide(line, separator) {
  const fields = line.split(SEPARATORS[separator]);
  const isClosed = fields.length > 1 && fields.at(-1) === "";
  if (isClosed) fields.pop();
  return { separator, fields, isClosed };
}

/** Divide a line of numbers whose separator is not decided yet. */
export function divideNumbers(line) {
  if (line.includes(";")) return divide(line, ";");
  const runs = line.match(/.?[ \t]+.?/g) ?? [];
  if (line.includes(",") && runs.every((run) => run.includes(","))) return divide(line, ",");
  return divide(line, line.includes("\t") ? "\t" : " ");
}

/** Tell whether every field of a divided line is a number, be it finite or not. */
export function areNumbers({ separator, fields }) {
  return fields.every((field) => NUMBER.test(pointed(field, separator)) || NOT_FINITE.test(field));
}

/** Return the number of a field.
 * @throws {Unreadable} */
export function numberOf(field, separator) {
  if (NOT_FINITE.test(field)) throw new Unreadable(FAULTS.finite);
  const text = pointed(field, separator);
  if (!NUMBER.test(text)) throw new Unreadable(FAULTS.number);
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Unreadable(FAULTS.range);
  return value;
}

/** Return the names and numbers of a line whose fields are all `name:number`, { names, separator, fields }; else null. */
export function namedFields(line) {
  const joined = line.replace(/:[ \t]+/g, ":");
  for (const separator of Object.keys(SEPARATORS)) {
    const { fields } = divide(joined, separator);
    const found = fields.map((field) => NAMED.exec(field));
    const isNumber = (match) => match !== null && (NUMBER.test(pointed(match[2], separator)) || NOT_FINITE.test(match[2]));
    if (found.every(isNumber)) return { names: found.map((match) => match[1]), separator, fields: found.map((match) => match[2]) };
  }
  return null;
}

/** Return the ways to divide a header, the first of which makes all its fields names. */
export function headerDivisions(line) {
  return Object.keys(SEPARATORS).map((separator) => divide(line, separator)).filter(({ fields }) => fields.length > 1);
}

/** Write the decimal mark as a point, where the separator allows a comma. */
function pointed(field, separator) {
  return separator === "," ? field : field.replace(",", ".");
}
