// The page's links to the service: the list of streams, asked for again and again, and the socket of the one stream it
// follows. Both report what happens as events for state.js and decide nothing.
// All bring the token, if there is one; without a good one the service answers 401, and nothing is asked for until
// another token is there.

import { BackOff } from "./client/back_off.js";

const POLL_MS = 2000;
const POLL_FOLLOWING_MS = 5000; // only to notice other gloves
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
  #service = new BackOff();
  #watch = new BackOff();

  /** `emit` takes the events; `base` is the address of the page; `token` is one of token.js. */
  constructor(emit, base, token) {
    this.#emit = emit;
    this.#base = base;
    this.#token = token;
  }

  start() {
    this.#poll();
  }

  /** Ask again, with the token that there is now. */
  unlock() {
    this.#emit({ kind: "unlocked" });
    this.#poll();
  }

  /** Follow `stream`, or none when it is null. Called after every event; does nothing when nothing changed. */
  follow(stream) {
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#socket?.close();
    this.#socket = stream === null ? null : this.#open(stream);
  }

  async #poll() {
    if (this.#polling) return;
    this.#polling = true;
    let waitMs;
    try {
      const signal = AbortSignal.timeout(POLL_TIMEOUT_MS);
      const headers = this.#token.headers();
      const answer = await fetch(new URL("v1/streams", this.#base), { signal, headers, cache: "no-store" });
      if (answer.status === UNAUTHORIZED) {
        this.#polling = false;
        this.#lock(headers);
        return;
      }
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { streams } = await answer.json();
      this.#service.success();
      this.#emit({ kind: "streams", streams });
      waitMs = this.#stream === null ? POLL_MS : POLL_FOLLOWING_MS;
    } catch {
      // Whatever failed on the way (host, status, JSON), the list is not to be had now; that is the event.
      this.#emit({ kind: "unreachable" });
      waitMs = this.#service.failure();
    }
    this.#polling = false;
    this.#pollIn(waitMs);
  }

  #lock(headers) {
    if (headers.Authorization !== this.#token.headers().Authorization) {
      this.#poll(); // another token has come since it was asked
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
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      this.#watch.success();
      this.#emit({ kind: "message", message: JSON.parse(data) });
    });
    socket.addEventListener("close", () => {
      if (socket !== this.#socket) return;
      this.#socket = this.#stream = null;
      this.#emit({ kind: "closed" });
      this.#pollIn(this.#watch.failure());
    });
    return socket;
  }
}
