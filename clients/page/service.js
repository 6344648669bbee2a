// Requests to the service: they bring the token, errors come as the service words them, and what was asked is kept for
// the API view.

const TIMEOUT_MS = 15_000;
const CALLS_KEPT = 20;

/** An answer that is a refusal (RFC 9457), or none: then `status` is 0. */
export class ServiceError extends Error {
  constructor({ status = 0, code = "", detail = "", field = null }) {
    super(detail);
    Object.assign(this, { status, code, detail, field });
  }
}

export class Service {
  #base;
  #token;
  /** The last calls that a reader caused, each once: { method, path, body }, the newest first. */
  calls = [];

  /** `base` is the address of the page; `token` is one of token.js. */
  constructor(base, token) {
    this.#base = base;
    this.#token = token;
  }

  url(path) {
    return new URL(path.replace(/^\//, ""), this.#base);
  }

  /** Whether the service asks for a token. */
  get needsToken() {
    return this.#token.given;
  }

  /** For the client's own classes (client/scaleglove.js). */
  get address() {
    return { url: this.url("/").href, token: this.#token.text };
  }

  /** The subprotocols of a WebSocket to the service. */
  subprotocols() {
    return this.#token.subprotocols();
  }

  get(path) {
    return this.#ask("GET", path);
  }

  post(path, body = null) {
    return this.#ask("POST", path, body);
  }

  delete(path) {
    return this.#ask("DELETE", path);
  }

  /** As `post`, but again and again by the page itself: not kept among the calls. */
  async poll(path, body) {
    return read(await this.#send("POST", path, JSON.stringify(body), "application/json"));
  }

  /** An answer that is a file, as a Blob. */
  async download(path) {
    this.#keep("GET", path, null);
    const answer = await this.#send("GET", path, null, null);
    if (!answer.ok) await read(answer); // throws what it says
    return answer.blob();
  }

  /** Bytes of a media `type`: nothing that can be written down, so it is not kept among the calls. */
  async upload(path, bytes, type) {
    return read(await this.#send("POST", path, bytes, type));
  }

  async #ask(method, path, body = null) {
    this.#keep(method, path, body);
    const text = body === null ? null : JSON.stringify(body);
    return read(await this.#send(method, path, text, text === null ? null : "application/json"));
  }

  async #send(method, path, body, type) {
    const headers = this.#token.headers();
    if (type !== null) headers["Content-Type"] = type;
    try {
      return await fetch(this.url(path), { method, headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch {
      throw new ServiceError({}); // not reached, or too slow: there is nothing to quote
    }
  }

  #keep(method, path, body) {
    const isOther = (call) => call.method !== method || call.path !== path || JSON.stringify(call.body) !== JSON.stringify(body);
    this.calls = [{ method, path, body }, ...this.calls.filter(isOther)].slice(0, CALLS_KEPT);
  }
}

async function read(answer) {
  const text = await answer.text();
  let told = null;
  try {
    told = text === "" ? null : JSON.parse(text);
  } catch {
    throw new ServiceError({ status: answer.status });
  }
  if (!answer.ok) throw new ServiceError({ ...told, status: answer.status });
  return told;
}
