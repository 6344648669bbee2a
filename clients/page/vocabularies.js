// The vocabularies of the service's models: how their labels read, and which language they spell.

import { ServiceError } from "./client/wire.js";

const LANGUAGES = { korean: "ko", english: "en", none: "" }; // as attributes of elements

export class Vocabularies {
  #service;
  #byModel = new Map();

  constructor(service) {
    this.#service = service;
  }

  /** Return the vocabulary of a model, { name, language, labels }, or null until it is known. */
  of(model) {
    if (model !== null && !this.#byModel.has(model)) this.#read(model);
    return this.#byModel.get(model) ?? null;
  }

  async #read(model) {
    this.#byModel.set(model, null);
    try {
      const { vocabulary } = await this.#service.peek(`/v1/models/${encodeURIComponent(model)}`);
      this.#byModel.set(model, vocabulary);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error; // the labels are then shown as they are
    }
  }
}

/** Return the labels of all vocabularies that the service's package knows by name. */
export async function packageLabels(service) {
  const { vocabularies } = await service.peek("/v1/vocabularies");
  return vocabularies.flatMap(({ labels }) => labels.map(({ label }) => label));
}

/** Return how a label reads. */
export function displayOf(vocabulary, label) {
  return vocabulary?.labels.find((each) => each.label === label)?.display || label;
}

/** Return the language of a vocabulary's text as an attribute `lang`. */
export function languageOf(vocabulary) {
  return LANGUAGES[vocabulary?.language ?? "korean"];
}
