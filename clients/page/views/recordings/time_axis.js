// The axis of time of a recording, in seconds from its beginning.

import { axis } from "../live/chart.js";

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
const LABEL_PX = 48;

export function secondsAxis(host, colour) {
  return {
    ...axis(colour),
    size: 26,
    splits: (_, __, min, max) => splits(min, max, host.clientWidth / LABEL_PX),
    values: (_, times) => times.map((ms) => String(Number((ms / 1000).toFixed(1)))),
  };
}

function splits(min, max, room) {
  const step = 1000 * (STEPS_S.find((each) => (max - min) / 1000 / each <= room) ?? STEPS_S.at(-1));
  return Array.from({ length: Math.floor((max - min) / step + 1e-6) + 1 }, (_, i) => min + i * step);
}
