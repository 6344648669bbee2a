// Keys that run commands: a letter or Escape where the user is not typing, and Enter where no control has the focus.

import { make } from "../dom.js";

const HANDLES_ENTER = "a, button, summary";
const TEXT_FIELDS = "input, select, textarea";

/** Return the command of a key, or null: `shortcuts` has commands by key, `enter` is that of Enter, if there is one.
 * Letters count by what the key types on a Latin keyboard, so that they work while Hangul is typed. */
export function commandOfKey(event, shortcuts, enter = null) {
  const { target, key, code } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || target.closest(TEXT_FIELDS)) return null;
  if (key === "Enter") return commandOfEnter(event, enter);
  if (event.repeat) return null;
  const typed = /^[^a-z]$/i.test(key) ? code.replace("Key", "") : key;
  return shortcuts[typed.length === 1 ? typed.toLowerCase() : typed] ?? null;
}

/** Write a button's text with its key, which touch screens hide. */
export function labelWithKey(element, text, key) {
  if (element.dataset.text === text + key) return;
  element.dataset.text = text + key;
  element.replaceChildren(text, ...(key === undefined ? [] : [make("kbd", { text: key, "aria-hidden": "true" })]));
  if (key !== undefined) element.setAttribute("aria-keyshortcuts", key === "Esc" ? "Escape" : key);
}

function commandOfEnter(event, enter) {
  if (event.repeat) {
    event.preventDefault(); // a held key would press a button repeatedly
    return null;
  }
  return event.target.closest(HANDLES_ENTER) ? null : enter;
}
