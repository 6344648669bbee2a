// An episode that is being recorded from the signals of a stream. Pure.

import { firstAfter } from "../signals.js";
import { episodeOf } from "./episode.js";

export const MAX_MS = 60_000;

export class Recording {
  #signals;
  #lastMs;
  #begunAt;
  #t = [];
  #values = [];

  /** Record what is added to `signals`, a Signals, from now on; `begunAt` is a Date. */
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

  /** Take the new frames; return false when the recording has to end: at MAX_MS, or when the glove restarted. */
  follow() {
    const { t, channels, latest } = this.#signals;
    const isMissing = (c) => latest[c] === null; // a sensor that the glove does not have
    if ((t.at(-1) ?? -Infinity) < this.#lastMs) return false;
    for (let i = firstAfter(t, this.#lastMs); i < t.length; i++) {
      const frame = channels.map((channel) => channel[i]);
      if (!frame.every((value, c) => typeof value === "number" || isMissing(c))) continue; // a gap, or an angle's jump
      this.#t.push(t[i]);
      this.#values.push(frame.map((value) => (value === null ? null : Math.fround(value))));
    }
    this.#lastMs = t.at(-1) ?? this.#lastMs;
    return this.lengthMs < MAX_MS;
  }

  /** Return the episode with this label, or null without frames. */
  episode(name, letter, bend) {
    if (this.frames === 0) return null;
    const episode = episodeOf({ name, t: this.#t, values: this.#values, begunAt: this.#begunAt });
    return { ...episode, label: letter, letter, bend };
  }
}
