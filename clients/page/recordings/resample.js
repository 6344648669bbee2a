// The windows that a stream of these frames would be answered by: models/timeline.py and service/streams/window.py in
// JavaScript. Pure.

const MAX_HOLE_MS = 250; // frames further apart are not joined by a line: the window begins anew
const ROUNDING_MS = 1e-6;
const FIRST_ANGLE = 5;
const HOP_MS = 100;

/** The windows that are due every 100 ms, and one at the end: [{ t, begin, frames }], where `t` is the time of the newest
 * frame in ms, `begin` that from which on it is the newest window, and `frames` are at most `window_frames` at `sample_rate_hz`. */
export function windowsOf({ t, values }, { sample_rate_hz, window_frames }) {
  const period = 1000 / sample_rate_hz;
  const hop = Math.max(1, Math.ceil((HOP_MS * sample_rate_hz) / 1000 - 1e-9));
  return holeFree(t).flatMap((places) => {
    const begin = t[places[0]];
    const samples = resampled(places.map((i) => t[i]), places.map((i) => values[i]), period);
    const ends = Array.from({ length: Math.ceil(samples.length / hop) }, (_, i) => Math.min((i + 1) * hop, samples.length));
    return ends.map((end, i) => ({
      t: begin + (end - 1) * period,
      begin: begin + (i === 0 ? 0 : ends[i - 1] - 1) * period,
      frames: samples.slice(Math.max(0, end - window_frames), end),
    }));
  });
}

/** The places of the frames in runs without a hole; what does not come after the frame before it is in none. */
function holeFree(t) {
  const runs = [];
  let last = -Infinity;
  t.forEach((time, i) => {
    if (time <= last) return;
    if (time - last > MAX_HOLE_MS) runs.push([]);
    runs.at(-1).push(i);
    last = time;
  });
  return runs;
}

function resampled(times, rows, period) {
  const samples = [];
  let place = 0;
  for (let due = times[0]; due <= times.at(-1) + ROUNDING_MS; due = times[0] + samples.length * period) {
    while (place < times.length - 2 && times[place + 1] + ROUNDING_MS < due) place += 1;
    samples.push(samples.length === 0 ? between(rows[0], rows[0], 0) : at(due, times, rows, place));
  }
  return samples;
}

function at(due, times, rows, place) {
  return between(rows[place], rows[place + 1], (due - times[place]) / (times[place + 1] - times[place]));
}

/** Straight for the flex sensors, along the short way round for the angles. */
function between(start, end, fraction) {
  return start.map((value, channel) => {
    const change = end[channel] - value;
    return channel < FIRST_ANGLE ? value + fraction * change : wrapped(value + fraction * wrapped(change));
  });
}

function wrapped(angle) {
  return angle >= -180 && angle < 180 ? angle : angle - 360 * Math.floor((angle + 180) / 360);
}
