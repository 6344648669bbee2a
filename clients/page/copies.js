// The frames of a stream that is watched, sent once more: to be answered by other models, side by side.

import { CHANNELS } from "./client/wire.js";

const GOING_AWAY = "going_away"; // a service that is started again refuses nothing

/** One stream for each of `models`, all of which get the same frames from the same one on. `hears` has:
 * message(side, message); ended(detail), once: why, in the service's words, or "" where there are none. */
export class Copies {
  #sockets;
  #waiting;
  #hears;
  #over = false;

  constructor(service, stream, models, hears) {
    const url = service.url("/v1/stream");
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#hears = hears;
    this.#waiting = models.length;
    this.#sockets = models.map((model, side) => {
      const socket = new WebSocket(url, service.subprotocols());
      const start = { type: "start", channels: CHANNELS, sample_rate_hz: null, model, copy_of: stream };
      socket.addEventListener("open", () => socket.send(JSON.stringify(start)));
      socket.addEventListener("message", ({ data }) => this.#hear(side, JSON.parse(data)));
      socket.addEventListener("close", () => this.#end(""));
      return socket;
    });
  }

  /** Send a `frames` message on, once every stream has begun. */
  send(frames) {
    if (this.#over || this.#waiting > 0) return;
    const text = JSON.stringify(frames);
    for (const socket of this.#sockets) socket.send(text);
  }

  stop() {
    this.#over = true;
    for (const socket of this.#sockets) socket.close();
  }

  #hear(side, message) {
    if (this.#over) return;
    if (message.type === "started") this.#waiting -= 1;
    if (message.type === "error") this.#end(message.code === GOING_AWAY ? "" : message.detail);
    else this.#hears.message(side, message);
  }

  #end(detail) {
    if (this.#over) return;
    this.stop();
    this.#hears.ended(detail);
  }
}
