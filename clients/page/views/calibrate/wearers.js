// Requests about wearers and their examples.

export class Wearers {
  #service;

  constructor(service) {
    this.#service = service;
  }

  /** Return the names of all wearers. */
  async names() {
    const { wearers } = await this.#service.get("/v1/wearers");
    return wearers.map(({ wearer }) => wearer);
  }

  /** Return the wearer called `name`, who is created if there is none. */
  async open(name) {
    const known = await this.names();
    return known.includes(name.normalize("NFC")) ? this.read(name) : this.#service.post("/v1/wearers", { wearer: name });
  }

  read(name) {
    return this.#service.get(pathOf(name));
  }

  guide(name, letters) {
    return this.#service.get(`${pathOf(name)}/guide?letters=${encodeURIComponent(letters.join(""))}`);
  }

  /** Add the current hand shape of `stream` as an example of `label`. */
  addExample(name, label, stream) {
    return this.#service.post(`${pathOf(name)}/examples`, { label, stream });
  }

  removeExample(name, example) {
    return this.#service.delete(`${pathOf(name)}/examples/${example}`);
  }

  calibrate(name) {
    return this.#service.post(`${pathOf(name)}/calibrate`);
  }

  /** Return everything that the service keeps of the wearer, as a file. */
  export(name) {
    return this.#service.download(`${pathOf(name)}/export`);
  }

  activate(name, version) {
    return this.#service.post(`${pathOf(name)}/profiles/${version}/activate`);
  }
}

function pathOf(name) {
  return `/v1/wearers/${encodeURIComponent(name)}`;
}
