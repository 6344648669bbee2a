// The calls of the service about wearers: docs/wearers.md.

export class Wearers {
  #service;

  constructor(service) {
    this.#service = service;
  }

  /** The names of all. */
  async names() {
    const { wearers } = await this.#service.get("/v1/wearers");
    return wearers.map(({ wearer }) => wearer);
  }

  /** What is kept of her; she is new where nobody is called so. */
  async open(name) {
    const known = await this.names();
    return known.includes(name.normalize("NFC")) ? this.read(name) : this.#service.post("/v1/wearers", { wearer: name });
  }

  read(name) {
    return this.#service.get(at(name));
  }

  guide(name, letters) {
    return this.#service.get(`${at(name)}/guide?letters=${encodeURIComponent(letters.join(""))}`);
  }

  /** Keep what the hand of `stream` does now. */
  show(name, label, stream) {
    return this.#service.post(`${at(name)}/examples`, { label, stream });
  }

  takeBack(name, example) {
    return this.#service.delete(`${at(name)}/examples/${example}`);
  }

  calibrate(name) {
    return this.#service.post(`${at(name)}/calibrate`);
  }

  /** All that is kept of her, as a file. */
  export(name) {
    return this.#service.download(`${at(name)}/export`);
  }

  activate(name, version) {
    return this.#service.post(`${at(name)}/profiles/${version}/activate`);
  }
}

function at(name) {
  return `/v1/wearers/${encodeURIComponent(name)}`;
}
