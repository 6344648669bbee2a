// A glove's stream to the service.

import { answer, doubts, keepWords } from "./http.js";
import { ReceiveQueue } from "./receive_queue.js";
import { ReconnectingSocket } from "./reconnecting_socket.js";
import { CHANNELS, encodeFrames, ServiceError } from "./wire.js";

const MAX_BUFFERED_BYTES = 64 * 1024;
const POLL_BUFFER_MS = 5;

/**
 * A stream that reconnects: it sends frames and receives predictions and text. After a lost connection it continues as a
 * new stream of the service whose frames are numbered from 0. Frames sent in between are lost and counted in `framesLost`.
 *
 *     const stream = new GloveStream("http://127.0.0.1:8000");
 *     await stream.open();
 *     const reading = (async () => {
 *       for await (const { committed, composing } of stream.texts()) console.log(committed + composing);
 *     })();
 *     await stream.send([tMs], [[788, 780, 861, 862, 885, -17.9, -64.5, -62.0]]);
 *     await stream.stop();
 *     await reading;
 */
export class GloveStream {
  #socket;
  #address; // of the service: { url, token }
  #start; // the options of the message `start`
  #queue = new ReceiveQueue();
  #seq = 0;
  #isOpening = false;
  #opened = deferred();
  #stopped = deferred();
  #stopping = false;
  #hasEnded = false;

  /** The `started` message of the current stream, or null. */
  started = null;
  /** The `stopped` message that answers `stop`, or null. */
  stopped = null;
  framesSent = 0;
  framesLost = 0;

  /**
   * @param {string} url the service
   * @param {{model?: string, wearer?: string, glove?: string, usb?: string, sampleRateHz?: number, hopMs?: number,
   *   topK?: number, text?: {space_s?: number, lexicon?: boolean, words?: boolean}, commands?: string[], token?: string,
   *   WebSocket?: typeof WebSocket}} [options] without `sampleRateHz` the service uses the times of the frames; `usb` is the
   *   glove's board, vendor:product:serial number, by which the service may know the glove; `text.words` false keeps the
   *   language from changing words (neither for a service of 0.2.0 or before); `commands` are those that the glove obeys:
   *   each arrives as a `command` message, to be answered by `tell` with `commanded`
   */
  constructor(url, { model, wearer, glove, usb, sampleRateHz = null, hopMs, topK, text, commands, token, WebSocket } = {}) {
    this.#start = { model, wearer, glove, usb, sample_rate_hz: sampleRateHz, hop_ms: hopMs, top_k: topK, text, commands };
    this.#address = { url, token };
    this.#socket = new ReconnectingSocket(url, "/v1/stream", { token, WebSocket }, {
      opened: (socket) => socket.send(JSON.stringify({ type: "start", channels: CHANNELS, ...this.#start })),
      message: (message) => this.#receive(message),
      lost: (retryMs) => this.#lost(retryMs),
      ended: (failure) => this.#end(failure),
    });
    this.#opened.promise.catch(() => {}); // the iterator throws the same error
    this.#stopped.promise.catch(() => {});
  }

  /** The number of messages dropped because a reader was slow. */
  get unread() {
    return this.#queue.dropped;
  }

  /** Connect, and resolve with `started`. Retries until the service can be reached; rejects with a ServiceError where it
   * refuses. A second call returns the same promise. */
  open() {
    if (!this.#isOpening) this.#socket.connect();
    this.#isOpening = true;
    return this.#opened.promise;
  }

  /**
   * Send frames: their device times in milliseconds, and eight numbers each, in the order of CHANNELS. Resolves when the
   * send buffer has space, with false where no stream is open and the frames are lost.
   * @param {ArrayLike<number>} times
   * @param {ArrayLike<ArrayLike<number>>} values
   * @param {{seq?: number}} [options] `seq` is the number of the first frame; by default numbering continues. A skipped
   *   number means a lost frame
   */
  async send(times, values, { seq = this.#seq } = {}) {
    const message = encodeFrames(seq, times, values);
    if (this.started === null || this.#socket.open === null) {
      this.framesLost += times.length;
      return false;
    }
    this.#socket.open.send(message);
    this.#seq = seq + times.length;
    this.framesSent += times.length;
    while (this.#socket.open?.bufferedAmount > MAX_BUFFERED_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, POLL_BUFFER_MS));
    }
    return true;
  }

  /**
   * Send a message about the glove: `link`, `remark`, `glove_letter` or `commanded`. Messages of a type that the service
   * does not accept are not sent, nor any while no stream is open.
   */
  tell(message) {
    if (this.started?.accepts?.includes(message.type)) this.#socket.open?.send(JSON.stringify(message));
  }

  /** Clear the service's window. */
  reset() {
    this.#sendMessage({ type: "reset" });
  }

  /**
   * Edit the transcript: "space", "delete" (the last letter), "commit", "clear", or, after a `word` message, "as_signed":
   * write the last word as it was signed.
   */
  edit(action) {
    this.#sendMessage({ type: "edit", action });
  }

  /**
   * Find the shapes that this stream has held and of which an answer would help a wearer most: { held, doubts }.
   * @param {number} [count] at most; by default as many as the service asks at once
   * @param {string} [wearer] by default the one whose profile the stream uses
   */
  doubts(count, wearer) {
    const { url, token } = this.#address;
    return this.#withWearer(wearer, (name, { stream, model }) => doubts(url, name, stream, { model, count, token }));
  }

  /**
   * Store a shape that this stream has held as an example of what it was. The next calibration uses it.
   * @param {number} shape its number, as in `doubts` and in `gesture`
   * @param {string} label
   * @param {string} [wearer] by default the one whose profile the stream uses
   */
  answer(shape, label, wearer) {
    const { url, token } = this.#address;
    return this.#withWearer(wearer, (name, { stream, model }) => answer(url, name, stream, shape, label, { model, token }));
  }

  /**
   * Keep what the words of this stream have shown of the hand as examples: { added, words }. The next calibration uses them.
   * @param {string} [wearer] by default the one whose profile the stream uses
   */
  keepWords(wearer) {
    const { url, token } = this.#address;
    return this.#withWearer(wearer, (name, { stream }) => keepWords(url, name, stream, { token }));
  }

  /**
   * Use another profile of a glove, or none without a name: the service gets a new stream at once, as after a lost
   * connection.
   * @param {string} [glove]
   */
  useGlove(glove) {
    this.#restart({ glove });
  }

  /**
   * Use the profile of another wearer, or none without a name, in a new stream as `useGlove` does. A profile is for one
   * model: name that model unless it is the one that the stream was opened with.
   * @param {string} [wearer]
   * @param {string} [model]
   */
  useWearer(wearer, model = this.#start.model) {
    this.#restart({ wearer, model });
  }

  #restart(fields) {
    this.#start = { ...this.#start, ...fields };
    if (!this.#isOpening || this.#stopping || this.#hasEnded) return;
    this.#socket.close();
    this.#lost(0);
    this.#socket.connect();
  }

  /** End the stream, and resolve with the service's `stopped` message. */
  stop() {
    this.#sendMessage({ type: "stop" });
    this.#stopping = true;
    return this.#stopped.promise;
  }

  /** Close the connection at once. */
  close() {
    this.#socket.close();
    this.#end(null);
  }

  /**
   * Iterate over every message from now on, with { type: "lost", retry_ms } when the connection is lost. Ends with the
   * stream; throws a ServiceError where the service refuses it.
   */
  [Symbol.asyncIterator]() {
    return this.#queue.read();
  }

  /** Iterate over the predictions. */
  predictions() {
    return this.#queue.read(({ type }) => type === "prediction");
  }

  /** Iterate over the transcript's changes: { committed, composing, ... }. */
  texts() {
    return this.#queue.read(({ type }) => type === "text");
  }

  /** @deprecated the name of `texts` before version 0.2 */
  text() {
    return this.texts();
  }

  async #withWearer(wearer, request) {
    if (this.started === null) throw notOpen();
    const name = wearer ?? this.started.wearer;
    if (name == null) throw new ServiceError({ code: "no_wearer", detail: "the stream names no wearer whose hand this is: pass one" });
    return request(name, this.started);
  }

  #sendMessage(message) {
    const socket = this.#socket.open;
    if (this.started === null || socket === null) throw notOpen();
    socket.send(JSON.stringify(message));
  }

  #receive(message) {
    if (message.type === "started") {
      this.started = message;
      this.#seq = 0;
      if (message.ignored?.length) console.warn(`scaleglove: the service has ignored ${message.ignored.join(", ")} of start`);
      this.#opened.resolve(message);
    }
    if (message.type === "stopped") {
      this.stopped = message;
      this.#stopped.resolve(message);
    }
    this.#queue.put(message);
  }

  #lost(retryMs) {
    this.started = null;
    this.#queue.put({ type: "lost", retry_ms: retryMs });
    if (!this.#stopping) return;
    this.#socket.close();
    this.#end(new ServiceError({ code: "connection_lost", detail: "the connection was lost before the service confirmed the end" }));
  }

  #end(failure) {
    this.#hasEnded = true;
    this.started = null;
    const reason = failure ?? new ServiceError({ code: "not_open", detail: "the stream was closed" });
    this.#opened.reject(reason);
    this.#stopped.reject(reason);
    this.#queue.end(failure);
  }
}

function notOpen() {
  return new ServiceError({ code: "not_open", detail: "the stream is not open: call open() first" });
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
