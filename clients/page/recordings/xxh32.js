// The checksum of LZ4 frames, XXH32 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). Pure.

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
const STRIPE = 16; // bytes that the four accumulators take at once
const LITTLE = true;

/** Return the XXH32 of bytes with the seed 0, a number from 0 to 2^32 - 1. */
export function xxh32(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = PRIME_5;
  if (bytes.length >= STRIPE) {
    const lanes = Int32Array.of(PRIME_1 + PRIME_2, PRIME_2, 0, -PRIME_1);
    for (; at + STRIPE <= bytes.length; at += STRIPE) {
      for (let lane = 0; lane < 4; lane++) lanes[lane] = stirred(lanes[lane], view.getUint32(at + 4 * lane, LITTLE));
    }
    hash = rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12) + rotated(lanes[3], 18);
  }
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotated(hash + Math.imul(view.getUint32(at, LITTLE), PRIME_3), 17), PRIME_4);
  }
  for (; at < bytes.length; at++) hash = Math.imul(rotated(hash + Math.imul(bytes[at], PRIME_5), 11), PRIME_1);
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function stirred(lane, word) {
  return Math.imul(rotated(lane + Math.imul(word, PRIME_2), 13), PRIME_1);
}

function rotated(word, bits) {
  return (word << bits) | (word >>> (32 - bits));
}
