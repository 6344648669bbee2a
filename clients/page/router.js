// Shows the view that the fragment of the address names.

import { byId } from "./dom.js";

export class Router {
  #views;
  #name = null;
  #onShow;

  /** `views` by name, the first of which is the default; `onShow` is called with the name of the view on show. */
  constructor(views, onShow) {
    this.#views = views;
    this.#onShow = onShow;
    window.addEventListener("hashchange", () => this.route());
  }

  /** The view on show. */
  get view() {
    return this.#views[this.#name];
  }

  /** Show the view that the address names. */
  route() {
    const [first] = Object.keys(this.#views);
    const fragment = location.hash.slice(1);
    const name = Object.hasOwn(this.#views, fragment) ? fragment : first;
    if (name === this.#name) return;
    this.view?.hide();
    this.#name = name;
    for (const each of Object.keys(this.#views)) byId(`view-${each}`).hidden = each !== name;
    this.view.show();
    this.#onShow(name);
  }
}
