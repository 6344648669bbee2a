// One glove's stream to the service.

import { Inbox } from "./inbox.js";
import { LastingSocket } from "./socket.js";
import { CHANNELS, encodeFrames, ServiceError } from "./wire.js";

const MAX_BUFFERED_BYTES = 64 * 1024;
const ROOM_MS = 5;

/**
 * Frames go out, predictions and text come in. When the connection is lost the stream comes back by itself, as a new
 * stream of the service whose frames are numbered anew; frames sent meanwhile are lost, and counted in `framesLost`.
 *
 *     const stream = new GloveStream("http://127.0.0.1:8000");
 *     await stream.open();
 *     const reading = (async () => {
 *       for await (const { committed, composing } of stream.text()) console.log(committed + composing);
 *     })();
 *     await stream.send([tMs], [[788, 780, 861, 862, 885, -17.9, -64.5, -62.0]]);
 *     await stream.stop();
 *     await reading;
 */
export class GloveStream {
  #socket;
  #start;
  #inbox = new Inbox();
  #seq = 0;
  #isOpening = false;
  #opened = deferred();
  #stopped = deferred();
  #stopping = false;

  /** The service's answer to the start of the present stream; null while there is none. */
  started = null;
  framesSent = 0;
  framesLost = 0;

  /**
   * @param {string} url the service
   * @param {{model?: string, wearer?: string, sampleRateHz?: number, hopMs?: number, topK?: number, text?: object,
   *   token?: string, WebSocket?: typeof WebSocket}} [options] `sampleRateHz` left out: the frames' own times count
   */
  constructor(url, { model, wearer, sampleRateHz = null, hopMs, topK, text, token, WebSocket } = {}) {
    const given = { model, wearer, sample_rate_hz: sampleRateHz, hop_ms: hopMs, top_k: topK, text };
    this.#start = JSON.stringify({ type: "start", channels: CHANNELS, ...given });
    this.#socket = new LastingSocket(url, "/v1/stream", { token, WebSocket }, {
      opened: (socket) => socket.send(this.#start),
      message: (message) => this.#receive(message),
      lost: (retryMs) => this.#lost(retryMs),
      ended: (failure) => this.#end(failure),
    });
    this.#opened.promise.catch(() => {}); // whoever does not wait for it hears of it from its iterator
    this.#stopped.promise.catch(() => {});
  }

  /** Messages that a slow reader has lost. */
  get unread() {
    return this.#inbox.dropped;
  }

  /** Resolves with `started`; tries until the service is there, and throws where it refuses. Once more waits for the same. */
  open() {
    if (!this.#isOpening) this.#socket.connect();
    this.#isOpening = true;
    return this.#opened.promise;
  }

  /**
   * Send frames: their device times in milliseconds, and eight numbers each, in the order of CHANNELS. Resolves when there
   * is room for more, with false where there is no stream now and they are lost.
   * @param {ArrayLike<number>} times
   * @param {ArrayLike<ArrayLike<number>>} values
   */
  async send(times, values) {
    const message = encodeFrames(this.#seq, times, values);
    if (this.started === null || this.#socket.open === null) {
      this.framesLost += times.length;
      return false;
    }
    this.#socket.open.send(message);
    this.#seq += times.length;
    this.framesSent += times.length;
    while (this.#socket.open?.bufferedAmount > MAX_BUFFERED_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, ROOM_MS));
    }
    return true;
  }

  /** Make the service forget the window. */
  reset() {
    this.#tell({ type: "reset" });
  }

  /** Change the line being written: "space", "delete" (a letter back), "commit" or "clear" */
  edit(action) {
    this.#tell({ type: "edit", action });
  }

  /** End the stream; resolves with the service's `stopped`. */
  stop() {
    this.#tell({ type: "stop" });
    this.#stopping = true;
    return this.#stopped.promise;
  }

  /** Leave without a word. */
  close() {
    this.#socket.close();
    this.#end(null);
  }

  /**
   * Every message from now on, and { type: "lost", retry_ms } when the connection is. Ends when the stream does, and
   * throws where it is refused.
   */
  [Symbol.asyncIterator]() {
    return this.#inbox.read();
  }

  /** Its predictions. */
  predictions() {
    return this.#inbox.read(({ type }) => type === "prediction");
  }

  /** The line being written, whenever it changes: { committed, composing, ... }. */
  text() {
    return this.#inbox.read(({ type }) => type === "text");
  }

  #tell(message) {
    const socket = this.#socket.open;
    if (this.started === null || socket === null) {
      throw new ServiceError({ code: "not_open", detail: "there is no stream now: open() comes first" });
    }
    socket.send(JSON.stringify(message));
  }

  #receive(message) {
    if (message.type === "started") {
      this.started = message;
      this.#seq = 0;
      this.#opened.resolve(message);
    }
    if (message.type === "stopped") this.#stopped.resolve(message);
    this.#inbox.put(message);
  }

  #lost(retryMs) {
    this.started = null;
    this.#inbox.put({ type: "lost", retry_ms: retryMs });
    if (!this.#stopping) return;
    this.#socket.close();
    this.#end(new ServiceError({ code: "connection_lost", detail: "the connection was lost before the stream had ended" }));
  }

  #end(failure) {
    this.started = null;
    const unheard = failure ?? new ServiceError({ code: "not_open", detail: "the stream was closed" });
    this.#opened.reject(unheard);
    this.#stopped.reject(unheard);
    this.#inbox.end(failure);
  }
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
