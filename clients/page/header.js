// The header above every view: the status, the glove, the views, the user's preferences, and an alert about sensors.

import { byId, make, setData, setText } from "./dom.js";
import { CHANNELS } from "./glove.js";
import { describeProblem, LANGUAGE_NAMES, LANGUAGES, letterNameOf } from "./i18n/index.js";
import { THEMES } from "./preferences.js";
import { faultsOf, gloveNameOf, statusOf } from "./state.js";

const TONES = {
  ok: "good", warming: "waiting", opening: "waiting", connecting: "waiting", none: "waiting", left: "waiting",
  rejected: "waiting", gap: "warn", stale: "warn", deviceOnly: "good", unreachable: "bad", refused: "bad", locked: "waiting",
  linkSearching: "waiting", linkOpening: "waiting", linkWaiting: "warn", linkLost: "bad",
};
const ANNOUNCES_LETTERS = "live"; // the other views have announcements of their own
const CHECKS_SENSORS = "gloves";

export class Header {
  #messages;
  #views;
  #lastStreams = "";
  #lastFaults = null;
  #announced = "";
  #announcesLetters = true;

  /** `views` are the names of the views; `choose` is called with the stream that the user selects, `prefer` with a change
   * of { language } or { theme }. */
  constructor(views, { choose, prefer }) {
    this.#views = views;
    byId("views").append(...views.map((name) => make("a", { href: `#${name}`, id: `to-${name}` })));
    byId("streams").addEventListener("change", ({ target }) => choose(target.value));
    byId("language").addEventListener("change", ({ target }) => prefer({ language: target.value }));
    byId("theme").addEventListener("change", ({ target }) => prefer({ theme: target.value }));
  }

  setMessages(messages, preferences) {
    this.#messages = messages;
    const { page } = messages;
    for (const name of this.#views) setText(byId(`to-${name}`), page.views[name]);
    byId("views").setAttribute("aria-label", page.viewsLabel);
    fill(byId("language"), page.language, LANGUAGES, LANGUAGE_NAMES, preferences.language);
    fill(byId("theme"), page.theme, THEMES, page.themes, preferences.theme);
    this.#lastStreams = "";
    this.#lastFaults = null;
  }

  /** Mark the view on show. */
  setView(name) {
    this.#announcesLetters = name === ANNOUNCES_LETTERS;
    byId("check-sensors").hidden = name === CHECKS_SENSORS;
    for (const each of this.#views) {
      if (each === name) byId(`to-${each}`).setAttribute("aria-current", "page");
      else byId(`to-${each}`).removeAttribute("aria-current");
    }
  }

  render(state, now) {
    const status = statusOf(state, now);
    const text = this.#describe(status);
    setText(byId("state-text"), text);
    setData(byId("state"), "key", status.key);
    setData(byId("state"), "tone", TONES[status.key]);
    this.#renderStreams(state);
    this.#renderFaults(faultsOf(state));
    this.#announce(status.key, text, state.lastLetter);
  }

  #describe({ key, problem, ...details }) {
    const text = this.#messages.live.states[key];
    return problem === undefined ? text(details) : text({ reason: this.#reasonOf(key, problem) });
  }

  /** Return why the stream was refused, or what the bridge reports about its link, which may be an empty text. */
  #reasonOf(key, problem) {
    if (key === "refused") return describeProblem(this.#messages, problem);
    return this.#messages.live.linkReasons[problem.code] ?? problem.detail;
  }

  #renderStreams({ streams, following }) {
    const key = JSON.stringify([streams.map((each) => [each.stream, gloveNameOf(each)]), following]);
    if (key === this.#lastStreams) return;
    this.#lastStreams = key;
    byId("streams-field").hidden = streams.length < 2;
    const options = streams.map((each) => {
      const { stream, started_at: startedAt } = each;
      const name = gloveNameOf(each);
      const time = new Date(startedAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      const text = this.#messages.page.streamOption(name === null ? stream : `${name} (${stream})`, time);
      return new Option(text, stream, false, stream === following);
    });
    byId("streams").replaceChildren(...options);
  }

  /** Show the faulty sensors in one sentence above the views. */
  #renderFaults(faults) {
    if (faults === this.#lastFaults) return;
    this.#lastFaults = faults;
    const { channels, faultsAlert, faultsOver } = this.#messages.live;
    const texts = new Set(faults.map(({ channel, fault }) => this.#faultText(channels[CHANNELS.indexOf(channel)] ?? channel, fault)));
    const sentence = texts.size === 0 ? "" : faultsAlert([...texts].join(", "));
    const wasShown = byId("sensor-alert-text").textContent !== "";
    byId("sensor-alert").hidden = texts.size === 0;
    setText(byId("sensor-alert-text"), sentence);
    setText(byId("sensor-alert-spoken"), texts.size === 0 && wasShown ? faultsOver : sentence);
  }

  #faultText(channel, fault) {
    const { faultOf, motionRepeats } = this.#messages.live;
    return fault === "repeating" ? motionRepeats : (faultOf[fault]?.(channel) ?? `${channel}: ${fault}`);
  }

  /** Announce a change of the status, or each new letter, to screen readers. */
  #announce(key, text, { count, letter }) {
    const { live } = this.#messages;
    const { spokenStates } = live;
    const isLetter = (key === "ok" || key === "rejected") && this.#announcesLetters;
    const spoken = isLetter && letter !== null ? (letterNameOf(live, letter) ?? letter) : (spokenStates[key] ?? text);
    // With the count, a letter that is repeated is announced again.
    const announced = isLetter ? `${count} ${spoken}` : spoken;
    if (announced === this.#announced) return;
    this.#announced = announced;
    byId("announcer").textContent = spoken;
  }
}

function fill(select, label, values, names, chosen) {
  select.setAttribute("aria-label", label);
  select.replaceChildren(...values.map((value) => new Option(names[value], value, false, value === chosen)));
}
