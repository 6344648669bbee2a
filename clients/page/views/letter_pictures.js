// Pictures of hand shapes: letters as the service describes them, rest, and what a wearer has shown of any other label.

import { ServiceError } from "../client/wire.js";
import { ARM_DOWN, REST, interpolate } from "../glove.js";

const UNPROCESSABLE = 422;
const YAW = 7; // it drifts while the hand is still and says nothing about a letter
const LOOSE_FINGERS = [800, 795, 808, 819, 828];
const PAUSE_S = 0.8; // between two passes of a sign that moves

export class LetterPictures {
  #shapes = new Map(); // { frame, path, seconds } by label
  #shown = new Map(); // { mean, count } by label
  #vocabulary = null; // of the shapes

  /** Return { model, vocabulary } of the model with this name, by default the service's, and get its pictures. */
  async read(service, name = null) {
    const model = name ?? (await service.peek("/v1/models")).default;
    const { vocabulary } = await service.peek(`/v1/models/${encodeURIComponent(model)}`);
    if (vocabulary.name !== this.#vocabulary) this.#shapes = await shapesOf(service, vocabulary.name);
    this.#vocabulary = vocabulary.name;
    return { model, vocabulary };
  }

  /** Take the hand that was just shown for `label`: labels that the service has no picture of are drawn by the mean. */
  show(label, frame) {
    const { mean, count } = this.#shown.get(label) ?? { mean: frame, count: 0 };
    this.#shown.set(label, { mean: interpolate(mean, frame, 1 / (count + 1)), count: count + 1 });
  }

  /** Forget what was shown of a label: some of it was undone or deleted. */
  forget(label) {
    this.#shown.delete(label);
  }

  /** Forget what was shown: the next hand is another one. */
  clear() {
    this.#shown.clear();
  }

  /** Return the frame to draw at `seconds` for a target { label, again }, or null where there is none. */
  frameOf({ label, again = false }, seconds = 0) {
    if (label === REST) return [...LOOSE_FINGERS, ...(again ? [ARM_DOWN.pitch, ARM_DOWN.roll, 0] : [0, 0, 0])];
    const shape = this.#shapes.get(label);
    const frame = shape === undefined ? this.#shown.get(label)?.mean : frameAt(shape, seconds);
    return frame === undefined ? null : withoutYaw(frame);
  }
}

/** Return where a sign is at `seconds`: one that moves goes along its path again and again. */
function frameAt({ frame, path, seconds: duration }, seconds) {
  if (path.length < 2) return frame;
  const share = Math.min(1, (seconds % (duration + PAUSE_S)) / duration);
  const position = share * (path.length - 1);
  const step = Math.min(Math.floor(position), path.length - 2);
  return interpolate(path[step], path[step + 1], position - step);
}

/** Return the shape of each label, { frame, path, seconds }, none where the service has no pictures of the vocabulary. */
export async function shapesOf(service, vocabulary) {
  try {
    const { letters } = await service.get(`/v1/letters?vocabulary=${encodeURIComponent(vocabulary)}`);
    return new Map(letters.map(({ label, frame, path = [], seconds = 0 }) => [label, { frame, path, seconds }]));
  } catch (error) {
    if (!(error instanceof ServiceError) || error.status !== UNPROCESSABLE) throw error;
    return new Map();
  }
}

/** Return a frame with a yaw of 0, so that two hands can be compared. */
export function withoutYaw(frame) {
  return frame.with(YAW, 0);
}
