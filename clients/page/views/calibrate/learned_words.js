// What the words of the stream have shown of the hand: kept as examples of the wearer, and taken away again.

import { button, make, setText } from "../../dom.js";
import { labelWithKey } from "../shortcuts.js";
import { isPossible, keptWords } from "./session.js";

export class LearnedWords {
  #messages;
  #session = null;
  #heading = make("h2", { id: "calibrate-words" });
  #intro = make("p", { class: "muted" });
  #learned = make("p", { "data-testid": "words-learned" });
  #kept = make("p", { class: "muted", role: "status", "data-testid": "words-kept" });
  #keep = button("", { id: "words-keep" });
  #forget = button("", { id: "words-forget" });

  /** `run` is called with `keepWords` or `forgetWords`. */
  constructor(run) {
    this.element = make(
      "section", { class: "card learned-words", "aria-labelledby": "calibrate-words" },
      this.#heading, this.#intro, this.#learned, this.#kept, make("div", { class: "buttons" }, this.#keep, this.#forget),
    );
    this.#keep.addEventListener("click", () => run("keepWords"));
    this.#forget.addEventListener("click", () => run("forgetWords"));
  }

  setMessages(messages) {
    this.#messages = messages.calibrate;
    const { words, keys } = this.#messages;
    setText(this.#heading, words.heading);
    setText(this.#intro, words.intro);
    labelWithKey(this.#keep, words.keep, keys.words);
    setText(this.#forget, words.forget);
  }

  setSession(session) {
    this.#session = session;
    const count = keptWords(session);
    const hadFocus = this.#forget === document.activeElement;
    setText(this.#kept, count === 0 ? "" : this.#messages.words.kept(count));
    this.#forget.hidden = count === 0;
    this.#forget.setAttribute("aria-disabled", String(!isPossible(session, "forgetWords")));
    if (hadFocus && this.#forget.hidden) this.#keep.focus(); // the keys work where the focus is
  }

  /** Show what words have taught: `learned` is the last `self_calibration` message of the stream on show, or null. */
  render(learned) {
    const { words = 0, known = [] } = learned ?? {};
    setText(this.#learned, words === 0 ? this.#messages.words.none : this.#messages.words.learned(words, known.length));
    const isReady = words > 0 && this.#session !== null && isPossible(this.#session, "keepWords");
    this.#keep.setAttribute("aria-disabled", String(!isReady));
  }
}
