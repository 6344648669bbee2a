// Answers lines of JSON for tests/clients/test_javascript_codec.py: pieces of bytes in hexadecimal, where null opens the
// link again; the answer has the decoder's events and state.

import { createInterface } from "node:readline";

import { GloveDecoder } from "../../clients/javascript/codec/decoder.js";

for await (const line of createInterface({ input: process.stdin })) {
  const decoder = new GloveDecoder();
  const events = [];
  for (const piece of JSON.parse(line)) {
    if (piece === null) decoder.rejoin();
    else events.push(...decoder.feed(Uint8Array.from(Buffer.from(piece, "hex"))));
  }
  const { counts, format, joined, wantsHeader } = decoder;
  const { missingBySequence: sequence, missingByTime: time, damagedBy, ...rest } = counts;
  const missing = { sequence, time };
  const state = { format, joined, wantsHeader, counts: { ...rest, missing, damaged: Object.fromEntries(damagedBy) } };
  process.stdout.write(`${JSON.stringify({ events, state })}\n`);
}
