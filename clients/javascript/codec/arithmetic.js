// Arithmetic in which JavaScript and the other decoders of the link differ. Pure.

/** Round to a whole number, a half to the even one. */
export function roundHalfEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest < 0.5 ? below : below + 1;
}

/** Return the remainder with the sign of the divisor, which is positive. */
export function modulo(value, divisor) {
  return ((value % divisor) + divisor) % divisor;
}
