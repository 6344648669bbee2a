// A live comparison of two models on the glove, and where they differ.

import { button, make, setData, setText } from "../../dom.js";
import { describeProblem } from "../../i18n/index.js";
import { Comparison } from "./comparison.js";
import { CopiedStreams } from "./copied_streams.js";
import { Side } from "./side.js";

const MAX_SHOWN = 12; // differences
const RETRY_MS = 2000;

export class Comparing {
  #page;
  #messages;
  #names = [];
  #sides;
  #copies = null;
  #comparison = null;
  #stream = null; // the stream whose frames are copied
  #isRunning = false; // until the user stops it; the streams come and go with the glove
  #retryAt = 0;
  #listed = null; // a key of the differences in the list
  #heading = make("h2", { id: "comparing-heading" });
  #intro = make("p", { class: "muted" });
  #button = button("", { class: "primary", "data-testid": "compare" });
  #error = make("p", { class: "error", role: "alert" });
  #agreement = make("p", { class: "agreement number", "data-testid": "agreement" });
  #differencesHeading = make("h3");
  #differences = make("ol", { class: "differences", "data-testid": "differences" });
  #listener = (message) => this.#copies?.send(message);

  constructor(page) {
    this.#page = page;
    this.#sides = [0, 1].map((number) => new Side(number, () => this.#restart()));
    this.element = make(
      "section",
      { class: "card comparing", "aria-labelledby": "comparing-heading" },
      this.#heading, this.#intro,
      make("div", { class: "sides" }, ...this.#sides.map(({ element }) => element)),
      this.#button, this.#error, this.#agreement,
      make("div", {}, this.#differencesHeading, this.#differences),
    );
    this.#button.addEventListener("click", () => (this.#isRunning ? this.#stop() : this.#start()));
    this.#renderButton();
  }

  /** Offer the `served` models, as for the table: first the one in use beside another that knows the same labels. */
  offer(served) {
    const names = served.map(({ name }) => name);
    if (names.join() === this.#names.join()) return;
    this.#names = names;
    const inUse = this.#page.state().started?.model;
    const current = served.find(({ name }) => name === inUse) ?? served.find(({ isDefault }) => isDefault) ?? served[0];
    const others = served.filter((model) => model !== current);
    const other = others.find((model) => model.vocabulary === current.vocabulary) ?? others[0] ?? current;
    this.#sides.forEach((side, i) => side.offer(names, [current, other][i].name));
  }

  setMessages(messages) {
    this.#messages = messages;
    setText(this.#heading, messages.models.comparingHeading);
    setText(this.#intro, messages.models.comparingIntro);
    setText(this.#differencesHeading, messages.models.differencesHeading);
    this.#sides.forEach((side) => side.setMessages(messages));
    this.#listed = null;
    this.#renderButton();
  }

  fit() {
    this.#sides.forEach((side) => side.fit());
  }

  render(state, now) {
    if (this.#isRunning) this.#follow(state, now);
    const right = this.#page.signals.playhead(now) ?? 0;
    this.#sides.forEach((side) => side.draw(right));
    this.#renderResults();
  }

  #start() {
    this.#isRunning = true;
    this.#page.frameListeners.add(this.#listener);
    this.#restart();
  }

  #stop() {
    this.#isRunning = false;
    this.#page.frameListeners.delete(this.#listener);
    this.#closeStreams();
    this.#renderButton();
  }

  #closeStreams() {
    this.#copies?.stop();
    this.#copies = null;
    this.#stream = null;
  }

  /** Start again with the selected models and the stream on show. */
  #restart() {
    this.#closeStreams();
    setText(this.#error, "");
    this.#comparison = null;
    this.#listed = null;
    this.#retryAt = 0;
    this.#sides.forEach((side) => side.clear());
    this.#renderButton();
  }

  /** Open the copied streams when there is a glove, and close them when it is gone. */
  #follow({ following, started }, now) {
    if (this.#stream !== null && this.#stream !== following) this.#closeStreams();
    if (this.#stream !== null || started === null || now < this.#retryAt) return;
    this.#retryAt = now + RETRY_MS;
    this.#stream = following;
    this.#comparison = new Comparison();
    this.#sides.forEach((side) => side.clear());
    const models = this.#sides.map((side) => side.model);
    this.#copies = new CopiedStreams(this.#page.service, following, models, {
      message: (side, message) => this.#receive(side, message),
      ended: (problem) => this.#ended(problem),
    });
  }

  #receive(number, message) {
    this.#sides[number].receive(message);
    if (message.type === "prediction") this.#comparison.push(number, message);
  }

  /** Retry after a lost connection (null). A refusal would be repeated, so it stops the comparison. */
  #ended(problem) {
    this.#copies = null;
    this.#stream = null;
    if (problem === null) return;
    this.#stop();
    setText(this.#error, describeProblem(this.#messages, problem));
  }

  #renderButton() {
    setData(this.element, "running", String(this.#isRunning));
    if (this.#messages === undefined) return;
    const { stop, compare } = this.#messages.models;
    setText(this.#button, this.#isRunning ? stop : compare);
  }

  #renderResults() {
    const { windows = 0, same = 0, differences = [] } = this.#comparison ?? {};
    const { agreement, waiting, noDifferences } = this.#messages.models;
    const isReceiving = this.#stream !== null;
    setText(this.#agreement, windows > 0 ? agreement(same, windows) : this.#isRunning ? waiting(isReceiving) : "");
    this.#differencesHeading.hidden = windows === 0;
    const key = windows === 0 ? "" : JSON.stringify(differences.slice(0, MAX_SHOWN).map(({ fromMs, toMs }) => [fromMs, toMs]));
    if (key === this.#listed) return;
    this.#listed = key;
    const items = differences.slice(0, MAX_SHOWN).map((difference) => make("li", { text: this.#describe(difference) }));
    this.#differences.replaceChildren(...(windows > 0 && items.length === 0 ? [make("li", { text: noDifferences })] : items));
  }

  #describe({ fromMs, toMs, answers }) {
    const { difference, answer } = this.#messages.models;
    return difference(fromMs, toMs, ...answers.map(answer));
  }
}
