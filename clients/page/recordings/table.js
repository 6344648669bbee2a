// The numbers of a table, whichever way a spreadsheet wrote them, by the rules of scaleglove/recordings/table.py. Pure.

import { RECEIVED, TIME } from "../client/channel_names.js";
import { UnreadableError } from "./episode.js";
import { namesColumns, readColumns, recordsOf, separatorLine } from "./header.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOTHING = new Set(["", "nan", "null", "none", "na", "n/a"]); // no reading; a column of nothing else is a missing sensor

/** Read the first `limit` rows of a table: { header, numbers, lines, leftOut, hasDecimalCommas, cut }. `numbers` has an array
 * for each quantity, NaN where a cell has none; blank lines and lines that begin with # are skipped.
 * @throws {UnreadableError} its header or all of its lines cannot be read. */
export function readTable(text, limit = Infinity) {
  const { header: found, body, before } = headerOf(text);
  const rows = [...rowsOf(body, found, before)];
  const header = { ...found, columns: withOptionalClock(rows, found.columns) };
  const cut = rows.length > limit;
  if (cut) rows.length = limit;
  const hasDecimalCommas = header.separator !== "," && hasCommas(rows, header.columns);
  const numbers = Object.fromEntries(header.columns.map(({ quantity }) => [quantity, []]));
  const lines = [];
  for (const { line, cells } of rows) {
    const row = numbersOf(cells, header, hasDecimalCommas);
    if (row === null) continue;
    lines.push(line);
    header.columns.forEach(({ quantity }, i) => numbers[quantity].push(row[i]));
  }
  if (lines.length === 0) throw new UnreadableError("no_numbers", { line: rows[0]?.line ?? null });
  return { header, numbers, lines, leftOut: rows.length - lines.length, hasDecimalCommas, cut };
}

/** Return the header, the text behind it, and the number of lines before that. */
function headerOf(text) {
  let separator = "";
  for (let from = 0, before = 1; from < text.length; before++) {
    const end = text.indexOf("\n", from);
    const to = end === -1 ? text.length : end;
    let line = text.slice(from, to);
    from = to + 1;
    if (before === 1) separator = separatorLine(line);
    if (before === 1 && separator !== "") continue;
    if (line.startsWith("#") && namesColumns(line.slice(1), separator)) line = line.slice(1); // as numpy writes a header
    if (line.trim() !== "" && !line.startsWith("#")) {
      return { header: readColumns(line, separator), body: text.slice(from), before };
    }
  }
  throw new UnreadableError("no_header");
}

/** Return the columns; of two clocks the computer's cells need not be numbers, or the device's where none of them is. */
function withOptionalClock(rows, columns) {
  const of = (wanted) => columns.find(({ quantity }) => quantity === wanted);
  if (of(TIME) === undefined || of(RECEIVED) === undefined) return columns;
  const isNumber = (cell) => NUMBER.test(cell.trim().replaceAll(",", "."));
  const hasNumbers = rows.some(({ cells }) => isNumber(cells[of(TIME).place] ?? ""));
  const optional = hasNumbers ? RECEIVED : TIME;
  return columns.map((column) => ({ ...column, isOptional: column.isOptional || column.quantity === optional }));
}

function* rowsOf(body, { separator, names }, before) {
  for (const { line, cells } of body.includes('"') ? recordsOf(body, separator) : plainRowsOf(body, separator)) {
    // A spreadsheet writes ###### in a cell that is too narrow.
    const isRemark = cells[0].startsWith("#") && cells.length !== names.length;
    if (cells.some((cell) => cell.trim() !== "") && !isRemark) yield { line: before + line, cells };
  }
}

function* plainRowsOf(body, separator) {
  let line = 1;
  for (let from = 0; from < body.length; line++) {
    const end = body.indexOf("\n", from);
    const to = end === -1 ? body.length : end;
    yield { line, cells: body.slice(from, to).split(separator) };
    from = to + 1;
  }
}

/** Tell whether the numbers have decimal commas.
 * @throws {UnreadableError} some have a comma and some a point, so that one of them groups thousands. */
function hasCommas(rows, columns) {
  const needed = columns.filter(({ isOptional }) => !isOptional);
  let comma = null;
  let hasPoint = false;
  for (const { line, cells } of rows) {
    for (const { place, name } of needed) {
      const cell = cells[place] ?? "";
      hasPoint ||= cell.includes(".");
      if (cell.includes(",")) comma ??= { line, column: name };
    }
  }
  if (comma !== null && hasPoint) throw new UnreadableError("decimal", comma);
  return comma !== null;
}

/** Return the numbers in the columns, null for a line with other text or with too many fields. */
function numbersOf(cells, { columns, names }, hasDecimalCommas) {
  if (cells.slice(names.length).some((cell) => cell.trim() !== "")) return null;
  const numbers = [];
  for (const { place, isOptional } of columns) {
    if (place >= cells.length) {
      if (!isOptional) return null;
      numbers.push(NaN);
      continue;
    }
    const cell = (hasDecimalCommas ? cells[place].replaceAll(",", ".") : cells[place]).trim();
    const isNumber = NUMBER.test(cell);
    if (!isNumber && !isOptional && !NOTHING.has(cell.toLowerCase())) return null;
    numbers.push(isNumber ? Number(cell) : NaN);
  }
  return numbers;
}
