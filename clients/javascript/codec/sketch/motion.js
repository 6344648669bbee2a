// Angles from the raw motion sensors of a header that names them and no angle, in units that may have to be guessed. Pure.

import { noticeOf } from "./notices.js";
import { Orientation } from "./orientation.js";

const DEGREES = 180 / Math.PI;
const STANDARD_GRAVITY = 9.80665;
const MAX_STEP_S = 1; // how the hand turned in a longer gap is unknown
const COUNTS_PER_DPS = 131;
const COUNTS_PER_G = [2048, 4096, 8192, 16_384];

/** By the length of the first acceleration that is not 0: the name, what 1 g and 1 degree/s are. */
const UNITS = [
  { from: 0.5, to: 2, unit: "g", g: () => 1, dps: 1 },
  { from: 5, to: 15, unit: "m/s2", g: () => STANDARD_GRAVITY, dps: 1 / DEGREES },
  { from: 500, to: 1500, unit: "mg", g: () => 1000, dps: 1 },
  { from: 1700, to: Infinity, unit: "counts", g: nearestPower, dps: COUNTS_PER_DPS },
];

export class Motion {
  #columns;
  #units = null;
  #orientation = new Orientation();
  #lastMs = null;

  constructor(columns) {
    this.#columns = columns;
    const named = (places) => places !== null && places.every((place) => columns.fields[place].factor !== null);
    if (named(columns.acceleration) && (columns.turn === null || named(columns.turn))) this.#units = { g: 1, dps: 1 };
  }

  /** Return the notice of the units that a reading shows, or null. */
  notice({ acceleration }) {
    if (this.#units !== null) return null;
    const size = Math.hypot(...acceleration);
    if (size === 0) return null;
    const found = UNITS.find(({ from, to }) => size >= from && size <= to);
    this.#units = found === undefined ? { g: null, dps: 1 } : { g: found.g(size), dps: found.dps };
    if (found === undefined) return null;
    return noticeOf("motion_units", { unit: found.unit });
  }

  /** Return a frame with its angles and its acceleration in g. */
  complete({ turn, ...frame }) {
    const { g, dps } = this.#units ?? { g: null, dps: 1 };
    if (g === null) return { ...frame, acceleration: null };
    const acceleration = frame.acceleration.map((value) => value / g);
    const seconds = this.#lastMs === null ? 0 : Math.min(Math.max(0, frame.t_ms - this.#lastMs) / 1000, MAX_STEP_S);
    this.#lastMs = frame.t_ms;
    const angles = this.#orientation.update(acceleration, turn?.map((value) => value / dps) ?? null, seconds);
    return { ...frame, acceleration, values: [...frame.values.slice(0, 5), ...angles] };
  }
}

function nearestPower(size) {
  return COUNTS_PER_G.toSorted((a, b) => Math.abs(a - size) - Math.abs(b - size))[0];
}
