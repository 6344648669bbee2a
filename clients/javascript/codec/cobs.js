// Consistent Overhead Byte Stuffing: bytes without a zero, so that a zero can stand between packets. Pure.
// Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7 (2), 1999.

const FULL = 254; // bytes without a zero that one code byte can announce

/**
 * Decode bytes that contain no zero; return null if a block is longer than the bytes that remain.
 * @param {Uint8Array} encoded
 * @returns {Uint8Array | null}
 */
export function decode(encoded) {
  const out = new Uint8Array(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length; ) {
    const code = encoded[at];
    const following = at + code;
    if (code === 0 || following > encoded.length) return null;
    out.set(encoded.subarray(at + 1, following), length);
    length += code - 1;
    if (code <= FULL && following < encoded.length) length += 1; // the zero is there already
    at = following;
  }
  return out.subarray(0, length);
}
