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

export class FrameTimes {
  #unit; // by name, or null
  #held = []; // { frame, time, arrival }
  #from = 0; // the first held frame whose time counts
  #scale = null; // ms of a unit, once decided
  #stamps = null;
  #last = null;
  #still = 0;

  /** @param {string | null} unit the unit that the header names */
  constructor(unit) {
    this.#unit = unit;
  }

  /** Take a frame with its time as sent, null without one; return the events that are decided: frames and notices. */
  take(frame, time, arrival) {
    if (this.#stamps !== null) return [{ ...frame, t_ms: this.#stamps.next(arrival) }];
    if (this.#scale !== null) return this.#takeTimed(frame, time, arrival);
    if (this.#held.length > 0 && time !== null && time < this.#held.at(-1).time) this.#from = this.#held.length;
    this.#held.push({ frame, time, arrival });
    return this.#decide();
  }

  #takeTimed(frame, time, arrival) {
    this.#still = time === this.#last ? this.#still + 1 : 1;
    this.#last = time;
    if (this.#still < STILL_FRAMES) return [{ ...frame, t_ms: time * this.#scale }];
    this.#held = [{ frame, time, arrival }];
    return this.#byArrival("time_by_arrival", { reason: "stands_still" });
  }

  #decide() {
    const held = this.#held.slice(this.#from);
    const [first, last] = [held[0], held.at(-1)];
    const spanMs = last.arrival - first.arrival;
    if (last.time === null) {
      if (held.length < UNTIMED_FRAMES || spanMs < UNTIMED_MS) return [];
      return this.#byArrival("time_by_arrival", { reason: "no_time" });
    }
    if (this.#unit !== null && held.length > 1 && last.time !== first.time) return this.#in(this.#unit, true);
    const steps = held.slice(1).map(({ time }, place) => time - held[place].time);
    if (this.#unit === null) {
      const quick = quickUnit(held, steps, spanMs);
      if (quick !== null) return this.#in(quick, false);
    }
    return spanMs < DECIDE_MS ? [] : this.#decideAtLast(held, steps);
  }

  /** Decide after a second, whatever the times are. */
  #decideAtLast(held, steps) {
    if (steps.every((step) => step === 0)) return this.#byArrival("time_by_arrival", { reason: "stands_still" });
    if (steps.filter((step) => step === 0).length >= steps.length / 4) return this.#byArrival("time_spread", {});
    const settled = held.filter(({ arrival }) => arrival >= held[0].arrival + SETTLED_MS);
    const unit = unitOf(settled);
    if (unit !== null) return this.#in(unit, false);
    const isCounter = steps.filter((step) => step === 1).length > steps.length / 2;
    return this.#byArrival("time_by_arrival", { reason: isCounter ? "counter" : "ticks" });
  }

  #in(unit, isNamed) {
    this.#scale = UNIT_MS[unit];
    const events = this.#held.map(({ frame, time }) => ({ ...frame, t_ms: time * this.#scale }));
    this.#last = this.#held.at(-1).time;
    this.#held = [];
    return isNamed || unit === "ms" ? events : [noticeOf("time_unit", { unit }), ...events];
  }

  #byArrival(code, values) {
    const [first, count] = [this.#held[0].arrival, this.#held.length];
    const intervalMs = count > 1 ? (this.#held.at(-1).arrival - first) / (count - 1) : 0;
    const events = this.#held.map(({ frame }, place) => ({ ...frame, t_ms: first + place * intervalMs }));
    this.#stamps = new ArrivalStamps(events.at(-1).t_ms, intervalMs);
    this.#held = [];
    return [noticeOf(code, values), ...events];
  }
}

/** Stamps by arrival, smoothed by a tracking loop of second order. */
class ArrivalStamps {
  #stamp;
  #intervalMs;

  constructor(stamp, intervalMs) {
    this.#stamp = stamp;
    this.#intervalMs = intervalMs;
  }

  next(arrival) {
    const due = this.#stamp + this.#intervalMs;
    const late = arrival - due;
    if (late > 1000) {
      this.#stamp = arrival;
      return arrival;
    }
    this.#stamp = Math.max(due + 0.05 * late, this.#stamp + 0.01);
    this.#intervalMs = Math.max(this.#intervalMs + 0.000625 * late, 0.1);
    return this.#stamp;
  }
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
