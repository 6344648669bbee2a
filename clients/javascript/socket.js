// One socket after another to the same address, for as long as somebody wants it: it comes back after it was lost.

import { BackOff } from "./back_off.js";
import { listStreams } from "./rest.js";
import { addressOf, ServiceError, subprotocols } from "./wire.js";

/** What asking again does not change; the service says it in an `error` message before it closes. */
const REFUSALS = new Set([
  "unauthorized", "forbidden", "unknown_model", "unknown_wearer", "no_profile", "profile_mismatch", "bad_channels",
  "bad_message", "unknown_stream",
]);

const NORMAL = 1000;
const ABNORMAL = 1006;

/**
 * `hears` has: opened(socket); message(message); lost(retryMs), the next try is in so many milliseconds;
 * ended(failure), there is no next try: null where the service has closed the stream in good order.
 */
export class LastingSocket {
  #url;
  #path;
  #token;
  #Socket;
  #hears;
  #backOff = new BackOff();
  #timer = null;
  #socket = null;
  #refusal = null;

  constructor(url, path, { token, WebSocket = globalThis.WebSocket }, hears) {
    if (WebSocket === undefined) {
      throw new TypeError("there is no WebSocket here: node 22, node --experimental-websocket, or the option WebSocket");
    }
    this.#url = url;
    this.#path = path;
    this.#token = token;
    this.#Socket = WebSocket;
    this.#hears = hears;
  }

  /** The socket that is open now, or null. */
  get open() {
    return this.#socket?.readyState === 1 ? this.#socket : null;
  }

  connect() {
    const socket = new this.#Socket(addressOf(this.#url, this.#path, { websocket: true }), subprotocols(this.#token));
    this.#socket = socket;
    this.#refusal = null;
    let state = "connecting";
    const opened = () => {
      state = "open";
      if (socket === this.#socket) this.#hears.opened(socket);
    };
    const gone = async (code) => {
      if (state === "gone") return;
      const before = state;
      state = "gone";
      if (before === "connecting") await this.#askWhy(socket);
      if (socket === this.#socket) this.#closed(code);
    };
    socket.addEventListener("open", opened);
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#receive(JSON.parse(data)));
    socket.addEventListener("error", () => state === "connecting" && gone(ABNORMAL)); // Node 20 has no close after a refusal
    socket.addEventListener("close", ({ code }) => gone(code));
  }

  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #receive(message) {
    if (message.type === "error") this.#refusal = new ServiceError(message);
    else this.#backOff.success();
    this.#hears.message(message);
  }

  /** A WebSocket does not say why it was not opened; a request with the same token does, if the token is why. */
  async #askWhy(socket) {
    try {
      await listStreams(this.#url, { token: this.#token });
    } catch (error) {
      if (socket === this.#socket && error instanceof ServiceError) this.#refusal = error;
    }
  }

  #closed(code) {
    this.#socket = null;
    if (code === NORMAL && this.#refusal === null) this.#hears.ended(null);
    else if (REFUSALS.has(this.#refusal?.code)) this.#hears.ended(this.#refusal);
    else {
      const retryMs = this.#backOff.failure();
      this.#timer = setTimeout(() => this.connect(), retryMs);
      this.#hears.lost(retryMs);
    }
  }
}
