// Reads MCAP (mcap.dev/spec) from its beginning to its end or to where it breaks off: the messages of one topic. Pure.

import { decompress } from "../vendor/fzstd.esm.js";
import { crc32 } from "./crc32.js";
import { Unreadable } from "./unreadable.js";

const MAGIC = [0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a];
const CHANNEL = 0x04;
const MESSAGE = 0x05;
const CHUNK = 0x06;
const RECORD_HEAD = 9; // an opcode, and a length of eight bytes
const MAX_CHUNK_BYTES = 64 * 1024 * 1024; // unpacked; writers' chunks have some hundred KiB
const MS_TO_NS = 1_000_000;
const LITTLE = true;

const text = new TextDecoder();

export function isMcap(bytes) {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/** Each message of `topic`: { logMs, fields }; the rest of the file is not looked at when no more are asked for.
 * @throws {Unreadable} what there is cannot be read, or is damaged. */
export function* messagesOf(bytes, topic) {
  const channels = new Map();
  for (const { opcode, body } of unpacked(bytes.subarray(MAGIC.length))) {
    if (opcode === CHANNEL) {
      const channel = readChannel(body);
      channels.set(channel.id, channel);
    } else if (opcode === MESSAGE) {
      const message = readMessage(body);
      const channel = channels.get(message.channel);
      if (channel === undefined) throw new Unreadable("damaged");
      if (channel.topic === topic) yield { logMs: message.logMs, fields: parsed(message.data, channel.encoding) };
    }
  }
}

function* unpacked(bytes) {
  for (const record of recordsOf(bytes)) {
    if (record.opcode === CHUNK) yield* recordsOf(chunkOf(record.body));
    else yield record;
  }
}

/** The whole records; what breaks off is left. */
function* recordsOf(bytes) {
  const view = viewOf(bytes);
  for (let at = 0; at + RECORD_HEAD <= bytes.length; ) {
    const begin = at + RECORD_HEAD;
    const end = begin + Number(view.getBigUint64(at + 1, LITTLE));
    if (end > bytes.length) return;
    yield { opcode: bytes[at], body: bytes.subarray(begin, end) };
    at = end;
  }
}

function chunkOf(body) {
  const fields = new Fields(body);
  fields.skip(16); // the times of its first and last message
  const size = fields.u64();
  const crc = fields.u32();
  const compression = fields.string();
  const packed = fields.bytes(fields.u64());
  if (size > MAX_CHUNK_BYTES) throw new Unreadable("chunk", { bytes: size, limit: MAX_CHUNK_BYTES });
  const records = unpack(packed, compression, size);
  if (records.length !== size || (crc !== 0 && crc32(records) !== crc)) throw new Unreadable("damaged");
  return records;
}

function unpack(packed, compression, size) {
  if (compression === "") return packed;
  if (compression !== "zstd") throw new Unreadable("compression", { compression });
  try {
    return decompress(packed, new Uint8Array(size));
  } catch {
    throw new Unreadable("damaged");
  }
}

function readChannel(body) {
  const fields = new Fields(body);
  const id = fields.u16();
  fields.skip(2); // its schema: the frames are checked one by one
  return { id, topic: fields.string(), encoding: fields.string() };
}

function readMessage(body) {
  const fields = new Fields(body);
  const channel = fields.u16();
  fields.skip(4); // a number that the recorder may count
  const logMs = Math.floor(fields.u64() / MS_TO_NS);
  fields.skip(8); // the time of publishing, which the frame tells itself
  return { channel, logMs, data: fields.rest() };
}

function parsed(data, encoding) {
  if (encoding !== "json") throw new Unreadable("encoding", { encoding });
  try {
    return JSON.parse(text.decode(data));
  } catch {
    throw new Unreadable("damaged");
  }
}

/** The fields of a record, one after another. */
class Fields {
  #bytes;
  #view;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  skip(count) {
    const from = this.#at;
    if (from + count > this.#bytes.length) throw new Unreadable("damaged");
    this.#at += count;
    return from;
  }

  u16() {
    return this.#view.getUint16(this.skip(2), LITTLE);
  }

  u32() {
    return this.#view.getUint32(this.skip(4), LITTLE);
  }

  u64() {
    return Number(this.#view.getBigUint64(this.skip(8), LITTLE));
  }

  bytes(count) {
    const from = this.skip(count);
    return this.#bytes.subarray(from, from + count);
  }

  string() {
    return text.decode(this.bytes(this.u32()));
  }

  rest() {
    return this.bytes(this.#bytes.length - this.#at);
  }
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
