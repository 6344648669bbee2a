// How the hand looks that is asked for: of letters as the service tells them, of rest our own.

import { REST } from "./calibrating.js";

const YAW = 7; // turns by itself while the hand is still, and says nothing of a letter
const LOOSE_FINGERS = [800, 795, 808, 819, 828];
const FOREARM_LEVEL = [0, 0, 0];
const ARM_DOWN = [-75, 100, 0];

export class Pictures {
  #frames = new Map();

  /** All letters, in their order; the service is asked once. */
  async letters(service) {
    if (this.#frames.size === 0) {
      const { letters } = await service.get("/v1/letters");
      this.#frames = new Map(letters.map(({ label, frame }) => [label, frame]));
    }
    return [...this.#frames.keys()];
  }

  /** A frame to be drawn, or null where there is none. */
  of({ label, again }) {
    if (label === REST) return [...LOOSE_FINGERS, ...(again ? ARM_DOWN : FOREARM_LEVEL)];
    return this.#frames.has(label) ? unturned(this.#frames.get(label)) : null;
  }
}

/** A frame as if its yaw were none, so that two hands can be compared. */
export function unturned(frame) {
  return frame.with(YAW, 0);
}
