// What the glove says now: the letter, the hand, the signals, the scales, the text.

import { byId } from "../dom.js";
import { currentPrediction, isHeard, ownLetter, status } from "../state.js";
import { Facts } from "./live/facts.js";
import { Instead } from "./live/instead.js";
import { Orders } from "./live/orders.js";
import { OwnLetter } from "./live/own_letter.js";
import { Reading } from "./live/reading.js";
import { Timeline } from "./live/timeline.js";
import { Written } from "./live/written.js";

const NUMBERS_EVERY_MS = 200;

export class LiveView {
  #page;
  #reading = new Reading();
  #ownLetter = new OwnLetter();
  #timeline;
  #written;
  #instead;
  #facts;
  #orders;
  #numbersAt = -Infinity;

  constructor(root, page) {
    this.#page = page;
    this.#timeline = new Timeline(page);
    this.#written = new Written(page);
    this.#instead = new Instead(page);
    this.#facts = new Facts(page);
    this.#orders = new Orders((body) => page.order(body));
  }

  show() {
    this.#timeline.fit();
  }

  hide() {
    this.#timeline.goOn();
  }

  setWords(words) {
    const parts = [this.#reading, this.#ownLetter, this.#timeline, this.#instead, this.#facts, this.#orders];
    for (const part of parts) part.setWords(words.live);
  }

  render(state, now) {
    const { signals, history } = this.#page;
    const heard = isHeard(state, now);
    this.#timeline.draw(now);
    const past = this.#timeline.pausedAt;
    const prediction = past === null ? currentPrediction(state, now) : history.at(past);
    const standing = past === null ? status(state, now) : { key: prediction?.state ?? "warming" };
    const frame = past === null ? (heard ? signals.latest : null) : signals.at(past);
    this.#reading.render(standing, prediction?.label === null ? null : prediction, frame, state.started);
    this.#ownLetter.render(past === null ? ownLetter(state, now) : null, prediction);
    byId("reading").dataset.past = String(past !== null);
    this.#written.render(state.text);
    this.#instead.render(status(state, now).key, state.wrongToken);
    this.#orders.render(state, now);
    this.#facts.renderSensors(state);
    if (now - this.#numbersAt >= NUMBERS_EVERY_MS) {
      this.#numbersAt = now;
      this.#facts.render(state, now);
    }
  }
}
