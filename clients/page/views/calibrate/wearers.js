// Requests about wearers and their examples, for one model each.

import { NamedProfiles } from "../named_profiles.js";

export class Wearers extends NamedProfiles {
  constructor(service) {
    super(service, "wearer");
  }

  /** Return which of `letters` to show next; none: of all. */
  guide(name, model, letters) {
    const query = new URLSearchParams([["model", model], ...letters.map((letter) => ["labels", letter])]);
    return this.service.get(`${this.path(name)}/guide?${query}`);
  }

  /** Add the current hand shape of `stream` as an example of `label`. */
  addExample(name, model, label, stream) {
    return this.service.post(`${this.path(name)}/examples`, { model, label, stream });
  }

  /** Return the shapes that `stream` has held and of which an answer would help most: { held, doubts }. */
  doubts(name, model, stream) {
    return this.service.get(`${this.path(name)}/doubts?${new URLSearchParams({ model, stream })}`);
  }

  /** Add a shape that `stream` has held, by its number, as an example of `label`. */
  answer(name, model, label, stream, shape) {
    return this.service.post(`${this.path(name)}/examples`, { model, label, stream, shape });
  }

  /** Return the words of a sitting, in which `letters` occur; none: all. */
  words(name, model, letters) {
    const query = new URLSearchParams([["model", model], ...letters.map((letter) => ["labels", letter])]);
    return this.service.get(`${this.path(name)}/sitting?${query}`);
  }

  /** Return what is understood of a word { stream, labels, since, keep }; with `keep` it is over, and makes examples. */
  spell(name, model, word) {
    return this.service.post(`${this.path(name)}/sitting`, { model, ...word });
  }

  /** Keep what the words of `stream` have shown as examples. */
  keepWords(name, stream) {
    return this.service.post(`${this.path(name)}/words`, { stream });
  }

  /** Delete all examples of words. */
  forgetWords(name) {
    return this.service.delete(`${this.path(name)}/words`);
  }

  removeExample(name, example) {
    return this.service.delete(`${this.path(name)}/examples/${example}`);
  }

  /** Delete every example of `label`. */
  removeLabel(name, label) {
    return this.service.delete(`${this.path(name)}/examples?${new URLSearchParams({ label })}`);
  }

  /** Make a profile. `fields` may name the `glove` of the examples or a `stream` of it, own `signs` that another vocabulary has too,
   * whether own signs are recognised `alone`, and the wearer `signs_from` whom others are taken; null is left out. */
  calibrate(name, model, fields) {
    const given = Object.entries(fields).filter(([, value]) => value !== null);
    return this.service.post(`${this.path(name)}/calibrate`, { model, ...Object.fromEntries(given) });
  }
}
