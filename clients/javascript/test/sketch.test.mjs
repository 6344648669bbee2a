// Text from any sketch against the vectors that the bridge's reader is tested against too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { GloveReader } from "../codec/glove_reader.js";

const { cases } = JSON.parse(readFileSync(new URL("../../../firmware_bridge/codec/sketch_vectors.json", import.meta.url), "utf-8"));
const CLOSE = { t_ms: 1, before_ms: 1, values: 0.01, acceleration: 0.01 };

function isClose(actual, expected, distance) {
  if (Array.isArray(expected)) return Array.isArray(actual) && expected.every((each, place) => isClose(actual[place], each, distance));
  return expected === null ? actual === null : Math.abs(actual - expected) <= distance;
}

/** Compare an event with that of the vectors; further keys of the event are the reader's own. */
function compare(actual, expected) {
  for (const [key, value] of Object.entries(expected)) {
    if (expected.event === "frame" && key in CLOSE && value !== null) assert.ok(isClose(actual?.[key], value, CLOSE[key]), `${key}: ${JSON.stringify(actual)}`);
    else assert.deepEqual(actual?.[key], value, `${key}: ${JSON.stringify(actual)}`);
  }
}

for (const { name, pieces, events } of cases) {
  for (const step of [1000, 7]) {
    test(`read in pieces of ${step}: ${name}`, () => {
      const reader = new GloveReader();
      const read = [];
      for (const [arrival, hex] of pieces) {
        const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
        for (let at = 0; at < bytes.length; at += step) read.push(...reader.feed(bytes.subarray(at, at + step), arrival));
      }
      for (const expected of events) {
        if (expected.event !== "frames by arrival") {
          compare(read.shift(), expected);
          continue;
        }
        const frames = read.splice(0, expected.count);
        assert.equal(frames.length, expected.count);
        assert.ok(frames.every(({ event, t_ms: tMs }, place) => event === "frame" && (place === 0 || tMs > frames[place - 1].t_ms)));
      }
      assert.deepEqual(read, []);
    });
  }
}
