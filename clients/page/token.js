// The token of a service that needs one. It is kept in the session storage of this tab alone: closing the tab removes it,
// and no other site or tab can read it.

import { authorization, subprotocols } from "./client/wire.js";

const KEY = "scaleglove.token";
const SPELLING = /^[\x21-\x7e]+$/; // what fits into a header; the service checks the rest

export class Token {
  #text = null;

  /** Take `#token=...` out of the page's address, so that it stays neither there nor in the browser's history. */
  constructor() {
    this.#text = stored();
    this.takeFromAddress();
  }

  /** Whether there is a token. */
  get given() {
    return this.#text !== null;
  }

  /** Keep the text that the user typed; return false, and keep nothing, when it cannot be a token. */
  keep(text) {
    const trimmed = text.trim();
    const isPossible = SPELLING.test(trimmed);
    this.#store(isPossible ? trimmed : null);
    return isPossible;
  }

  forget() {
    this.#store(null);
  }

  /** Keep the token of the address and return true, if there is one. */
  takeFromAddress() {
    const fragment = /^#token=(.*)$/.exec(location.hash);
    if (fragment === null) return false;
    history.replaceState(history.state, "", location.pathname + location.search);
    this.keep(decoded(fragment[1]));
    return true;
  }

  /** The token, or undefined. */
  get text() {
    return this.#text ?? undefined;
  }

  /** Return the headers that carry the token. */
  headers() {
    return authorization(this.#text);
  }

  /** Return the subprotocols that carry the token: browsers set no headers on a WebSocket. */
  subprotocols() {
    return subprotocols(this.#text);
  }

  #store(text) {
    this.#text = text;
    try {
      if (text === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, text);
    } catch {
      // The browser may forbid storage. Then the token lasts until the page is reloaded.
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
    return text; // a lone percent sign is not an encoding
  }
}
