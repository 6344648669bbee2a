// A simulated glove that signs a text from the typical readings of each letter, as the emulator does, and shows what a
// calibration asks for.

import { CHANNELS, GloveStream, ServiceError } from "./client/scaleglove.js";
import { ARM_DOWN, FIRST_ANGLE, interpolate, wrapAngle } from "./glove.js";

const CLOSED = "not_open"; // the code after `stop` before the stream was open
const RATE_HZ = 50;
const SEND_EVERY_MS = 40;
const HOLD_S = 1.1;
const REST_S = 1.8;
const MOVE_S = 0.35;
const SHOWN_S = 120; // how long a letter that was asked for is held; after it nobody seems to wait
const STYLE = [6, 6, 6, 6, 6, 3, 3, 3]; // how differently a letter is held each time that it is asked for
const MADE_UP_TURN = [0, 0, 0, 0, 0, 60, 60, 0]; // degrees from the middle of the letters to a sign that is none
const MOST_NAMES = 65_521; // a prime, so that names of signs differ in the remainder
const REST = "rest";
const NOISE = [3, 3, 3, 3, 3, 0.1, 0.1, 0.1];
const MAX_LAG_MS = 1000; // after a longer sleep of the browser, the missed frames are not sent

/** A glove that signs `text` repeatedly until `stop`. `letters` is the answer of `GET /v1/letters`; `started` is called
 * with the name of each of its streams, `failed` with the problem { code, detail } that ends it. */
export class DemoGlove {
  #stream;
  #started;
  #hand;
  #segments;
  #timer = null;
  #frame = 0;
  #begin = 0;
  #segment = null;

  constructor(service, letters, text, { started, failed }) {
    const { url, token } = service.address;
    this.#started = started;
    this.#hand = new SigningHand(new Map(letters.map(({ label, frame }) => [label, frame])), text);
    this.#segments = this.#hand.sign(0);
    this.#stream = new GloveStream(url, { sampleRateHz: RATE_HZ, token, commands: ["show"] });
    this.#sign(failed);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#stream.close();
  }

  /** Whether a stream is that of this glove. */
  isReading(stream) {
    return stream !== null && this.#stream.started?.stream === stream;
  }

  /** Stream with the profile of a wearer for a model from now on; with null, of none, and with the model as before. */
  useWearer(name, model) {
    this.#stream.useWearer(name ?? undefined, model ?? undefined);
  }

  async #sign(failed) {
    try {
      await this.#stream.open();
      this.#begin = performance.now();
      this.#timer = setInterval(() => this.#send(), SEND_EVERY_MS);
      for await (const message of this.#stream) {
        if (message.type === "started") this.#started(message.stream);
        if (message.type === "command") this.#obey(message);
      }
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (error.code !== CLOSED) failed({ code: error.code, detail: error.detail });
    } finally {
      clearInterval(this.#timer);
    }
  }

  /** Show a label, or go on. For a sign that the hand does not know, one of the visitor's own, it makes a shape up. */
  #obey({ id, letter = null }) {
    const t = this.#frame / RATE_HZ;
    const shape = this.#shapeAt(t);
    this.#segments = letter === null ? this.#hand.sign(t, shape) : this.#hand.show(t, shape, letter);
    this.#segment = null;
    this.#stream.tell({ type: "commanded", id, refused: null, code: null });
  }

  #send() {
    const due = Math.floor(((performance.now() - this.#begin) * RATE_HZ) / 1000);
    if (((due - this.#frame) * 1000) / RATE_HZ > MAX_LAG_MS) {
      this.#begin = performance.now() - (this.#frame * 1000) / RATE_HZ;
      return;
    }
    if (due <= this.#frame) return;
    const [times, values] = [[], []];
    for (; this.#frame < due; this.#frame++) {
      times.push((this.#frame * 1000) / RATE_HZ);
      values.push(this.#read(this.#frame / RATE_HZ));
    }
    this.#stream.send(times, values);
  }

  #shapeAt(t) {
    if (this.#segment === null || t >= this.#segment.end) this.#segment = this.#segments.next().value;
    const { from, to, begin, end, moves } = this.#segment;
    return moves ? interpolate(from, to, minimumJerk((t - begin) / (end - begin))) : to;
  }

  #read(t) {
    return this.#shapeAt(t).map((value, c) => {
      const noisy = value + NOISE[c] * normal();
      return c < FIRST_ANGLE ? noisy : wrapAngle(noisy);
    });
  }
}

/** A hand as segments of time: letters held, movements between them, and the arm hanging down after each pass. */
class SigningHand {
  #shapes;
  #text;
  #own = new Map(); // shapes of signs that it was asked for and did not know, which it signs after the text from then on
  #neutral;
  #lowered;

  constructor(shapes, text) {
    this.#shapes = shapes;
    this.#text = text;
    this.#neutral = CHANNELS.map((_, c) => median([...shapes.values()].map((shape) => shape[c])));
    this.#lowered = this.#neutral.with(5, ARM_DOWN.pitch).with(6, ARM_DOWN.roll);
  }

  /** Yield the segments of the text from time `t` on, again and again, where the hand has a shape. */
  *sign(t, shape = this.#lowered) {
    let before = null;
    while (true) {
      for (const letter of [...lettersOf(this.#text), ...this.#own.keys(), null]) {
        const goal = letter === null ? this.#lowered : this.#shapeOf(letter);
        const stops = letter !== null && letter === before ? [this.#neutral, goal] : [goal];
        for (const stop of stops) {
          yield { from: shape, to: stop, begin: t, end: (t += MOVE_S), moves: true };
          shape = stop;
        }
        yield { from: shape, to: shape, begin: t, end: (t += letter === null ? REST_S : HOLD_S), moves: false };
        before = letter;
      }
    }
  }

  /** Yield the segments of a hand that shows a label for SHOWN_S, and then signs the text. */
  *show(t, shape, label) {
    const shown = label === REST ? this.#lowered : this.#shapeOf(label);
    const goal = shown.map((value, c) => (c < FIRST_ANGLE ? value + STYLE[c] * normal() : wrapAngle(value + STYLE[c] * normal())));
    yield { from: shape, to: goal, begin: t, end: (t += MOVE_S), moves: true };
    yield { from: goal, to: goal, begin: t, end: (t += SHOWN_S), moves: false };
    yield* this.sign(t, goal);
  }

  #shapeOf(label) {
    if (!this.#shapes.has(label) && !this.#own.has(label)) this.#own.set(label, this.#madeUp(label));
    return this.#shapes.get(label) ?? this.#own.get(label);
  }

  /** Return a shape for a sign by its name: each finger as in one of the letters, the hand turned as in none. */
  #madeUp(label) {
    const shapes = [...this.#shapes.values()];
    const number = [...label].reduce((sum, each) => (31 * sum + each.codePointAt(0)) % MOST_NAMES, 7);
    return this.#neutral.map((value, c) =>
      c < FIRST_ANGLE ? shapes[(number * (c + 1)) % shapes.length][c] : wrapAngle(value + MADE_UP_TURN[c]),
    );
  }
}

const LEADS = "ㄱ ㄱㄱ ㄴ ㄷ ㄷㄷ ㄹ ㅁ ㅂ ㅂㅂ ㅅ ㅅㅅ ㅇ ㅈ ㅈㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
const VOWELS = "ㅏ ㅏㅣ ㅑ ㅑㅣ ㅓ ㅓㅣ ㅕ ㅕㅣ ㅗ ㅗㅏ ㅗㅏㅣ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅓㅣ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(" ");
const ENDS = " ㄱ ㄱㄱ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅅㅅ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
const FIRST_SYLLABLE = 0xac00;

/** Return the letters that spell syllables of Hangul (The Unicode Standard, section 3.12). */
export function lettersOf(text) {
  return [...text].flatMap((syllable) => {
    const index = syllable.codePointAt(0) - FIRST_SYLLABLE;
    const vowel = Math.floor(index / ENDS.length) % VOWELS.length;
    return [...LEADS[Math.floor(index / ENDS.length / VOWELS.length)], ...VOWELS[vowel], ...ENDS[index % ENDS.length]];
  });
}

/** Return the position along a minimum-jerk movement of the hand (Flash and Hogan, 1985). */
function minimumJerk(fraction) {
  return fraction ** 3 * (10 - 15 * fraction + 6 * fraction ** 2);
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
