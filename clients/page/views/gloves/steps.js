// The steps of a glove's check, in the order in which they are shown. Pure.

import { handShape } from "../../hand.js";

export const FINGERS = ["thumb", "index", "middle", "ring", "little"];
export const STEPS = ["open", "fist", ...FINGERS, "up", "sideways", "down"];

const LETTER_OF_POSE = { up: "ㅏ", sideways: "ㅓ", down: "ㅜ" };
const POINTING = [1, 0, 1, 1, 1]; // bends, thumb first

/** Return the frame to draw for a step; `pictures` is a LetterPictures. */
export function pictureOf(step, pictures) {
  const letter = LETTER_OF_POSE[step];
  if (letter !== undefined) return pictures.frameOf({ label: letter }) ?? handShape(POINTING);
  return handShape(FINGERS.map((finger) => (step === "fist" || step === finger ? 1 : 0)));
}
