// Reads the messages of one topic from every whole part of an MCAP file (mcap.dev/spec), whatever has happened to the rest
// of it, by the rules of firmware_bridge/recorder/whole_parts.py. Pure.

import { decompress as decompressZstd } from "../vendor/fzstd.esm.js";
import { UnreadableError } from "./episode.js";
import { decompress as decompressLz4 } from "./lz4.js";

const MAGIC = [0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a];
const FOOTER = 0x02;
const SCHEMA = 0x03;
const CHANNEL = 0x04;
const MESSAGE = 0x05;
const CHUNK = 0x06;
const MESSAGE_INDEX = 0x07;
const LAST_KNOWN = 0x0f; // up to FIRST_PRIVATE no opcode has a meaning, nor has 0
const FIRST_PRIVATE = 0x80;
const RECORD_HEAD = 9; // an opcode, and a length of eight bytes
const CHUNK_HEAD = 32; // two times, the size of its records, their checksum, and the length of the compression's name
const FOOTER_BODY = 20;
const END = RECORD_HEAD + FOOTER_BODY + MAGIC.length;
const COMPRESSIONS = ["", "zstd", "lz4"];
const MAX_CHUNK_BYTES = 64 * 1024 * 1024; // uncompressed; writers make chunks of some hundred KiB
const LEAST_UNPACKED = 256 * 1024 * 1024; // to which a file may unpack, or MOST_TIMES its size: JSON packs to a tenth
const MOST_TIMES = 100;
const MS_TO_NS = 1_000_000;
const LITTLE = true;

const text = new TextDecoder("utf-8", { fatal: true });

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** A part of a file that is not whole. */
class DamagedError extends Error {}

/** Return whether a file starts as MCAP does. */
export function isMcap(bytes) {
  return isMagic(bytes, 0);
}

/** Yield each message of `topic` as { logMs, fields }; `fields` is null where it is not a JSON object. `condition` gets
 * `finished`, whether the file was not cut off, and `damaged`, in how many places something was left out.
 * @throws {UnreadableError} its frames are in a format that is not supported. */
export function* messagesOf(bytes, topic, condition = {}) {
  const channels = new Map();
  for (const { opcode, body } of recordsOf(bytes, Object.assign(condition, { finished: false, damaged: 0 }))) {
    if (opcode === CHANNEL) {
      const channel = readChannel(body);
      channels.set(channel.id, channel);
    } else if (opcode === MESSAGE) {
      const message = readMessage(body);
      const channel = channels.get(message.channel);
      if (channel === undefined) condition.damaged += 1; // the chunk with its topic is lost
      else if (channel.topic === topic) yield { logMs: message.logMs, fields: parsed(message.data, channel.encoding) };
    }
  }
}

/** Yield the schemas, channels and messages of every whole part, the channels of the summary first. */
function* recordsOf(bytes, condition) {
  const view = viewOf(bytes);
  const summary = summaryOf(bytes, view);
  condition.finished = summary !== null;
  if (summary) yield* channelsIn(bytes, view, summary, bytes.length - END);
  let left = Math.max(LEAST_UNPACKED, MOST_TIMES * bytes.length);
  let hasChunks = false;
  for (let at = MAGIC.length; at + RECORD_HEAD <= bytes.length; ) {
    const opcode = bytes[at];
    const begin = at + RECORD_HEAD;
    const chunk = chunkAt(bytes, view, at);
    let end = begin + u64(view, at + 1);
    try {
      if (opcode === CHUNK || chunk?.isFramed) {
        hasChunks = true;
        const records = unpacked(bytes, chunk, left);
        left -= records.length;
        if (!chunk.isFramed) end = nextChunk(bytes, view, chunk.begin, bytes.length) ?? bytes.length; // a length is wrong
        yield* plainRecords(records, viewOf(records), 0, records.length);
      } else if (opcode === FOOTER && condition.finished) {
        return;
      } else {
        if (end <= bytes.length && nextChunk(bytes, view, at + 1, end) !== null) throw new DamagedError();
        const record = recordAt(bytes, opcode, begin, end);
        if (record?.opcode === MESSAGE && hasChunks) throw new DamagedError(); // an index, one bit of it turned
        if (record !== null) yield record;
      }
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      const following = chunk?.isFramed ? chunk.end : nextChunk(bytes, view, at + 1, bytes.length);
      const isCutOff = end > bytes.length && !condition.finished;
      if (following !== null || !isCutOff) condition.damaged += 1;
      if (following === null) return;
      end = following;
    }
    at = end;
  }
}

/** Return where the summary begins, 0 without one; null for a file that does not end as it should. */
function summaryOf(bytes, view) {
  const at = bytes.length - END;
  if (at < MAGIC.length || !isMagic(bytes, bytes.length - MAGIC.length)) return null;
  if (bytes[at] !== FOOTER || u64(view, at + 1) !== FOOTER_BODY) return null;
  const begin = u64(view, at + RECORD_HEAD);
  return begin <= at ? begin : 0;
}

function* channelsIn(bytes, view, from, to) {
  try {
    for (const record of plainRecords(bytes, view, from, to)) if (record.opcode === CHANNEL) yield record;
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
  }
}

/** Yield the records between two places that hold no chunks. */
function* plainRecords(bytes, view, from, to) {
  for (let at = from; at < to; ) {
    if (at + RECORD_HEAD > to) throw new DamagedError();
    const begin = at + RECORD_HEAD;
    const end = begin + u64(view, at + 1);
    if (end > to) throw new DamagedError();
    const record = recordAt(bytes, bytes[at], begin, end);
    if (record !== null) yield record;
    at = end;
  }
}

/** Return a record that is of use, null for any other. */
function recordAt(bytes, opcode, begin, end) {
  if (end > bytes.length || opcode === 0 || (opcode > LAST_KNOWN && opcode < FIRST_PRIVATE)) throw new DamagedError();
  const body = bytes.subarray(begin, end);
  if (![SCHEMA, CHANNEL, MESSAGE, MESSAGE_INDEX].includes(opcode)) return null;
  const fields = new Fields(body);
  if (opcode === SCHEMA) {
    fields.skip(2);
    fields.string();
    fields.string();
    fields.part();
  } else if (opcode === CHANNEL) {
    readChannel(body);
    fields.skip(4);
    for (let i = 0; i < 3; i++) fields.part();
  } else if (opcode === MESSAGE) {
    readMessage(body);
    return { opcode, body };
  } else {
    fields.skip(2);
    fields.part();
  }
  fields.finish();
  return { opcode, body };
}

/** Return the chunk whose record begins here: { begin, end, size, crc, compression, isFramed }; `isFramed` tells whether the
 * record's length says the same end. Return null where there cannot be one. */
function chunkAt(bytes, view, at) {
  const head = at + RECORD_HEAD;
  if (head + CHUNK_HEAD + 8 > bytes.length) return null;
  const name = view.getUint32(head + 28, LITTLE);
  const begin = head + CHUNK_HEAD + name + 8;
  if (name > 4 || begin > bytes.length) return null;
  const compression = String.fromCharCode(...bytes.subarray(head + CHUNK_HEAD, head + CHUNK_HEAD + name));
  const end = begin + u64(view, begin - 8);
  if (!COMPRESSIONS.includes(compression) || end > bytes.length) return null;
  const isFramed = head + u64(view, at + 1) === end;
  return { begin, end, size: u64(view, head + 16), crc: view.getUint32(head + 24, LITTLE), compression, isFramed };
}

/** Return where the next record between two places begins that is framed as a chunk. */
function nextChunk(bytes, view, from, to) {
  for (let at = bytes.indexOf(CHUNK, from); at !== -1 && at < to; at = bytes.indexOf(CHUNK, at + 1)) {
    if (chunkAt(bytes, view, at)?.isFramed) return at;
  }
  return null;
}

/** Return the records of a chunk, which may be `most` bytes. */
function unpacked(bytes, chunk, most) {
  if (chunk === null || chunk.size > Math.min(most, MAX_CHUNK_BYTES)) throw new DamagedError();
  const { begin, end, size, crc, compression, isFramed } = chunk;
  const records = unpack(bytes.subarray(begin, end), compression, size);
  if (records.length !== size || (crc === 0 ? !isFramed : crc32(records) !== crc)) throw new DamagedError();
  return records;
}

function unpack(packed, compression, size) {
  if (compression === "") return packed;
  try {
    return compression === "lz4" ? decompressLz4(packed, size) : decompressZstd(packed, new Uint8Array(size));
  } catch {
    throw new DamagedError();
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
    const fields = JSON.parse(text.decode(data));
    return typeof fields === "object" && !Array.isArray(fields) ? fields : null;
  } catch {
    return null;
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
    if (from + count > this.#bytes.length) throw new DamagedError();
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
    return u64(this.#view, this.skip(8));
  }

  part() {
    const size = this.u32();
    const from = this.skip(size);
    return this.#bytes.subarray(from, from + size);
  }

  string() {
    try {
      return text.decode(this.part());
    } catch {
      throw new DamagedError();
    }
  }

  rest() {
    return this.#bytes.subarray(this.#at);
  }

  finish() {
    if (this.#at !== this.#bytes.length) throw new DamagedError();
  }
}

function u64(view, at) {
  return Number(view.getBigUint64(at, LITTLE));
}

function isMagic(bytes, at) {
  return MAGIC.every((byte, i) => bytes[at + i] === byte);
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
