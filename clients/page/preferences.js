// What a reader chose for this page: language and theme, kept in the browser. Without a choice the system's.

export const LANGUAGES = ["en", "ko"];
export const THEMES = ["system", "light", "dark"];

const KEY = "scaleglove.preferences";

export class Preferences {
  #chosen = stored();

  get language() {
    if (LANGUAGES.includes(this.#chosen.language)) return this.#chosen.language;
    return navigator.languages.some((name) => name.startsWith("ko")) ? "ko" : "en";
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

  /** Tell the document. */
  apply() {
    document.documentElement.lang = this.language;
    document.documentElement.dataset.theme = this.theme;
  }

  #choose(change) {
    this.#chosen = { ...this.#chosen, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#chosen));
    } catch {
      // Storage may be forbidden: then the choice holds until the page is loaded again.
    }
    this.apply();
  }
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}
