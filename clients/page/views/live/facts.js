// Figures about the stream, and the state of its sensors.

import { byId, make, pair, setText } from "../../dom.js";
import { CHANNELS, FIRST_ANGLE } from "../../glove.js";
import { faultsOf, isReceiving } from "../../state.js";

const FACTS = ["model", "profile", "stream", "rate", "latency", "frames", "missing", "sensors", "link", "clock"];

export class Facts {
  #page;
  #messages;
  #facts = {};
  #channels;
  #faults = null;
  #started = null;

  constructor(page) {
    this.#page = page;
    for (const key of FACTS) {
      const { entry, term, value } = pair("");
      value.id = `fact-${key}`;
      this.#facts[key] = { entry, term, value };
      byId("facts").append(entry);
    }
    this.#channels = CHANNELS.map((_, c) => legendEntry(c));
    byId("legend-flex").append(...this.#channels.slice(0, FIRST_ANGLE).map(({ entry }) => entry));
    byId("legend-angle").append(...this.#channels.slice(FIRST_ANGLE).map(({ entry }) => entry));
  }

  setMessages({ live }) {
    this.#messages = live;
    for (const key of FACTS) setText(this.#facts[key].term, live.facts[key]);
    this.#channels.forEach(({ name }, c) => setText(name, live.channels[c]));
    this.#faults = null;
  }

  render(state, now) {
    const { none, count, rate, milliseconds } = this.#messages;
    const { signals, history } = this.#page;
    const started = state.started !== null;
    const frame = isReceiving(state, now) ? signals.latest : null;
    this.#channels.forEach(({ value }, c) => setText(value, (frame?.[c] ?? null) === null ? none : wholeNumber(frame[c])));
    const hz = frame === null ? null : signals.rateHz();
    const latency = frame === null ? null : history.latencyMs;
    this.#set("model", state.started?.model ?? none);
    this.#set("profile", state.started?.glove ?? none);
    this.#facts.profile.entry.hidden = !state.started?.glove;
    this.#set("stream", state.following ?? none);
    this.#set("rate", hz === null ? none : rate(hz));
    this.#set("latency", latency === null ? none : milliseconds(latency));
    this.#set("frames", started ? count(state.frames) : none);
    this.#set("missing", started ? count(state.missing) : none);
    this.#renderLink(state.link);
  }

  #set(key, text) {
    setText(this.#facts[key].value, text);
  }

  /** Mark the faulty sensors, in the same animation frame as the alert in the header. */
  renderSensors(state) {
    const started = state.started !== null && state.frames > 0; // without a frame nothing is known of the sensors
    const faults = faultsOf(state);
    if (faults === this.#faults && started === this.#started) return;
    [this.#faults, this.#started] = [faults, started];
    const { none, faults: marks, sensorsOk, sensorsFaulty } = this.#messages;
    const healthy = faults.length === 0 ? sensorsOk : sensorsFaulty(new Set(faults.map(({ channel }) => channel)).size);
    this.#set("sensors", started ? healthy : none);
    this.#channels.forEach(({ entry, mark }, c) => {
      const texts = faults.filter(({ channel }) => channel === CHANNELS[c]).map(({ fault }) => marks[fault] ?? fault);
      entry.classList.toggle("faulty", texts.length > 0);
      setText(mark, texts.join(", "));
    });
  }

  #renderLink(link) {
    const { lossesOfLink, noLosses, clockFact, rate } = this.#messages;
    const { link: shown, clock } = this.#facts;
    shown.entry.hidden = link === null;
    clock.entry.hidden = link === null || link.clock_uncertainty_ms === null;
    if (link === null) return;
    this.#set("link", lossesOfLink(link) || noLosses);
    shown.value.title = link.port ?? "";
    // The bridge measures the rate by the corrected clock of the glove, more exactly than this page can.
    if (link.state === "streaming" && link.rate_hz !== null) this.#set("rate", rate(link.rate_hz));
    if (link.clock_uncertainty_ms !== null) this.#set("clock", clockFact(link));
  }
}

function wholeNumber(value) {
  const rounded = Math.round(value);
  return rounded < 0 ? `−${-rounded}` : `${Math.abs(rounded)}`; // never "-0"
}

function legendEntry(channel) {
  const { entry, term, value } = pair("");
  const swatch = make("span", { class: "swatch" });
  swatch.style.setProperty("--swatch", `var(--signal-${channel + 1})`);
  const name = make("span");
  term.append(swatch, name);
  value.className = "number";
  const mark = make("dd", { class: "mark" });
  entry.append(mark);
  return { entry, name, value, mark };
}
