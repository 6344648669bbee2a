// The link to a glove at a port of Web Serial: it reads and decodes, and reopens a port that was lost or is silent.

import { commandLine, CommandError, HEADER, LABELS } from "../codec/commands.js";
import { GloveReader } from "../codec/glove_reader.js";
import { GloveClock } from "./glove_clock.js";
import { LinkStates, TIMING } from "./link_states.js";

const WRITE_MS = 2000; // a glove that has not taken a command by then does not read its port
const BUFFER_BYTES = 16_384; // over a second at 115200 baud, for a page that is busy

const CANNOT_OPEN =
  "the browser cannot open the serial port: close it in other programs (a bridge, a serial monitor); on Linux, join its group";

/** A command that was not written; `code` is one of docs/reference/codes.md, "Refused commands". */
export class CommandRefused extends Error {
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

export class SerialLink {
  #findPort;
  #baudRate;
  #timing;
  #handlers;
  #states;
  #decoder = new GloveReader();
  #clock = new GloveClock();
  #port = null;
  #reader = null;
  #running = null; // until the port is closed for good
  #writing = null; // the last write; a port with a writer cannot be closed
  #headerAskedAt = null;
  #isStopped = false;
  #wake = () => {};

  /**
   * @param {() => Promise<SerialPort | null>} findPort returns the glove's port, or null while it is not plugged in
   * @param {{baudRate: number, timing?: object}} options
   * @param {{events: (events: object[]) => void, changed: () => void}} handlers called with the events of each read, and
   *   where `status` has changed
   */
  constructor(findPort, { baudRate, timing = TIMING }, handlers) {
    this.#findPort = findPort;
    this.#baudRate = baudRate;
    this.#timing = timing;
    this.#handlers = handlers;
    this.#states = new LinkStates(timing);
  }

  /** { state, detail, code }, as in a `link` message. */
  get status() {
    return this.#states.status;
  }

  /** Counts of frames and losses since the link was made, across reopenings of the port. */
  get counts() {
    return this.#decoder.counts;
  }

  get clock() {
    return this.#clock;
  }

  /** Read until `stop`. */
  run() {
    this.#running = this.#run();
    return this.#running;
  }

  async #run() {
    while (!this.#isStopped) {
      this.#states.opening();
      this.#changed();
      const failure = await this.#readOnce();
      if (failure === null || this.#isStopped) continue;
      const retryMs = this.#states.lost(failure.code, failure.detail);
      this.#changed();
      await this.#wakeOrAfter(retryMs);
    }
  }

  /** Try to open the port now, rather than after the present wait. */
  retry() {
    this.#wake();
  }

  /** Close the port; resolves when another program can open it. */
  async stop() {
    this.#isStopped = true;
    this.#wake();
    await this.#reader?.cancel().catch(() => {});
    await this.#running; // which closes the port: it cannot be closed before its reader has let go
  }

  /**
   * Write a command of the service to the glove, whose answer arrives as a remark.
   * @throws {CommandRefused}
   */
  async command(name, intervalMs = null) {
    try {
      await this.#write(commandLine(name, intervalMs));
    } catch (error) {
      if (error instanceof CommandError) throw new CommandRefused("invalid_command", error.message);
      throw error;
    }
  }

  /** Ask the glove which labels its letters have; the answer arrives as remarks. */
  async askForLabels() {
    await null;
    await this.#writing; // of a header that is asked for with the same bytes: a port has one writer at a time
    this.#write(LABELS).catch(() => {}); // a device that takes no commands may still send letters
  }

  /** Open the port and read until it is lost; return why { code, detail }, or null where it is to be opened again at once. */
  async #readOnce() {
    const port = await this.#findPort();
    if (port === null) return { code: "unplugged", detail: "the glove is not plugged in" };
    try {
      await port.open({ baudRate: this.#baudRate, bufferSize: BUFFER_BYTES });
    } catch {
      return { code: "cannot_open", detail: CANNOT_OPEN };
    }
    this.#port = port;
    if (this.#isStopped) {
      await this.#close();
      return null;
    }
    this.#decoder.rejoin();
    this.#headerAskedAt = null;
    this.#states.opened(performance.now());
    this.#changed();
    // A parity or framing error ends a stream of the port, which then has another; without one the port is lost.
    let isReopened = false;
    while (port.readable !== null && !isReopened && !this.#isStopped) isReopened = await this.#readStream(port.readable);
    await this.#close();
    return isReopened || this.#isStopped ? null : { code: "unplugged", detail: "the serial port is lost: it was unplugged" };
  }

  /** Read one stream of the port; return true where silence asks for the port to be opened again. */
  async #readStream(readable) {
    const reader = readable.getReader();
    this.#reader = reader;
    try {
      let reading = reader.read();
      while (true) {
        const result = await within(this.#waitMs(performance.now()), reading);
        if (result === TIMED_OUT && this.#decoder.due !== null && this.#decoder.due <= performance.now()) {
          this.#read(new Uint8Array());
          continue;
        }
        if (result === TIMED_OUT) {
          const mustReopen = this.#states.elapsed(performance.now());
          this.#changed();
          if (mustReopen) return true;
          continue;
        }
        if (result.done) return false;
        this.#read(result.value);
        reading = reader.read();
      }
    } catch {
      return false; // the port is lost, or has another stream
    } finally {
      this.#reader = null;
      await reader.cancel().catch(() => {});
      reader.releaseLock();
    }
  }

  /** Return the time until the state of the link may change, or frames that the decoder holds are due. */
  #waitMs(now) {
    const { due } = this.#decoder;
    return Math.min(this.#states.due(now), due === null ? Infinity : Math.max(0, due - now));
  }

  #read(bytes) {
    const now = performance.now();
    const events = this.#decoder.feed(bytes, now);
    this.#clock.observe(events, now);
    const before = this.status;
    this.#states.arrived(now, events.some(({ event }) => event === "frame" || event === "letter"));
    if (events.length > 0) this.#handlers.events(events);
    if (this.status !== before) this.#changed();
    this.#askForHeader(now);
  }

  /** Ask for the header after joining a text stream, and again while the last header is not usable. */
  #askForHeader(now) {
    // Only after a line has ended: the answer could be joined to the partial first line.
    if (!this.#decoder.joined || this.#decoder.format === "binary") return;
    const isFirst = this.#headerAskedAt === null;
    if (!isFirst && !(this.#decoder.wantsHeader && now - this.#headerAskedAt > this.#timing.header)) return;
    this.#headerAskedAt = now;
    this.#write(HEADER).catch(() => {}); // a device that takes no commands may still send frames
  }

  #write(line) {
    const writing = this.#writeLine(line);
    this.#writing = writing.catch(() => {});
    return writing;
  }

  async #writeLine(line) {
    const writable = this.#port?.writable ?? null;
    if (writable === null) throw new CommandRefused("link_lost", `the glove is not connected: ${this.status.detail || this.status.state}`);
    if (writable.locked) throw new CommandRefused("not_reading", "the glove has not taken an earlier command yet");
    const writer = writable.getWriter();
    try {
      const isWritten = (await within(WRITE_MS, writer.write(new TextEncoder().encode(`${line}\n`)))) !== TIMED_OUT;
      if (isWritten) return;
      writer.abort().catch(() => {});
    } catch {
      throw new CommandRefused("link_lost", "the serial port is lost");
    } finally {
      writer.releaseLock();
    }
    throw new CommandRefused("not_reading", "the glove does not read its port");
  }

  async #close() {
    const port = this.#port;
    this.#port = null;
    await this.#writing;
    await port?.close().catch(() => {}); // a port that was unplugged is closed
  }

  #changed() {
    this.#handlers.changed();
  }

  #wakeOrAfter(ms) {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const TIMED_OUT = Symbol("timed out");

/** Return what a promise resolves with, or TIMED_OUT after `ms`. */
async function within(ms, promise) {
  let timer;
  const timeout = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(0, ms), TIMED_OUT)));
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
