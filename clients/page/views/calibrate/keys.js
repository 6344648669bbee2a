// What the keys ask for. Letters by what they write on a Latin keyboard, so that they hold while Hangul is typed too.

const KEYS = { Escape: "stop", Backspace: "undo", u: "undo", s: "skip", c: "calibrate", k: "keep" };
const ENTER = { asking: "take", judged: "take", enough: "calibrate", worth: "goOn" };
const OWN_ENTER = "a, button, summary";
const TYPED_INTO = "input, select, textarea";

/** The command that a key asks for in this phase, or null where it is none of ours. */
export function commandOf(event, phase) {
  const { target, key, code } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || target.closest(TYPED_INTO)) return null;
  if (key === "Enter") return enter(event, phase);
  if (event.repeat) return null;
  const typed = /^[^a-z]$/i.test(key) ? code.replace("Key", "") : key;
  return KEYS[typed.length === 1 ? typed.toLowerCase() : typed] ?? null;
}

function enter(event, phase) {
  if (event.repeat) {
    event.preventDefault(); // a button would be pressed again and again
    return null;
  }
  return event.target.closest(OWN_ENTER) ? null : (ENTER[phase] ?? null);
}
