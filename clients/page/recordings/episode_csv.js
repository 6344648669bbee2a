// Labelled episodes in CSV, read and written as the Python package does: any table that names a glove's readings is read, by
// the rules of scaleglove/recordings/; tests/scaleglove/recordings/vectors.json holds both to the same rows. Pure.

import { ACCELERATION, QUATERNION, RECEIVED, TIME, factorOf } from "../client/channel_names.js";
import { CHANNELS, FIRST_ANGLE, MAX_GAP_MS } from "../glove.js";
import { timesOf } from "./clock.js";
import { MAX_MAGNITUDE, UnreadableError, episodeOf } from "./episode.js";
import { readTable } from "./table.js";
import { decode } from "./text.js";

const ANGLES = CHANNELS.slice(FIRST_ANGLE);
const FLEX = CHANNELS.slice(0, FIRST_ANGLE);
const COLUMNS = ["timestamp_ms", "recv_timestamp_ms", ...ANGLES, ...FLEX, "sampling_hz", ...ACCELERATION];
const PUBLISHED_BY = "userid"; // a column of the published ASL recordings alone, whose files hold several repetitions
const REPETITION_FRAMES = 150; // in those files
const MAX_TICKS = 1e20; // bound of a time in any unit: the nanoseconds of the epoch are 2e18
const DEGREES = 180 / Math.PI;

/** Read the first `limit` frames of a file with this name and time: { episodes, cut }.
 * @throws {UnreadableError} the reason has the code, and the column or line where there is one. */
export function readCsv(bytes, { name, begunAt }, limit = Infinity) {
  const { text, encoding } = decode(bytes);
  const table = readTable(text, limit);
  const { values, good, fromQuaternion } = valuesOf(table);
  const of = (quantity) => columnOf(table, quantity, good);
  const { t, said } = timesOf(of(TIME), of(RECEIVED));
  const repairs = {
    ...(["cp949", "windows_1252"].includes(encoding) ? { [encoding]: 1 } : {}),
    ...(table.hasDecimalCommas ? { decimal_comma: 1 } : {}),
    ...(fromQuaternion ? { angles_from_quaternion: 1 } : {}),
    line_left_out: table.leftOut + values.length - good.length,
    ...said,
  };
  const frames = {
    t,
    values: good.map((i) => values[i].map((value) => (Number.isNaN(value) ? null : Math.fround(value)))),
    receivedMs: allFinite(scaled(of(RECEIVED))),
    acceleration: accelerationOf(ACCELERATION.map(of)),
  };
  CHANNELS.forEach((channel, i) => {
    if (frames.values[0][i] === null) repairs[`channel_missing:${channel}`] = 1;
  });
  const isPublished = table.header.names.some((each) => each.toLowerCase().replaceAll("_", "") === PUBLISHED_BY);
  const pieces = isPublished ? repetitionsOf(frames) : [frames];
  const episodes = pieces.map((piece, i) =>
    episodeOf({ ...piece, name, begunAt, isPublished, repairs: i === 0 ? repairs : {} }),
  );
  return { episodes, cut: table.cut };
}

/** Return the rows of eight numbers, NaN for missing channels, and the indices of those that are complete and plausible.
 * @throws {UnreadableError} there are none. */
function valuesOf({ header, numbers, lines }) {
  const fromQuaternion = numbers[QUATERNION[0]] !== undefined;
  const factors = Object.fromEntries(header.columns.map(({ quantity, field }) => [quantity, factorOf(field) ?? 1]));
  const reading = (channel, i) => (numbers[channel] === undefined ? NaN : numbers[channel][i] * factors[channel]);
  const values = lines.map((_, i) => {
    const row = CHANNELS.map((channel) => reading(channel, i));
    if (fromQuaternion) row.splice(FIRST_ANGLE, ANGLES.length, ...anglesOf(QUATERNION.map((name) => numbers[name][i])));
    return row;
  });
  const present = CHANNELS.map((_, c) => c).filter((c) => values.some((row) => !Number.isNaN(row[c])));
  const clock = [TIME, RECEIVED].find((quantity) => numbers[quantity]?.some((time) => !Number.isNaN(time)));
  if (clock === undefined) throw new UnreadableError("no_time");
  const isGood = (row, i) =>
    present.every((c) => Math.abs(row[c]) <= MAX_MAGNITUDE) && Math.abs(numbers[clock][i]) <= MAX_TICKS;
  const good = values.flatMap((row, i) => (isGood(row, i) ? [i] : []));
  if (present.length === 0 || good.length === 0) throw new UnreadableError("no_numbers", { line: lines[0] });
  return { values, good, fromQuaternion };
}

/** Return pitch, roll and yaw in degrees of a quaternion, by the firmware's convention: z up, turned by yaw, pitch, roll. */
function anglesOf(quaternion) {
  const size = Math.hypot(...quaternion);
  const [w, x, y, z] = quaternion.map((part) => part / size);
  return [
    Math.asin(Math.min(1, Math.max(-1, 2 * (w * y - x * z)))),
    Math.atan2(2 * (y * z + w * x), w * w - x * x - y * y + z * z),
    Math.atan2(2 * (x * y + w * z), w * w + x * x - y * y - z * z),
  ].map((angle) => angle * DEGREES);
}

/** Return a column at the indices `good`: { times, field }; null where there is none, or where it is empty. */
function columnOf({ header, numbers }, quantity, good) {
  const column = header.columns.find((each) => each.quantity === quantity);
  if (column === undefined || numbers[quantity].every(Number.isNaN)) return null;
  const plausible = (time) => (Math.abs(time) <= MAX_TICKS ? time : NaN);
  return { times: good.map((i) => plausible(numbers[quantity][i])), field: column.field };
}

function scaled(column) {
  return column?.times.map((value) => value * (factorOf(column.field) ?? 1)) ?? null;
}

function allFinite(numbers) {
  return numbers?.every(Number.isFinite) ? numbers : null;
}

/** Return the rows of three columns in g; null where one is missing or incomplete. */
function accelerationOf(columns) {
  const parts = columns.map((column) => allFinite(scaled(column)));
  return parts.includes(null) ? null : parts[0].map((_, i) => parts.map((part) => Math.fround(part[i])));
}

/** Return the repetitions: a new one begins after a pause, and where no line is lost also after the usual length. */
function repetitionsOf({ t, values, receivedMs, acceleration }) {
  const pauses = t.flatMap((time, i) => (i > 0 && time - t[i - 1] > MAX_GAP_MS ? [i] : []));
  const isWhole = t.length % REPETITION_FRAMES === 0 && pauses.every((at) => at % REPETITION_FRAMES === 0);
  const cuts = isWhole ? t.map((_, i) => i).filter((i) => i > 0 && i % REPETITION_FRAMES === 0) : pauses;
  return [0, ...cuts].map((from, i) => {
    const piece = (rows) => rows?.slice(from, cuts[i] ?? t.length) ?? null;
    return { t: piece(t), values: piece(values), receivedMs: piece(receivedMs), acceleration: piece(acceleration) };
  });
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

/** Return the mean step between the frames. */
function meanStep(t) {
  return t.at(-1) > 0 ? 1000 / ((1000 * (t.length - 1)) / t.at(-1)) : 0;
}

/** Return the shortest text that is read as the same float32, "" for a missing sensor. */
function shortest(value) {
  if (value === null) return "";
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
