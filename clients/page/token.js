// The service's token, where it asks for one. It lives in this tab's session storage and nowhere else: it is gone when
// the tab is closed, and no other site and no other tab sees it.

import { authorization, subprotocols } from "./client/wire.js";

const KEY = "scaleglove.token";
const SPELLING = /^[\x21-\x7e]+$/; // what fits into a header; the service knows the rest of the rule

export class Token {
  #text = null;

  /** Takes `#token=...` out of the page's address, so that it stays neither there nor in the history. */
  constructor() {
    this.#text = stored();
    this.takeFromAddress();
  }

  /** Whether there is one to be tried. */
  get given() {
    return this.#text !== null;
  }

  /** Keep what a reader has typed; false, and nothing is kept, when it cannot be a token. */
  keep(text) {
    const trimmed = text.trim();
    const possible = SPELLING.test(trimmed);
    this.#store(possible ? trimmed : null);
    return possible;
  }

  forget() {
    this.#store(null);
  }

  /** Keep the token of the address, if there is one; true when there was. */
  takeFromAddress() {
    const fragment = /^#token=(.*)$/.exec(location.hash);
    if (fragment === null) return false;
    history.replaceState(history.state, "", location.pathname + location.search);
    this.keep(decoded(fragment[1]));
    return true;
  }

  /** Itself; undefined where there is none. */
  get text() {
    return this.#text ?? undefined;
  }

  /** The headers of a request. */
  headers() {
    return authorization(this.#text);
  }

  /** The subprotocols of a WebSocket, on which browsers set no headers. */
  subprotocols() {
    return subprotocols(this.#text);
  }

  #store(text) {
    this.#text = text;
    try {
      if (text === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, text);
    } catch {
      // A reader may forbid storage; then the token lasts until the page is loaded again.
    }
  }
}

function stored() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone per cent sign is no encoding
  }
}
