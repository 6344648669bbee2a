// Episodes: consecutive frames of a glove with a label. Pure; used in the page and in its worker.
//
// An episode is { name, label, letter, bend, begunAt, t, values, receivedMs, acceleration, repairs, part }. `t` starts at 0, in
// ms of the glove's clock; a row of `values` has the eight CHANNELS, null for a sensor that the recording lacks;
// `receivedMs` and `acceleration` have a row for each frame, or are null where they are unknown; `label`, `letter` (the label
// where it is a letter of Korean fingerspelling) and `bend` (the signing style) are null where there is none; `repairs` counts each kind
// of repair by code, or by code:channel; `part` is the time span { fromMs, toMs } in a longer recording, or null.

import { CHANNELS } from "../glove.js";
import { labelsOf } from "./labels.js";

export const STYLES = ["1", "2", "3", "4", "5"];
export const MAX_MAGNITUDE = 1e6; // as in the service: no sensor of a glove has such a reading

// The largest part of a recording that is shown at once.
const PART_MS = 60_000;
const PART_FRAMES = 12_000;

/** An error with the reason why a file cannot be read: `reason` has a `key` of `recordings.readErrors` in the i18n catalogue
 * and its details. It is plain data, which can be sent from a worker. */
export class UnreadableError extends Error {
  constructor(key, details = {}) {
    super(key);
    this.reason = { key, ...details };
  }
}

/** Make an episode of these frames, whose times need not start at 0. `begunAt` is used where the name has no date. */
export function episodeOf({
  name, t, values, receivedMs = null, acceleration = null, repairs = {}, begunAt, isPublished = false,
}) {
  const { begunAt: named, ...labels } = labelsOf(name, isPublished);
  const times = t.map((ms) => ms - t[0]);
  return { name, ...labels, begunAt: named ?? begunAt, t: times, values, receivedMs, acceleration, repairs, part: null };
}

/** Return the channels that an episode lacks. */
export function missingIn({ values }) {
  return CHANNELS.filter((_, i) => values[0][i] === null);
}

/** Return the file name of an episode in the public layout; without a label it ends with the time. */
export function fileNameOf({ label, bend, begunAt }) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${begunAt.getFullYear()}${two(begunAt.getMonth() + 1)}${two(begunAt.getDate())}`;
  const time = `${two(begunAt.getHours())}${two(begunAt.getMinutes())}${two(begunAt.getSeconds())}`;
  return ["episode", day, time, label, bend].filter((part) => part !== null).join("_") + ".csv";
}

/** Return the duration of an episode. */
export function durationMs({ t }) {
  return t.at(-1);
}

/** Yield the parts of an episode that can be shown at once. */
export function* inParts(episode) {
  const { t, values, receivedMs, acceleration, begunAt } = episode;
  let from = 0;
  while (from < t.length) {
    let to = from + 1;
    while (to < t.length && to - from < PART_FRAMES && t[to] - t[from] <= PART_MS) to += 1;
    if (to - from === t.length) {
      yield episode;
    } else {
      yield {
        ...episode,
        t: t.slice(from, to).map((ms) => ms - t[from]),
        values: values.slice(from, to),
        receivedMs: receivedMs?.slice(from, to) ?? null,
        acceleration: acceleration?.slice(from, to) ?? null,
        begunAt: new Date(begunAt.getTime() + t[from]),
        part: { fromMs: t[from], toMs: t[to - 1] },
      };
    }
    from = to;
  }
}
