// The versions of a profile, the newest first, and the one in use.

import { button, make } from "../dom.js";

export class ProfileList {
  #messages;
  #describe;
  #rendered = "";

  /** `activate` is called with the version to use; `describe` returns the details of a profile as a list of texts. */
  constructor(activate, describe, attributes = {}) {
    this.#describe = describe;
    this.element = make("ul", { class: "profiles", ...attributes });
    this.element.addEventListener("click", ({ target }) => {
      const { version } = target.closest("button")?.dataset ?? {};
      if (version !== undefined) activate(Number(version));
    });
  }

  setMessages({ profiles }) {
    this.#messages = profiles;
    this.#rendered = "";
  }

  show(profiles) {
    const rendered = JSON.stringify(profiles);
    if (rendered === this.#rendered) return;
    this.#rendered = rendered;
    const focused = this.element.contains(document.activeElement);
    const entries = profiles.toReversed().map((profile) => this.#entry(profile, profiles));
    const none = make("li", { class: "muted", text: this.#messages.none });
    this.element.replaceChildren(...(entries.length === 0 ? [none] : entries));
    if (focused) this.element.querySelector("button")?.focus();
  }

  #entry(profile, profiles) {
    const { version, active, created_at: created } = profile;
    const messages = this.#messages;
    const when = new Date(created).toLocaleString(messages.locale, { dateStyle: "medium", timeStyle: "short" });
    const choice = active
      ? make("strong", { class: "active", text: messages.active })
      : button(messages.activate, { "data-version": version, "aria-label": messages.activateLabel(version) });
    const name = make("span", { text: messages.profile(version) });
    const details = [...this.#describe(profile, profiles), when].join(", ");
    return make("li", {}, name, choice, make("span", { class: "muted number", text: details }));
  }
}
