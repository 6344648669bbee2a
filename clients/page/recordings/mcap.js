// Reads the messages of one topic from an MCAP file (mcap.dev/spec), up to its end or to where it breaks off. Pure.

import { decompress } from "../vendor/fzstd.esm.js";
import { UnreadableError } from "./episode.js";

const MAGIC = [0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a];
const CHANNEL = 0x04;
const MESSAGE = 0x05;
const CHUNK = 0x06;
const RECORD_HEAD = 9; // an opcode, and a length of eight bytes
const MAX_CHUNK_BYTES = 64 * 1024 * 1024; // uncompressed; writers make chunks of some hundred KiB
const MS_TO_NS = 1_000_000;
const LITTLE = true;

const text = new TextDecoder();

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** Return whether a file starts as MCAP does. */
export function isMcap(bytes) {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/** Yield each message of `topic` as { logMs, fields }.
 * @throws {UnreadableError} the file is damaged, or in a format that is not supported. */
export function* messagesOf(bytes, topic) {
  const channels = new Map();
  for (const { opcode, body } of unpacked(bytes.subarray(MAGIC.length))) {
    if (opcode === CHANNEL) {
      const channel = readChannel(body);
      channels.set(channel.id, channel);
    } else if (opcode === MESSAGE) {
      const message = readMessage(body);
      const channel = channels.get(message.channel);
      if (channel === undefined) throw new UnreadableError("damaged");
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

/** Yield the complete records. */
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
  if (size > MAX_CHUNK_BYTES) throw new UnreadableError("chunk", { bytes: size, limit: MAX_CHUNK_BYTES });
  const records = unpack(packed, compression, size);
  if (records.length !== size || (crc !== 0 && crc32(records) !== crc)) throw new UnreadableError("damaged");
  return records;
}

function unpack(packed, compression, size) {
  if (compression === "") return packed;
  if (compression !== "zstd") throw new UnreadableError("compression", { compression });
  try {
    return decompress(packed, new Uint8Array(size));
  } catch {
    throw new UnreadableError("damaged");
  }
}

function readChannel(body) {
  const fields = new Fields(body);
  const id = fields.u16();
  fields.skip(2); // the schema: each frame is checked
  return { id, topic: fields.string(), encoding: fields.string() };
}

function readMessage(body) {
  const fields = new Fields(body);
  const channel = fields.u16();
  fields.skip(4); // the sequence number
  const logMs = Math.floor(fields.u64() / MS_TO_NS);
  fields.skip(8); // the publish time: the frame has its own
  return { channel, logMs, data: fields.rest() };
}

function parsed(data, encoding) {
  if (encoding !== "json") throw new UnreadableError("frameEncoding", { encoding });
  try {
    return JSON.parse(text.decode(data));
  } catch {
    throw new UnreadableError("damaged");
  }
}

/** A reader of the fields of a record. */
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
    if (from + count > this.#bytes.length) throw new UnreadableError("damaged");
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

/** Return the CRC-32 (that of zlib) of the records of a chunk. */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
