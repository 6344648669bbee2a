// The text of a file, from bytes in any encoding that spreadsheets write, by the rules of scaleglove/recordings/text.py. Pure.

import { UnreadableError } from "./episode.js";

const MARKS = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];
const SEEN_BYTES = 4096; // in which UTF-16 without a mark shows: a header in ASCII has a zero in each pair
const UNDEFINED_IN_1252 = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
const BLANKS = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]);

/** Return { text, encoding }, with each of CRLF, LFCR, CR and LF as one LF.
 * @throws {UnreadableError} it is empty, or sound in no encoding. */
export function decode(bytes) {
  if (bytes.every((byte) => BLANKS.has(byte))) throw new UnreadableError("empty");
  const found = byMark(bytes) ?? byZeros(bytes) ?? byBytes(bytes);
  if (found.text.includes("\0")) throw new UnreadableError("encoding");
  return { encoding: found.encoding, text: found.text.replace(/\r\n/g, "\n").replace(/\n\r/g, "\n").replace(/\r/g, "\n") };
}

function byMark(bytes) {
  for (const [mark, encoding] of MARKS) {
    if (mark.every((byte, i) => bytes[i] === byte)) return required(bytes.subarray(mark.length), encoding);
  }
  return null;
}

function byZeros(bytes) {
  const seen = bytes.subarray(0, Math.min(SEEN_BYTES, bytes.length) & ~1);
  const zeros = [0, 0];
  seen.forEach((byte, i) => (zeros[i % 2] += byte === 0 ? 1 : 0));
  const [even, odd] = zeros;
  if (even === 0 && odd === 0) return null;
  // Korean in a column has no zeros, but most of a table is numbers.
  const isSound = Math.max(even, odd) >= Math.floor(seen.length / 4) && Math.min(even, odd) <= Math.floor(seen.length / 64);
  if (!isSound) throw new UnreadableError("encoding");
  return required(bytes, odd > even ? "utf-16le" : "utf-16be");
}

function byBytes(bytes) {
  const text = strict(bytes, "utf-8");
  if (text !== null) return { text, encoding: "utf-8" };
  if (isKorean(bytes)) return { ...required(bytes, "euc-kr"), encoding: "cp949" };
  if (bytes.some((byte) => UNDEFINED_IN_1252.has(byte))) throw new UnreadableError("encoding");
  return { text: strict(bytes, "windows-1252"), encoding: "windows_1252" };
}

/** Tell whether nearly all characters outside ASCII are Hangul of KS X 1001. Other pairs of bytes are rare syllables and
 * Chinese characters, as which other encodings look. */
function isKorean(bytes) {
  let pairs = 0;
  let foreign = 0;
  for (let i = 0; i + 1 < bytes.length; i++) {
    const [lead, trail] = [bytes[i], bytes[i + 1]];
    if (lead < 0x81 || lead > 0xfe || !isTrail(trail)) continue;
    pairs += 1;
    if (lead < 0xa1 || lead > 0xc8 || trail < 0xa1) foreign += 1;
    i += 1;
  }
  return pairs > 0 && 4 * foreign <= pairs;
}

function isTrail(byte) {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x81 && byte <= 0xfe);
}

function required(bytes, encoding) {
  const text = strict(bytes, encoding);
  if (text === null) throw new UnreadableError("encoding");
  return { text, encoding };
}

function strict(bytes, encoding) {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
