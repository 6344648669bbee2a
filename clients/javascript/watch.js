// A viewer of a stream that another client sends.

import { ReceiveQueue } from "./receive_queue.js";
import { ReconnectingSocket } from "./reconnecting_socket.js";

/**
 * Yield every message about a stream until the stream ends. Reconnects when the connection is lost.
 *
 *     for await (const message of watch("http://127.0.0.1:8000", "5c396fb48b8e")) console.log(message.type);
 *
 * @param {string} url the service
 * @param {string} stream its name, as `listStreams` gives it
 * @param {{token?: string, WebSocket?: typeof WebSocket, lost?: (retryMs: number) => void, signal?: AbortSignal}} [options]
 *   `lost` is called when the connection is lost, with the milliseconds until the next try; `signal` ends the iteration
 * @returns {AsyncGenerator<object>} messages of the service, by `type`
 * @throws {ServiceError} there is no such stream, or the service refuses
 */
export async function* watch(url, stream, { token, WebSocket, lost = () => {}, signal } = {}) {
  if (signal?.aborted) return;
  const queue = new ReceiveQueue();
  const messages = queue.read();
  const socket = new ReconnectingSocket(url, `/v1/streams/${encodeURIComponent(stream)}/watch`, { token, WebSocket }, {
    opened: () => {},
    message: (message) => queue.put(message),
    lost,
    ended: (failure) => queue.end(failure),
  });
  const abort = () => queue.end(null);
  signal?.addEventListener("abort", abort);
  socket.connect();
  try {
    yield* messages;
  } finally {
    signal?.removeEventListener("abort", abort);
    socket.close();
  }
}
