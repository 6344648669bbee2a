// Bytes as text of one character per byte, so that a stream can be searched and split with strings. Pure.

const STEP = 4096; // arguments of one call; engines limit their number

/** Return one character for each byte.
 * @param {Uint8Array} bytes */
export function toCharacters(bytes) {
  let characters = "";
  for (let at = 0; at < bytes.length; at += STEP) {
    characters += String.fromCharCode.apply(null, bytes.subarray(at, at + STEP));
  }
  return characters;
}

/** Return the bytes of characters from U+0000 to U+00FF.
 * @returns {Uint8Array} */
export function toBytes(characters) {
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < characters.length; at += 1) bytes[at] = characters.charCodeAt(at);
  return bytes;
}

/** Remove the blanks of ASCII at both ends: `trim` would remove bytes of UTF-8 too. */
export function strip(characters) {
  return characters.replace(/^[\t-\r ]+|[\t-\r ]+$/g, "");
}

export function isAscii(characters) {
  return !/[^\0-\x7f]/.test(characters);
}
