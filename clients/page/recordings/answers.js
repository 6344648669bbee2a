// What a model says of an episode, window by window. Pure but for asking.

import { windowsOf } from "./resample.js";
import { SCALES } from "../scales.js";

const CHANNELS = 8;

/** Ask `service` what `model` (of GET /v1/models) says of an episode: { windows, predictions }, one for each window. */
export async function ask(service, model, episode) {
  const windows = windowsOf(episode, model);
  const lengths = windows.map(({ frames }) => frames.length).join(",");
  const query = new URLSearchParams({ model: model.name, lengths, top_k: "3" });
  const { predictions } = await service.upload(`/v1/predict?${query}`, packed(windows), "application/octet-stream");
  return { windows, predictions };
}

/** How long which letter stood: [{ label, begin, end }] in ms. */
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

/** The importance of each scale over time: { t, shares }, a row for each scale, null where nothing was said. */
export function importanceOf({ windows, predictions }) {
  const t = [];
  const shares = SCALES.map(() => []);
  const add = (at, importance) => {
    t.push(at);
    SCALES.forEach((scale, s) => shares[s].push(importance[scale] ?? null));
  };
  predictions.forEach(({ scale_importance: importance }, i) => {
    const { begin, t: end } = windows[i];
    const isNewTime = i === 0 || begin !== windows[i - 1].t;
    const wasSilent = isNewTime || predictions[i - 1].state === "warming";
    if (isNewTime) add(begin, {});
    if (wasSilent) add(begin, importance); // what is drawn is the time before an answer
    add(end, importance);
  });
  return { t, shares };
}

/** Little-endian float32, as the service reads it. */
function packed(windows) {
  const count = windows.reduce((sum, { frames }) => sum + frames.length, 0);
  const view = new DataView(new ArrayBuffer(4 * CHANNELS * count));
  windows.flatMap(({ frames }) => frames).flat().forEach((value, i) => view.setFloat32(4 * i, value, true));
  return view.buffer;
}
