// The axes of the charts.

import { SPAN_MS } from "../signals.js";

const NARROW_PX = 480;
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
const LABEL_PX = 48;

/** Return a function that reads the page's colours by name; they follow its theme. */
export function colours(host) {
  return (name) => getComputedStyle(host).getPropertyValue(name).trim();
}

/** Return the properties that all axes share. */
export function axis(colour) {
  return {
    stroke: () => colour("--muted"),
    grid: { stroke: () => colour("--grid"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
}

/** Return a time axis in seconds before the right edge; `messages` returns the `live` catalogue, or null for no labels. */
export function timeAxis(host, colour, messages) {
  const everySeconds = () => (host.clientWidth < NARROW_PX ? 5 : 2);
  return {
    ...axis(colour),
    size: 26,
    splits: (_, __, ___, max) => secondsBack(everySeconds()).map((s) => max - s * 1000),
    values: (_, splits) => splits.map((t) => label((splits.at(-1) - t) / 1000, messages())),
  };
}

/** Return a time axis without labels. */
export function plainTimeAxis(host, colour) {
  return { ...timeAxis(host, colour, () => null), size: 8 };
}

/** Return the time axis of a recording, in seconds from its start. */
export function recordingAxis(host, colour) {
  return {
    ...axis(colour),
    size: 26,
    splits: (_, __, min, max) => recordingSplits(min, max, host.clientWidth / LABEL_PX),
    values: (_, times) => times.map((ms) => String(Number((ms / 1000).toFixed(1)))),
  };
}

/** Return the multiples of `step` from `low` on, up to `high`. */
export function steps(low, high, step) {
  return Array.from({ length: Math.floor((high - low) / step + 1e-6) + 1 }, (_, i) => low + i * step);
}

function secondsBack(every) {
  const seconds = [];
  for (let s = SPAN_MS / 1000; s >= 0; s -= every) seconds.push(s);
  return seconds;
}

function label(seconds, messages) {
  if (messages === null) return "";
  return seconds === 0 ? messages.now : messages.ago(Math.round(seconds));
}

function recordingSplits(min, max, maxLabels) {
  return steps(min, max, 1000 * (STEPS_S.find((each) => (max - min) / 1000 / each <= maxLabels) ?? STEPS_S.at(-1)));
}
