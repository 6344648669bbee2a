// The events of a glove's bytes, as plain objects with a key `event`. docs/reference/link.md is the specification, and
// firmware_bridge/codec/vectors.json has bytes and their events; here the shares of a letter are from 0 to 1.
//
//   { event: "frame", t_ms, values, acceleration, seq }   8 values in the order of CHANNELS; `t_ms` is unwrapped
//   { event: "letter", t_ms, place, confidence, shares, seq }
//   { event: "missing", t_ms, count, reason }              frames lost before the one at `t_ms`: "sequence" or "time"
//   { event: "repeated", t_ms }
//   { event: "restarted", before_ms, t_ms }
//   { event: "remark", text, values }
//   { event: "header", names, ranges }                     the lowest and the highest reading of channels that state them
//   { event: "damaged", shown, reason }                    bytes left out: their beginning, and one of FAULTS

/** Kinds of damage. */
export const FAULTS = {
  fields: "wrong number of fields",
  number: "not a number",
  finite: "NaN or infinity",
  range: "out of range",
  ascii: "not ASCII",
  long: "line too long",
  header: "header that does not name a frame",
  order: "follows a header that does not name a frame",
  cobs: "not COBS",
  length: "wrong length",
  version: "unknown version",
  type: "unknown type",
  crc: "wrong CRC",
  cut: "cut off",
};

export const MAX_MAGNITUDE = 1e6; // no sensor of a glove reads this much
export const MAX_TIME_MS = 2 ** 53;

/** Bytes that are no message: thrown within the codec, never out of it. */
export class Unreadable extends Error {
  /** @param {string} reason one of FAULTS */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}
