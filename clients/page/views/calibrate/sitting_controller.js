// Runs a sitting: what the hand holds is asked for again and again, and kept word by word.

import { ServiceError } from "../../client/wire.js";
import { REST } from "../../glove.js";
import { isPoor } from "./session.js";
import { again, asking, began, doubting, isWordOver, kept, lackingOf, resting, understood, wordOf } from "./sitting.js";

const POLL_MS = 200; // a letter is held for longer
const MOST_ASKED = 3; // doubtful shapes that the end asks about: a sitting takes a minute

export class SittingController {
  #wearers;
  #session;
  #emit;
  #finish;
  #stream = null;
  #isBusy = false;
  #polledAt = -Infinity;
  #wish = null; // what the user wants of the present word: next | again

  /** `wearers` is a Wearers, `session` returns the session, `emit` takes events, and `finish` makes the profile. */
  constructor(wearers, session, emit, finish) {
    this.#wearers = wearers;
    this.#session = session;
    this.#emit = emit;
    this.#finish = finish;
  }

  get #sitting() {
    return this.#session().sitting;
  }

  /** Begin with the words of the service. */
  async begin(now) {
    const { wearer, model } = this.#session();
    const { words } = await this.#wearers.words(wearer, model, []);
    if (words.length === 0) throw new ServiceError({ code: "no_words", detail: "the language of the model has no words" });
    [this.#stream, this.#wish] = [null, null];
    this.#update(began(words, now));
  }

  /** Take a command: `next` ends the step or the word, `again` begins the word once more, `stop` ends the sitting. */
  command(name) {
    if (name === "stop") this.#update(null);
    else if (name === "again") this.#wish = "again";
    else if (this.#sitting.step === "doubts") return this.#finish();
    else if (this.#sitting.step === "spelling") this.#wish = "next";
    else this.#update({ ...this.#sitting, until: 0 });
    return undefined;
  }

  /** Return the work that is due now as a promise, or null; without a `stream` the sitting waits. */
  tick(stream, now) {
    if (this.#isBusy || stream === null || this.#sitting.step === "doubts") return null;
    const isOver = this.#sitting.until !== null && now >= this.#sitting.until;
    if (this.#sitting.step === "moving") {
      if (isOver) this.#update(resting(this.#sitting, now));
      return null;
    }
    if (this.#sitting.step === "resting") return isOver ? this.#work(() => this.#rest(stream, now)) : null;
    if (this.#wish === null && now - this.#polledAt < POLL_MS) return null;
    this.#polledAt = now;
    return this.#work(() => this.#listen(stream, now));
  }

  async #work(run) {
    this.#isBusy = true;
    try {
      await run();
    } finally {
      this.#isBusy = false;
    }
  }

  /** Keep the hand at rest as an example, unless it moved. */
  async #rest(stream, now) {
    const { wearer, model } = this.#session();
    const example = await this.#wearers.addExample(wearer, model, REST, stream);
    if (isPoor(example)) await this.#wearers.removeExample(wearer, example.id);
    else this.#emit({ kind: "spelled", examples: [example] });
    if (this.#sitting !== null) this.#update(asking(this.#sitting, null, now));
  }

  /** Ask what is understood of the present word, and go on to the next one when it is over. */
  async #listen(stream, now) {
    const { wearer, model } = this.#session();
    const { since, place, words } = this.#sitting;
    if (since === null || stream !== this.#stream || this.#wish === "again") {
      this.#wish = null;
      const { next } = await this.#wearers.spell(wearer, model, { stream, labels: [] });
      this.#stream = stream; // another stream counts its shapes from 0
      if (this.#isAt(words, place)) this.#update(asking(this.#sitting, next, now));
      return;
    }
    const word = { stream, labels: wordOf(this.#sitting).labels, since };
    if (this.#wish === null) {
      const spelled = await this.#wearers.spell(wearer, model, word);
      if (this.#isAt(words, place)) this.#update(understood(this.#sitting, spelled, now));
    }
    if (!this.#isAt(words, place) || (this.#wish !== "next" && !isWordOver(this.#sitting, now))) return;
    this.#wish = null;
    await this.#keep(word, now);
  }

  /** Return whether it is still the same sitting, at the same word: the user may have ended it meanwhile. */
  #isAt(words, place) {
    return this.#sitting?.words === words && this.#sitting.place === place;
  }

  async #keep(word, now) {
    const { wearer, model } = this.#session();
    const { words, place } = this.#sitting;
    const spelled = await this.#wearers.spell(wearer, model, { ...word, keep: true });
    this.#emit({ kind: "spelled", examples: spelled.examples });
    if (!this.#isAt(words, place)) return;
    this.#update(kept(this.#sitting, spelled, now));
    if (wordOf(this.#sitting) === null) await this.#askForMore(word.stream, now);
  }

  /** Ask for words with what is lacking, then what doubtful shapes were; then make the profile. */
  async #askForMore(stream, now) {
    const { wearer, model } = this.#session();
    const lacking = lackingOf(this.#sitting);
    const { words } = lacking.length === 0 ? { words: [] } : await this.#wearers.words(wearer, model, lacking);
    if (this.#sitting === null) return;
    if (words.length > 0) {
      this.#update(again(this.#sitting, words, now));
      return;
    }
    const answer = await this.#wearers.doubts(wearer, model, stream);
    if (this.#sitting === null) return;
    this.#update(doubting(this.#sitting));
    this.#emit({ kind: "asked", stream, answer: { ...answer, doubts: answer.doubts.slice(0, MOST_ASKED) } });
    if (this.#session().doubts.left.length === 0) await this.#finish();
  }

  #update(sitting) {
    this.#emit({ kind: "sitting", sitting });
  }
}
