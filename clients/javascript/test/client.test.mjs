// Tests of the client against real services that tests/clients/test_javascript.py starts; their addresses are in the environment.

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, doubts, GloveStream, listStreams, predict, ServiceError, watch } from "../scaleglove.js";

const { SCALEGLOVE_URL: URL_OPEN, SCALEGLOVE_LOCKED_URL: URL_LOCKED, SCALEGLOVE_SENDER: SENDER } = process.env;
const FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62];
const INTERVAL_MS = 20;

async function hold(stream, frames) {
  for (let frame = 0; frame < frames; frame += 1) await stream.send([frame * INTERVAL_MS], [FRAME]);
}

async function all(messages) {
  const read = [];
  for await (const message of messages) read.push(message);
  return read;
}

const refusal = (code, status) => (error) => error instanceof ServiceError && error.code === code && error.status === status;

test("a window becomes a letter", async () => {
  const predictions = await predict(URL_OPEN, [Array(20).fill(FRAME), Array(15).fill(FRAME)], { topK: 2 });
  assert.deepEqual(predictions.map(({ label }) => label), ["ㄱ", "ㄱ"]);
  assert.equal(predictions[0].top_k.length, 2);
});

test("a shape that was held becomes an example", async () => {
  const stream = new GloveStream(URL_OPEN, { sampleRateHz: 50 });
  const { stream: name } = await stream.open();
  await hold(stream, 60);
  let shape;
  for (let frame = 60; frame < 100; frame += 1) await stream.send([frame * INTERVAL_MS], [FRAME.map((value) => value + frame)]);
  for await (const message of stream) {
    if (message.type === "gesture" && message.phase === "begin") ({ shape } = message);
    if (message.seq === 99) break;
  }
  await assert.rejects(stream.doubts(), refusal("no_wearer", 0));
  await assert.rejects(stream.doubts(3, "nobody"), refusal("unknown_wearer", 404));
  await fetch(`${URL_OPEN}/v1/wearers`, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"wearer": "민서"}' });
  const { held, doubts: asked } = await stream.doubts(3, "민서");
  assert.deepEqual([held, asked[0].shape, asked[0].candidates[0].label], [1, shape, "ㄱ"]);
  const { label, quality } = await stream.answer(shape, "ㄴ", "민서");
  assert.deepEqual([label, quality], ["ㄴ", 1]);
  assert.equal((await doubts(URL_OPEN, "민서", name)).held, 1);
  await assert.rejects(answer(URL_OPEN, "민서", name, 99, "ㄴ"), refusal("unknown_shape", 404));
  stream.close();
  await assert.rejects(stream.doubts(3, "민서"), refusal("not_open", 0));
});

test("an error is that of the service and names the field", async () => {
  await assert.rejects(predict(URL_OPEN, [[[1, 2]]]), (error) => refusal("invalid_request", 422)(error) && error.field.startsWith("windows.0.0"));
  await assert.rejects(predict(URL_OPEN, [[FRAME]], { model: "none" }), refusal("unknown_model", 404));
  await assert.rejects(predict("http://127.0.0.1:1", [[FRAME]]), refusal("cannot_connect", 0));
});

test("frames become predictions and text, and `stopped` counts the frames", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const stream = new GloveStream(URL_OPEN, { sampleRateHz: 50, hopMs: 200, text: { words: false, space: 1 } });
  assert.throws(() => stream.reset(), refusal("not_open", 0));
  const started = await stream.open();
  assert.equal(started.sample_rate_hz, 50);
  assert.deepEqual(started.ignored, ["text.space"]);
  assert.match(warn.mock.calls[0].arguments[0], /ignored text.space of start/);
  const [predictions, lines] = [all(stream.predictions()), all(stream.texts())];
  await hold(stream, 100);
  stream.edit("as_signed");
  stream.edit("clear");
  const stopped = await stream.stop();
  assert.equal(stopped.frames, 100);
  assert.deepEqual(stream.stopped, stopped);
  assert.equal(stream.framesSent, 100);
  const held = (await predictions).filter(({ state }) => state === "ok");
  assert.ok(held.length > 5 && held.every(({ label }) => label === "ㄱ"));
  const texts = await lines;
  assert.ok(texts.some(({ committed, composing }) => committed + composing === "ㄱ"));
  assert.equal(texts.at(-1).committed + texts.at(-1).composing, "");
});

test("an unknown model or stream is refused and not retried", async () => {
  const stream = new GloveStream(URL_OPEN, { model: "none" });
  await assert.rejects(stream.open(), refusal("unknown_model", 0));
  await assert.rejects(all(watch(URL_OPEN, "none")), refusal("unknown_stream", 0));
});

test("a viewer receives what the sender receives until the stream ends", async () => {
  const stream = new GloveStream(URL_OPEN, { sampleRateHz: 50 });
  const { stream: name } = await stream.open();
  assert.ok((await listStreams(URL_OPEN)).some(({ stream: listed }) => listed === name));
  const viewer = watch(URL_OPEN, name);
  assert.equal((await viewer.next()).value.type, "started");
  const watched = all(viewer);
  await hold(stream, 50);
  await stream.stop();
  const types = new Set((await watched).map(({ type }) => type));
  for (const type of ["frames", "prediction", "stopped"]) assert.ok(types.has(type), `${type} among ${[...types]}`);
});

test("opening twice opens one stream, and stopping needs an open stream", async () => {
  const streams = async () => (await listStreams(URL_OPEN)).length;
  const before = await streams();
  const stream = new GloveStream(URL_OPEN, { sampleRateHz: 50 });
  assert.throws(() => stream.stop(), refusal("not_open", 0));
  const [first, second] = await Promise.all([stream.open(), stream.open()]);
  assert.equal(first.stream, second.stream);
  assert.equal(await streams(), before + 1);
  await stream.stop();
});

test("a signal ends a viewer that waits", async () => {
  const stream = new GloveStream(URL_OPEN, { sampleRateHz: 50 });
  const { stream: name } = await stream.open();
  const controller = new AbortController();
  const viewer = watch(URL_OPEN, name, { signal: controller.signal });
  assert.equal((await viewer.next()).value.type, "started");
  const silence = viewer.next();
  controller.abort();
  assert.equal((await silence).done, true);
  assert.deepEqual(await all(watch(URL_OPEN, name, { signal: controller.signal })), []);
  await stream.stop();
});

test("a valid token is accepted, and a wrong one is refused", async () => {
  await assert.rejects(predict(URL_LOCKED, [[FRAME]]), refusal("unauthorized", 401));
  await assert.rejects(new GloveStream(URL_LOCKED, { token: "wrong-0123456789" }).open(), refusal("unauthorized", 401));
  const stream = new GloveStream(URL_LOCKED, { token: SENDER });
  await stream.open();
  assert.equal((await stream.stop()).frames, 0);
});

test("a stream reconnects after a lost connection and numbers frames from 0", async () => {
  const sockets = [];
  class RecordedSocket extends WebSocket {
    constructor(...options) {
      super(...options);
      sockets.push(this);
    }
  }
  const stream = new GloveStream(URL_OPEN, { sampleRateHz: 50, WebSocket: RecordedSocket });
  const first = await stream.open();
  await hold(stream, 30);
  const messages = stream[Symbol.asyncIterator]();
  sockets[0].close(4000); // not 1000: a lost connection, not the end of the stream
  const next = async (wanted) => {
    while (true) {
      const { value, done } = await messages.next();
      assert.ok(!done, `no ${wanted} before the end`);
      if (value.type === wanted) return value;
    }
  };
  assert.equal((await next("lost")).retry_ms, 500);
  assert.equal(await stream.send([600], [FRAME]), false);
  const second = await next("started");
  assert.notEqual(second.stream, first.stream);
  await hold(stream, 30);
  const stopped = await stream.stop();
  assert.deepEqual([stopped.frames, stopped.missing_frames, stream.framesLost], [30, 0, 1]);
});

test("the profile of another glove is used in a new stream, and one that is unknown is refused", async () => {
  const stream = new GloveStream(URL_OPEN, { sampleRateHz: 50, glove: "never made" });
  stream.useGlove(); // before it is open: the first stream begins without one
  const first = await stream.open();
  const messages = stream[Symbol.asyncIterator]();
  stream.useGlove();
  assert.deepEqual((await messages.next()).value, { type: "lost", retry_ms: 0 });
  const { value: second } = await messages.next();
  assert.equal(second.type, "started");
  assert.notEqual(second.stream, first.stream);
  stream.useGlove("never made");
  await assert.rejects(all(messages), refusal("unknown_glove", 0));
});

test("the profile of another wearer is used in a new stream, for the model that it is for", async () => {
  const stream = new GloveStream(URL_OPEN, { sampleRateHz: 50 });
  const first = await stream.open();
  const messages = stream[Symbol.asyncIterator]();
  stream.useWearer();
  assert.deepEqual((await messages.next()).value, { type: "lost", retry_ms: 0 });
  assert.notEqual((await messages.next()).value.stream, first.stream);
  for (const model of ["MSCSGRU", undefined]) { // a profile is for one model, which stays
    stream.useWearer(undefined, model);
    await messages.next();
    assert.equal((await messages.next()).value.model, "MSCSGRU");
  }
  stream.useWearer("never met");
  await assert.rejects(all(messages), refusal("unknown_wearer", 0));
});
