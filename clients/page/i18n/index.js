// Internationalisation: every text of the page, by language. To add a language, write a file with the keys of en.js and
// list it in CATALOGUES; tests/page/test_i18n.py compares the keys.

import { en } from "./en.js";
import { ko } from "./ko.js";

const CATALOGUES = { en, ko };

export const LANGUAGES = Object.keys(CATALOGUES);

/** The name of each language in itself. */
export const LANGUAGE_NAMES = Object.fromEntries(LANGUAGES.map((language) => [language, CATALOGUES[language].page.languageName]));

/** Return all texts in a language, such as `messagesIn("ko").live.pause`. */
export function messagesIn(language) {
  return CATALOGUES[language];
}

/** Return the name of a letter in the texts `live` of a language, or null: a label may have any name. */
export function letterNameOf({ letterNames }, label) {
  return Object.hasOwn(letterNames, label) ? letterNames[label] : null;
}

/** Return the sentence for a refusal or a failure: that of its `code`, or else the service's own `detail`. */
export function describeProblem({ problems, page }, { code, detail }) {
  if (Object.hasOwn(problems, code)) return problems[code];
  return detail === "" ? problems.cannot_connect : page.serviceSays(detail);
}
