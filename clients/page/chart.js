// One scrolling chart of some of the signals, drawn by uPlot on a fixed grid: the data moves, the axes do not.

import uPlot from "./vendor/uPlot.esm.js";
import { SPAN_MS } from "./signals.js";

const NARROW_PX = 480;

export class Chart {
  #plot;
  #channels;

  /** In `host`, signals number `channels`, each in colour `--signal-N`; `low`..`high` is shown even when unused. */
  constructor(host, { channels, low, high, ticks, words }) {
    this.#channels = channels;
    const colour = (name) => getComputedStyle(host).getPropertyValue(name).trim();
    const axis = {
      stroke: () => colour("--quiet"),
      grid: { stroke: () => colour("--grid"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    const everySeconds = () => (host.clientWidth < NARROW_PX ? 5 : 2);
    const options = {
      width: host.clientWidth,
      height: host.clientHeight,
      padding: [10, 14, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, range: (_, min, max) => [min, max] },
        y: { range: (_, min, max) => [Math.min(low, min ?? low), Math.max(high, max ?? high)] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          splits: (_, __, ___, max) => secondsBack(everySeconds()).map((s) => max - s * 1000),
          values: (_, splits) => splits.map((t) => label((splits.at(-1) - t) / 1000, words)),
        },
        { ...axis, size: 44, splits: () => ticks },
      ],
      series: [
        {},
        ...channels.map((channel) => ({
          stroke: () => colour(`--signal-${channel + 1}`),
          width: 1.75,
          points: { show: false },
        })),
      ],
    };
    this.#plot = new uPlot(options, [[], ...channels.map(() => [])], host);
    this.#show(0);
    new ResizeObserver(() => {
      this.#plot.setSize({ width: host.clientWidth, height: host.clientHeight });
    }).observe(host);
  }

  /** Draw `signals` with device time `playhead` (null: nothing has come yet) at the right edge. */
  draw(signals, playhead) {
    this.#plot.batch(() => {
      this.#plot.setData([signals.t, ...this.#channels.map((c) => signals.channels[c])], false);
      this.#show(playhead ?? 0);
    });
  }

  #show(right) {
    this.#plot.setScale("x", { min: right - SPAN_MS, max: right });
  }
}

function secondsBack(every) {
  const seconds = [];
  for (let s = SPAN_MS / 1000; s >= 0; s -= every) seconds.push(s);
  return seconds;
}

function label(seconds, words) {
  return seconds === 0 ? words.now : words.ago(Math.round(seconds));
}
