// What stands above every view: how things stand, which glove, which view, and the reader's preferences.

import { byId, make, setData, setText } from "./dom.js";
import { LANGUAGES, THEMES } from "./preferences.js";
import { faultsOf, status } from "./state.js";

const TONES = {
  ok: "good", warming: "waiting", opening: "waiting", connecting: "waiting", none: "waiting", left: "waiting",
  rejected: "waiting", gap: "warn", stale: "warn", own: "good", unreachable: "bad", refused: "bad", locked: "waiting",
  linkSearching: "waiting", linkOpening: "waiting", linkWaiting: "warn", linkLost: "bad",
};
const TELLS_LETTERS = "live"; // elsewhere a view speaks for itself, and letters would talk over it
const CHANNELS = ["flex1", "flex2", "flex3", "flex4", "flex5", "pitch", "roll", "yaw"];

export class Header {
  #words;
  #views;
  #lastStreams = "";
  #lastFaults = null;
  #spoken = "";
  #tellsLetters = true;

  /** `views` are the names of what can be shown; `choose` hears the stream that the reader picks, `prefer` a change of
   * { language } or { theme }. */
  constructor(views, { choose, prefer }) {
    this.#views = views;
    byId("views").append(...views.map((name) => make("a", { href: `#${name}`, id: `to-${name}` })));
    byId("streams").addEventListener("change", ({ target }) => choose(target.value));
    byId("language").addEventListener("change", ({ target }) => prefer({ language: target.value }));
    byId("theme").addEventListener("change", ({ target }) => prefer({ theme: target.value }));
  }

  setWords(words, preferences) {
    this.#words = words;
    const { page } = words;
    for (const name of this.#views) setText(byId(`to-${name}`), page.views[name]);
    byId("views").setAttribute("aria-label", page.viewsLabel);
    fill(byId("language"), page.language, LANGUAGES, page.languages, preferences.language);
    fill(byId("theme"), page.theme, THEMES, page.themes, preferences.theme);
    this.#lastStreams = "";
    this.#lastFaults = null;
  }

  shown(name) {
    this.#tellsLetters = name === TELLS_LETTERS;
    for (const each of this.#views) {
      if (each === name) byId(`to-${each}`).setAttribute("aria-current", "page");
      else byId(`to-${each}`).removeAttribute("aria-current");
    }
  }

  render(state, now) {
    const standing = status(state, now);
    setText(byId("state-text"), this.#words.live.states[standing.key](standing));
    setData(byId("state"), "key", standing.key);
    setData(byId("state"), "tone", TONES[standing.key]);
    this.#streams(state);
    this.#trouble(faultsOf(state));
    this.#announce(standing, state.begun);
  }

  #streams({ streams, following }) {
    const key = JSON.stringify([streams.map(({ stream }) => stream), following]);
    if (key === this.#lastStreams) return;
    this.#lastStreams = key;
    byId("streams-field").hidden = streams.length < 2;
    const options = streams.map(({ stream, started_at }) => {
      const time = new Date(started_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      return new Option(this.#words.page.streamOption(stream, time), stream, false, stream === following);
    });
    byId("streams").replaceChildren(...options);
  }

  /** Broken sensors, in one sentence above everything. */
  #trouble(faults) {
    if (faults === this.#lastFaults) return;
    this.#lastFaults = faults;
    const { channels, faultsIntro, faultsOver } = this.#words.live;
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
    const { faultLine, motionRepeats } = this.#words.live;
    return fault === "repeating" ? motionRepeats : (faultLine[fault]?.(channel) ?? `${channel}: ${fault}`);
  }

  #announce(standing, { count, letter }) {
    const { states, spokenStates, letterNames } = this.#words.live;
    const state = spokenStates[standing.key] ?? states[standing.key](standing);
    const isRead = standing.key === "ok" || standing.key === "rejected";
    const spoken = isRead && this.#tellsLetters && letter !== null ? (letterNames[letter] ?? letter) : state;
    // How many there were is part of the key, so that a letter spelled twice is said twice.
    const key = isRead && this.#tellsLetters ? `${count} ${spoken}` : spoken;
    if (key === this.#spoken) return;
    this.#spoken = key;
    byId("announcer").textContent = spoken;
  }
}

function fill(select, label, values, names, chosen) {
  select.setAttribute("aria-label", label);
  select.replaceChildren(...values.map((value) => new Option(names[value], value, false, value === chosen)));
}
