// A WebSocket that reconnects.

import { BackOff } from "./back_off.js";
import { listStreams } from "./http.js";
import { findWebSocket } from "./web_socket.js";
import { addressOf, ServiceError, subprotocols } from "./wire.js";

/** Codes that a retry cannot change; the service sends them in an `error` message before it closes. */
const REFUSALS = new Set([
  "unauthorized", "forbidden", "foreign_host", "foreign_origin", "unknown_model", "unknown_wearer", "no_profile", "profile_mismatch", "bad_channels",
  "bad_message", "unknown_stream", "unknown_glove", "no_glove_profile", "no_readings",
]);

const NORMAL = 1000;
const ABNORMAL = 1006;
const CONNECTING = 0;
const OPEN = 1; // WebSocket.OPEN, also where the class is given by the caller

/** Close a WebSocket; one that is still connecting once it is open, since browsers print an error otherwise. */
export function closeQuietly(socket) {
  if (socket.readyState === CONNECTING) socket.addEventListener("open", () => socket.close());
  else socket.close();
}

/**
 * `handlers` has: opened(socket); message(message); lost(retryMs), the connection is lost and retried in `retryMs`
 * milliseconds; ended(failure), there is no retry: `failure` is null where the service closed the stream normally.
 */
export class ReconnectingSocket {
  #url;
  #path;
  #token;
  #Socket;
  #handlers;
  #backOff = new BackOff();
  #timer = null;
  #socket = null;
  #refusal = null;
  #looking = null; // the search for a WebSocket class, while it is wanted

  constructor(url, path, { token, WebSocket = globalThis.WebSocket }, handlers) {
    this.#url = url;
    this.#path = path;
    this.#token = token;
    this.#Socket = WebSocket;
    this.#handlers = handlers;
  }

  /** The open WebSocket, or null. */
  get open() {
    return this.#socket?.readyState === OPEN ? this.#socket : null;
  }

  connect() {
    if (this.#Socket === undefined) this.#look();
    else this.#open();
  }

  /** Connect once a WebSocket class is found, unless `close` comes first. */
  async #look() {
    const looking = (this.#looking = {});
    let failure = null;
    try {
      this.#Socket = await findWebSocket();
    } catch (error) {
      failure = error;
    }
    if (looking !== this.#looking) return;
    this.#looking = null;
    if (failure === null) this.#open();
    else this.#handlers.ended(failure);
  }

  #open() {
    const socket = new this.#Socket(addressOf(this.#url, this.#path, { websocket: true }), subprotocols(this.#token));
    this.#socket = socket;
    this.#refusal = null;
    let state = "connecting";
    const opened = () => {
      state = "open";
      if (socket === this.#socket) this.#handlers.opened(socket);
    };
    const closed = async (code) => {
      if (state === "closed") return;
      const before = state;
      state = "closed";
      if (before === "connecting") await this.#findReason(socket);
      if (socket === this.#socket) this.#closed(code);
    };
    socket.addEventListener("open", opened);
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#receive(JSON.parse(data)));
    socket.addEventListener("error", () => state === "connecting" && closed(ABNORMAL)); // Node 20 has no close after a refusal
    socket.addEventListener("close", ({ code }) => closed(code));
  }

  close() {
    clearTimeout(this.#timer);
    this.#looking = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) closeQuietly(socket);
  }

  #receive(message) {
    if (message.type === "error") this.#refusal = new ServiceError(message);
    else this.#backOff.success();
    this.#handlers.message(message);
  }

  /** Ask over HTTP with the same token, because a WebSocket does not say why its handshake failed. */
  async #findReason(socket) {
    try {
      await listStreams(this.#url, { token: this.#token });
    } catch (error) {
      if (socket === this.#socket && error instanceof ServiceError) this.#refusal = error;
    }
  }

  #closed(code) {
    this.#socket = null;
    if (code === NORMAL && this.#refusal === null) this.#handlers.ended(null);
    else if (REFUSALS.has(this.#refusal?.code)) this.#handlers.ended(this.#refusal);
    else {
      const retryMs = this.#backOff.failure();
      this.#timer = setTimeout(() => this.connect(), retryMs);
      this.#handlers.lost(retryMs);
    }
  }
}
