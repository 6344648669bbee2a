// The protocol between a client and the service: addresses, tokens, frames. Pure.

export const SUBPROTOCOL = "scaleglove.v1";
export const CHANNELS = ["flex1", "flex2", "flex3", "flex4", "flex5", "pitch", "roll", "yaw"];
export const MAX_FRAMES_PER_MESSAGE = 1024;

const HEADER_BYTES = 8;
const FRAME_BYTES = 4 + 4 * CHANNELS.length;
const KIND_FRAMES = 1;
const VERSION = 1;
const MAX_TIME_MS = 2 ** 53;

/**
 * An error that the service answers, or "cannot_connect" where it cannot be reached. `code` is stable, `status` is the
 * HTTP status or 0, and `field` names the faulty part of a request.
 */
export class ServiceError extends Error {
  constructor({ code, detail, status = 0, field = null }) {
    super(detail);
    this.name = "ServiceError";
    Object.assign(this, { code, detail, status, field });
  }
}

/** Return the address of `path` under the service's address, for HTTP or for WebSockets. */
export function addressOf(base, path, { websocket = false } = {}) {
  const url = new URL(base);
  const secure = url.protocol === "https:" || url.protocol === "wss:";
  if (!secure && url.protocol !== "http:" && url.protocol !== "ws:") {
    throw new TypeError(`url is ${base}: it must be the address of a service, such as http://127.0.0.1:8000`);
  }
  const scheme = (websocket ? "ws" : "http") + (secure ? "s" : "");
  return `${scheme}://${url.host}${url.pathname.replace(/\/$/, "")}${path}`;
}

/** Return the header that carries `token`; without a token none. */
export function authorization(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** Return the header with the page's origin for a request to an address of the same origin, as browsers leave it out of a
 * GET: the service answers what it would answer to a WebSocket. Elsewhere, and to others, none. */
export function pageOrigin(address) {
  const origin = globalThis.location?.origin;
  return origin !== undefined && new URL(address).origin === origin ? { "Scaleglove-Origin": origin } : {};
}

/** Return the subprotocols of a WebSocket. They carry the token, because browsers set no headers on one. */
export function subprotocols(token) {
  if (!token) return [SUBPROTOCOL];
  const base64url = btoa(token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return [SUBPROTOCOL, `scaleglove.token.${base64url}`];
}

/**
 * Encode frames as one binary message. Times are rounded to whole milliseconds and wrap around at 2**32, as `seq` does.
 * @param {number} seq number of the first frame
 * @param {ArrayLike<number>} times device time of each frame, in milliseconds
 * @param {ArrayLike<ArrayLike<number | null>>} values the eight channels of each frame, in the order of CHANNELS; null for a
 *   sensor that the glove does not have
 * @returns {ArrayBuffer}
 */
export function encodeFrames(seq, times, values) {
  const count = times.length;
  if (count !== values.length || count < 1 || count > MAX_FRAMES_PER_MESSAGE) {
    throw new RangeError(`${count} times and ${values.length} frames: a message has 1 to ${MAX_FRAMES_PER_MESSAGE} of each`);
  }
  const message = new DataView(new ArrayBuffer(HEADER_BYTES + count * FRAME_BYTES));
  message.setUint8(0, KIND_FRAMES);
  message.setUint8(1, VERSION);
  message.setUint16(2, count, true);
  message.setUint32(4, seq, true);
  for (let frame = 0; frame < count; frame += 1) {
    writeFrame(message, HEADER_BYTES + frame * FRAME_BYTES, times[frame], values[frame]);
  }
  return message.buffer;
}

function writeFrame(message, place, time, channels) {
  if (!(time >= 0 && time < MAX_TIME_MS)) throw new RangeError(`${time} is not a time from 0 to below 2**53 ms`);
  if (channels.length !== CHANNELS.length) throw new RangeError(`a frame has ${CHANNELS.length} numbers, not ${channels.length}`);
  message.setUint32(place, Math.round(time), true);
  for (let channel = 0; channel < CHANNELS.length; channel += 1) {
    message.setFloat32(place + 4 + 4 * channel, channels[channel] ?? NaN, true);
  }
}
