// Which hand shapes the letters of the line are of, and of whom. Pure.

/** Return the wearer whose hand the stream on show is of: whom `started` names, by default the one last `opened` to be
 * calibrated, or null. */
export function wearerOf(started, opened) {
  return started?.wearer ?? opened ?? null;
}

/** Return the newest gestures that spell `letters`, { label, shape }, or null where others do; `shape` is null where it is
 * not known, as before an edit of the line. */
export function signedAs(letters, gestures) {
  const signed = [];
  for (let left = letters, index = gestures.length - 1; left !== ""; index -= 1) {
    if (index < 0 || !left.endsWith(gestures[index].label)) return null;
    const { label, shape } = gestures[index];
    signed.unshift({ label, shape });
    left = left.slice(0, left.length - label.length);
  }
  return signed;
}
