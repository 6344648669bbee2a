// Pictures of hand shapes: letters as the service describes them, and rest.

import { ARM_DOWN, REST } from "../glove.js";

const YAW = 7; // it drifts while the hand is still and says nothing about a letter
const LOOSE_FINGERS = [800, 795, 808, 819, 828];

export class LetterPictures {
  #frames = new Map();

  /** Return all letters in order; the service is asked once. */
  async letters(service) {
    if (this.#frames.size === 0) {
      const { letters } = await service.get("/v1/letters");
      this.#frames = new Map(letters.map(({ label, frame }) => [label, frame]));
    }
    return [...this.#frames.keys()];
  }

  /** Return the frame to draw for a target { label, again }, or null where there is none. */
  frameOf({ label, again = false }) {
    if (label === REST) return [...LOOSE_FINGERS, ...(again ? [ARM_DOWN.pitch, ARM_DOWN.roll, 0] : [0, 0, 0])];
    return this.#frames.has(label) ? withoutYaw(this.#frames.get(label)) : null;
  }
}

/** Return a frame with a yaw of 0, so that two hands can be compared. */
export function withoutYaw(frame) {
  return frame.with(YAW, 0);
}
