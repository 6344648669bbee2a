// The importance of each time scale, stacked over time, and above it the letters from begin to end.

import { SPAN_MS } from "../signals.js";
import uPlot from "../vendor/uPlot.esm.js";
import { axis, colours, timeAxis as secondsAgoAxis } from "./axes.js";

const TOP = 1.42; // of the vertical axis: the stacked shares end at 1, the letters are above
const BAND = [1.06, 1.4];
const LETTER_PX = 15;

export class ScaleChart {
  #plot;
  #messages = null;
  #gestures = [];
  #right = 0;
  #span = SPAN_MS;

  /** `timeAxis` makes the axis of time: by default that of the live view, in seconds before the right edge. */
  constructor(host, timeAxis = (place, colour) => secondsAgoAxis(place, colour, () => this.#messages)) {
    const colour = colours(host);
    const area = (name) => ({
      fill: () => colour(name),
      width: 0,
      points: { show: false },
      paths: uPlot.paths.stepped({ align: -1 }), // a prediction is about the time before it
    });
    this.#plot = new uPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        padding: [0, 14, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: { x: { time: false, range: (_, min, max) => [min, max] }, y: { range: () => [0, TOP] } },
        axes: [
          timeAxis(host, colour),
          { ...axis(colour), size: 44, splits: () => [0, 1], values: () => ["0", "1"] },
        ],
        series: [{}, area("--scale-3"), area("--scale-5"), area("--scale-7")],
        hooks: { draw: [() => this.#drawLetters(colour)] },
      },
      [[], [], [], []],
      host,
    );
    new ResizeObserver(() => this.fit()).observe(host);
  }

  setMessages(messages) {
    this.#messages = messages;
    this.#plot.redraw(false, true); // the labels of the axes
  }

  fit() {
    const { clientWidth: width, clientHeight: height } = this.#plot.root.parentElement;
    if (width > 0) this.#plot.setSize({ width, height });
  }

  /** Draw a History, the `span` that ends at device time `right`. */
  draw(history, right, span = SPAN_MS) {
    const { t, shares } = history.importance(right - span, right);
    const [short, medium, long] = shares;
    this.#gestures = history.gestures;
    this.#right = right;
    this.#span = span;
    const upTo5 = long.map((share, i) => (share === null ? null : share + medium[i]));
    const upTo3 = upTo5.map((share, i) => (share === null ? null : share + short[i]));
    this.#plot.batch(() => {
      this.#plot.setData([t, upTo3, upTo5, long], false);
      this.#plot.setScale("x", { min: right - span, max: right });
    });
  }

  #drawLetters(colour) {
    const { ctx, bbox } = this.#plot;
    const ratio = devicePixelRatio;
    const [top, bottom] = [BAND[1], BAND[0]].map((y) => this.#plot.valToPos(y, "y", true));
    const left = this.#right - this.#span;
    ctx.save();
    ctx.font = `600 ${LETTER_PX * ratio}px ${colour("--jamo")}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const { label, begin, end } of this.#gestures) {
      if (begin > this.#right || (end ?? this.#right) < left) continue;
      const from = Math.max(bbox.left, this.#plot.valToPos(begin, "x", true));
      const to = Math.min(bbox.left + bbox.width, this.#plot.valToPos(Math.min(end ?? this.#right, this.#right), "x", true));
      ctx.fillStyle = colour("--mark");
      ctx.beginPath();
      ctx.roundRect(from, top, Math.max(2 * ratio, to - from), bottom - top, 4 * ratio);
      ctx.fill();
      if (to - from < LETTER_PX * ratio) continue;
      ctx.fillStyle = colour("--mark-ink");
      ctx.fillText(label, (from + to) / 2, (top + bottom) / 2);
    }
    ctx.restore();
  }
}
