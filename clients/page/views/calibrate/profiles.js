// A wearer's profiles, and which of them holds: back to an earlier one, or forward again.

import { button, make, setText } from "../../dom.js";

export class Profiles {
  #words;
  #heading = make("h2", { id: "calibrate-profiles" });
  #list = make("ul", { class: "profiles", "data-testid": "calibrate-profiles" });
  #drawn = "";

  /** `activate` hears the version that is to hold. */
  constructor(activate) {
    this.element = make("section", { class: "card", "aria-labelledby": "calibrate-profiles" }, this.#heading, this.#list);
    this.#list.addEventListener("click", ({ target }) => {
      const { version } = target.closest("button")?.dataset ?? {};
      if (version !== undefined) activate(Number(version));
    });
  }

  setWords({ calibrate }) {
    this.#words = calibrate;
    this.#drawn = "";
    setText(this.#heading, calibrate.profilesHeading);
  }

  setSitting({ profiles }) {
    const drawn = JSON.stringify(profiles);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = this.#list.contains(document.activeElement);
    const entries = profiles.toReversed().map((profile) => this.#entry(profile));
    this.#list.replaceChildren(...(entries.length === 0 ? [make("li", { class: "quiet", text: this.#words.noProfiles })] : entries));
    if (focused) this.#list.querySelector("button")?.focus();
  }

  #entry({ version, examples, comparison, active, created_at: created }) {
    const { profile, profileWorth, activate, activateLabel, locale } = this.#words;
    const count = Object.values(examples).reduce((sum, each) => sum + each, 0);
    const when = new Date(created).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
    const worth = comparison.after === null ? "" : profileWorth(comparison.after.accuracy);
    const choice = active
      ? make("strong", { class: "active", text: this.#words.active })
      : button(activate, { "data-version": version, "aria-label": activateLabel(version) });
    return make("li", {}, make("span", { text: profile(version, count, when) }), make("span", { class: "quiet number", text: worth }), choice);
  }
}
