// Every text that a reader of the page sees, by view and language. A translation has the same keys.

import { api } from "./api.js";
import { calibrate } from "./calibrate.js";
import { live } from "./live.js";
import { models } from "./models.js";
import { page } from "./page.js";
import { recordings } from "./recordings.js";

const VIEWS = { api, calibrate, live, models, page, recordings };

/** All texts in a language: `words("ko").live.clear`. */
export function words(language) {
  return Object.fromEntries(Object.entries(VIEWS).map(([name, texts]) => [name, texts[language]]));
}
