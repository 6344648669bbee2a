// A glove at a serial port of this browser: what `scaleglove bridge` does, without Python on the user's computer.

import { COMMANDS } from "../codec/commands.js";
import { GloveStream } from "../glove_stream.js";
import { vocabularyLabels } from "../http.js";
import { ServiceError } from "../wire.js";
import { GloveLabels } from "./glove_labels.js";
import { GloveUplink } from "./glove_uplink.js";
import { CommandRefused, SerialLink } from "./serial_link.js";

const REPORT_MS = 1000; // least time between reports of the same state, which the service limits
const MAX_MAGNITUDE = 1e6; // of a figure in a report; the drift of an accelerated replay, for example, is beyond it

/**
 * Link a glove to the service, until `stop`. Both connections are independent: each is opened again by itself. A port that
 * was unplugged is opened as soon as the browser has it again.
 *
 *     const port = await navigator.serial.requestPort(); // in answer to a click
 *     const glove = new SerialGlove("http://127.0.0.1:8000", navigator.serial, port, { baudRate: 115200 });
 *     await glove.run((message) => console.log(message.type));
 */
export class SerialGlove {
  #serial;
  #port;
  #link;
  #stream;
  #uplink;
  #labels;
  #newLabels;
  #lastReport = "";
  #flexMost = null; // the highest reading of the flex sensors' converter, as the glove states it
  #timer = null;
  #plugged = ({ target }) => this.#isTheGlove(target) && this.#link.retry();

  /**
   * @param {string} url the service
   * @param {Serial} serial `navigator.serial`
   * @param {SerialPort} port one that the user has granted
   * @param {{baudRate?: number, token?: string, wearer?: string, glove?: string, model?: string, text?: object,
   *   WebSocket?: typeof WebSocket}} [options] `glove` is its name at the service: a browser does not tell the serial
   *   number by which the bridge knows a glove; `text` is as in GloveStream
   */
  constructor(url, serial, port, { baudRate = 115_200, token, wearer, glove, model, text, WebSocket } = {}) {
    this.#serial = serial;
    this.#port = port;
    this.#link = new SerialLink(() => this.#findPort(), { baudRate }, {
      events: (events) => this.#take(events),
      changed: () => this.#linkChanged(),
    });
    this.#stream = new GloveStream(url, { token, wearer, glove, model, text, commands: COMMANDS, WebSocket });
    this.#newLabels = () => new GloveLabels((name) => vocabularyLabels(url, name, { token }));
    this.#labels = this.#newLabels();
    this.#uplink = new GloveUplink(this.#stream, (command) => this.#obey(command));
  }

  /**
   * Read and send until `stop`; `passOn` is called with each message of the service, as GloveStream gives them.
   * @throws {ServiceError} the service refuses the stream
   */
  async run(passOn = () => {}) {
    this.#serial.addEventListener("connect", this.#plugged);
    this.#timer = setInterval(() => this.#report(), REPORT_MS);
    const reading = this.#link.run();
    try {
      await this.#uplink.run(passOn);
    } finally {
      await this.stop();
      await reading;
    }
  }

  /** Use another profile of the glove, or none without a name, in a new stream; the port stays open. */
  useGlove(glove) {
    this.#stream.useGlove(glove);
  }

  /** Use the profile of another wearer, or none without a name, in a new stream, for the model that is named or the one
   * as before; the port stays open. */
  useWearer(wearer, model) {
    this.#stream.useWearer(wearer, model);
  }

  /** End the stream and close the port. */
  async stop() {
    clearInterval(this.#timer);
    this.#serial.removeEventListener("connect", this.#plugged);
    this.#uplink.stop();
    await this.#link.stop();
  }

  /** Return the port, or the same device after it was plugged in again, which may be another object; null without it. */
  async #findPort() {
    const ports = await this.#serial.getPorts();
    const found = ports.includes(this.#port) ? this.#port : ports.find((port) => this.#isTheGlove(port));
    if (found === undefined) return null;
    this.#port = found;
    return found;
  }

  #isTheGlove(port) {
    return port === this.#port || describePort(port) === describePort(this.#port);
  }

  async #obey({ command, interval_ms: intervalMs }) {
    try {
      await this.#link.command(command, intervalMs);
      return { refused: null, code: null };
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      return { refused: error.message, code: error.code };
    }
  }

  #take(events) {
    this.#flexMost = events.map(flexMostOf).findLast((most) => most !== null) ?? this.#flexMost;
    this.#uplink.put(this.#labels.take(events));
    if (!this.#labels.asks) return;
    this.#labels.asked();
    this.#link.askForLabels();
  }

  #linkChanged() {
    if (!["waiting", "streaming"].includes(this.#link.status.state)) {
      this.#flexMost = null; // another glove may come
      this.#labels = this.#newLabels();
    }
    this.#report();
  }

  #report() {
    const { counts, clock, status } = this.#link;
    const report = {
      type: "link",
      ...status,
      port: describePort(this.#port),
      rate_hz: reportable(clock.rateHz),
      clock_uncertainty_ms: reportable(clock.mapping?.uncertaintyMs),
      clock_drift_ppm: reportable(clock.mapping?.driftPpm),
      frames: counts.frames,
      missing: counts.missing,
      repeated: counts.repeated,
      damaged: counts.damaged,
      restarts: counts.restarts,
      unsent: this.#uplink.unsent,
      flex_most: this.#flexMost,
    };
    const text = JSON.stringify(report);
    if (text === this.#lastReport) return;
    this.#lastReport = text;
    this.#uplink.report(report);
  }
}

/** Return a name for a port; the browser gives the numbers of a USB device's vendor and product, and no path. */
export function describePort(port) {
  const { usbVendorId, usbProductId } = port.getInfo();
  if (usbVendorId === undefined) return "serial port";
  return `USB ${[usbVendorId, usbProductId].map((id) => id.toString(16).padStart(4, "0")).join(":")}`;
}

/** Return the highest flex reading that a header or a remark states, or null. */
function flexMostOf({ event, ranges, values }) {
  const ends = Object.entries(ranges ?? {}).filter(([name]) => name.startsWith("flex")).map(([, [, high]]) => high);
  const stated = event === "remark" && /^[1-9][0-9]{0,5}$/.test(values.flex_most ?? "") ? [Number(values.flex_most)] : ends;
  const most = Math.max(0, ...stated);
  return most > 0 && most <= MAX_MAGNITUDE ? most : null;
}

function reportable(value) {
  return Math.abs(value ?? Infinity) <= MAX_MAGNITUDE ? value : null;
}
