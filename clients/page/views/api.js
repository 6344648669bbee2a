// The API view: example programs in curl, Python and JavaScript for what the page does.

import { button, make, setText } from "../dom.js";
import { LANGUAGES, requestExample, sendExample, watchExample } from "../examples.js";

const COPIED_MS = 2000;

export class ApiView {
  #page;
  #root;
  #messages;
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

  setMessages(messages) {
    this.#messages = messages.api;
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
    const { heading, intro, watching, watchingNone, sending, calls: callsHeading, noCalls, tokenNote } = this.#messages;
    const { service } = this.#page;
    const server = { base: service.url("/").href.replace(/\/$/, ""), token: service.needsToken };
    const calls = service.calls.map((call) => this.#example(`${call.method} ${call.path}`, requestExample(this.#language, server, call)));
    const openapi = make("a", { href: service.url("/openapi.json").href, text: "/openapi.json" });
    const asyncapi = make("a", { href: service.url("/asyncapi.json").href, text: "/asyncapi.json" });
    return [
      make(
        "section",
        { class: "card", "aria-labelledby": "api-heading" },
        make("h2", { id: "api-heading", text: heading }),
        make("p", { class: "muted", text: `${intro} ` }, openapi, ", ", asyncapi),
        this.#choice(),
        server.token ? make("p", { class: "muted", text: tokenNote }) : "",
        this.#example(stream === null ? watchingNone : watching, watchExample(this.#language, server, stream ?? "STREAM")),
        this.#example(sending, sendExample(this.#language, server)),
      ),
      make(
        "section",
        { class: "card", "aria-labelledby": "calls-heading" },
        make("h2", { id: "calls-heading", text: callsHeading }),
        ...(calls.length === 0 ? [make("p", { class: "muted", text: noCalls })] : calls),
      ),
    ];
  }

  #choice() {
    const group = make("div", { class: "choice", role: "group", "aria-label": this.#messages.language });
    for (const [name, title] of Object.entries(LANGUAGES)) {
      const each = button(title, { id: `in-${name}`, "aria-pressed": String(name === this.#language) });
      each.addEventListener("click", () => {
        this.#language = name;
      });
      group.append(each);
    }
    return group;
  }

  #example(title, text) {
    const copy = button(this.#messages.copy, { "aria-label": `${this.#messages.copy}: ${title}` });
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        setText(copy, this.#messages.copied);
      } catch {
        setText(copy, this.#messages.copyFailed);
      }
      setTimeout(() => setText(copy, this.#messages.copy), COPIED_MS);
    });
    const head = make("figcaption", {}, make("h3", { text: title }), copy);
    return make("figure", { class: "example" }, head, make("pre", { tabindex: "0" }, make("code", { text })));
  }
}
