// Unit tests of the link to a glove at a serial port, without a service: a port and a WebSocket that the tests play.

import assert from "node:assert/strict";
import { test } from "node:test";

import { GloveClock } from "../serial/glove_clock.js";
import { GloveLabels } from "../serial/glove_labels.js";
import { LinkStates } from "../serial/link_states.js";
import { RetransmitBuffer } from "../serial/retransmit_buffer.js";
import { describePort, SerialGlove } from "../serial/serial_glove.js";

const VALUES = [788, 780, 861, 862, 885, -17, -64, -62];
const FRAMES = [0, 20, 40, 60].map((tMs) => `${tMs},-17,-64,-62,788,780,861,862,885\n`).join("");

test("frames are numbered without those that are lost, and sent again until they are acknowledged", () => {
  const buffer = new RetransmitBuffer();
  for (const tMs of [0, 20]) buffer.put(tMs, VALUES);
  buffer.skip(3);
  buffer.put(100, VALUES);
  assert.deepEqual([buffer.take(), buffer.take()].map(({ seq, times }) => [seq, times]), [[0, [0, 20]], [5, [100]]]);
  assert.equal(buffer.take(), null);
  assert.deepEqual([buffer.numberAt(100.2), buffer.numberAt(60)], [5, null]);
  buffer.acknowledge(0);
  buffer.requeue();
  assert.deepEqual([buffer.take(), buffer.take()].map(({ seq }) => seq), [1, 5]);
  buffer.acknowledge(5);
  buffer.requeue();
  assert.deepEqual([buffer.take(), buffer.dropped], [null, 0]);
});

test("a full buffer counts what it drops, sent frames only if they stay unacknowledged", () => {
  const buffer = new RetransmitBuffer(2);
  for (const tMs of [0, 20]) buffer.put(tMs, VALUES);
  buffer.take();
  for (const tMs of [40, 60]) buffer.put(tMs, VALUES);
  assert.equal(buffer.dropped, 0);
  buffer.acknowledge(0);
  buffer.requeue();
  assert.equal(buffer.dropped, 1);
  buffer.put(80, VALUES);
  assert.equal(buffer.dropped, 2);
});

test("a link waits for frames, streams, and is opened again after silences that grow", () => {
  const states = new LinkStates();
  const state = () => [states.status.state, states.status.code];
  states.opened(0);
  assert.deepEqual(state(), ["waiting", "no_frame"]);
  states.arrived(100, true);
  assert.deepEqual([...state(), states.due(100)], ["streaming", null, 2000]);
  states.arrived(2000, false);
  assert.equal(states.elapsed(2100), false);
  assert.deepEqual(state(), ["waiting", "unreadable"]);
  assert.deepEqual([states.elapsed(12_000), states.elapsed(12_100)], [false, true]);
  states.opened(12_200);
  assert.equal(states.due(12_200), 20_000);
  assert.deepEqual([states.lost("unplugged", "gone"), states.lost("unplugged", "gone")], [500, 1000]);
});

test("rate and drift are those of this computer's clock", () => {
  const clock = new GloveClock();
  for (let n = 0; n < 2000; n += 1) clock.observe([{ event: "frame", t_ms: 20 * n }], 1e5 + 20 * n * 1.001 + (n % 3));
  assert.ok(Math.abs(clock.mapping.driftPpm - 1000) < 50, String(clock.mapping.driftPpm));
  assert.ok(clock.mapping.uncertaintyMs < 3);
  assert.ok(Math.abs(clock.rateHz - 50 / 1.001) < 0.05, String(clock.rateHz));
  clock.observe([{ event: "restarted" }, { event: "frame", t_ms: 0 }], 2e5);
  assert.equal(clock.rateHz, null);
});

/** A serial port that the test plays. */
class Port {
  readable = null;
  writable = null;
  written = "";
  isTaking = true;

  getInfo() {
    return { usbVendorId: 0x2341, usbProductId: 0x42 };
  }

  async open() {
    this.readable = new ReadableStream({ start: (controller) => (this.controller = controller) });
    const take = (bytes) => {
      this.written += new TextDecoder().decode(bytes);
      return this.isTaking ? undefined : new Promise(() => {});
    };
    this.writable = new WritableStream({ write: take });
  }

  async close() {
    this.readable = this.writable = null;
  }

  say(text) {
    this.controller.enqueue(new TextEncoder().encode(text));
  }
}

/** A WebSocket at whose other end the test is the service. */
class Service extends EventTarget {
  static latest;
  readyState = 1;
  bufferedAmount = 0;
  texts = [];
  frames = [];

  constructor() {
    super();
    Service.latest = this;
    queueMicrotask(() => this.dispatchEvent(new Event("open")));
  }

  send(data) {
    if (typeof data === "string") this.texts.push(JSON.parse(data));
    else this.frames.push(new DataView(data).getUint32(4, true));
  }

  say(message) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }

  close() {}

  of(type) {
    return this.texts.filter((message) => message.type === type);
  }
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const VOCABULARIES = { vocabularies: [{ name: "korean", labels: [{ label: "ㄱ" }, { label: "ㄴ" }, { label: "ㄷ" }] }] };
globalThis.fetch = async () => new Response(JSON.stringify(VOCABULARIES));
const LABELS = "# vocabulary=korean labels=3\n";

test("a letter whose label is not known is asked for, left out, and said once", async () => {
  const labels = new GloveLabels(async (name) => (name === "korean" ? ["ㄱ", "ㄴ", "ㄷ"] : null));
  const letter = (place) => ({ event: "letter", t_ms: 0, place, confidence: 1, shares: null, seq: null });
  const remark = (text, values) => ({ event: "remark", text, values });
  assert.deepEqual([labels.take([letter(2)]), labels.asks], [[], true]);
  labels.asked();
  assert.deepEqual(labels.take([remark("unknown command", { error: "unknown_command" })]), []);
  await new Promise(setImmediate);
  assert.deepEqual([labels.take([letter(2)])[0].label, labels.asks], ["ㄷ", false]);

  assert.equal(labels.take([remark("on", { letters: "on", labels: "2" })]).length, 1);
  assert.deepEqual(labels.take([letter(0), remark("hello", { label: "0" })]), []);
  assert.equal(labels.take([letter(0)])[0].label, "hello");
  const notices = labels.take([letter(2), letter(3)]);
  assert.deepEqual(notices.map(({ code, values }) => [code, values.letter]), [["unknown_labels", "2"]]);

  labels.take([remark("", { labels: "3", vocabulary: "klingon" })]);
  await new Promise(setImmediate);
  assert.equal(labels.take([letter(0)])[0].values.vocabulary, "klingon");
});

const STARTED = { type: "started", stream: "a", accepts: ["link", "remark", "glove_letter", "commanded"] };

test("frames that wait for their clock are sent though the glove is silent", { timeout: 20_000 }, async () => {
  const [port, serial] = [new Port(), Object.assign(new EventTarget(), { getPorts: async () => [port] })];
  const glove = new SerialGlove("http://service", serial, port, { WebSocket: Service });
  const running = glove.run();
  await until(() => port.controller !== undefined && Service.latest?.of("start").length === 1);
  const service = Service.latest;
  service.say(STARTED);
  port.say(`\n${"-1.5,2.25,33,701,602,503,404,305\n".repeat(3)}`);
  await until(() => service.of("link").some(({ state, frames }) => state === "streaming" && frames === 3));
  assert.deepEqual(service.frames, [0]);
  await glove.stop();
  await running.catch(({ code }) => assert.equal(code, "not_open"));
});

test("a glove's frames, losses, letters, remarks and answers reach the service", { timeout: 20_000 }, async () => {
  const [port, serial] = [new Port(), Object.assign(new EventTarget(), { getPorts: async () => [port] })];
  const glove = new SerialGlove("http://service", serial, port, { WebSocket: Service });
  const running = glove.run();
  await until(() => port.controller !== undefined && Service.latest?.of("start").length === 1);
  const service = Service.latest;
  assert.deepEqual(service.of("start")[0].commands, ["interval", "recal", "yawzero"]);
  service.say(STARTED);
  port.say(`\n${FRAMES}# letter 2 250 102 26 127 at 60.000\n`);
  await until(() => port.written === "header\nlabels\n");
  port.say(LABELS);
  await until(() => service.of("remark").length === 1);
  await new Promise(setImmediate);
  port.say("# letter 2 250 102 26 127 at 60.000\n# interval_ms=20; 20 ms between frames\n");
  await until(() => service.of("remark").length === 2);
  assert.deepEqual(service.frames, [0]);
  assert.deepEqual(service.of("remark")[1].values, { interval_ms: "20" });
  const [letter] = service.of("glove_letter");
  assert.deepEqual([letter.seq, letter.t_ms, letter.label, letter.scale_importance["7"]], [3, 60, "ㄷ", 127 / 255]);
  await until(() => service.of("link").some(({ state, frames }) => state === "streaming" && frames === 4));
  assert.equal(service.of("link").at(-1).flex_most, null);
  port.say("timestamp[ms],pitch[deg],roll[deg],yaw[deg],flex1[0..4095],flex2,flex3,flex4,flex5\n");
  await until(() => service.of("link").some(({ flex_most: most }) => most === 4095));
  port.say("# flex_most=1023; flex sensors read 0 to 1023\n");
  await until(() => service.of("link").some(({ flex_most: most }) => most === 1023));

  service.say({ type: "command", id: 7, command: "interval", interval_ms: 20 });
  service.say({ type: "command", id: 8, command: "explode", interval_ms: null });
  await until(() => service.of("commanded").length === 2);
  assert.ok(port.written.endsWith("interval,20\n"));
  assert.deepEqual(Object.fromEntries(service.of("commanded").map(({ id, code }) => [id, code])), { 7: null, 8: "invalid_command" });

  port.isTaking = false;
  service.say({ type: "command", id: 9, command: "recal", interval_ms: null });
  await until(() => service.of("commanded").length === 3);
  assert.equal(service.of("commanded")[2].code, "not_reading");

  port.readable = null; // as a browser does when the cable is pulled
  port.controller.error(new DOMException("The device has been lost.", "NetworkError"));
  await until(() => service.of("link").some(({ state, code }) => state === "lost" && code === "unplugged"));
  assert.equal(service.of("link").at(-1).flex_most, null);
  await glove.stop();
  await running.catch(({ code }) => assert.equal(code, "not_open"));
  assert.equal(describePort(port), "USB 2341:0042");
});
