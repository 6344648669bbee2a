// Requests about what the service keeps by name, with versions of a profile: wearers and gloves.

export class NamedProfiles {
  /** `kind` is "wearer" or "glove". */
  constructor(service, kind) {
    this.service = service;
    this.kind = kind;
    this.root = `/v1/${kind}s`;
  }

  /** Return all names. */
  async names() {
    const listed = await this.service.get(this.root);
    return listed[`${this.kind}s`].map((each) => each[this.kind]);
  }

  /** Return the one called `name`, which is created if there is none. */
  async open(name) {
    const known = await this.names();
    return known.includes(name.normalize("NFC")) ? this.read(name) : this.service.post(this.root, { [this.kind]: name });
  }

  read(name) {
    return this.service.get(this.path(name));
  }

  activate(name, version) {
    return this.service.post(`${this.path(name)}/profiles/${version}/activate`);
  }

  remove(name) {
    return this.service.delete(this.path(name));
  }

  /** Return everything that the service keeps of this name, as a file. */
  export(name) {
    return this.service.download(`${this.path(name)}/export`);
  }

  /** Import such a file; `replace` an existing one of its name. */
  import(file, replace) {
    return this.service.upload(`${this.root}/import${replace ? "?replace=true" : ""}`, file, "application/json");
  }

  path(name) {
    return `${this.root}/${encodeURIComponent(name)}`;
  }
}
