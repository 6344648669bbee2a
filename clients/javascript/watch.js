// Following a stream that somebody else sends.

import { Inbox } from "./inbox.js";
import { LastingSocket } from "./socket.js";

/**
 * Everything that the service says of a stream, until the stream ends; it comes back after the connection was lost.
 *
 *     for await (const message of watch("http://127.0.0.1:8000", "5c396fb48b8e")) console.log(message.type);
 *
 * @param {string} url the service
 * @param {string} stream its name, of `listStreams`
 * @param {{token?: string, WebSocket?: typeof WebSocket, lost?: (retryMs: number) => void, signal?: AbortSignal}} [options]
 *   `lost` is told when the connection is, and in how many milliseconds the next try is; `signal` ends it while nothing comes
 * @returns {AsyncGenerator<object>} messages of the service, by `type`; throws a ServiceError where there is no such stream
 */
export async function* watch(url, stream, { token, WebSocket, lost = () => {}, signal } = {}) {
  if (signal?.aborted) return;
  const inbox = new Inbox();
  const messages = inbox.read();
  const socket = new LastingSocket(url, `/v1/streams/${encodeURIComponent(stream)}/watch`, { token, WebSocket }, {
    opened: () => {},
    message: (message) => inbox.put(message),
    lost,
    ended: (failure) => inbox.end(failure),
  });
  const giveUp = () => inbox.end(null);
  signal?.addEventListener("abort", giveUp);
  socket.connect();
  try {
    yield* messages;
  } finally {
    signal?.removeEventListener("abort", giveUp);
    socket.close();
  }
}
