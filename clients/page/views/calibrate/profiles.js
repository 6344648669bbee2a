// The wearer's profiles, and the one in use.

import { button, make, setText } from "../../dom.js";

export class Profiles {
  #messages;
  #heading = make("h2", { id: "calibrate-profiles" });
  #download = button("");
  #list = make("ul", { class: "profiles", "data-testid": "calibrate-profiles" });
  #rendered = "";

  /** `activate` is called with the version to use, `download` when the wearer wants their data as a file. */
  constructor(activate, download) {
    this.element = make(
      "section",
      { class: "card profiles-card", "aria-labelledby": "calibrate-profiles" },
      this.#heading, this.#list, this.#download,
    );
    this.#download.addEventListener("click", download);
    this.#list.addEventListener("click", ({ target }) => {
      const { version } = target.closest("button")?.dataset ?? {};
      if (version !== undefined) activate(Number(version));
    });
  }

  setMessages({ calibrate }) {
    this.#messages = calibrate;
    this.#rendered = "";
    setText(this.#heading, calibrate.profilesHeading);
    setText(this.#download, calibrate.download);
  }

  setSession({ profiles }) {
    const rendered = JSON.stringify(profiles);
    if (rendered === this.#rendered) return;
    this.#rendered = rendered;
    const focused = this.#list.contains(document.activeElement);
    const isOfOneModel = new Set(profiles.map(({ model }) => model)).size < 2;
    const entries = profiles.toReversed().map((profile) => this.#entry(profile, isOfOneModel));
    this.#list.replaceChildren(...(entries.length === 0 ? [make("li", { class: "muted", text: this.#messages.noProfiles })] : entries));
    if (focused) this.#list.querySelector("button")?.focus();
  }

  #entry({ version, model, examples, comparison, active, created_at: created }, isOfOneModel) {
    const messages = this.#messages;
    const correct = comparison.after === null ? [] : [messages.profileCorrect(comparison.after.accuracy)];
    const count = Object.values(examples).reduce((sum, each) => sum + each, 0);
    const when = new Date(created).toLocaleString(messages.locale, { dateStyle: "medium", timeStyle: "short" });
    const details = [...correct, messages.examples(count), when, ...(isOfOneModel ? [] : [model])];
    const choice = active
      ? make("strong", { class: "active", text: messages.active })
      : button(messages.activate, { "data-version": version, "aria-label": messages.activateLabel(version) });
    const name = make("span", { text: messages.profile(version) });
    return make("li", {}, name, choice, make("span", { class: "muted number", text: details.join(", ") }));
  }
}
