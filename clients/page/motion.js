// How often pictures that move are drawn for a user who asks for less motion.

const REDUCED_EVERY_MS = 500;

/** Return whether the user asks for less motion. */
export function isReduced() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Return whether a picture that was last drawn at `drawnAt` (ms) is to be drawn at `now`. */
export function isDue(now, drawnAt) {
  return now - drawnAt >= REDUCED_EVERY_MS || !isReduced();
}
