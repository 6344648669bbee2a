// Copies of a watched stream, whose frames are sent again so that other models answer them side by side.

import { CHANNELS } from "../../glove.js";

const GOING_AWAY = "going_away"; // the service restarts: not a refusal

/** One stream for each of `models`; all get the same frames from the same one on. `handlers` has message(side, message),
 * and ended(problem), called once with the service's `error` message, or null after a lost connection. */
export class CopiedStreams {
  #sockets;
  #waiting;
  #handlers;
  #isOver = false;

  constructor(service, stream, models, handlers) {
    const url = service.url("/v1/stream");
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#handlers = handlers;
    this.#waiting = models.length;
    this.#sockets = models.map((model, side) => {
      const socket = new WebSocket(url, service.subprotocols());
      const start = { type: "start", channels: CHANNELS, sample_rate_hz: null, model, copy_of: stream };
      socket.addEventListener("open", () => socket.send(JSON.stringify(start)));
      socket.addEventListener("message", ({ data }) => this.#receive(side, JSON.parse(data)));
      socket.addEventListener("close", () => this.#end(null));
      return socket;
    });
  }

  /** Send a `frames` message on, once every stream has started. */
  send(frames) {
    if (this.#isOver || this.#waiting > 0) return;
    const text = JSON.stringify(frames);
    for (const socket of this.#sockets) socket.send(text);
  }

  stop() {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.close();
  }

  #receive(side, message) {
    if (this.#isOver) return;
    if (message.type === "started") this.#waiting -= 1;
    if (message.type === "error") this.#end(message.code === GOING_AWAY ? null : message);
    else this.#handlers.message(side, message);
  }

  #end(problem) {
    if (this.#isOver) return;
    this.stop();
    this.#handlers.ended(problem);
  }
}
