// What this browser keeps for the page between visits, as JSON. A browser may forbid storage: then a choice lasts until the
// page is reloaded.

/** Return what is kept under `key`, or null. */
export function readStored(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** Keep a value under `key`; null removes it. */
export function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Nothing is kept.
  }
}
