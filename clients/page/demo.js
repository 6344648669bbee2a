// A simulated glove that signs a greeting from the typical readings of each sign, as the emulator does, and shows what a
// calibration asks for.

import { GloveStream, ServiceError } from "./client/scaleglove.js";
import { FIRST_ANGLE, wrapAngle } from "./glove.js";
import { SigningHand, normal, shapeOf } from "./signing_hand.js";

const CLOSED = "not_open"; // the code after `stop` before the stream was open
const RATE_HZ = 50;
const SEND_EVERY_MS = 40;
const NOISE = [3, 3, 3, 3, 3, 0.1, 0.1, 0.1];
const MAX_LAG_MS = 1000; // after a longer sleep of the browser, the missed frames are not sent

/** A glove that signs the labels `text` repeatedly until `stop`. `signs` are as for SigningHand; `started` is called with
 * the name of each of its streams, `failed` with the problem { code, detail } that ends it. */
export class DemoGlove {
  #stream;
  #started;
  #hand;
  #segments;
  #timer = null;
  #frame = 0;
  #begin = 0;
  #segment = null;

  constructor(service, signs, text, { started, failed }) {
    const { url, token } = service.address;
    this.#started = started;
    this.#hand = new SigningHand(signs, text);
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
    while (this.#segment === null || t >= this.#segment.end) this.#segment = this.#segments.next().value;
    return shapeOf(this.#segment, t);
  }

  #read(t) {
    return this.#shapeAt(t).map((value, c) => {
      const noisy = value + NOISE[c] * normal();
      return c < FIRST_ANGLE ? noisy : wrapAngle(noisy);
    });
  }
}
