// Two models on the glove that is followed, and where they differ.

import { Comparison } from "../../comparison.js";
import { Copies } from "../../copies.js";
import { button, make, setData, setText } from "../../dom.js";
import { Side } from "./side.js";

const SHOWN = 12;
const AGAIN_MS = 2000;

export class Comparing {
  #page;
  #words;
  #names = [];
  #sides;
  #copies = null;
  #comparison = null;
  #stream = null; // whose frames are compared
  #wanted = false; // as long as there is a glove
  #againAt = 0;
  #listed = null; // the differences that the list shows
  #heading = make("h2", { id: "comparing-heading" });
  #intro = make("p", { class: "quiet" });
  #press = button("", { class: "chief", "data-testid": "compare" });
  #wrong = make("p", { class: "wrong", role: "alert" });
  #agreement = make("p", { class: "agreement number", "data-testid": "agreement" });
  #differHeading = make("h3");
  #differences = make("ol", { class: "differences", "data-testid": "differences" });
  #hear = (message) => this.#copies?.send(message);

  constructor(page) {
    this.#page = page;
    this.#sides = [0, 1].map((number) => new Side(number, () => this.#begin()));
    this.element = make(
      "section",
      { class: "card comparing", "aria-labelledby": "comparing-heading" },
      this.#heading, this.#intro,
      make("div", { class: "sides" }, ...this.#sides.map(({ element }) => element)),
      this.#press, this.#wrong, this.#agreement,
      make("div", { class: "differ" }, this.#differHeading, this.#differences),
    );
    this.#press.addEventListener("click", () => (this.#wanted ? this.#stop() : this.#want()));
    this.#mark();
  }

  /** The models there are, by name. */
  offer(names) {
    if (names.join() === this.#names.join()) return;
    this.#names = names;
    const present = this.#page.state().started?.model ?? names[0];
    const other = names.find((name) => name !== present) ?? present;
    this.#sides.forEach((side, i) => side.offer(names, [present, other][i]));
  }

  setWords(words) {
    this.#words = words.models;
    setText(this.#heading, this.#words.comparingHeading);
    setText(this.#intro, this.#words.comparingIntro);
    setText(this.#differHeading, this.#words.differHeading);
    this.#sides.forEach((side) => side.setWords(words));
    this.#listed = null;
    this.#mark();
  }

  fit() {
    this.#sides.forEach((side) => side.fit());
  }

  render(state, now) {
    if (this.#wanted) this.#follow(state, now);
    const right = this.#page.signals.playhead(now) ?? 0;
    this.#sides.forEach((side) => side.draw(right));
    this.#tell();
  }

  #want() {
    this.#wanted = true;
    this.#page.heard.add(this.#hear);
    this.#begin();
  }

  #stop() {
    this.#wanted = false;
    this.#page.heard.delete(this.#hear);
    this.#leave();
    this.#mark();
  }

  #leave() {
    this.#copies?.stop();
    this.#copies = null;
    this.#stream = null;
  }

  /** Anew, with what is chosen now and the glove that is followed now. */
  #begin() {
    this.#leave();
    setText(this.#wrong, "");
    this.#comparison = null;
    this.#listed = null;
    this.#againAt = 0;
    this.#sides.forEach((side) => side.clear());
    this.#mark();
  }

  /** The copies come and go with the glove. */
  #follow({ following, started }, now) {
    if (this.#stream !== null && this.#stream !== following) this.#leave();
    if (this.#stream !== null || started === null || now < this.#againAt) return;
    this.#againAt = now + AGAIN_MS;
    this.#stream = following;
    this.#comparison = new Comparison();
    this.#sides.forEach((side) => side.clear());
    const models = this.#sides.map((side) => side.model);
    this.#copies = new Copies(this.#page.service, following, models, {
      message: (side, message) => this.#heard(side, message),
      ended: (detail) => this.#ended(detail),
    });
  }

  #heard(number, message) {
    this.#sides[number].hear(message);
    if (message.type === "prediction") this.#comparison.push(number, message);
  }

  /** Without a word the connection was lost: it is begun again. What the service refuses, it would refuse again. */
  #ended(detail) {
    this.#copies = null;
    this.#stream = null;
    if (detail === "") return;
    this.#stop();
    setText(this.#wrong, detail);
  }

  #mark() {
    setData(this.element, "running", String(this.#wanted));
    if (this.#words !== undefined) setText(this.#press, this.#wanted ? this.#words.stop : this.#words.compare);
  }

  #tell() {
    const { windows = 0, same = 0, differences = [] } = this.#comparison ?? {};
    const { agreement, waiting, noDifference } = this.#words;
    const isHeard = this.#stream !== null;
    setText(this.#agreement, windows > 0 ? agreement(same, windows) : this.#wanted ? waiting(isHeard) : "");
    this.#differHeading.hidden = windows === 0;
    const key = windows === 0 ? "" : JSON.stringify(differences.slice(0, SHOWN).map(({ fromMs, toMs }) => [fromMs, toMs]));
    if (key === this.#listed) return;
    this.#listed = key;
    const items = differences.slice(0, SHOWN).map((difference) => make("li", { text: this.#inWords(difference) }));
    this.#differences.replaceChildren(...(windows > 0 && items.length === 0 ? [make("li", { text: noDifference })] : items));
  }

  #inWords({ fromMs, toMs, said }) {
    const { difference, said: saidWords } = this.#words;
    return difference(fromMs, toMs, ...said.map(saidWords));
  }
}
