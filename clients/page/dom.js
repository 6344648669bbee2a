// The few ways in which the views touch the document. Each changes only what differs: a text that is set again would be
// read out again.

export const byId = (id) => document.getElementById(id);

/** An element with attributes (`class`, `for`, `aria-label`, ...; `text` is its text) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function button(text, attributes = {}) {
  return make("button", { type: "button", text, ...attributes });
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setData(element, key, value) {
  if (element.dataset[key] !== value) element.dataset[key] = value;
}

/** How full a bar is, 0 to 1; a meter is told too. */
export function setShare(bar, share) {
  bar.style.setProperty("--share", share.toFixed(3));
  if (bar.hasAttribute("aria-valuemin")) bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
}

/** Give the reader `blob` as a file. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

/** A name and its value, for a `dl`. */
export function pair(name, attributes = {}) {
  const term = make("dt", { text: name });
  const value = make("dd");
  return { entry: make("div", attributes, term, value), term, value };
}
