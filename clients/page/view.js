// Puts the state into the document. Reads nothing but its arguments; touches only what changed.

import { Orders } from "./orders.js";
import { currentPrediction, faultsOf, isHeard, status } from "./state.js";

const UNSURE_BELOW = 0.5;
const DEFAULT_SCALES = [3, 5, 7];
const CHANNELS = ["flex1", "flex2", "flex3", "flex4", "flex5", "pitch", "roll", "yaw"];
const RUNNERS_UP = 3;
const RUNNER_UP_FROM = 0.005; // what would read "0 %" is left out
const TONES = {
  ok: "good", warming: "waiting", opening: "waiting", connecting: "waiting", none: "waiting", left: "waiting",
  rejected: "waiting", gap: "warn", stale: "warn", unreachable: "bad", refused: "bad", locked: "waiting",
  linkSearching: "waiting", linkOpening: "waiting", linkWaiting: "warn", linkLost: "bad",
};

// What takes the place of the letter: how to begin where nobody has been yet, and the question for a token.
const INSTEAD_OF_LETTER = { none: "help", locked: "unlock" };

const byId = (id) => document.getElementById(id);

export class View {
  #words;
  #spoken = "";
  #lastLine = null;
  #lastStreams = "";
  #values = [];
  #facts = {};
  #orders;
  #lastFaults = null;
  #scales = [];

  constructor(words) {
    this.#words = words;
    for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
    byId("confidence-bar").setAttribute("aria-label", words.confidenceLabel);
    this.#scales = DEFAULT_SCALES.map((scale, i) => scaleRow(scale, words.scaleNames[i]));
    byId("scales").append(...this.#scales.map(({ row }) => row));
    this.#values = words.channels.map((name, c) => legendEntry(c, name));
    byId("legend-flex").append(...this.#values.slice(0, 5).map(({ entry }) => entry));
    byId("legend-angle").append(...this.#values.slice(5).map(({ entry }) => entry));
    this.#orders = new Orders(words);
    for (const [key, name] of Object.entries(words.facts)) {
      const { entry, value } = pair(name);
      value.id = `fact-${key}`;
      this.#facts[key] = value;
      byId("facts").append(entry);
    }
  }

  /** Show `state` as of `now`; `helpCommands` is what starts an emulated glove. */
  render(state, now, helpCommands) {
    const standing = status(state, now);
    const prediction = currentPrediction(state, now);
    this.#state(standing);
    this.#letter(standing, prediction);
    this.#importance(prediction, state.started?.sample_rate_hz ?? null);
    this.#line(state.line);
    this.#text(state.text);
    this.#streams(state);
    this.#letterOr(INSTEAD_OF_LETTER[standing.key], state.wrongToken);
    setText(byId("help-commands"), helpCommands);
    this.#sensors(faultsOf(state));
    this.#orders.render(state, now);
    this.#announce(standing, state.line);
  }

  /** Numbers that may change with every frame, shown a few times a second so that they can be read. */
  renderNumbers(state, now, signals) {
    const { none, count, rate } = this.#words;
    const started = state.started !== null;
    const frame = isHeard(state, now) ? signals.latest : null;
    this.#values.forEach(({ value }, c) => setText(value, frame === null ? none : wholeNumber(frame[c])));
    const hz = frame === null ? null : signals.rateHz();
    setText(this.#facts.model, state.started?.model ?? none);
    setText(this.#facts.stream, state.following ?? none);
    setText(this.#facts.rate, hz === null ? none : rate(hz));
    setText(this.#facts.frames, started ? count(state.frames) : none);
    setText(this.#facts.missing, started ? count(state.missing) : none);
    this.#linkFacts(state.link);
  }

  /** `ask` is called with the body of each command that the reader gives the glove. */
  onOrder(ask) {
    this.#orders.onOrder(ask);
  }

  /** What the reader has typed as the token; it does not stay in the document. */
  takeToken() {
    const field = byId("token");
    const text = field.value;
    field.value = "";
    return text;
  }

  #linkFacts(link) {
    const { linkFact, clockFact, rate } = this.#words;
    for (const key of ["link", "clock"]) this.#facts[key].parentElement.hidden = link === null;
    if (link === null) return;
    setText(this.#facts.link, linkFact(link));
    this.#facts.link.title = link.port ?? "";
    // By the glove's clock, put right; where there is one, it is truer than what is counted here.
    if (link.state === "streaming" && link.rate_hz !== null) setText(this.#facts.rate, rate(link.rate_hz));
    this.#facts.clock.parentElement.hidden = link.clock_uncertainty_ms === null;
    if (link.clock_uncertainty_ms !== null) setText(this.#facts.clock, clockFact(link));
  }

  #sensors(faults) {
    if (faults === this.#lastFaults) return;
    this.#lastFaults = faults;
    const { channels, faults: marks, faultsIntro, faultsOver } = this.#words;
    this.#values.forEach(({ entry, mark }, c) => {
      const own = faults.filter(({ channel }) => channel === CHANNELS[c]).map(({ fault }) => marks[fault] ?? fault);
      entry.classList.toggle("faulty", own.length > 0);
      setText(mark, own.join(", "));
    });
    const told = new Set(
      faults.map(({ channel, fault }) => this.#faultWords(channels[CHANNELS.indexOf(channel)] ?? channel, fault)),
    );
    const sentence = told.size === 0 ? "" : faultsIntro([...told].join(", "));
    const wasTold = byId("trouble-text").textContent !== "";
    byId("trouble").hidden = told.size === 0;
    setText(byId("trouble-text"), sentence);
    setText(byId("trouble-spoken"), told.size === 0 && wasTold ? faultsOver : sentence);
  }

  #faultWords(channel, fault) {
    const { faultLine, motionRepeats } = this.#words;
    return fault === "repeating" ? motionRepeats : (faultLine[fault]?.(channel) ?? `${channel}: ${fault}`);
  }

  #letterOr(instead, wrongToken) {
    const asks = byId("unlock").hidden && instead === "unlock";
    for (const id of Object.values(INSTEAD_OF_LETTER)) byId(id).hidden = id !== instead;
    for (const id of ["stage", "letter-name", "confidence-field"]) byId(id).hidden = instead !== undefined;
    setText(byId("token-wrong"), wrongToken ? this.#words.tokenWrong : "");
    if (asks) byId("token").focus();
  }

  #state(standing) {
    setText(byId("state-text"), this.#words.states[standing.key](standing));
    setData(byId("state"), "key", standing.key);
    setData(byId("state"), "tone", TONES[standing.key]);
  }

  #letter(standing, prediction) {
    const { none, noLetter, percent, letterNames } = this.#words;
    // A rejected letter is a runner-up like the others: the big place is for what the glove says.
    const shown = prediction !== null && standing.key !== "rejected" ? prediction : null;
    const letter = byId("letter");
    setText(letter, shown?.label ?? noLetter);
    setData(letter, "seq", prediction === null ? "" : String(prediction.seq));
    setData(letter, "tone", tone(standing, shown));
    setText(byId("letter-name"), shown === null ? "" : (letterNames[shown.label] ?? ""));
    setText(byId("confidence"), shown === null ? none : percent(shown.confidence));
    setShare(byId("confidence-bar"), shown?.confidence ?? 0);
    const others = (prediction?.top_k ?? [])
      .filter(({ label, confidence }) => label !== shown?.label && confidence >= RUNNER_UP_FROM)
      .slice(0, RUNNERS_UP);
    const runners = others.map(({ label, confidence }) => `${label}\u00a0${percent(confidence).replace(" ", "\u00a0")}`);
    setText(byId("runners"), runners.join("   "));
  }

  #importance(prediction, rateHz) {
    const { none, percent, scaleSpan } = this.#words;
    const importance = prediction?.scale_importance ?? {};
    for (const { scale, span, value, bar } of this.#scales) {
      const share = importance[scale];
      setText(span, scaleSpan(scale, rateHz === null ? null : (1000 * scale) / rateHz));
      setText(value, share === undefined ? none : percent(share));
      setShare(bar, share ?? 0);
    }
  }

  #text(text) {
    setText(byId("committed"), text?.committed ?? "");
    setText(byId("composing"), text?.composing ?? "");
  }

  #line(line) {
    if (line === this.#lastLine) return;
    this.#lastLine = line;
    byId("line").replaceChildren(...line.map((letter) => lineLetter(letter)));
  }

  #streams({ streams, following }) {
    const key = JSON.stringify([streams.map(({ stream }) => stream), following]);
    if (key === this.#lastStreams) return;
    this.#lastStreams = key;
    byId("streams-field").hidden = streams.length < 2;
    const options = streams.map(({ stream, started_at }) => {
      const time = new Date(started_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      return new Option(this.#words.streamOption(stream, time), stream, false, stream === following);
    });
    byId("streams").replaceChildren(...options);
  }

  #announce(standing, line) {
    const { states, spokenStates, letterNames } = this.#words;
    const letter = line.at(-1);
    const state = spokenStates[standing.key] ?? states[standing.key](standing);
    const spoken = standing.key === "ok" && letter ? (letterNames[letter] ?? letter) : state;
    // The line's length is part of the key so that a letter spelled twice is said twice.
    const key = standing.key === "ok" ? `${line.length} ${spoken}` : spoken;
    if (key === this.#spoken) return;
    this.#spoken = key;
    byId("announcer").textContent = spoken;
  }
}

function wholeNumber(value) {
  const rounded = Math.round(value);
  return rounded < 0 ? `−${-rounded}` : `${Math.abs(rounded)}`; // never "-0"
}

function tone(standing, shown) {
  if (shown === null) return "none";
  return standing.key === "ok" && shown.confidence >= UNSURE_BELOW ? "sure" : "unsure";
}

function scaleRow(scale, name) {
  const { entry: row, term, value } = pair("");
  row.className = "scale";
  row.dataset.testid = row.id = `scale-${scale}`;
  const span = make("span", "quiet");
  term.append(make("span", "", name), span);
  const bar = make("div", "bar");
  bar.append(make("span"));
  bar.setAttribute("aria-hidden", "true");
  const share = make("span", "number");
  value.append(share, bar);
  return { scale, row, span, value: share, bar };
}

function legendEntry(channel, name) {
  const { entry, term, value } = pair("");
  const swatch = make("span", "swatch");
  swatch.style.setProperty("--swatch", `var(--signal-${channel + 1})`);
  term.append(swatch, name);
  value.className = "number";
  const mark = make("dd", "mark");
  entry.append(mark);
  return { entry, value, mark };
}

function pair(name) {
  const entry = make("div");
  const term = make("dt", "", name);
  const value = make("dd");
  entry.append(term, value);
  return { entry, term, value };
}

function lineLetter(letter) {
  return letter === null ? make("span", "break") : make("span", "", letter);
}

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setData(element, key, value) {
  if (element.dataset[key] !== value) element.dataset[key] = value;
}

function setShare(bar, share) {
  bar.style.setProperty("--share", share.toFixed(3));
  if (bar.hasAttribute("aria-valuemin")) bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
}
