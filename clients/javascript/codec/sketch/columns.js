// The columns of a line: from named fields to the values of a frame. Pure.

import { CHANNELS } from "../../wire.js";
import { FAULTS, MAX_MAGNITUDE, Unreadable } from "../events.js";
import { areMiscounted, channelOf, fieldOf, numberFingers } from "./names.js";

const MAX_ANGLE = 360;
const MAX_COUNT = 65_535;

const ANGLES = ["pitch", "roll", "yaw"];
const FLEX = CHANNELS.slice(0, 5);
const ACCELERATION = ["accel_x", "accel_y", "accel_z"];
const BY_COUNT = new Map(
  [["time", ...ANGLES, ...FLEX], ["time", ...ANGLES, ...ACCELERATION, ...FLEX], [...ANGLES, ...FLEX], FLEX].map((names) => [
    names.length,
    names,
  ]),
);

export class Columns {
  /** @param {object[]} fields those of names.js; `isNamed`: by a header or in each line */
  constructor(fields, isNamed) {
    this.fields = numberFingers(fields);
    this.isNamed = isNamed;
    this.areMiscounted = areMiscounted(fields);
    const one = (kind) => [0, 1, 2].map((axis) => this.fields.findIndex((field) => field.kind === kind && field.place === axis));
    this.time = this.fields.findIndex(({ kind }) => kind === "time");
    this.channels = CHANNELS.map((_, channel) => this.fields.findIndex((field) => channelOf(field) === channel));
    [this.acceleration, this.turn] = ["acceleration", "turn"].map((kind) => (one(kind).includes(-1) ? null : one(kind)));
  }

  /** Whether a channel or the time is named twice, or flex sensors are miscounted, so that no line can be read. */
  get isAmbiguous() {
    const keys = this.fields.flatMap((field) => (field.kind === "time" ? ["time"] : (channelOf(field) ?? [])));
    return this.areMiscounted || new Set(keys).size < keys.length;
  }

  /** Whether anything names a sensor or the time. */
  get isUseful() {
    return this.fields.some(({ kind }) => kind !== null && kind !== "ignored");
  }

  get knownCount() {
    return this.fields.filter(({ kind }) => kind !== null).length;
  }

  /** Whether the angles have to be computed from the motion sensors. */
  get needsAngles() {
    return this.acceleration !== null && this.channels.slice(5).every((place) => place < 0);
  }

  /** Milliseconds of a unit of time, null where the fields do not say. */
  get timeScale() {
    return this.fields[this.time]?.factor ?? null;
  }

  /** The header event. */
  get header() {
    const ranged = this.fields.filter((field) => field.range !== null && channelOf(field) !== null);
    const ranges = Object.fromEntries(ranged.map((field) => [CHANNELS[channelOf(field)], field.range]));
    return { event: "header", names: this.fields.map(({ name }) => name), ranges };
  }

  /**
   * Return the readings of a line's numbers: { time, values, acceleration, turn }; missing ones are null.
   * @throws {Unreadable}
   */
  read(numbers) {
    const values = this.channels.map((place) => (place < 0 ? null : numbers[place] * (this.fields[place].factor ?? 1)));
    if (values.some((value) => Math.abs(value ?? 0) > MAX_MAGNITUDE)) throw new Unreadable(FAULTS.range);
    const vector = (places) => {
      const read = places?.map((place) => numbers[place] * (this.fields[place].factor ?? 1)) ?? null;
      if (read?.some((value) => Math.abs(value) > MAX_MAGNITUDE)) throw new Unreadable(FAULTS.range);
      return read;
    };
    return {
      time: this.time < 0 ? null : numbers[this.time],
      values,
      acceleration: vector(this.acceleration),
      turn: vector(this.turn),
    };
  }

  /** Return the first reading that cannot be what its place says, { field, value }, of a line without names; or null. */
  unlikely(numbers) {
    if (this.isNamed) return null;
    for (const [place, { name, kind }] of this.fields.entries()) {
      const value = numbers[place];
      const isOdd = kind === "angle" ? Math.abs(value) > MAX_ANGLE : numbers.length === FLEX.length && (value < 0 || value > MAX_COUNT);
      if (isOdd) return { field: name, value };
    }
    return null;
  }
}

/** Return the columns of lines without names, by their number of fields; null for another number. */
export function columnsByCount(count) {
  const names = BY_COUNT.get(count);
  return names === undefined ? null : new Columns(names.map((name) => ({ ...fieldOf(name) })), false);
}
