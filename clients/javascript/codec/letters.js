// The letter that a glove itself recognises: five small numbers, in a packet of their own or in a line. Pure.

import { MAX_TIME_MS } from "./events.js";

export const MOST_LABELS = 200; // of a vocabulary
const WHOLE = 255; // a share or a confidence of 1
const LINE = /^letter (\d{1,3}) (\d{1,3}) (\d{1,3}) (\d{1,3}) (\d{1,3}) at (\d{1,16}(?:\.\d{1,3})?)$/;

/** Return the letter of five numbers as sent, or null where they are out of range. */
export function letterOf(tMs, [place, ...fractions], seq = null) {
  if (place >= MOST_LABELS || Math.max(...fractions) > WHOLE) return null;
  const [confidence, ...shares] = fractions.map((fraction) => fraction / WHOLE);
  return { event: "letter", t_ms: tMs, place, confidence, shares: shares.some(Boolean) ? shares : null, seq };
}

/** Return the letter of a `#` line, given without the `#`, or null where it is a remark. */
export function letterOfRemark(characters) {
  const found = LINE.exec(characters);
  if (found === null) return null;
  const [, ...numbers] = found.map(Number);
  const tMs = numbers.pop();
  return tMs < MAX_TIME_MS ? letterOf(tMs, numbers) : null;
}
