// The signals of a recording over time: fingers and hand.

import { recordingAxis } from "../../charts/axes.js";
import { COUNTS, SignalChart, WHOLE_TURN } from "../../charts/signal_chart.js";
import { make, setText } from "../../dom.js";
import { durationMs } from "../../recordings/episode.js";
import { Signals } from "../../signals.js";

const CHARTS = [
  { key: "flex", channels: [0, 1, 2, 3, 4], vertical: COUNTS },
  { key: "angles", channels: [5, 6, 7], vertical: WHOLE_TURN },
];

export class SignalCharts {
  #figures = CHARTS.map(figure);
  #signals = new Signals();
  #lengthMs = 0;

  constructor() {
    this.element = make("div", { class: "recording-signals" }, ...this.#figures.map(({ element }) => element));
  }

  setMessages({ live, recordings }) {
    for (const { key, name, plot, legend } of this.#figures) {
      setText(name, recordings[key]);
      plot.setAttribute("aria-label", recordings[key]);
      legend.forEach(({ channel, text }) => setText(text, live.channels[channel]));
    }
  }

  show(episode) {
    this.#signals.clear();
    this.#signals.push({ seq: 0, t_ms: episode.t, values: episode.values }, 0);
    this.#lengthMs = durationMs(episode);
    for (const each of this.#figures) {
      each.chart ??= new SignalChart(each.plot, { ...each, timeAxis: recordingAxis });
    }
    this.draw();
  }

  fit() {
    for (const { chart } of this.#figures) chart?.fit();
  }

  draw() {
    for (const { chart } of this.#figures) chart.draw(this.#signals, this.#lengthMs, this.#lengthMs);
  }
}

function figure({ key, channels, vertical }) {
  const name = make("h3");
  const legend = channels.map((channel) => {
    const swatch = make("span", { class: "swatch" });
    swatch.style.setProperty("--swatch", `var(--signal-${channel + 1})`);
    const text = make("span");
    return { channel, text, element: make("li", {}, swatch, text) };
  });
  const plot = make("div", { class: "episode-plot", role: "img" });
  const caption = make("figcaption", {}, name, make("ul", { class: "channels" }, ...legend.map(({ element }) => element)));
  return { key, channels, vertical, name, legend, plot, chart: null, element: make("figure", {}, caption, plot) };
}
