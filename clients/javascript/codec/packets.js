// The decoder of binary packets. Pure.
//
//   u8 version = 1 | u8 type | u16 sequence | u32 device time in microseconds | payload | u16 CRC-16
//
// little endian, then COBS, then 0x00.

import { toBytes, toCharacters } from "./bytes.js";
import * as cobs from "./cobs.js";
import { FAULTS, MAX_MAGNITUDE, Unreadable } from "./events.js";
import { letterOf } from "./letters.js";
import { remarkOf } from "./remarks.js";

const VERSION = 1;
const FRAME = 1;
const FRAME_WITH_ACCELERATION = 2;
const REMARK = 3;
const LETTER = 4;

const HEAD_BYTES = 8;
const CRC_BYTES = 2;
const MAX_REMARK_BYTES = 120;
const CHANNEL_COUNT = 8;
const NUMBERS = { [FRAME]: CHANNEL_COUNT, [FRAME_WITH_ACCELERATION]: CHANNEL_COUNT + 3 };
const LETTER_BYTES = 5;
const SHOWN_BYTES = 30;

/** The longest packet between two delimiters: a full remark and its COBS code byte. */
export const MAX_ENCODED_BYTES = HEAD_BYTES + CRC_BYTES + MAX_REMARK_BYTES + 1;

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** Compute CRC-16/IBM-3740, also called CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, not reflected.
 * @param {Uint8Array} bytes */
export function crc16(bytes) {
  let crc = 0xffff;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ CRC_TABLE[(crc >> 8) ^ byte];
  return crc;
}

/**
 * Return the event of the bytes between two delimiters: a frame, a letter or a remark, with times as sent.
 * @param {string} encoded one character per byte
 * @throws {Unreadable}
 */
export function packetOf(encoded) {
  const packet = cobs.decode(toBytes(encoded));
  if (packet === null) throw new Unreadable(FAULTS.cobs);
  const end = packet.length - CRC_BYTES;
  if (end <= HEAD_BYTES) throw new Unreadable(FAULTS.length);
  if (crc16(packet.subarray(0, end)) !== (packet[end] | (packet[end + 1] << 8))) throw new Unreadable(FAULTS.crc);
  if (packet[0] !== VERSION) throw new Unreadable(FAULTS.version);
  const view = new DataView(packet.buffer, packet.byteOffset, end);
  const [seq, tMs] = [view.getUint16(2, true), view.getUint32(4, true) / 1000];
  const payload = packet.subarray(HEAD_BYTES, end);
  if (packet[1] === REMARK) return remark(payload);
  if (packet[1] === LETTER) return letter(payload, tMs, seq);
  if (!(packet[1] in NUMBERS)) throw new Unreadable(FAULTS.type);
  return frame(view, NUMBERS[packet[1]], tMs, seq);
}

/** Return the event of bytes that are no packet. */
export function damagedPacket(encoded, reason) {
  const shown = Array.from(toBytes(encoded.slice(0, SHOWN_BYTES)), (byte) => byte.toString(16).padStart(2, "0"));
  return { event: "damaged", shown: shown.join(""), reason };
}

function frame(view, count, tMs, seq) {
  if (view.byteLength !== HEAD_BYTES + 4 * count) throw new Unreadable(FAULTS.length);
  const numbers = Array.from({ length: count }, (_, place) => view.getFloat32(HEAD_BYTES + 4 * place, true));
  for (const number of numbers) {
    if (!Number.isFinite(number)) throw new Unreadable(FAULTS.finite);
    if (Math.abs(number) > MAX_MAGNITUDE) throw new Unreadable(FAULTS.range);
  }
  const acceleration = count === CHANNEL_COUNT ? null : numbers.slice(CHANNEL_COUNT);
  return { event: "frame", t_ms: tMs, values: numbers.slice(0, CHANNEL_COUNT), acceleration, seq };
}

function letter(payload, tMs, seq) {
  if (payload.length !== LETTER_BYTES) throw new Unreadable(FAULTS.length);
  const read = letterOf(tMs, payload, seq);
  if (read === null) throw new Unreadable(FAULTS.range);
  return read;
}

function remark(payload) {
  if (payload.length > MAX_REMARK_BYTES) throw new Unreadable(FAULTS.length);
  return remarkOf(toCharacters(payload));
}
