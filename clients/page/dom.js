// Helpers for the document. The setters change only what differs: a screen reader would read the same text again.

export const byId = (id) => document.getElementById(id);

/** Make an element with attributes (`class`, `for`, `aria-label`, ...; `text` is its text) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Make a button with a text. */
export function button(text, attributes = {}) {
  return make("button", { type: "button", text, ...attributes });
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setData(element, key, value) {
  if (element.dataset[key] !== value) element.dataset[key] = value;
}

/** Set how full a bar is, 0 to 1, and the value of a meter. */
export function setShare(bar, share) {
  const width = share.toFixed(3);
  if (bar.style.getPropertyValue("--share") === width) return;
  bar.style.setProperty("--share", width);
  if (bar.hasAttribute("aria-valuemin")) bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
}

/** Download `blob` as a file. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

/** Make an entry of a `dl`: { entry, term, value }. */
export function pair(name, attributes = {}) {
  const term = make("dt", { text: name });
  const value = make("dd");
  return { entry: make("div", attributes, term, value), term, value };
}
