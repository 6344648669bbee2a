// A glove for who has none: this browser signs a text, from the typical reading of each letter, as the emulator does.

import { CHANNELS, GloveStream, ServiceError } from "./client/scaleglove.js";

const CLOSED = "not_open"; // by `stop`, before it had begun
const RATE_HZ = 50;
const SEND_EVERY_MS = 40;
const HOLD_S = 1.1;
const REST_S = 1.8;
const MOVE_S = 0.35;
const NOISE = [3, 3, 3, 3, 3, 0.1, 0.1, 0.1];
const ARM_DOWN = { pitch: -75, roll: 100 };
const LARGEST_LAG_MS = 1000; // a browser that slept is not made up for

/** Signs `text` over and over until `stop`. `letters` is what `GET /v1/letters` gives; `failed` hears why it had to
 * end. */
export class DemoGlove {
  #stream;
  #segments;
  #timer = null;
  #frame = 0;
  #begin = 0;
  #segment = null;

  constructor(service, letters, text, failed) {
    const { url, token } = service.address;
    this.#segments = script(new Map(letters.map(({ label, frame }) => [label, frame])), text);
    this.#stream = new GloveStream(url, { sampleRateHz: RATE_HZ, token });
    this.#sign(failed);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#stream.close();
  }

  async #sign(failed) {
    try {
      await this.#stream.open();
      this.#begin = performance.now();
      this.#timer = setInterval(() => this.#send(), SEND_EVERY_MS);
      for await (const _ of this.#stream); // until it ends
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (error.code !== CLOSED) failed(error.detail);
    } finally {
      clearInterval(this.#timer);
    }
  }

  #send() {
    const due = Math.floor(((performance.now() - this.#begin) * RATE_HZ) / 1000);
    if (((due - this.#frame) * 1000) / RATE_HZ > LARGEST_LAG_MS) {
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

  #read(t) {
    if (this.#segment === null || t >= this.#segment.end) this.#segment = this.#segments.next().value;
    const { from, to, begin, end, moves } = this.#segment;
    const shape = moves ? between(from, to, minimumJerk((t - begin) / (end - begin))) : to;
    return shape.map((value, c) => wrapped(value + NOISE[c] * normal(), c));
  }
}

/** What the hand does, without end: letters held, ways between them, the arm hanging down between two passes. */
function* script(shapes, text) {
  const neutral = CHANNELS.map((_, c) => median([...shapes.values()].map((shape) => shape[c])));
  const lowered = neutral.with(5, ARM_DOWN.pitch).with(6, ARM_DOWN.roll);
  let [t, shape, before] = [0, lowered, null];
  while (true) {
    for (const letter of [...lettersOf(text), null]) {
      const goal = letter === null ? lowered : shapes.get(letter);
      const stops = letter !== null && letter === before ? [neutral, goal] : [goal];
      for (const stop of stops) {
        yield { from: shape, to: stop, begin: t, end: (t += MOVE_S), moves: true };
        shape = stop;
      }
      yield { from: shape, to: shape, begin: t, end: (t += letter === null ? REST_S : HOLD_S), moves: false };
      before = letter;
    }
  }
}

const LEADS = "ㄱ ㄱㄱ ㄴ ㄷ ㄷㄷ ㄹ ㅁ ㅂ ㅂㅂ ㅅ ㅅㅅ ㅇ ㅈ ㅈㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
const VOWELS = "ㅏ ㅏㅣ ㅑ ㅑㅣ ㅓ ㅓㅣ ㅕ ㅕㅣ ㅗ ㅗㅏ ㅗㅏㅣ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅓㅣ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(" ");
const ENDS = " ㄱ ㄱㄱ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅅㅅ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
const FIRST_SYLLABLE = 0xac00;

/** The letters that spell syllables of Hangul; The Unicode Standard, section 3.12. */
export function lettersOf(text) {
  return [...text].flatMap((syllable) => {
    const place = syllable.codePointAt(0) - FIRST_SYLLABLE;
    const vowel = Math.floor(place / ENDS.length) % VOWELS.length;
    return [...LEADS[Math.floor(place / ENDS.length / VOWELS.length)], ...VOWELS[vowel], ...ENDS[place % ENDS.length]];
  });
}

function between(from, to, share) {
  return from.map((value, c) => {
    const way = c < 5 ? to[c] - value : wrapped(to[c] - value, c);
    return value + share * way;
  });
}

/** Position along a movement of the hand; Flash and Hogan, 1985. */
function minimumJerk(share) {
  return share ** 3 * (10 - 15 * share + 6 * share ** 2);
}

function wrapped(value, channel) {
  return channel < 5 ? value : value - 360 * Math.floor((value + 180) / 360);
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
