// The names of a header's fields, with their units and ranges. Pure. docs/reference/link.md, "Names".

import { CHANNELS } from "../../wire.js";

const UNITS = new Map(
  Object.entries({
    us: ["us", "µs", "μs"], ms: ["ms"], s: ["s", "sec"],
    deg: ["deg"], rad: ["rad"],
    g: ["g"], mg: ["mg"], "m/s2": ["m/s2", "m/s^2", "ms2"],
    dps: ["dps", "deg/s", "degs"], "rad/s": ["rad/s", "rads"],
    raw: ["adc", "raw", "counts", "v", "mv", "ohm", "kohm"],
  }).flatMap(([unit, spellings]) => spellings.map((spelling) => [spelling, unit])),
);
const SUITING = {
  time: ["us", "ms", "s"], angle: ["deg", "rad"], acceleration: ["g", "mg", "m/s2", "raw"], turn: ["dps", "rad/s", "raw"],
  flex: ["raw"], ignored: [...new Set(UNITS.values())],
};

const TIMES = {
  timestamp: null, timestamps: null, time: null, t: null, ts: null, millis: "ms", micros: "us", ms: "ms", us: "us",
  milliseconds: "ms", microseconds: "us", seconds: "s", sec: "s", secs: "s", uptime: null, elapsed: null, tick: null,
  ticks: null, devicetime: null, clock: null,
};
const IGNORED = new Set([
  "seq", "sequence", "count", "counter", "frame", "temp", "temperature", "battery", "vbat", "button", "samplinghz",
  "recvtimestampms", "hz", "fps", "label", "min", "max",
]);
const FINGERS = ["thumb", "index", "middle", "ring", "pinky"];
const PINKIES = ["little", "pinkie"];

const NUMBERED = /^(?:flex|flexsensor|finger|bend|f)([0-5])$/;
const FINGER = /^(?:flex|finger|bend)?(thumb|index|middle|ring|pinky|little|pinkie)(?:flex|finger|bend)?$/;
const ANGLE = /^(?:angle|euler)?(pitch|roll|yaw|heading)$/;
const ACCELERATION = /^(?:a|ac|acc|accel|acceleration)([xyz])$/;
const TURN = /^(?:g|gy|gyr|gyro)([xyz])$/;

const WORD = /^[A-Za-z_][A-Za-z0-9_./-]*(?: ?[([][^)\]]*[)\]])?$/;
const BRACKETS = /^(.*?) ?[([]([^)\]]*)[)\]]$/;
const INSIDE = /^(?:([+-]?[\d.]+) ?\.\. ?([+-]?[\d.]+))? ?([^\d\s].*)?$/;

/**
 * Return what a field of a header names: { name, kind, place, unit, range }; `kind` is "flex" (`place` from 0, as numbered),
 * "angle", "acceleration", "turn", "time", "ignored", or null where the name is unknown; null where the field is no name.
 */
export function fieldOf(text) {
  const trimmed = text.trim();
  const brackets = BRACKETS.exec(trimmed);
  if (brackets !== null) {
    const inside = INSIDE.exec(brackets[2].trim());
    const found = inside === null ? null : suited(known(brackets[1]), inside[3]?.trim());
    if (found !== null) return { ...found, range: inside[1] === undefined ? null : [Number(inside[1]), Number(inside[2])] };
  } else {
    const whole = known(trimmed);
    if (whole !== null) return { ...whole, range: null };
    const parts = /^(.+?)[ _]([^ _]+)$/.exec(trimmed);
    const found = parts === null ? null : suited(known(parts[1]), parts[2], trimmed);
    if (found !== null) return { ...found, range: null };
  }
  return WORD.test(trimmed) ? { name: trimmed.toLowerCase(), kind: null, place: null, unit: null, range: null } : null;
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

function suited(field, unitText, name = field?.name) {
  if (field === null || unitText === undefined) return field;
  const unit = UNITS.get(unitText.toLowerCase());
  if (unit === undefined || !SUITING[field.kind].includes(unit)) return null;
  return { ...field, name: name.toLowerCase(), unit: unit === "raw" ? null : unit };
}

/** Return the known field of a name without brackets, or null. */
function known(text) {
  const name = text.trim().toLowerCase();
  const key = name.replace(/[^a-z0-9]/g, "");
  const field = (kind, place = null, unit = null) => ({ name, kind, place, unit });
  if (Object.hasOwn(TIMES, key)) return field("time", null, TIMES[key]);
  if (IGNORED.has(key)) return field("ignored");
  const numbered = NUMBERED.exec(key);
  if (numbered !== null) return { ...field("flex"), numbered: Number(numbered[1]) };
  const finger = FINGER.exec(key);
  if (finger !== null) return field("flex", PINKIES.includes(finger[1]) ? 4 : FINGERS.indexOf(finger[1]));
  const angle = ANGLE.exec(key);
  if (angle !== null) return field("angle", CHANNELS.indexOf(angle[1] === "heading" ? "yaw" : angle[1]));
  const acceleration = ACCELERATION.exec(key);
  if (acceleration !== null) return field("acceleration", "xyz".indexOf(acceleration[1]));
  const turn = TURN.exec(key);
  return turn === null ? null : field("turn", "xyz".indexOf(turn[1]));
}
