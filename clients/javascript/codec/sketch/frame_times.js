// The times of frames whose clock is unknown: the unit is found by comparing them with their arrival, or they are stamped by
// arrival, smoothed. Pure. docs/reference/link.md, "Time".

import { noticeOf } from "./notices.js";

const UNIT_MS = { us: 1e-3, ms: 1, s: 1000 };
const NEAR = [0.7, 1.4]; // time over arrival, in units
const STEPS_MS = [8, 60]; // a median step that can only be milliseconds
const DECIDE_MS = 1000;
const SETTLED_MS = 200; // what a port had stored comes at once; after a second that can be left out
const QUICK_MS = 100;
const QUICK_FRAMES = 4;
const UNTIMED_MS = 250;
const UNTIMED_FRAMES = 3;
const STILL_FRAMES = 5;
const GIVE_UP_MS = 3000; // a time that keeps falling never shows its unit: after this time, or this number of frames, it is no clock
const MAX_HELD = 1000;
const USUAL_MS = 20; // the interval of most gloves, for frames whose arrivals show none

export class FrameTimes {
  #named; // ms of the unit that the header names, or null
  #held = []; // { frame, time, arrival }
  #from = 0; // the first held frame whose time counts
  #scale = null; // ms of a unit, once decided
  #stamps = null;
  #last = null;
  #still = 0;
  #stoppedMs = null; // the time at which the glove's clock stopped after it had counted; stamps go on from it

  /** @param {number | null} named milliseconds of the unit that the header names */
  constructor(named) {
    this.#named = named;
  }

  /** Take a frame with its time as sent, null without one; return the events that are decided: frames and notices. */
  take(frame, sent, arrival) {
    const time = this.#stoppedMs === null ? sent : null;
    if (this.#stamps !== null) return [{ ...frame, t_ms: this.#stamps.next(arrival) }];
    if (this.#scale !== null) return this.#takeTimed(frame, time, arrival);
    if (this.due !== null && arrival >= this.due) return [...this.idle(arrival), ...this.take(frame, time, arrival)];
    if (this.#held.length > 0 && time !== null && time < this.#held.at(-1).time) this.#from = this.#held.length;
    this.#held.push({ frame, time, arrival });
    return this.#decide();
  }

  /** Take the frames that `earlier` holds, and return their events: a header now says more of their time. */
  takeOver(earlier) {
    const held = earlier.#held;
    [earlier.#held, earlier.#from] = [[], 0];
    return held.flatMap(({ frame, time, arrival }) => this.take(frame, time, arrival));
  }

  /** Return the frames that are held, stamped by arrival: the lines to come have another clock, or none. */
  giveUp() {
    return this.#held.length === 0 ? [] : this.#byArrival("time_by_arrival", {}).filter(({ event }) => event === "frame");
  }

  /** When frames that are held come out though no other one arrives; null without such frames. */
  get due() {
    return this.#held.length === 0 ? null : this.#held.at(-1).arrival + GIVE_UP_MS;
  }

  /** Return the events of the frames that are held, where they are due: no other one has arrived for long. */
  idle(now) {
    if (this.due === null || now < this.due) return [];
    if (this.#held.at(-1).time === null) return this.#byArrival("time_by_arrival", { reason: this.#unusable });
    return this.#named === null ? this.#byArrival("time_by_arrival", { reason: "ticks" }) : this.#in(this.#named);
  }

  get #unusable() {
    return this.#stoppedMs === null ? "no_time" : "stands_still";
  }

  #takeTimed(frame, time, arrival) {
    this.#still = time === this.#last ? this.#still + 1 : 1;
    this.#last = time;
    if (this.#still < STILL_FRAMES) return [{ ...frame, t_ms: time * this.#scale }];
    this.#stoppedMs = time * this.#scale;
    this.#scale = null;
    return this.take(frame, time, arrival);
  }

  #decide() {
    const held = this.#held.slice(this.#from);
    const [first, last] = [held[0], held.at(-1)];
    const spanMs = last.arrival - first.arrival;
    if (last.arrival - this.#held[0].arrival >= GIVE_UP_MS || this.#held.length >= MAX_HELD) {
      return this.#byArrival("time_by_arrival", { reason: "ticks" });
    }
    if (last.time === null) {
      if (held.length < UNTIMED_FRAMES || spanMs < UNTIMED_MS) return [];
      return this.#byArrival("time_by_arrival", { reason: this.#unusable });
    }
    if (this.#named !== null && held.length > 1 && last.time !== first.time) return this.#in(this.#named);
    const steps = held.slice(1).map(({ time }, place) => time - held[place].time);
    if (this.#named === null) {
      const quick = quickUnit(held, steps, spanMs);
      if (quick !== null) return this.#inFound(quick);
    }
    return spanMs < DECIDE_MS ? [] : this.#decideAtLast(held, steps);
  }

  /** Decide after a second, whatever the times are. */
  #decideAtLast(held, steps) {
    if (steps.every((step) => step === 0)) return this.#byArrival("time_by_arrival", { reason: "stands_still" });
    if (steps.filter((step) => step === 0).length >= steps.length / 4) return this.#byArrival("time_spread", {});
    const settled = held.filter(({ arrival }) => arrival >= held[0].arrival + SETTLED_MS);
    const unit = unitOf(settled);
    if (unit !== null) return this.#inFound(unit);
    const isCounter = steps.filter((step) => step === 1).length > steps.length / 2;
    return this.#byArrival("time_by_arrival", { reason: isCounter ? "counter" : "ticks" });
  }

  #inFound(unit) {
    const events = this.#in(UNIT_MS[unit]);
    return unit === "ms" ? events : [noticeOf("time_unit", { unit }), ...events];
  }

  #in(scale) {
    this.#scale = scale;
    const events = this.#held.map(({ frame, time }) => ({ ...frame, t_ms: time * this.#scale }));
    this.#last = this.#held.at(-1).time;
    [this.#held, this.#from] = [[], 0];
    return events;
  }

  #byArrival(code, values) {
    const intervalMs = intervalOf(this.#held.map(({ arrival }) => arrival)) || USUAL_MS;
    const last = this.#held.at(-1).arrival;
    const begin = last - (this.#held.length - 1) * intervalMs;
    const offset = this.#stoppedMs === null ? 0 : this.#stoppedMs + intervalMs - begin;
    const events = this.#held.map(({ frame }, place) => ({ ...frame, t_ms: begin + offset + place * intervalMs }));
    this.#stamps = new ArrivalStamps(last + offset, intervalMs, offset);
    [this.#held, this.#from] = [[], 0];
    return [noticeOf(code, values), ...events];
  }
}

/** Stamps by arrival, later by `offset`, smoothed by a tracking loop of second order. */
class ArrivalStamps {
  #stamp;
  #intervalMs;
  #offset;

  constructor(stamp, intervalMs, offset) {
    this.#offset = offset;
    this.#stamp = stamp;
    this.#intervalMs = intervalMs;
  }

  next(arrival) {
    const due = this.#stamp + this.#intervalMs;
    const late = arrival + this.#offset - due;
    if (late > 1000) {
      this.#stamp = arrival + this.#offset;
      return this.#stamp;
    }
    this.#stamp = Math.max(due + 0.05 * late, this.#stamp + 0.01);
    this.#intervalMs = Math.max(this.#intervalMs + 0.000625 * late, 0.1);
    return this.#stamp;
  }
}

/**
 * Return the time between frames that arrived so, perhaps several at once: from the first of one arrival to the first of
 * another, since the first arrival of all may bring what a port had stored, and of the last one more may come.
 */
function intervalOf(arrivals) {
  const firsts = arrivals.map((_, place) => place).filter((place) => place > 0 && arrivals[place] > arrivals[place - 1]);
  const [begin, end] = firsts.length > 1 ? [firsts[0], firsts.at(-1)] : [0, arrivals.length - 1];
  return (arrivals[end] - arrivals[begin]) / Math.max(1, end - begin);
}

/** Return the unit that the first frames show before a second has passed, or null. */
function quickUnit(held, steps, spanMs) {
  if (held.length < QUICK_FRAMES || steps.some((step) => step === 0)) return null;
  if (held.length === QUICK_FRAMES) {
    const median = steps.toSorted((a, b) => a - b)[1];
    if (median >= STEPS_MS[0] && median <= STEPS_MS[1]) return "ms";
  }
  const arrivals = new Set(held.map(({ arrival }) => arrival)).size;
  return arrivals >= QUICK_FRAMES && spanMs > QUICK_MS ? unitOf(held) : null;
}

/** Return the unit in which the times go as fast as the arrivals, or null. */
function unitOf(held) {
  if (held.length < 2) return null;
  const [first, last] = [held.findLast(({ arrival }) => arrival === held[0].arrival), held.at(-1)];
  const rate = (last.time - first.time) / (last.arrival - first.arrival);
  const isNear = (unit) => rate * UNIT_MS[unit] >= NEAR[0] && rate * UNIT_MS[unit] <= NEAR[1];
  return Object.keys(UNIT_MS).find(isNear) ?? null;
}
