// The glove at a serial port of this computer, which this page reads itself (Web Serial). A port that the user granted is
// remembered, so that the glove is there again after the page was reloaded.

import { readStored, store } from "./browser_storage.js";
import { describePort, SerialGlove } from "./client/serial/serial_glove.js";
import { ServiceError } from "./client/wire.js";

export const BAUD_RATES = [9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600];

const KEY = "scaleglove.serial";
const PROFILES_KEY = "scaleglove.gloves"; // names of profiles by the description of the port
const WEARER_KEY = "scaleglove.wearer"; // whose profile is used
const MODEL_KEY = "scaleglove.model"; // the model that it is for
const PROFILE_REFUSALS = new Set(["unknown_glove", "no_glove_profile", "no_readings"]);
const WEARER_REFUSALS = new Set(["unknown_wearer", "no_profile", "profile_mismatch", "unknown_model"]);
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
  #stream = null; // the name of its stream
  #profiles = readStored(PROFILES_KEY) ?? {};
  #remembered = readStored(KEY);
  #wearer = readStored(WEARER_KEY);
  #model = readStored(MODEL_KEY); // null: the service's own choice

  /** What ended the last attempt: { obstacle } (a key of `connectObstacles`) or { problem, profile }, `profile` being the
   * name of a glove or a wearer whose profile the service refused; or null. */
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

  /** Whether a stream is that of this glove. */
  isReading(stream) {
    return this.#glove !== null && stream !== null && stream === this.#stream;
  }

  /** The name of the profile with which this glove is read, or null. */
  get profile() {
    return this.#profiles[this.#remembered?.port] ?? null;
  }

  /** Read this glove with a profile from now on, also after the next visit; with null, with none. */
  useProfile(name) {
    if (this.#remembered === null || name === this.profile) return;
    this.#rememberProfile(name);
    this.#glove?.useGlove(name ?? undefined);
  }

  /** Read this glove with the profile of a wearer for a model from now on, also after the next visit; with null, of none,
   * and until then with the model as before. */
  useWearer(name, model) {
    if (name === this.#wearer && model === this.#model) return;
    this.#rememberWearer(name, model);
    this.#glove?.useWearer(name ?? undefined, model ?? undefined);
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
    const glove = new SerialGlove(url, navigator.serial, port, {
      baudRate, token, glove: this.profile ?? undefined, wearer: this.#wearer ?? undefined,
      model: this.#model ?? undefined,
    });
    this.#glove = glove;
    try {
      await glove.run((message) => message.type === "started" && this.#begun(message.stream));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#failed({ code: error.code, detail: error.detail });
    } finally {
      this.#glove = this.#stream = null;
    }
  }

  #begun(stream) {
    this.#stream = stream;
    this.#started(stream);
  }

  /** Keep why it ended. A profile that was refused is forgotten, so that the glove can be read without one. */
  #failed(problem) {
    let profile = null;
    if (PROFILE_REFUSALS.has(problem.code)) profile = this.profile;
    if (profile !== null) this.#rememberProfile(null);
    if (WEARER_REFUSALS.has(problem.code)) {
      profile = this.#wearer;
      this.#rememberWearer(null, null);
    }
    this.failure = { problem, profile };
  }

  #rememberWearer(name, model) {
    this.#wearer = name;
    this.#model = model;
    store(WEARER_KEY, name);
    store(MODEL_KEY, model);
  }

  #rememberProfile(name) {
    const { [this.#remembered?.port]: _, ...others } = this.#profiles;
    this.#profiles = name === null ? others : { ...others, [this.#remembered.port]: name };
    store(PROFILES_KEY, this.#profiles);
  }

  #remember(chosen) {
    this.#remembered = chosen;
    store(KEY, chosen);
  }
}
