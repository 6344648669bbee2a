// Numbers and units that are written alike in every language.

export const percent = (share) => `${Math.round(share * 100)} %`;
export const percentage = (value) => `${value.toFixed(1)} %`;
export const hertz = (hz) => `${hz.toFixed(1)} Hz`;
export const wholeHertz = (hz) => `${hz} Hz`;
export const milliseconds = (ms) => `${ms.toFixed(2)} ms`;
export const seconds = (ms) => (ms / 1000).toFixed(1);
export const secondsRange = (from, to) => (from === to ? seconds(from) : `${seconds(from)}–${seconds(to)}`);
export const minutesRange = ({ fromMs, toMs }) => `${minutes(fromMs)}–${minutes(toMs)}`;
export const mebibytes = (bytes) => `${Math.ceil(bytes / 1024 / 1024)} MB`;
export const fileSize = (bytes) => (bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
export const norm = (value) => value.toFixed(2);
export const letterWithConfidence = (letter, confidence) => `${letter} ${percent(confidence)}`;

/** Write a time of a few seconds with one decimal, a longer one without. */
export const roundedSeconds = (ms) => (ms < 10_000 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000)));

/** Write the uncertainty and the drift of a glove's clock. */
export const clockFact = ({ clock_uncertainty_ms: uncertainty, clock_drift_ppm: drift }) =>
  `±${uncertainty.toFixed(1)} ms${drift === null ? "" : `, ${Math.round(drift)} ppm`}`;

/** Write how a weight norm changed by training. */
export const normChange = (from, to) => {
  const change = 100 * (to / from - 1);
  return `${norm(from)} → ${norm(to)} (${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(0)} %)`;
};

/** Return the time scale with the largest importance, by its number of frames; undefined where there is none. */
export const mainScale = ({ scale_importance: importance }) =>
  Object.entries(importance).toSorted(([, a], [, b]) => b - a)[0]?.[0];

/** Keys that are printed on a keyboard. */
export const KEYS = { take: "Enter", stop: "Esc", undo: "U", skip: "S", redo: "R", calibrate: "C", keep: "K", teach: "T", back: "B", ask: "D", pass: "P", sit: "M", words: "W", again: "R", letters: "L" };

function minutes(ms) {
  return `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, "0")}`;
}
