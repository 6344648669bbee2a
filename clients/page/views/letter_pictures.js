// Pictures of hand shapes: letters as the service describes them, and rest.

import { ServiceError } from "../client/wire.js";
import { ARM_DOWN, REST } from "../glove.js";

const UNPROCESSABLE = 422;
const YAW = 7; // it drifts while the hand is still and says nothing about a letter
const LOOSE_FINGERS = [800, 795, 808, 819, 828];

export class LetterPictures {
  #frames = new Map();
  #vocabulary = null; // of the frames

  /** Return the labels of the service's default model in order, which a calibration is for. */
  async letters(service) {
    const { default: model } = await service.peek("/v1/models");
    const { labels, vocabulary } = await service.peek(`/v1/models/${encodeURIComponent(model)}`);
    if (vocabulary.name !== this.#vocabulary) this.#frames = await framesOf(service, vocabulary.name);
    this.#vocabulary = vocabulary.name;
    return labels;
  }

  /** Return the frame to draw for a target { label, again }, or null where there is none. */
  frameOf({ label, again = false }) {
    if (label === REST) return [...LOOSE_FINGERS, ...(again ? [ARM_DOWN.pitch, ARM_DOWN.roll, 0] : [0, 0, 0])];
    return this.#frames.has(label) ? withoutYaw(this.#frames.get(label)) : null;
  }
}

/** Return the frame of each label, none where the service has no pictures of the vocabulary. */
async function framesOf(service, vocabulary) {
  try {
    const { letters } = await service.get(`/v1/letters?vocabulary=${encodeURIComponent(vocabulary)}`);
    return new Map(letters.map(({ label, frame }) => [label, frame]));
  } catch (error) {
    if (!(error instanceof ServiceError) || error.status !== UNPROCESSABLE) throw error;
    return new Map();
  }
}

/** Return a frame with a yaw of 0, so that two hands can be compared. */
export function withoutYaw(frame) {
  return frame.with(YAW, 0);
}
