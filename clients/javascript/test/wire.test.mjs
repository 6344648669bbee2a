// Unit tests that need no service: encoding, addresses, backoff and the receive queue.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BackOff } from "../back_off.js";
import { ReceiveQueue } from "../receive_queue.js";
import { addressOf, encodeFrames, subprotocols } from "../wire.js";

const FRAME = [788, 780, 861, 862, 885, -17.5, -64.5, -62];

test("frames are encoded as the protocol says", () => {
  const view = new DataView(encodeFrames(2 ** 32 + 7, [19.6, 2 ** 32 + 40], [FRAME, FRAME]));
  assert.equal(view.byteLength, 8 + 2 * 36);
  assert.deepEqual([view.getUint8(0), view.getUint8(1), view.getUint16(2, true), view.getUint32(4, true)], [1, 1, 2, 7]);
  assert.deepEqual([view.getUint32(8, true), view.getUint32(44, true)], [20, 40]);
  assert.deepEqual(FRAME.map((_, channel) => view.getFloat32(48 + 4 * channel, true)), FRAME);
});

test("invalid frames are refused", () => {
  assert.throws(() => encodeFrames(0, [], []), RangeError);
  assert.throws(() => encodeFrames(0, [0], [FRAME, FRAME]), RangeError);
  assert.throws(() => encodeFrames(0, [0], [FRAME.slice(1)]), RangeError);
  assert.throws(() => encodeFrames(0, [NaN], [FRAME]), RangeError);
  assert.throws(() => encodeFrames(0, [-1], [FRAME]), RangeError);
});

test("addresses keep the path of the service", () => {
  assert.equal(addressOf("https://gloves.example/hall/", "/v1/stream", { websocket: true }), "wss://gloves.example/hall/v1/stream");
  assert.equal(addressOf("ws://127.0.0.1:8000", "/v1/predict"), "http://127.0.0.1:8000/v1/predict");
  assert.throws(() => addressOf("ftp://127.0.0.1", "/v1/predict"), TypeError);
});

test("a token is sent as a subprotocol, in base64url", () => {
  assert.deepEqual(subprotocols(null), ["scaleglove.v1"]);
  assert.deepEqual(subprotocols("a~?b>"), ["scaleglove.v1", "scaleglove.token.YX4_Yj4"]);
});

test("delays double from half a second to eight", () => {
  const backOff = new BackOff();
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => backOff.failure()), [500, 1000, 2000, 4000, 8000, 8000]);
  backOff.success();
  assert.equal(backOff.failure(), 500);
});

test("a slow reader loses its oldest predictions and no text", async () => {
  const queue = new ReceiveQueue();
  const reader = queue.read();
  queue.put({ type: "text" });
  for (let seq = 0; seq < 1030; seq += 1) queue.put({ type: "prediction", seq });
  queue.end();
  const read = [];
  for await (const message of reader) read.push(message);
  assert.equal(read.length, 1024);
  assert.deepEqual([read[0].type, read[1].seq, queue.dropped], ["text", 7, 7]);
});

test("every reader receives every message and the failure", async () => {
  const queue = new ReceiveQueue();
  const readers = [queue.read(), queue.read(({ type }) => type === "text")];
  queue.put({ type: "prediction" });
  queue.put({ type: "text" });
  queue.end(new Error("over"));
  assert.equal((await readers[0].next()).value.type, "prediction");
  assert.equal((await readers[1].next()).value.type, "text");
  await assert.rejects(readers[1].next(), /over/);
});
