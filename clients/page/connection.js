// The page's connections to the service: it polls the list of streams, and watches one stream over a WebSocket. Both emit
// events for state.js and decide nothing. When the service answers 401, polling stops until there is another token.

import { BackOff } from "./client/back_off.js";
import { closeQuietly } from "./client/reconnecting_socket.js";
import { pageOrigin } from "./client/wire.js";

const POLL_MS = 2000;
const POLL_FOLLOWING_MS = 5000; // only to find other gloves
const POLL_TIMEOUT_MS = 4000;
const UNAUTHORIZED = 401;

export class Connection {
  #emit;
  #base;
  #token;
  #socket = null;
  #stream = null;
  #timer = null;
  #polling = false;
  #pollBackOff = new BackOff();
  #watchBackOff = new BackOff();

  /** `emit` is called with the events; `base` is the address of the page, `token` a Token. */
  constructor(emit, base, token) {
    this.#emit = emit;
    this.#base = base;
    this.#token = token;
  }

  start() {
    this.#poll();
  }

  /** Poll again with the current token. */
  unlock() {
    this.#emit({ kind: "unlocked" });
    this.#poll();
  }

  /** Drop the connection, and what waits in it, and look for the stream again. */
  renew() {
    this.#emit({ kind: "slept" });
    this.#poll();
  }

  /** Watch `stream`, or none when it is null. Called after every event; does nothing when nothing changed. */
  follow(stream) {
    if (stream === this.#stream) return;
    this.#stream = stream;
    if (this.#socket !== null) closeQuietly(this.#socket);
    this.#socket = stream === null ? null : this.#open(stream);
  }

  async #poll() {
    if (this.#polling) return;
    this.#polling = true;
    let waitMs;
    try {
      const signal = AbortSignal.timeout(POLL_TIMEOUT_MS);
      const url = new URL("v1/streams", this.#base);
      const headers = { ...pageOrigin(url), ...this.#token.headers() };
      const response = await fetch(url, { signal, headers, cache: "no-store" });
      if (response.status === UNAUTHORIZED) {
        this.#polling = false;
        this.#lock(headers);
        return;
      }
      const content = await response.json();
      if (response.ok) {
        this.#pollBackOff.success();
        this.#emit({ kind: "streams", streams: content.streams });
        waitMs = this.#stream === null ? POLL_MS : POLL_FOLLOWING_MS;
      } else {
        const { code, detail } = content; // a service that says why it gives no list
        if (typeof code !== "string") throw new TypeError(`status ${response.status}`);
        this.#emit({ kind: "denied", problem: { code, detail } });
        waitMs = this.#pollBackOff.failure();
      }
    } catch {
      // Whatever failed (host, status, JSON), the list is not available now.
      this.#emit({ kind: "unreachable" });
      waitMs = this.#pollBackOff.failure();
    }
    this.#polling = false;
    this.#pollIn(waitMs);
  }

  #lock(headers) {
    if (headers.Authorization !== this.#token.headers().Authorization) {
      this.#poll(); // the token changed after the request
      return;
    }
    clearTimeout(this.#timer);
    this.#emit({ kind: "locked", wrong: this.#token.given });
    this.#token.forget();
  }

  #pollIn(waitMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#poll(), waitMs);
  }

  #open(stream) {
    const url = new URL(`v1/streams/${encodeURIComponent(stream)}/watch`, this.#base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, this.#token.subprotocols());
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      this.#watchBackOff.success();
      this.#emit({ kind: "message", message: JSON.parse(data) });
    });
    socket.addEventListener("close", () => {
      if (socket !== this.#socket) return;
      this.#socket = this.#stream = null;
      this.#emit({ kind: "closed", opened });
      this.#pollIn(this.#watchBackOff.failure());
    });
    return socket;
  }
}
