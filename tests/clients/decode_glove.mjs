// Answers lines of JSON for tests/clients/test_javascript_codec.py: `pieces` of bytes in hexadecimal, each with the time of
// its arrival, where null opens the link again; the answer has the events and the state of the decoder of the link
// protocol, or of the reader of any sketch.

import { createInterface } from "node:readline";

import { GloveDecoder } from "../../clients/javascript/codec/decoder.js";
import { GloveReader } from "../../clients/javascript/codec/glove_reader.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { reader, pieces } = JSON.parse(line);
  const decoder = reader === "sketch" ? new GloveReader() : new GloveDecoder();
  const events = [];
  for (const piece of pieces) {
    if (piece === null) decoder.rejoin();
    else events.push(...decoder.feed(Uint8Array.from(Buffer.from(piece[0], "hex")), piece[1]));
  }
  const { counts, format, joined, wantsHeader } = decoder;
  const { missingBySequence: sequence, missingByTime: time, damagedBy, ...rest } = counts;
  const missing = { sequence, time };
  const state = { format, joined, wantsHeader, counts: { ...rest, missing, damaged: Object.fromEntries(damagedBy) } };
  process.stdout.write(`${JSON.stringify({ events, state })}\n`);
}
