// The served models side by side: how good each is by protocol, how large, and how fast.

import { button, make, setShare, setText } from "../../dom.js";

const PROTOCOLS = ["leave_one_style_out", "cross_user", "self_calibration", "few_shot_3_any_bend", "random"];
const RANKED_BY = PROTOCOLS[0];
const COSTS = ["parameters", "file_bytes", "window_ms"];

export class ModelTable {
  #use;
  #words;
  #served = [];
  #present = undefined; // the name of the model that answers the glove that is followed; null: there is no glove
  #rows = []; // { name, button, badge, element }
  #heading = make("h2", { id: "models-heading" });
  #intro = make("p", { class: "quiet" });
  #head = make("tr", { role: "row" });
  #body = make("tbody", { role: "rowgroup" }); // the roles stay where a narrow screen lays the table out otherwise
  #told = make("p", { class: "unseen", role: "status" });

  /** `use` hears the name of the model that the reader wants for the glove. */
  constructor(use) {
    this.#use = use;
    this.element = make(
      "section",
      { class: "card", "aria-labelledby": "models-heading" },
      this.#heading, this.#intro, make("table", { class: "side-by-side", role: "table" }, make("thead", {}, this.#head), this.#body), this.#told,
    );
  }

  setWords({ models }) {
    this.#words = models;
    setText(this.#heading, models.heading);
    setText(this.#intro, models.intro);
    const columns = [...COSTS, ...PROTOCOLS].map((key) => make("th", { scope: "col", role: "columnheader", text: models.columns[key] }));
    this.#head.replaceChildren(make("th", { scope: "col", role: "columnheader", text: models.name }), ...columns, make("td", { role: "cell" }));
    this.#draw();
  }

  /** `served` are those of GET /v1/models, each with its `contract` and `isDefault`. */
  show(served) {
    this.#served = served.toSorted((a, b) => (accuracy(b, RANKED_BY)?.mean ?? -1) - (accuracy(a, RANKED_BY)?.mean ?? -1));
    this.#draw();
  }

  render(present) {
    if (present === this.#present) return;
    const isSwitch = this.#present && present;
    this.#present = present;
    this.#mark();
    if (isSwitch) setText(this.#told, this.#words.switched(present));
  }

  #draw() {
    const best = Object.fromEntries([...COSTS, ...PROTOCOLS].map((key) => [key, bestOf(this.#served, key)]));
    this.#rows = this.#served.map((model) => this.#row(model, best));
    this.#body.replaceChildren(...this.#rows.map(({ element }) => element));
    this.#mark();
  }

  #row(model, best) {
    const { columns, costs, isDefault, madeFrom } = this.#words;
    const { name } = model;
    const use = button("");
    use.addEventListener("click", () => this.#use(name));
    const badge = make("span", { class: "badge" });
    const title = make("th", { scope: "row", role: "rowheader" }, make("strong", {}, ...breakable(name)), " ", badge);
    const notes = [model.isDefault && isDefault, model.contract.provenance.made_from && madeFrom].filter(Boolean);
    title.append(make("span", { class: "quiet", text: notes.join(", ") }));
    const cost = (key) => make("td", { role: "cell", class: "number", "data-label": columns[key], "data-best": String(model[key] === best[key]), text: costs[key](model[key]) });
    const element = make(
      "tr",
      { role: "row", "data-model": name },
      title,
      ...COSTS.map(cost),
      ...PROTOCOLS.map((key) => this.#accuracyCell(columns[key], accuracy(model, key), best[key])),
      make("td", { role: "cell" }, use),
    );
    return { name, use, badge, element };
  }

  #accuracyCell(label, measured, best) {
    const { unmeasured, percent } = this.#words;
    if (measured === undefined) return make("td", { role: "cell", class: "quiet", "data-label": label, text: unmeasured });
    const bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
    setShare(bar, measured.mean / 100);
    const value = make("span", { class: "number" }, percent(measured.mean), " ", make("span", { class: "quiet", text: `±${measured.sd.toFixed(1)}` }));
    return make("td", { role: "cell", "data-label": label, "data-best": String(measured.mean === best) }, make("div", {}, value, bar));
  }

  #mark() {
    const { use, useLong, answers } = this.#words;
    for (const { name, use: pressed, badge } of this.#rows) {
      const answersNow = name === this.#present;
      setText(badge, answersNow ? answers : "");
      setText(pressed, use);
      pressed.setAttribute("aria-label", useLong(name));
      pressed.disabled = answersNow || this.#present === null || this.#present === undefined;
    }
  }
}

/** A long name of several words may end a line after each of them. */
function breakable(name) {
  return name.split("_").flatMap((word, i, words) => (i < words.length - 1 ? [`${word}_`, make("wbr")] : [word]));
}

function accuracy({ contract }, protocol) {
  return contract.report.accuracy_percent?.[protocol];
}

/** The most of an accuracy, the least of a cost. */
function bestOf(served, key) {
  if (COSTS.includes(key)) return Math.min(...served.map((model) => model[key] ?? Infinity));
  return Math.max(...served.map((model) => accuracy(model, key)?.mean ?? -1));
}
