// An episode while it is taken from the signals of a followed glove. Pure.

import { firstAfter } from "../signals.js";
import { episodeOf } from "./episode.js";

export const MAX_MS = 60_000;

export class Recording {
  #signals;
  #lastMs;
  #begunAt;
  #t = [];
  #values = [];

  /** Of `signals` (signals.js), what comes from now on; `begunAt` is a Date. */
  constructor(signals, begunAt) {
    this.#signals = signals;
    this.#lastMs = signals.t.at(-1) ?? -Infinity;
    this.#begunAt = begunAt;
  }

  get frames() {
    return this.#t.length;
  }

  get lengthMs() {
    return this.frames === 0 ? 0 : this.#t.at(-1) - this.#t[0];
  }

  /** Take what has come since; false when it is at its end: long enough, or the glove's clock is another. */
  follow() {
    const { t, channels } = this.#signals;
    if ((t.at(-1) ?? -Infinity) < this.#lastMs) return false;
    for (let i = firstAfter(t, this.#lastMs); i < t.length; i++) {
      const frame = channels.map((channel) => channel[i]);
      if (!frame.every((value) => typeof value === "number")) continue; // a hole, or an angle's jump
      this.#t.push(t[i]);
      this.#values.push(frame.map(Math.fround));
    }
    this.#lastMs = t.at(-1) ?? this.#lastMs;
    return this.lengthMs < MAX_MS;
  }

  /** What was taken, labelled so; null where nothing came. */
  episode(name, letter, bend) {
    if (this.frames === 0) return null;
    const episode = episodeOf({ name, t: this.#t, values: this.#values, begunAt: this.#begunAt });
    return { ...episode, letter, bend };
  }
}
