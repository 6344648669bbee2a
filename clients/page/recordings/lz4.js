// Unpacks an LZ4 frame (github.com/lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md), as liblz4 does. Pure.

import { xxh32 } from "./xxh32.js";

const MAGIC = 0x184d2204;
const VERSION = 1;
const INDEPENDENT = 0x20; // flags of the frame's descriptor
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY = 0x01;
const RESERVED = 0x02;
const BLOCK_SIZES = [64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024]; // of the codes 4 to 7
const FIRST_BLOCK_SIZE = 4;
const PLAIN = 0x80000000; // set in a block's size: it is not compressed
const MIN_MATCH = 4;
const MORE = 15; // a length of four bits that goes on in bytes, and beyond 255 in further ones
const LITTLE = true;

/** Return what the first frame of `packed` unpacks to.
 * @throws {RangeError} it is damaged or cut off, or unpacks to more than `size` bytes. */
export function decompress(packed, size) {
  const input = new Input(packed);
  const frame = readDescriptor(input);
  const output = { bytes: new Uint8Array(size), at: 0 };
  for (let head = input.u32(); head !== 0; head = input.u32()) {
    const block = input.part(head % PLAIN);
    if (frame.flags & BLOCK_CHECKSUM) check(xxh32(block) === input.u32());
    const from = output.at;
    if (head >= PLAIN) put(block, output);
    else unpackBlock(block, output, frame.flags & INDEPENDENT ? from : 0);
    check(block.length <= frame.blockSize && output.at - from <= frame.blockSize);
  }
  const unpacked = output.bytes.subarray(0, output.at);
  if (frame.flags & CONTENT_CHECKSUM) check(xxh32(unpacked) === input.u32());
  check(frame.size === null || frame.size === unpacked.length);
  return unpacked;
}

function readDescriptor(input) {
  check(input.u32() === MAGIC);
  const begin = input.at;
  const flags = input.u8();
  const code = input.u8();
  check(flags >> 6 === VERSION && !(flags & RESERVED) && !(code & 0x8f));
  const blockSize = BLOCK_SIZES[(code >> 4) - FIRST_BLOCK_SIZE];
  check(blockSize !== undefined);
  const size = flags & CONTENT_SIZE ? input.u64() : null;
  if (flags & DICTIONARY) input.u32(); // its name: none is known here, and what needs one reaches too far back
  const descriptor = input.since(begin);
  check(((xxh32(descriptor) >> 8) & 0xff) === input.u8());
  return { flags, blockSize, size };
}

/** Append a block to the output. Its matches reach back to `least` in it at most. */
function unpackBlock(block, output, least) {
  const input = new Input(block);
  for (;;) {
    const token = input.u8();
    put(input.part(input.length(token >> 4)), output);
    if (input.left === 0) return;
    const offset = input.u16();
    const count = input.length(token & MORE) + MIN_MATCH;
    check(output.at - offset >= least);
    repeat(offset, count, output);
  }
}

function put(bytes, output) {
  check(output.at + bytes.length <= output.bytes.length);
  output.bytes.set(bytes, output.at);
  output.at += bytes.length;
}

/** Append `count` bytes from `offset` before the output's end, which they may overlap. An offset of 0 gives zeros, as in
 * liblz4, though only damage makes one: a chunk has a checksum. */
function repeat(offset, count, output) {
  const { bytes, at } = output;
  const end = at + count;
  check(end <= bytes.length);
  if (offset >= count) bytes.copyWithin(at, at - offset, end - offset);
  else for (let i = at; i < end; i++) bytes[i] = bytes[i - offset];
  output.at = end;
}

function check(holds) {
  if (!holds) throw new RangeError("a damaged LZ4 frame");
}

/** A reader of little-endian values that throws where they end. */
class Input {
  at = 0;
  #bytes;
  #view;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left() {
    return this.#bytes.length - this.at;
  }

  u8() {
    return this.#view.getUint8(this.#skip(1));
  }

  u16() {
    return this.#view.getUint16(this.#skip(2), LITTLE);
  }

  u32() {
    return this.#view.getUint32(this.#skip(4), LITTLE);
  }

  u64() {
    return Number(this.#view.getBigUint64(this.#skip(8), LITTLE));
  }

  part(size) {
    const from = this.#skip(size);
    return this.#bytes.subarray(from, from + size);
  }

  since(begin) {
    return this.#bytes.subarray(begin, this.at);
  }

  /** Read a length whose first four bits are given. */
  length(bits) {
    if (bits < MORE) return bits;
    for (let length = bits; ; ) {
      const more = this.u8();
      length += more;
      if (more < 255) return length;
    }
  }

  #skip(size) {
    check(size <= this.left);
    this.at += size;
    return this.at - size;
  }
}
