// What the page just did, as programs: copy-ready curl, Python and JavaScript.

import { button, make, setText } from "../dom.js";
import { EXAMPLES, requestIn, sendingIn, watchingIn } from "../examples.js";

const COPIED_MS = 2000;

export class ApiView {
  #page;
  #root;
  #words;
  #language = "curl";
  #shown = "";

  constructor(root, page) {
    this.#root = root;
    this.#page = page;
  }

  show() {
    this.#shown = "";
  }

  hide() {}

  setWords(words) {
    this.#words = words.api;
    this.#shown = "";
  }

  render(state) {
    const { service } = this.#page;
    const key = JSON.stringify([this.#language, state.following, state.streams.length > 0, service.calls, service.needsToken]);
    if (key === this.#shown) return;
    this.#shown = key;
    const focused = document.activeElement?.id;
    this.#root.replaceChildren(...this.#content(state.following));
    if (focused) document.getElementById(focused)?.focus();
  }

  #content(stream) {
    const { heading, intro, watching, watchingNone, sending, calls, noCalls, tokenNote } = this.#words;
    const { service } = this.#page;
    const at = { base: service.url("/").href.replace(/\/$/, ""), token: service.needsToken };
    const asked = service.calls.map((call) => this.#example(`${call.method} ${call.path}`, requestIn(this.#language, at, call)));
    const described = make("a", { href: service.url("/openapi.json").href, text: "/openapi.json" });
    const messages = make("a", { href: service.url("/asyncapi.json").href, text: "/asyncapi.json" });
    return [
      make(
        "section",
        { class: "card", "aria-labelledby": "api-heading" },
        make("h2", { id: "api-heading", text: heading }),
        make("p", { class: "quiet", text: `${intro} ` }, described, ", ", messages),
        this.#choice(),
        at.token ? make("p", { class: "quiet", text: tokenNote }) : "",
        this.#example(stream === null ? watchingNone : watching, watchingIn(this.#language, at, stream ?? "STREAM")),
        this.#example(sending, sendingIn(this.#language, at)),
      ),
      make(
        "section",
        { class: "card", "aria-labelledby": "calls-heading" },
        make("h2", { id: "calls-heading", text: calls }),
        ...(asked.length === 0 ? [make("p", { class: "quiet", text: noCalls })] : asked),
      ),
    ];
  }

  #choice() {
    const group = make("div", { class: "choice", role: "group", "aria-label": this.#words.language });
    for (const [name, title] of Object.entries(EXAMPLES)) {
      const each = button(title, { id: `in-${name}`, "aria-pressed": String(name === this.#language) });
      each.addEventListener("click", () => {
        this.#language = name;
      });
      group.append(each);
    }
    return group;
  }

  #example(title, text) {
    const copy = button(this.#words.copy, { "aria-label": `${this.#words.copy}: ${title}` });
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        setText(copy, this.#words.copied);
      } catch {
        setText(copy, this.#words.copyFailed);
      }
      setTimeout(() => setText(copy, this.#words.copy), COPIED_MS);
    });
    const head = make("figcaption", {}, make("h3", { text: title }), copy);
    return make("figure", { class: "example" }, head, make("pre", { tabindex: "0" }, make("code", { text })));
  }
}
