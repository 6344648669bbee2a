// Facts about the glove and its networks that several modules share. Pure; in the page and in its worker.

export { CHANNELS } from "./client/wire.js";

export const FIRST_ANGLE = 5; // the channels before it are flex sensors, those from it on are angles in degrees
export const REST = "rest"; // the label of a hand that shows no letter
export const SCALES = [3, 5, 7]; // the time scales of every model, in frames
export const MAX_GAP_MS = 250; // as in the service: frames further apart are not interpolated

/** Pitch and roll of a hand whose arm hangs down, in degrees. */
export const ARM_DOWN = { pitch: -75, roll: 100 };

/** Wrap an angle to [-180, 180) degrees. */
export function wrapAngle(degrees) {
  return degrees >= -180 && degrees < 180 ? degrees : degrees - 360 * Math.floor((degrees + 180) / 360);
}

/** Return frame `start` moved by `fraction` towards `end`: flex values in a straight line, angles the shorter way. */
export function interpolate(start, end, fraction) {
  return start.map((value, channel) => {
    const change = end[channel] - value;
    return channel < FIRST_ANGLE ? value + fraction * change : wrapAngle(value + fraction * wrapAngle(change));
  });
}
