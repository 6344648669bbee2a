// The transcript: the line, its edits, and the last word where the language has changed it, which can be taken back.

import { button, byId, make, setData, setText } from "../../dom.js";
import { Line } from "../../line.js";
import { isChanged } from "../../words.js";

export class Transcript {
  #messages;
  #line = new Line(byId("transcript"));
  #rendered = null; // the `word` message on show
  #shown = make("span", { "aria-hidden": "true" });
  #spoken = make("span", { class: "visually-hidden" });
  #note = make("p", { role: "status", tabindex: "-1", "data-testid": "word" }, this.#shown, this.#spoken);
  #asSigned = button("", { "data-edit": "as_signed", hidden: true });

  /** `editText` is called with the edit that the user asks for. */
  constructor(editText) {
    byId("word").append(this.#note, this.#asSigned);
    markLong(byId("transcript"));
    for (const part of [byId("edits"), byId("word")]) {
      part.addEventListener("click", ({ target }) => {
        const { edit } = target.dataset;
        if (edit !== undefined) editText(edit);
      });
    }
  }

  setMessages({ live }) {
    this.#messages = live;
    setText(this.#asSigned, live.editAsSigned);
    this.#renderWord(this.#rendered);
  }

  /** Show the line in `language`, with the last word of the state. */
  render({ text, word }, language) {
    this.#line.render(text, word, language);
    if (word !== this.#rendered) this.#renderWord(word);
  }

  #renderWord(word) {
    this.#rendered = word;
    const [shown, spoken] = word === null ? ["", ""] : this.#describe(word);
    setText(this.#shown, shown);
    setText(this.#spoken, spoken);
    const hadFocus = document.activeElement === this.#asSigned;
    this.#asSigned.hidden = !isChanged(word);
    // What is gone cannot keep the focus. Not to the next button: a second press would clear the line.
    if (hadFocus && this.#asSigned.hidden) this.#note.focus();
  }

  #describe(word) {
    const { changed, changedSpoken, leftOut, takenBack } = this.#messages.words;
    if (!isChanged(word)) return [takenBack(word.written), takenBack(word.written)];
    if (!word.written) return [leftOut(word.signed), leftOut(word.signed)];
    return [changed(word.signed, word.written), changedSpoken(word.signed, word.written)];
  }
}

/** Keep `data-long` of what a text is shown in: whether it is wider than its frame. */
function markLong(text) {
  const frame = text.parentElement;
  const watcher = new ResizeObserver(() => setData(frame, "long", String(text.offsetWidth > frame.clientWidth)));
  watcher.observe(text);
  watcher.observe(frame);
}
