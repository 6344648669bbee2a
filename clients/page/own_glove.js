// The glove at a serial port of this computer, which this page reads itself (Web Serial). A port that the user granted is
// remembered, so that the glove is there again after the page was reloaded.

import { readStored, store } from "./browser_storage.js";
import { describePort, SerialGlove } from "./client/serial/serial_glove.js";
import { ServiceError } from "./client/wire.js";

export const BAUD_RATES = [9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600];

const KEY = "scaleglove.serial";
const USUAL_BAUD_RATE = 115_200;

/** Why this page cannot read a serial port: "insecure" (an address without https that is not this computer's own),
 * "unsupported" (a browser without Web Serial), or null where it can. */
export function obstacle() {
  if (!window.isSecureContext) return "insecure";
  return "serial" in navigator ? null : "unsupported";
}

export class OwnGlove {
  #service;
  #started;
  #glove = null;
  #remembered = readStored(KEY);

  /** What ended the last attempt: { obstacle } (a key of `connectObstacles`) or { problem }; or null. */
  failure = null;

  /** `service` is the page's Service; `started` is called with the name of each stream of this glove. */
  constructor(service, started) {
    this.#service = service;
    this.#started = started;
  }

  /** Whether a port is in use, also while its glove is unplugged. */
  get isConnected() {
    return this.#glove !== null;
  }

  get baudRate() {
    return BAUD_RATES.includes(this.#remembered?.baudRate) ? this.#remembered.baudRate : USUAL_BAUD_RATE;
  }

  /** Let the user choose a port, and read it. Browsers require that this answers a click or a key. */
  async connect(baudRate) {
    this.failure = null;
    let port;
    try {
      port = await navigator.serial.requestPort();
    } catch (error) {
      // NotFoundError: the user closed the browser's list without a choice.
      if (error.name !== "NotFoundError") this.failure = { obstacle: "blocked" };
      return;
    }
    this.#remember({ baudRate, port: describePort(port) });
    await this.#read(port, baudRate);
  }

  /** Read the remembered port, if the browser still grants it. */
  async resume() {
    if (obstacle() !== null || this.#remembered === null) return;
    const ports = await navigator.serial.getPorts();
    const port = ports.find((each) => describePort(each) === this.#remembered.port);
    if (port !== undefined) await this.#read(port, this.baudRate);
  }

  /** Close the port, so that another program can open it. */
  async disconnect() {
    this.#remember(null);
    await this.#glove?.stop();
  }

  async #read(port, baudRate) {
    const { url, token } = this.#service.address;
    const glove = new SerialGlove(url, navigator.serial, port, { baudRate, token });
    this.#glove = glove;
    try {
      await glove.run((message) => message.type === "started" && this.#started(message.stream));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.failure = { problem: { code: error.code, detail: error.detail } };
    } finally {
      this.#glove = null;
    }
  }

  #remember(chosen) {
    this.#remembered = chosen;
    store(KEY, chosen);
  }
}
