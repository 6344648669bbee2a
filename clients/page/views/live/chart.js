// One chart of some of the signals, drawn by uPlot on a fixed grid: where it scrolls, the data moves, the axes do not.

import uPlot from "../../vendor/uPlot.esm.js";
import { SPAN_MS } from "../../signals.js";

const NARROW_PX = 480;
const COUNTS_STEP = 128; // the axis moves in steps this large, so that it rests while the data moves
const COUNTS_SPAN = 256;

/** ADC counts: as much of the sensor's range as the visible data needs, all of it while there is none. */
export const COUNTS = {
  range(min, max) {
    if (min === null) return [0, 1024];
    const low = COUNTS_STEP * Math.floor(min / COUNTS_STEP);
    return [low, Math.max(low + COUNTS_SPAN, COUNTS_STEP * Math.ceil(max / COUNTS_STEP))];
  },
  ticks(low, high) {
    const step = COUNTS_STEP * Math.ceil((high - low) / COUNTS_STEP / 4);
    return steps(low, high, step);
  },
};

/** Angles: always the whole turn. */
export const WHOLE_TURN = {
  range: (min, max) => [Math.min(-180, min ?? 0), Math.max(180, max ?? 0)],
  ticks: () => steps(-180, 180, 90),
};

export class SignalChart {
  #plot;
  #channels;

  /** In `host`, signals number `channels`, each in colour `--signal-N`, against the axis COUNTS or WHOLE_TURN, and over
   * time an axis of uPlot; by default none that tells the time, as the live view has it under the last of its charts. */
  constructor(host, { channels, upright, time = silentTime }) {
    this.#channels = channels;
    const colour = colours(host);
    const options = {
      width: host.clientWidth,
      height: host.clientHeight,
      padding: [10, 14, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, range: (_, min, max) => [min, max] },
        y: { range: (_, min, max) => upright.range(min, max) },
      },
      axes: [
        time(host, colour),
        {
          ...axis(colour),
          size: 44,
          splits: (_, __, low, high) => upright.ticks(low, high),
          values: (_, splits) => splits.map((y) => String(y).replace("-", "−")),
        },
      ],
      series: [
        {},
        ...channels.map((channel) => ({
          stroke: () => colour(`--signal-${channel + 1}`),
          width: 1, // a wider one takes a browser without a GPU five times as long (docs/page-speed.md)
          points: { show: false },
          paths: brokenLine,
        })),
      ],
    };
    this.#plot = new uPlot(options, [[], ...channels.map(() => [])], host);
    this.#show(0, SPAN_MS);
    new ResizeObserver(() => this.fit()).observe(host);
  }

  /** As large as its place is now. */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.#plot.root.parentElement;
    if (width > 0) this.#plot.setSize({ width, height });
  }

  /** Draw what `signals.seen(right)` gave, the `span` that ends with device time `right`. */
  draw({ t, channels }, right, span = SPAN_MS) {
    this.#plot.batch(() => {
      this.#plot.setData([t, ...this.#channels.map((c) => channels[c])], false);
      this.#show(right, span);
    });
  }

  #show(right, span) {
    this.#plot.setScale("x", { min: right - span, max: right });
  }
}

function silentTime(host, colour) {
  return { ...timeAxis(host, colour, () => null), size: 8 };
}

/** Reads the page's colours, which follow its theme. */
export function colours(host) {
  return (name) => getComputedStyle(host).getPropertyValue(name).trim();
}

/** The axis of time, in seconds before the right edge. */
export function timeAxis(host, colour, words) {
  const everySeconds = () => (host.clientWidth < NARROW_PX ? 5 : 2);
  return {
    ...axis(colour),
    size: 26,
    splits: (_, __, ___, max) => secondsBack(everySeconds()).map((s) => max - s * 1000),
    values: (_, splits) => splits.map((t) => label((splits.at(-1) - t) / 1000, words())),
  };
}

export function axis(colour) {
  return {
    stroke: () => colour("--quiet"),
    grid: { stroke: () => colour("--grid"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
}

function secondsBack(every) {
  const seconds = [];
  for (let s = SPAN_MS / 1000; s >= 0; s -= every) seconds.push(s);
  return seconds;
}

function steps(low, high, step) {
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
}

function label(seconds, words) {
  if (words === null) return "";
  return seconds === 0 ? words.now : words.ago(Math.round(seconds));
}

// uPlot's own builder draws across a gap and clips it away afterwards, which leaves a hairline where the gap is narrower
// than a pixel. Here the pen is lifted: at null the line breaks, undefined is no point at all.
function brokenLine(plot, series, from, to) {
  const xs = plot.data[0];
  const ys = plot.data[series];
  const toX = pixels(plot, "x");
  const toY = pixels(plot, "y");
  const stroke = new Path2D();
  let penDown = false;
  // One point more on either side, so that the line runs up to the edges of the picture.
  for (let i = Math.max(0, from - 1); i <= Math.min(xs.length - 1, to + 1); i++) {
    if (ys[i] === undefined) continue;
    if (ys[i] === null) {
      penDown = false;
    } else {
      stroke[penDown ? "lineTo" : "moveTo"](toX(xs[i]), toY(ys[i]));
      penDown = true;
    }
  }
  return { stroke, fill: null, clip: null, flags: 0 };
}

function pixels(plot, scale) {
  const { min, max } = plot.scales[scale];
  const start = plot.valToPos(min, scale, true);
  const perUnit = (plot.valToPos(max, scale, true) - start) / (max - min);
  return (value) => start + (value - min) * perUnit;
}
