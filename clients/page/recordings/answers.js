// The predictions of a model for the windows of an episode.

import { CHANNELS, SCALES } from "../glove.js";
import { windowsOf } from "./resampling.js";

/** Ask `service` for the predictions of `model` (of GET /v1/models): { windows, predictions }, one for each window. */
export async function predictEpisode(service, model, episode) {
  const windows = windowsOf(episode, model);
  const lengths = windows.map(({ frames }) => frames.length).join(",");
  const query = new URLSearchParams({ model: model.name, lengths, top_k: "3" });
  const { predictions } = await service.upload(`/v1/predict?${query}`, packed(windows), "application/octet-stream");
  return { windows, predictions };
}

/** Return the letters and their times in ms: [{ label, begin, end }]. */
export function lettersOf({ windows, predictions }) {
  const letters = [];
  predictions.forEach(({ label }, i) => {
    const { begin, t: end } = windows[i];
    const last = letters.at(-1);
    if (label === null) return;
    if (last?.label === label && last.end === begin) last.end = end;
    else letters.push({ label, begin, end });
  });
  return letters;
}

/** Return the importance of each time scale over time: { t, shares }, with a row for each scale and null where there was no
 * prediction. */
export function importanceOf({ windows, predictions }) {
  const t = [];
  const shares = SCALES.map(() => []);
  const add = (at, importance) => {
    t.push(at);
    SCALES.forEach((scale, s) => shares[s].push(importance[scale] ?? null));
  };
  predictions.forEach(({ scale_importance: importance }, i) => {
    const { begin, t: end } = windows[i];
    const isNewSpan = i === 0 || begin !== windows[i - 1].t;
    const wasSilent = isNewSpan || predictions[i - 1].state === "warming";
    if (isNewSpan) add(begin, {});
    if (wasSilent) add(begin, importance); // a prediction is about the time before it
    add(end, importance);
  });
  return { t, shares };
}

/** Return the frames as little-endian float32, the service's binary format. */
function packed(windows) {
  const count = windows.reduce((sum, { frames }) => sum + frames.length, 0);
  const view = new DataView(new ArrayBuffer(4 * CHANNELS.length * count));
  windows.flatMap(({ frames }) => frames).flat().forEach((value, i) => view.setFloat32(4 * i, value, true));
  return view.buffer;
}
