// A chart of some of the signals, drawn by uPlot on a fixed grid: the data scrolls and the axes stay.

import { SPAN_MS } from "../signals.js";
import uPlot from "../vendor/uPlot.esm.js";
import { axis, colours, plainTimeAxis, steps } from "./axes.js";

const COUNTS_STEP = 128; // the axis changes in steps this large, so that it rarely moves
const COUNTS_SPAN = 256;

/** The vertical axis of ADC counts: as much of the sensor's range as the visible data needs, all of it without data. */
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

/** The vertical axis of angles: always the whole turn. */
export const WHOLE_TURN = {
  range: (min, max) => [Math.min(-180, min ?? 0), Math.max(180, max ?? 0)],
  ticks: () => steps(-180, 180, 90),
};

export class SignalChart {
  #plot;
  #channels;

  /** Draw into `host` the signals with the numbers `channels`, each in the colour `--signal-N`; `vertical` is COUNTS or
   * WHOLE_TURN, `timeAxis` makes the axis of time: by default without labels, because the live view labels its last chart. */
  constructor(host, { channels, vertical, timeAxis = plainTimeAxis }) {
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
        y: { range: (_, min, max) => vertical.range(min, max) },
      },
      axes: [
        timeAxis(host, colour),
        {
          ...axis(colour),
          size: 44,
          splits: (_, __, low, high) => vertical.ticks(low, high),
          values: (_, splits) => splits.map((y) => String(y).replace("-", "−")),
        },
      ],
      series: [
        {},
        ...channels.map((channel) => ({
          stroke: () => colour(`--signal-${channel + 1}`),
          width: 1, // wider lines take a browser without a GPU five times as long (docs/reports/page-speed.md)
          points: { show: false },
          paths: brokenLine,
        })),
      ],
    };
    this.#plot = new uPlot(options, [[], ...channels.map(() => [])], host);
    this.#show(0, SPAN_MS);
    new ResizeObserver(() => this.fit()).observe(host);
  }

  /** Resize to the host element. */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.#plot.root.parentElement;
    if (width > 0) this.#plot.setSize({ width, height });
  }

  /** Draw the result of `signals.visible(right)`, the `span` that ends at device time `right`. */
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

// uPlot's own path builder draws across a gap and clips it afterwards, which leaves a hairline where the gap is narrower
// than a pixel. This builder lifts the pen: null breaks the line, undefined is not a point.
function brokenLine(plot, series, from, to) {
  const xs = plot.data[0];
  const ys = plot.data[series];
  const toX = pixels(plot, "x");
  const toY = pixels(plot, "y");
  const stroke = new Path2D();
  let penDown = false;
  // One more point on either side, so that the line reaches the edges of the chart.
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
