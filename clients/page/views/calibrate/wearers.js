// Requests about wearers and their examples.

import { NamedProfiles } from "../named_profiles.js";

export class Wearers extends NamedProfiles {
  constructor(service) {
    super(service, "wearer");
  }

  guide(name, letters) {
    return this.service.get(`${this.path(name)}/guide?letters=${encodeURIComponent(letters.join(""))}`);
  }

  /** Add the current hand shape of `stream` as an example of `label`. */
  addExample(name, label, stream) {
    return this.service.post(`${this.path(name)}/examples`, { label, stream });
  }

  removeExample(name, example) {
    return this.service.delete(`${this.path(name)}/examples/${example}`);
  }

  calibrate(name, glove) {
    return this.service.post(`${this.path(name)}/calibrate`, glove === null ? undefined : { glove });
  }
}
