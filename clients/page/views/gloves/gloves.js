// Requests about gloves: their check and their profiles.

import { NamedProfiles } from "../named_profiles.js";

export class Gloves extends NamedProfiles {
  constructor(service) {
    super(service, "glove");
  }

  /** Return what the service finds in the frames of each step so far: { findings, needed }. */
  judge(steps, hand) {
    return this.#send("/v1/glove-checks", steps, hand);
  }

  /** Make the next profile of the glove called `name`, which is created if there is none. */
  async calibrate(name, steps, hand) {
    const { glove } = await this.open(name);
    return { glove, ...(await this.#send(`${this.path(glove)}/calibrate`, steps, hand)) };
  }

  /** Tie the glove to its board, by which a bridge knows it again. */
  tie(name, usb) {
    return this.service.put(`${this.path(name)}/usb`, { usb });
  }

  #send(path, steps, hand) {
    return this.service.upload(path, JSON.stringify({ hand, steps }), "application/json");
  }
}
