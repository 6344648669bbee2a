// The times of a recording: which clock is one, in which unit it counts, and steps that rise, by the rules of
// scaleglove/recordings/clock.py. Pure.

import { UnreadableError } from "./episode.js";

const TO_MS = { ms: 1, us: 1e-3, s: 1e3, ns: 1e-6 };
const PLAUSIBLE_MS = [2, 500]; // between two frames of a glove
const AGREE = 3; // the ratio within which two clocks tell the same time: units are a thousand apart
const LEAST_GROUPS = 4; // times that frames share in groups, from which on they are a clock of coarse ticks
const LEAST_COUNTED = 5; // frames by which a unit is judged
const MAX_SPAN_MS = 1e10; // some four months; at 1e300 the next sample has the same time

/** Return { t, said }: times in ms that increase from 0, and what was done to them by code. `device` and `computer` are
 * { times, field }, or null.
 * @throws {UnreadableError} neither is a usable clock, or they span more than MAX_SPAN_MS. */
export function timesOf(device, computer) {
  const found = judged(device, computer);
  if (!(found.t.at(-1) <= MAX_SPAN_MS)) throw new UnreadableError("no_clock");
  return found;
}

function judged(device, computer) {
  const said = {};
  const received = computer === null ? null : receivedMs(computer);
  const ticks = device === null ? null : rising(device.times, said);
  const factor = ticks === null ? null : factorOf(ticks, device.field, received, said);
  if (factor !== null) return { t: ticks.map((tick) => tick * factor), said };
  if (received === null) throw new UnreadableError("no_clock");
  return { t: received, said: { clock_replaced: 1 } };
}

/** Return the times from 0; a step that does not increase becomes the median, because the lines are in order. Null where the
 * times are no clock. */
function rising(times, said) {
  const steps = stepsOf(times);
  const good = steps.filter((step) => step > 0);
  const wrong = steps.length - good.length;
  if (wrong === 0) return fromZero(times);
  if (2 * wrong > steps.length) {
    const evenly = spread(times);
    if (evenly !== null) said.clock_spread = 1;
    return evenly;
  }
  said.time_not_rising = wrong;
  const usual = median(good);
  const risen = [0];
  for (const step of steps) risen.push(risen.at(-1) + (step > 0 ? step : usual));
  return risen;
}

/** Return times that frames share in groups, from 0: the frames of a group are spread over the time until the next. */
function spread(times) {
  const begins = times.flatMap((time, i) => (i === 0 || time !== times[i - 1] ? [i] : []));
  if (begins.length < LEAST_GROUPS || stepsOf(times).some((step) => step < 0)) return null;
  const sizes = begins.map((begin, i) => (begins[i + 1] ?? times.length) - begin);
  const spans = begins.slice(1).map((begin, i) => times[begin] - times[begins[i]]);
  const perFrame = spans.map((span, i) => span / sizes[i]);
  perFrame.push(perFrame.at(-1));
  return begins.flatMap((begin, group) =>
    Array.from({ length: sizes[group] }, (_, i) => times[begin] - times[0] + i * perFrame[group]),
  );
}

/** Return the computer's times in ms from 0; null where they are no clock. Frames of one read share a time. */
function receivedMs({ times, field }) {
  if (!times.every(Number.isFinite)) return null;
  const risen = stepsOf(times).every((step) => step > 0) ? fromZero(times) : spread(times);
  if (risen === null) return null;
  const step = stepOf(risen);
  const unit = field.unit || (step !== null && plausible(step, "ms")) || "ms";
  return risen.map((time) => time * TO_MS[unit]);
}

/** Return the factor from the device's times to ms, null where they only number the frames. */
function factorOf(ticks, field, received, said) {
  const stated = field.unit || "ms";
  const step = stepOf(ticks);
  if (step === null) return TO_MS[stated];
  const units = [stated, ...Object.keys(TO_MS)];
  if (received !== null && received.at(-1) > 0) {
    const passed = received.at(-1);
    const spans = [ticks.at(-1), step * (ticks.length - 1)]; // the second one without pauses and jumps
    for (const unit of units) {
      const ratios = spans.map((span) => (span * TO_MS[unit]) / passed);
      if (ratios.some((ratio) => ratio > 1 / AGREE && ratio < AGREE)) return saidFactor(unit, stated, field, said);
    }
    if (said.clock_spread) return null; // a few rounded times, and another clock that tells the true ones
    const stepMs = step * TO_MS[stated];
    if (field.unit === "" || stepMs < PLAUSIBLE_MS[0] || stepMs > PLAUSIBLE_MS[1]) {
      said.clock_scaled = 1;
      return passed / spans[0];
    }
  }
  if (field.unit === "" && step === 1 && ticks.at(-1) === ticks.length - 1) return null;
  return saidFactor(plausible(step, stated) ?? stated, stated, field, said);
}

function saidFactor(unit, stated, field, said) {
  if (unit !== stated || (field.unit === "" && unit !== "ms")) said[`time_in_${unit}`] = 1;
  return TO_MS[unit];
}

/** Return the median step, null where there are too few frames to judge by it. */
function stepOf(times) {
  return times.length >= LEAST_COUNTED ? median(stepsOf(times)) : null;
}

/** Return the unit in which a step is that of a glove, the stated one where it is. */
function plausible(step, stated) {
  const [least, most] = PLAUSIBLE_MS;
  return [stated, ...Object.keys(TO_MS)].find((unit) => least <= step * TO_MS[unit] && step * TO_MS[unit] <= most) ?? null;
}

function stepsOf(times) {
  return times.slice(1).map((time, i) => time - times[i]);
}

function fromZero(times) {
  return times.map((time) => time - times[0]);
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
