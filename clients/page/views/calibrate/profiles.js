// A wearer's profiles, and which of them holds: back to an earlier one, or forward again.

import { button, make, setText } from "../../dom.js";

export class Profiles {
  #words;
  #heading = make("h2", { id: "calibrate-profiles" });
  #download = button("");
  #list = make("ul", { class: "profiles", "data-testid": "calibrate-profiles" });
  #drawn = "";

  /** `activate` hears the version that is to hold; `download` that all is wanted as a file. */
  constructor(activate, download) {
    this.element = make(
      "section",
      { class: "card profiles-of", "aria-labelledby": "calibrate-profiles" },
      this.#heading, this.#list, this.#download,
    );
    this.#download.addEventListener("click", download);
    this.#list.addEventListener("click", ({ target }) => {
      const { version } = target.closest("button")?.dataset ?? {};
      if (version !== undefined) activate(Number(version));
    });
  }

  setWords({ calibrate }) {
    this.#words = calibrate;
    this.#drawn = "";
    setText(this.#heading, calibrate.profilesHeading);
    setText(this.#download, calibrate.download);
  }

  setSitting({ profiles }) {
    const drawn = JSON.stringify(profiles);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = this.#list.contains(document.activeElement);
    const isOfOneModel = new Set(profiles.map(({ model }) => model)).size < 2;
    const entries = profiles.toReversed().map((profile) => this.#entry(profile, isOfOneModel));
    this.#list.replaceChildren(...(entries.length === 0 ? [make("li", { class: "quiet", text: this.#words.noProfiles })] : entries));
    if (focused) this.#list.querySelector("button")?.focus();
  }

  #entry({ version, model, examples, comparison, active, created_at: created }, isOfOneModel) {
    const told = this.#words;
    const right = comparison.after === null ? [] : [told.profileRight(comparison.after.accuracy)];
    const count = Object.values(examples).reduce((sum, each) => sum + each, 0);
    const when = new Date(created).toLocaleString(told.locale, { dateStyle: "medium", timeStyle: "short" });
    const details = [...right, told.examples(count), when, ...(isOfOneModel ? [] : [model])];
    const choice = active
      ? make("strong", { class: "active", text: told.active })
      : button(told.activate, { "data-version": version, "aria-label": told.activateLabel(version) });
    const name = make("span", { text: told.profile(version) });
    return make("li", {}, name, choice, make("span", { class: "quiet number", text: details.join(", ") }));
  }
}
