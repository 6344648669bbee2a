// The remarks of a device: words for people and, before them, values for programs. Pure.
//
//   interval_ms=20; 20 ms between frames

import { strip, toBytes } from "./bytes.js";

const WITH_VALUES = /^([a-z][a-z0-9_]*=[A-Za-z0-9_.+-]+(?: [a-z][a-z0-9_]*=[A-Za-z0-9_.+-]+){0,7})(?:;(.*))?$/s;

/** Remarks of firmware before 0.2.0, which has words alone: the form, its key, and its value where it is fixed. */
const BEFORE_0_2_0 = [
  [/^([0-9]{1,4}(?:\.[0-9]{1,3})?) ms between frames$/, "interval_ms", null],
  [/^letters (on|only|off)$/, "letters", null],
  [/^unknown command.*$/s, "error", "unknown_command"],
  [/^interval takes.*$/s, "error", "interval_out_of_range"],
];

const UTF_8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** What Python's `str.strip` removes, which the other decoders of the link follow. */
const BLANK = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const BLANKS = new RegExp(`^${BLANK}|${BLANK}$`, "g");

const INTERVAL = /^[0-9]{1,4}(\.[0-9]{1,3})?$/;
const MIN_INTERVAL_MS = 1;
const MAX_INTERVAL_MS = 1000;

/**
 * Return the remark of a `#` line (without the `#`) or of a packet. A head that breaks the grammar of values in any place
 * is part of the words: a damaged remark has no values.
 */
export function remarkOf(characters) {
  const payload = strip(characters);
  const found = WITH_VALUES.exec(payload);
  const values = found === null ? null : valuesOf(found[1]);
  if (values !== null) return { event: "remark", text: wordsOf(strip(found[2] ?? "") || found[1]), values };
  return { event: "remark", text: wordsOf(payload), values: valuesBefore020(payload) };
}

/** Return the time between frames that a remark announces, or null where it gives none from 1 to 1000 ms. */
export function intervalOf({ values }) {
  const text = values.interval_ms ?? "";
  const ms = INTERVAL.test(text) ? Number(text) : 0;
  return ms >= MIN_INTERVAL_MS && ms <= MAX_INTERVAL_MS ? ms : null;
}

/** Return the values of a head, or null when a key comes twice. */
function valuesOf(head) {
  const pairs = head.split(" ").map((value) => value.split("="));
  const values = Object.fromEntries(pairs);
  return Object.keys(values).length === pairs.length ? values : null;
}

function valuesBefore020(payload) {
  for (const [form, key, value] of BEFORE_0_2_0) {
    const found = form.exec(payload);
    if (found !== null) return { [key]: value ?? found[1] };
  }
  return {};
}

function wordsOf(characters) {
  return UTF_8.decode(toBytes(characters)).replace(BLANKS, "");
}
