// The live view: the letter, the hand, the signals, the time scales and the transcript.

import { byId } from "../dom.js";
import { currentPrediction, devicePredictionOf, isReceiving, statusOf } from "../state.js";
import { languageOf } from "../vocabularies.js";
import { Commands } from "./live/commands.js";
import { Connect } from "./live/connect.js";
import { Corrections } from "./live/corrections.js";
import { EmptyState } from "./live/empty_state.js";
import { Facts } from "./live/facts.js";
import { Notices } from "./live/notices.js";
import { DevicePrediction, Reading } from "./live/reading.js";
import { Timeline } from "./live/timeline.js";
import { Transcript } from "./live/transcript.js";

const NUMBERS_EVERY_MS = 200; // numbers that change faster cannot be read

export class LiveView {
  #page;
  #reading = new Reading();
  #devicePrediction = new DevicePrediction();
  #transcript;
  #corrections;
  #timeline;
  #emptyState;
  #connect;
  #facts;
  #notices = new Notices();
  #commands;
  #numbersAt = -Infinity;

  constructor(root, page) {
    this.#page = page;
    this.#timeline = new Timeline(page);
    this.#corrections = new Corrections(page);
    this.#emptyState = new EmptyState(page);
    this.#connect = new Connect(page.ownGlove);
    this.#facts = new Facts(page);
    this.#commands = new Commands((body) => page.sendCommand(body));
    this.#transcript = new Transcript((action) => page.editText(action));
  }

  show() {
    this.#timeline.fit();
  }

  hide() {
    this.#timeline.resume();
  }

  setMessages(messages) {
    const parts = [
      this.#reading, this.#devicePrediction, this.#timeline, this.#emptyState, this.#connect, this.#facts, this.#commands,
      this.#notices, this.#transcript, this.#corrections,
    ];
    for (const part of parts) part.setMessages(messages);
  }

  render(state, now) {
    const { signals, history } = this.#page;
    const isLive = isReceiving(state, now);
    const vocabulary = this.#page.vocabularies.of(state.started?.model ?? null);
    this.#timeline.draw(now);
    const past = this.#timeline.pausedAt;
    const prediction = past === null ? currentPrediction(state, now) : history.at(past);
    const status = past === null ? statusOf(state, now) : { key: prediction?.state ?? "warming" };
    const frame = past === null ? (isLive ? signals.latest : null) : signals.at(past);
    this.#reading.render(status, prediction?.label === null ? null : prediction, frame, state.started, vocabulary, now);
    this.#devicePrediction.render(past === null ? devicePredictionOf(state, now) : null, prediction);
    byId("reading").dataset.past = String(past !== null);
    const language = languageOf(vocabulary);
    for (const element of [byId("line"), byId("letter")]) {
      if (element.lang !== language) element.lang = language;
    }
    this.#transcript.render(state, language);
    this.#corrections.render(state, vocabulary);
    this.#emptyState.render(statusOf(state, now).key, state.wrongToken);
    this.#connect.render(state.following !== null);
    this.#commands.render(state, now);
    this.#facts.renderSensors(state);
    this.#notices.render(state);
    if (now - this.#numbersAt >= NUMBERS_EVERY_MS) {
      this.#numbersAt = now;
      this.#facts.render(state, now);
    }
  }
}
