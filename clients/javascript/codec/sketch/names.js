// The names of fields in a line: which sensor or time one is, in which unit and range. Pure. docs/reference/link.md, "Names";
// channel_names.js has the spellings, as for recordings.

import { ACCELERATION, ROTATION, TIME, factorOf, fingerNumber, isSuited, readField } from "../../channel_names.js";
import { CHANNELS } from "../../wire.js";

const FINGERS = 5;
const KINDS = new Map([
  [TIME, ["time", null]],
  ...CHANNELS.map((name, place) => [name, [place < FINGERS ? "flex" : "angle", place]]),
  ...ACCELERATION.map((name, axis) => [name, ["acceleration", axis]]),
  ...ROTATION.map((name, axis) => [name, ["turn", axis]]),
]);
const OTHERS = new Set([
  "seq", "sequence", "count", "counter", "frame", "temp", "temperature", "battery", "vbat", "button", "samplinghz", "hz", "fps",
  "label", "min", "max",
]);

const WORD = /^[A-Za-z_][A-Za-z0-9_./-]*(?: ?[([][^)\]]*[)\]])?$/;
const BRACKETS = /^(.*?) ?[([].*$/;

const UNKNOWN = { kind: null, place: null, factor: null, range: null };

/**
 * Return what a field of a header names: { name, kind, place, factor, range }, and `numbered` of a flex sensor with a number
 * (from 0 or from 1); `kind` is "flex", "angle", "acceleration", "turn", "time", "ignored", or null where the name is unknown;
 * `factor` is that to ms, degrees, g or degrees/s, null without a unit that converts. Return null where the field is no name.
 */
export function fieldOf(field) {
  const text = field.trim();
  const bare = BRACKETS.exec(text)?.[1] ?? text;
  const number = fingerNumber(bare);
  // A sensor is known by its name whatever its number: 0 is one where they are counted from it.
  const known = readField(number === 0 ? text.replace("0", "1") : text);
  const name = bare.toLowerCase();
  if (known.quantity !== "" && isSuited(known)) {
    if (!KINDS.has(known.quantity)) return { ...UNKNOWN, name, kind: "ignored" };
    const [kind, place] = KINDS.get(known.quantity);
    const found = { name, kind, place, factor: known.unit === "" ? null : factorOf(known), range: known.limits };
    return number === null ? found : { ...found, place: null, numbered: number };
  }
  if (OTHERS.has(name.replace(/[^a-z0-9]/g, ""))) return { ...UNKNOWN, name, kind: "ignored" };
  return WORD.test(text) ? { ...UNKNOWN, name: text.toLowerCase() } : null;
}

/** Give the flex sensors of a header their channels: by numbers from 1 to 5, or from 0 to 4. */
export function numberFingers(fields) {
  const isFromZero = fields.some(({ kind, numbered }) => kind === "flex" && numbered === 0);
  return fields.map((field) => {
    if (field.kind !== "flex" || field.numbered === undefined) return field;
    const place = field.numbered - (isFromZero ? 0 : 1);
    return place < 5 ? { ...field, place } : { ...field, kind: null, place: null };
  });
}

/**
 * Tell whether flex sensors have a number 0, but are neither 0 to 4 nor in order from 0 on: one flipped bit makes `flex0`
 * of `flex1`, and the other fingers must not move by one for it.
 */
export function areMiscounted(fields) {
  const numbers = fields.filter(({ kind, numbered }) => kind === "flex" && numbered !== undefined).map(({ numbered }) => numbered);
  const isFromZero = (ordered) => ordered.every((number, place) => number === place);
  return numbers.includes(0) && !isFromZero(numbers) && !(numbers.length === 5 && isFromZero(numbers.toSorted()));
}

/** Return the channel's index in a frame of a named field, or null. */
export function channelOf({ kind, place }) {
  return kind === "flex" || kind === "angle" ? place : null;
}
