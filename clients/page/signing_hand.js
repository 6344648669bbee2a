// A hand that signs, as segments of time: signs that are held or move, the ways between them, and the arm hanging down. Pure
// but for chance.

import { CHANNELS } from "./client/wire.js";
import { ARM_DOWN, FIRST_ANGLE, REST, interpolate, wrapAngle } from "./glove.js";
import { lettersOf } from "./korean.js";

const HOLD_S = 1.1;
const REST_S = 1.8;
const MOVE_S = 0.35;
const AFTER_S = 0.7; // how long the hand keeps still after a sign that moves, which says that the sign is over
const SHOWN_S = 120; // how long a sign that was asked for is shown; after it nobody seems to wait
const STYLE = [6, 6, 6, 6, 6, 3, 3, 3]; // how differently a letter is held each time that it is asked for
const MADE_UP_TURN = [0, 0, 0, 0, 0, 60, 60, 0]; // degrees from the middle of the letters to a sign that is none
const MOST_NAMES = 65_521; // a prime, so that names of signs differ in the remainder
const GREETINGS = { korean: lettersOf("안녕하세요"), english: [..."hello"] }; // by the language of a vocabulary

/** Return the labels that spell a greeting in a language; all of them where they cannot. */
export function greetingOf(language, labels) {
  const greeting = Object.hasOwn(GREETINGS, language) ? GREETINGS[language] : [];
  return greeting.length > 0 && greeting.every((label) => labels.includes(label)) ? greeting : labels;
}

/** Return the shape of the hand in a segment at time `t`. */
export function shapeOf({ from, to, begin, end, pace }, t) {
  return interpolate(from, to, pace((t - begin) / (end - begin)));
}

export class SigningHand {
  #signs;
  #text;
  #own = new Map(); // shapes of signs that it was asked for and did not know, which it signs after the text from then on
  #neutral;
  #lowered;

  /** `signs` are { frame, path, seconds } by label, as `GET /v1/letters` describes them; `text` is a list of their labels. */
  constructor(signs, text) {
    this.#signs = signs;
    this.#text = text;
    this.#neutral = CHANNELS.map((_, c) => median([...signs.values()].map(({ frame }) => frame[c])));
    this.#lowered = this.#neutral.with(5, ARM_DOWN.pitch).with(6, ARM_DOWN.roll);
  }

  /** Yield the segments of the text from time `t` on, again and again. */
  *sign(t, shape = this.#lowered) {
    let before = null;
    while (true) {
      for (const label of [...this.#text, ...this.#own.keys(), null]) {
        const goal = label === null ? this.#lowered : this.#shapeOf(label);
        const stops = label !== null && label === before ? [this.#neutral, goal] : [goal];
        for (const stop of stops) {
          yield { from: shape, to: stop, begin: t, end: (t += MOVE_S), pace: minimumJerk };
          shape = stop;
        }
        for (const segment of this.#made(label, goal, t, label === null ? REST_S : HOLD_S)) {
          yield segment;
          [t, shape] = [segment.end, segment.to];
        }
        before = label;
      }
    }
  }

  /** Yield the segments of a hand that shows a label for SHOWN_S, one that moves again and again, and then signs the text. */
  *show(t, shape, label) {
    const shown = label === REST ? this.#lowered : this.#shapeOf(label);
    const goal = shown.map((value, c) => (c < FIRST_ANGLE ? value + STYLE[c] * normal() : wrapAngle(value + STYLE[c] * normal())));
    const last = t + SHOWN_S;
    while (t < last) {
      yield { from: shape, to: goal, begin: t, end: (t += MOVE_S), pace: minimumJerk };
      for (const segment of this.#made(label, goal, t, SHOWN_S)) {
        yield segment;
        [t, shape] = [segment.end, segment.to];
      }
    }
    yield* this.sign(t, shape);
  }

  /** Yield the segments of a sign from time `t` on that begins with the shape `goal`: held for `seconds`, or its movement. */
  *#made(label, goal, t, seconds) {
    const { path = [], seconds: duration = 0 } = this.#signs.get(label) ?? {};
    let from = goal;
    for (const [i, shape] of path.slice(1).entries()) {
      const to = shape.map((value, c) => (c < FIRST_ANGLE ? value + goal[c] - path[0][c] : wrapAngle(value + goal[c] - path[0][c])));
      yield { from, to, begin: t + (i * duration) / (path.length - 1), end: t + ((i + 1) * duration) / (path.length - 1), pace: evenly };
      from = to;
    }
    yield { from, to: from, begin: t + duration, end: t + duration + (path.length > 1 ? AFTER_S : seconds), pace: evenly };
  }

  /** Return the shape that a sign is, or begins with. */
  #shapeOf(label) {
    const sign = this.#signs.get(label);
    if (sign !== undefined) return sign.path?.[0] ?? sign.frame;
    if (!this.#own.has(label)) this.#own.set(label, this.#madeUp(label));
    return this.#own.get(label);
  }

  /** Return a shape for a sign by its name: each finger as in one of the letters, the hand turned as in none. */
  #madeUp(label) {
    const shapes = [...this.#signs.values()].map(({ frame }) => frame);
    const number = [...label].reduce((sum, each) => (31 * sum + each.codePointAt(0)) % MOST_NAMES, 7);
    return this.#neutral.map((value, c) =>
      c < FIRST_ANGLE ? shapes[(number * (c + 1)) % shapes.length][c] : wrapAngle(value + MADE_UP_TURN[c]),
    );
  }
}

/** Return the position along a minimum-jerk movement of the hand (Flash and Hogan, 1985). */
function minimumJerk(fraction) {
  return fraction ** 3 * (10 - 15 * fraction + 6 * fraction ** 2);
}

function evenly(fraction) {
  return fraction;
}

/** Return a number of the standard normal distribution (Box and Muller, 1958). */
export function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
