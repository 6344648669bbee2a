// Labelled episodes in the public CSV layout, read and written as the Python package does. Pure.

import { CHANNELS, FIRST_ANGLE } from "../glove.js";
import { ACCELERATION, MAX_MAGNITUDE, UnreadableError, episodeOf } from "./episode.js";

const TIME = "timestamp_ms";
const RECEIVED = "recv_timestamp_ms";
const ANGLES = CHANNELS.slice(FIRST_ANGLE);
const FLEX = CHANNELS.slice(0, FIRST_ANGLE);
const COLUMNS = [TIME, RECEIVED, ...ANGLES, ...FLEX, "sampling_hz", ...ACCELERATION];
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const USUAL_STEP_MS = 20;

/** Read the first `limit` frames of a file with this name and time: { episode, cut }.
 * @throws {UnreadableError} a column is missing, or no line can be read. */
export function readCsv(text, { name, begunAt }, limit = Infinity) {
  const lines = linesOf(text);
  const header = cells(lines.next().value ?? "");
  const wanted = [TIME, ...CHANNELS];
  const missing = wanted.find((column) => !header.includes(column));
  if (missing !== undefined) throw new UnreadableError("column", { column: missing });
  const indices = (columns) => columns.map((column) => header.indexOf(column));
  const [needed, received, accelerated] = [indices(wanted), indices([RECEIVED]), indices(ACCELERATION)];
  const found = { t: [], values: [], receivedMs: [], acceleration: [] };
  let leftOut = 0;
  let cut = false;
  for (const line of lines) {
    if (line === "") continue;
    if (found.t.length === limit) {
      cut = true;
      break;
    }
    const row = cells(line);
    const [t, ...values] = numbers(row, needed);
    if (!Number.isFinite(t) || !values.every((value) => Math.abs(value) <= MAX_MAGNITUDE)) {
      leftOut += 1;
      continue;
    }
    found.t.push(t);
    found.values.push(values.map(Math.fround));
    found.receivedMs.push(numbers(row, received)[0]);
    found.acceleration.push(numbers(row, accelerated).map(Math.fround));
  }
  if (found.t.length === 0) throw new UnreadableError("noLines");
  const { t, mended } = increasing(found.t);
  const receivedMs = found.receivedMs.every(Number.isFinite) ? found.receivedMs : null;
  const acceleration = found.acceleration.every((row) => row.every(Number.isFinite)) ? found.acceleration : null;
  const repairs = { leftOut, mended };
  return { episode: episodeOf({ name, t, values: found.values, receivedMs, acceleration, repairs, begunAt }), cut };
}

/** Return the text of a file. */
export function writeCsv({ t, values, receivedMs, acceleration }) {
  const before = -meanStep(t);
  const rows = t.map((ms, i) => {
    const step = ms - (i === 0 ? before : t[i - 1]);
    return [
      ms.toFixed(3).replace(/\.?0+$/, ""),
      receivedMs === null ? "" : String(receivedMs[i]),
      ...values[i].slice(FIRST_ANGLE).map(shortest),
      ...values[i].slice(0, FIRST_ANGLE).map(shortest),
      step > 0 ? pythonFloat(1000 / step) : "",
      ...(acceleration === null ? ["", "", ""] : acceleration[i].map(shortest)),
    ].join(",");
  });
  return [COLUMNS.join(","), ...rows, ""].join("\n");
}

/** Return increasing times from 0: a step that does not increase becomes the median step, because the lines are in order. */
function increasing(times) {
  const steps = times.slice(1).map((time, i) => time - times[i]);
  const good = steps.filter((step) => step > 0).sort((a, b) => a - b);
  const middle = good.length >> 1;
  const median = good.length % 2 === 1 ? good[middle] : (good[middle - 1] + good[middle]) / 2;
  const usual = good.length === 0 ? USUAL_STEP_MS : median;
  const t = [0];
  for (const step of steps) t.push(t.at(-1) + (step > 0 ? step : usual));
  return { t, mended: steps.length - good.length };
}

/** Return the mean step between the frames. */
function meanStep(t) {
  return t.at(-1) > 0 ? 1000 / ((1000 * (t.length - 1)) / t.at(-1)) : 0;
}

function* linesOf(text) {
  const begin = text.startsWith("\uFEFF") ? 1 : 0;
  for (let from = begin; from < text.length; ) {
    const end = text.indexOf("\n", from);
    const to = end === -1 ? text.length : end;
    yield text.slice(from, text[to - 1] === "\r" ? to - 1 : to);
    from = to + 1;
  }
}

function cells(line) {
  return line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

/** Return the numbers in the cells at `indices`, with NaN for other texts: `Number` would read an empty cell as 0. */
function numbers(row, indices) {
  return indices.map((index) => (NUMBER.test(row[index] ?? "") ? Number(row[index]) : NaN));
}

/** Return the shortest text that is read as the same float32. */
function shortest(value) {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** Return a number as Python writes a float. */
function pythonFloat(value) {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
