// The commands to a glove, as lines of ASCII: the same in both formats. Pure.

export const LABELS = "labels";
export const HEADER = "header";
export const COMMANDS = ["interval", "recal", "yawzero"];

const MIN_INTERVAL_MS = 1;
const MAX_INTERVAL_MS = 1000;

/** A command that no glove knows; `message` says how to write it. */
export class CommandError extends Error {
  name = "CommandError";
}

/**
 * Return the line of a command.
 * @param {string} name "interval" (with its milliseconds), "recal", "yawzero" or "header"
 * @param {number | null} intervalMs
 * @throws {CommandError} it is none of these, or its argument is missing or not allowed
 */
export function commandLine(name, intervalMs = null) {
  if (name === "interval") return `interval,${milliseconds(intervalMs ?? NaN)}`;
  if (name !== HEADER && !COMMANDS.includes(name)) {
    throw new CommandError(`unknown command "${String(name).slice(0, 40)}"; use ${COMMANDS.join(", ")} or ${HEADER}`);
  }
  if (intervalMs !== null) throw new CommandError(`${name} takes no milliseconds: only interval does`);
  return name;
}

/** Write a time between frames to a thousandth of a millisecond, without trailing zeros. */
function milliseconds(ms) {
  if (!(ms >= MIN_INTERVAL_MS && ms <= MAX_INTERVAL_MS)) {
    throw new CommandError(`interval must be ${MIN_INTERVAL_MS} to ${MAX_INTERVAL_MS} milliseconds, not ${ms}`);
  }
  return String(Number(ms.toFixed(3)));
}
