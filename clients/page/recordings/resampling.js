// The windows that the service would make of a stream of these frames, resampled as in Python. Pure.

import { MAX_GAP_MS, interpolate } from "../glove.js";

const ROUNDING_MS = 1e-6;
const HOP_MS = 100;

/** Return the windows every 100 ms and one at the end: [{ t, begin, frames }]. `t` is the time of the newest frame in ms,
 * `begin` the time from which it is the newest window, and `frames` are at most `window_frames` at `sample_rate_hz`. */
export function windowsOf({ t, values }, { sample_rate_hz, window_frames }) {
  const period = 1000 / sample_rate_hz;
  const hop = Math.max(1, Math.ceil((HOP_MS * sample_rate_hz) / 1000 - 1e-9));
  return withoutGaps(t).flatMap((indices) => {
    const begin = t[indices[0]];
    const samples = resampled(indices.map((i) => t[i]), indices.map((i) => values[i]), period);
    const ends = Array.from({ length: Math.ceil(samples.length / hop) }, (_, i) => Math.min((i + 1) * hop, samples.length));
    return ends.map((end, i) => ({
      t: begin + (end - 1) * period,
      begin: begin + (i === 0 ? 0 : ends[i - 1] - 1) * period,
      frames: samples.slice(Math.max(0, end - window_frames), end),
    }));
  });
}

/** Return the indices of the frames in runs without a gap. Frames that are not later than the one before are left out. */
function withoutGaps(t) {
  const runs = [];
  let last = -Infinity;
  t.forEach((time, i) => {
    if (time <= last) return;
    if (time - last > MAX_GAP_MS) runs.push([]);
    runs.at(-1).push(i);
    last = time;
  });
  return runs;
}

function resampled(times, rows, period) {
  const samples = [];
  let index = 0;
  for (let due = times[0]; due <= times.at(-1) + ROUNDING_MS; due = times[0] + samples.length * period) {
    while (index < times.length - 2 && times[index + 1] + ROUNDING_MS < due) index += 1;
    samples.push(samples.length === 0 ? interpolate(rows[0], rows[0], 0) : sampleAt(due, times, rows, index));
  }
  return samples;
}

function sampleAt(due, times, rows, index) {
  return interpolate(rows[index], rows[index + 1], (due - times[index]) / (times[index + 1] - times[index]));
}
