// Where each finger's reading lies between the least and the greatest of the last seconds. Pure.

import { FIRST_ANGLE } from "../../glove.js";
import { firstAfter } from "../../signals.js";

const SPAN_MS = 20_000;
const MEASURED_EVERY_MS = 250;
const LEAST_RANGE = 0.04; // of the finger's greatest reading: the noise of a still hand must not look like a movement

export class Levels {
  #ranges = [];
  #measuredAt = -Infinity;

  /** Return { reading, share } of each flex sensor of a Signals, null for one that is not read. */
  of(signals, now) {
    if (now - this.#measuredAt >= MEASURED_EVERY_MS) {
      this.#measuredAt = now;
      this.#ranges = rangesOf(signals);
    }
    return this.#ranges.map(({ low, width }, finger) => {
      const reading = signals.latest?.[finger] ?? null;
      return reading === null ? null : { reading, share: Math.min(1, Math.max(0, (reading - low) / width)) };
    });
  }
}

/** Return { low, width } of each flex sensor, at least as wide as LEAST_RANGE about its middle. */
export function rangesOf({ t, channels }) {
  const from = firstAfter(t, (t.at(-1) ?? 0) - SPAN_MS);
  const read = channels.slice(0, FIRST_ANGLE).map((channel) => channel.slice(from).filter((value) => typeof value === "number"));
  const ends = read.map((values) => (values.length === 0 ? [0, 0] : [least(values), -least(values.map((value) => -value))]));
  return ends.map(([low, high]) => {
    const width = Math.max(high - low, LEAST_RANGE * Math.max(Math.abs(low), Math.abs(high)), Number.EPSILON);
    return { low: (low + high - width) / 2, width };
  });
}

function least(values) {
  return values.reduce((one, other) => Math.min(one, other));
}
