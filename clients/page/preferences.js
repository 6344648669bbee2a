// The user's language and theme, stored in the browser. The defaults are those of the system.

import { readStored, store } from "./browser_storage.js";
import { LANGUAGES } from "./i18n/index.js";

export const THEMES = ["system", "light", "dark"];

const KEY = "scaleglove.preferences";

export class Preferences {
  #chosen = readStored(KEY) ?? {};

  get language() {
    if (LANGUAGES.includes(this.#chosen.language)) return this.#chosen.language;
    const [fallback, ...others] = LANGUAGES;
    return others.find((language) => navigator.languages.some((name) => name.startsWith(language))) ?? fallback;
  }

  set language(language) {
    this.#choose({ language });
  }

  get theme() {
    return THEMES.includes(this.#chosen.theme) ? this.#chosen.theme : "system";
  }

  set theme(theme) {
    this.#choose({ theme });
  }

  /** Set the language and the theme of the document. */
  apply() {
    document.documentElement.lang = this.language;
    document.documentElement.dataset.theme = this.theme;
  }

  #choose(change) {
    this.#chosen = { ...this.#chosen, ...change };
    store(KEY, this.#chosen);
    this.apply();
  }
}
