// The codec of the serial link against the vectors that other languages test against too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as cobs from "../codec/cobs.js";
import { commandLine, CommandError } from "../codec/commands.js";
import { GloveDecoder } from "../codec/decoder.js";
import { crc16 } from "../codec/packets.js";

const VECTORS = JSON.parse(readFileSync(new URL("../../../firmware_bridge/codec/vectors.json", import.meta.url), "utf-8"));
const PIECES = [1, 7, 10_000];
const WHOLE = 255;
const READ_BACK = { frame: ["values", "acceleration", "seq"], letter: ["place", "confidence", "shares", "seq"], remark: [] };

const bytesOf = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));

/** Return an event as the vectors write it. */
function asVector({ shown, ...event }) {
  if (event.event !== "letter") return event;
  const [confidence, ...shares] = [event.confidence, ...(event.shares ?? [0, 0, 0])].map((share) => Math.round(WHOLE * share));
  return { ...event, confidence, shares };
}

function decoded(bytes, step) {
  const decoder = new GloveDecoder();
  const events = [];
  for (let at = 0; at < bytes.length; at += step) events.push(...decoder.feed(bytes.subarray(at, at + step)));
  return events;
}

test("checksums are those of the vectors", () => {
  for (const { bytes, crc } of VECTORS.crc16) assert.equal(crc16(bytesOf(bytes)), crc);
});

test("stuffed bytes are decoded to the byte", () => {
  for (const { bytes, encoded } of VECTORS.cobs) assert.deepEqual(cobs.decode(bytesOf(encoded)), bytesOf(bytes));
  assert.equal(cobs.decode(Uint8Array.of(5, 1)), null);
});

test("messages of the vectors are read back", () => {
  for (const { message, bytes, ...sent } of VECTORS.encode) {
    const [event] = decoded(bytesOf(`00${bytes}`), bytes.length).map(asVector);
    assert.equal(event.event, message);
    for (const key of READ_BACK[message]) assert.deepEqual(event[key], sent[key]);
  }
});

for (const { name, bytes, events } of VECTORS.decode) {
  test(`decoded in any pieces: ${name}`, () => {
    for (const step of PIECES) assert.deepEqual(decoded(bytesOf(bytes), step).map(asVector), events);
  });
}

test("commands are the lines of the link", () => {
  assert.equal(commandLine("interval", 20), "interval,20");
  assert.equal(commandLine("interval", 100 / 3), "interval,33.333");
  for (const name of ["recal", "yawzero", "header"]) assert.equal(commandLine(name), name);
  for (const wrong of [["interval"], ["interval", 0.5], ["interval", 1001], ["recal", 20], ["reboot"]]) {
    assert.throws(() => commandLine(...wrong), CommandError);
  }
});
