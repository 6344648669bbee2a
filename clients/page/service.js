// Requests to the service with the token. The latest are kept for the API view.

import { pageOrigin, ServiceError } from "./client/wire.js";

const TIMEOUT_MS = 15_000;
const CALLS_KEPT = 20;

const NO_ANSWER = { code: "cannot_connect", detail: "" }; // describeProblem has the text

/** Wait for a request and return null, or the problem { code, detail } with which it failed. Other errors are thrown. */
export async function problemOf(request) {
  try {
    await request;
    return null;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { code: error.code, detail: error.detail };
  }
}

export class Service {
  #base;
  #token;
  /** The latest requests of the user, each once, newest first: { method, path, body }. */
  calls = [];

  /** `base` is the address of the page, `token` a Token. */
  constructor(base, token) {
    this.#base = base;
    this.#token = token;
  }

  url(path) {
    return new URL(path.replace(/^\//, ""), this.#base);
  }

  /** Whether a token is sent. */
  get needsToken() {
    return this.#token.given;
  }

  /** The arguments for the classes of client/scaleglove.js. */
  get address() {
    return { url: this.url("/").href, token: this.#token.text };
  }

  /** Return the subprotocols of a WebSocket to the service. */
  subprotocols() {
    return this.#token.subprotocols();
  }

  get(path) {
    return this.#request("GET", path);
  }

  /** Get what the page itself needs: it is not kept for the API view. */
  async peek(path) {
    return read(await this.#send("GET", path, null, null));
  }

  post(path, body = null) {
    return this.#request("POST", path, body);
  }

  put(path, body) {
    return this.#request("PUT", path, body);
  }

  delete(path) {
    return this.#request("DELETE", path);
  }

  /** Get a file as a Blob. */
  async download(path) {
    this.#keep("GET", path, null);
    const response = await this.#send("GET", path, null, null);
    if (!response.ok) await read(response); // throws
    return response.blob();
  }

  /** Post a body of a media `type` that is no text or too long to be shown: it is not kept for the API view. */
  async upload(path, bytes, type) {
    return read(await this.#send("POST", path, bytes, type));
  }

  async #request(method, path, body = null) {
    this.#keep(method, path, body);
    const text = body === null ? null : JSON.stringify(body);
    return read(await this.#send(method, path, text, text === null ? null : "application/json"));
  }

  async #send(method, path, body, type) {
    const headers = { ...pageOrigin(this.url(path)), ...this.#token.headers() };
    if (type !== null) headers["Content-Type"] = type;
    try {
      return await fetch(this.url(path), { method, headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch {
      throw new ServiceError(NO_ANSWER); // not reachable, or too slow
    }
  }

  #keep(method, path, body) {
    const isOther = (call) => call.method !== method || call.path !== path || JSON.stringify(call.body) !== JSON.stringify(body);
    this.calls = [{ method, path, body }, ...this.calls.filter(isOther)].slice(0, CALLS_KEPT);
  }
}

async function read(response) {
  const text = await response.text();
  let content = null;
  try {
    content = text === "" ? null : JSON.parse(text);
  } catch {
    throw new ServiceError({ ...NO_ANSWER, status: response.status });
  }
  if (!response.ok) throw new ServiceError({ ...NO_ANSWER, ...content, status: response.status });
  return content;
}
