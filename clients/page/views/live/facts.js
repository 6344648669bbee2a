// What can be said of the stream in numbers, and of its sensors in words.

import { byId, make, pair, setText } from "../../dom.js";
import { faultsOf, isHeard } from "../../state.js";

const CHANNELS = ["flex1", "flex2", "flex3", "flex4", "flex5", "pitch", "roll", "yaw"];
const FACTS = ["model", "stream", "rate", "answer", "frames", "missing", "sensors", "link", "clock"];
const FLEX = 5;

export class Facts {
  #page;
  #words;
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
    byId("legend-flex").append(...this.#channels.slice(0, FLEX).map(({ entry }) => entry));
    byId("legend-angle").append(...this.#channels.slice(FLEX).map(({ entry }) => entry));
  }

  setWords(words) {
    this.#words = words;
    for (const key of FACTS) setText(this.#facts[key].term, words.facts[key]);
    this.#channels.forEach(({ name }, c) => setText(name, words.channels[c]));
    this.#faults = null;
  }

  render(state, now) {
    const { none, count, rate, milliseconds } = this.#words;
    const { signals, history } = this.#page;
    const started = state.started !== null;
    const frame = isHeard(state, now) ? signals.latest : null;
    this.#channels.forEach(({ value }, c) => setText(value, frame === null ? none : wholeNumber(frame[c])));
    const hz = frame === null ? null : signals.rateHz();
    const latency = frame === null ? null : history.latencyMs;
    this.#tell("model", state.started?.model ?? none);
    this.#tell("stream", state.following ?? none);
    this.#tell("rate", hz === null ? none : rate(hz));
    this.#tell("answer", latency === null ? none : milliseconds(latency));
    this.#tell("frames", started ? count(state.frames) : none);
    this.#tell("missing", started ? count(state.missing) : none);
    this.#link(state.link);
  }

  #tell(key, text) {
    setText(this.#facts[key].value, text);
  }

  /** At once, as the sentence above: both are of the same faults. */
  renderSensors(state) {
    const started = state.started !== null;
    const faults = faultsOf(state);
    if (faults === this.#faults && started === this.#started) return;
    [this.#faults, this.#started] = [faults, started];
    const { none, faults: marks, sensorsWell, sensorsFaulty } = this.#words;
    const healthy = faults.length === 0 ? sensorsWell : sensorsFaulty(new Set(faults.map(({ channel }) => channel)).size);
    this.#tell("sensors", started ? healthy : none);
    this.#channels.forEach(({ entry, mark }, c) => {
      const own = faults.filter(({ channel }) => channel === CHANNELS[c]).map(({ fault }) => marks[fault] ?? fault);
      entry.classList.toggle("faulty", own.length > 0);
      setText(mark, own.join(", "));
    });
  }

  #link(link) {
    const { linkFact, clockFact, rate } = this.#words;
    const { link: shown, clock } = this.#facts;
    shown.entry.hidden = link === null;
    clock.entry.hidden = link === null || link.clock_uncertainty_ms === null;
    if (link === null) return;
    this.#tell("link", linkFact(link));
    shown.value.title = link.port ?? "";
    // By the glove's clock, put right; where there is one, it is truer than what is counted here.
    if (link.state === "streaming" && link.rate_hz !== null) this.#tell("rate", rate(link.rate_hz));
    if (link.clock_uncertainty_ms !== null) this.#tell("clock", clockFact(link));
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
