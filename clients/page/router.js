// Which view is shown: the part of the address after #.

export class Router {
  #views;
  #shown = null;
  #onShow;

  /** `views` by name, the first being where one begins; `onShow` hears the name of what is shown. */
  constructor(views, onShow) {
    this.#views = views;
    this.#onShow = onShow;
    window.addEventListener("hashchange", () => this.go());
  }

  get view() {
    return this.#views[this.#shown];
  }

  /** Show what the address asks for. */
  go() {
    const [first] = Object.keys(this.#views);
    const asked = location.hash.slice(1);
    const name = Object.hasOwn(this.#views, asked) ? asked : first;
    if (name === this.#shown) return;
    this.view?.hide();
    this.#shown = name;
    for (const each of Object.keys(this.#views)) document.getElementById(`view-${each}`).hidden = each !== name;
    this.view.show();
    this.#onShow(name);
  }
}
