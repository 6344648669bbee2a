// The served models side by side: their accuracy by protocol, their size and their speed.

import { button, make, setShare, setText } from "../../dom.js";

const PROTOCOLS = ["leave_one_style_out", "cross_user", "self_calibration", "few_shot_3_any_bend", "random"];
const RANKED_BY = PROTOCOLS[0];
const COSTS = ["parameters", "file_bytes", "window_ms"];

export class ModelTable {
  #use;
  #messages;
  #served = [];
  #current = undefined; // the name of the model of the stream on show; null without a stream
  #rows = []; // { name, use, badge, element }
  #heading = make("h2", { id: "models-heading" });
  #intro = make("p", { class: "muted" });
  #head = make("tr", { role: "row" });
  #body = make("tbody", { role: "rowgroup" }); // explicit roles, because a narrow screen changes the layout of the table
  #announcement = make("p", { class: "visually-hidden", role: "status" });

  /** `use` is called with the name of the model that the user selects for the glove. */
  constructor(use) {
    this.#use = use;
    this.element = make(
      "section",
      { class: "card", "aria-labelledby": "models-heading" },
      this.#heading, this.#intro, make("table", { class: "model-table", role: "table" }, make("thead", {}, this.#head), this.#body), this.#announcement,
    );
  }

  setMessages({ models }) {
    this.#messages = models;
    setText(this.#heading, models.heading);
    setText(this.#intro, models.intro);
    const columns = [...COSTS, ...PROTOCOLS].map((key) => make("th", { scope: "col", role: "columnheader", text: models.columns[key] }));
    this.#head.replaceChildren(make("th", { scope: "col", role: "columnheader", text: models.name }), ...columns, make("td", { role: "cell" }));
    this.#draw();
  }

  /** Show `served`: the models of GET /v1/models, each with its `contract` and `isDefault`. */
  show(served) {
    this.#served = served.toSorted((a, b) => (accuracy(b, RANKED_BY)?.mean ?? -1) - (accuracy(a, RANKED_BY)?.mean ?? -1));
    this.#draw();
  }

  render(current) {
    if (current === this.#current) return;
    const isSwitched = this.#current && current;
    this.#current = current;
    this.#mark();
    if (isSwitched) setText(this.#announcement, this.#messages.switched(current));
  }

  #draw() {
    this.#rows = this.#served.map((model) => this.#row(model, bestBeside(this.#served, model)));
    this.#body.replaceChildren(...this.#rows.map(({ element }) => element));
    this.#mark();
  }

  #row(model, best) {
    const { about, columns, costs, isDefault, madeFrom, vocabulary } = this.#messages;
    const { name } = model;
    const use = button("");
    use.addEventListener("click", () => this.#use(name));
    const badge = make("span", { class: "badge" });
    const title = make("th", { scope: "row", role: "rowheader" }, make("strong", {}, ...breakable(name)), " ", badge);
    const notes = [vocabulary(model.contract.vocabulary), model.isDefault && isDefault, model.contract.provenance.made_from && madeFrom].filter(Boolean);
    title.append(make("span", { class: "muted", text: notes.join(", ") }));
    if (Object.hasOwn(about, name)) title.append(make("span", { class: "muted about", "data-testid": "about", text: about[name] }));
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
    const { unmeasured, percent } = this.#messages;
    if (measured === undefined) return make("td", { role: "cell", class: "muted", "data-label": label, text: unmeasured });
    const bar = make("div", { class: "bar", "aria-hidden": "true" }, make("span"));
    setShare(bar, measured.mean / 100);
    const spread = typeof measured.sd === "number" ? `±${measured.sd.toFixed(1)}` : ""; // of one seed there is none
    const value = make("span", { class: "number" }, percent(measured.mean), " ", make("span", { class: "muted", text: spread }));
    return make("td", { role: "cell", "data-label": label, "data-best": String(measured.mean === best) }, make("div", {}, value, bar));
  }

  #mark() {
    const { use, useLong, inUse } = this.#messages;
    for (const { name, use: useButton, badge } of this.#rows) {
      const isCurrent = name === this.#current;
      setText(badge, isCurrent ? inUse : "");
      setText(useButton, use);
      useButton.setAttribute("aria-label", useLong(name));
      useButton.disabled = isCurrent || this.#current === null || this.#current === undefined;
    }
  }
}

/** Return a name with a possible line break after each underscore. */
function breakable(name) {
  return name.split("_").flatMap((word, i, words) => (i < words.length - 1 ? [`${word}_`, make("wbr")] : [word]));
}

function accuracy({ contract }, protocol) {
  return contract.report.accuracy_percent?.[protocol];
}

/** Return the best of each column: of all models' costs, and of the accuracies of those that know the same labels. */
function bestBeside(served, { contract }) {
  const alike = served.filter((other) => other.contract.vocabulary.name === contract.vocabulary.name);
  const costs = COSTS.map((key) => [key, bestOf(served, key)]);
  return Object.fromEntries([...costs, ...PROTOCOLS.map((key) => [key, bestOf(alike, key)])]);
}

/** Return the highest accuracy, or the lowest cost. */
function bestOf(served, key) {
  if (COSTS.includes(key)) return Math.min(...served.map((model) => model[key] ?? Infinity));
  return Math.max(...served.map((model) => accuracy(model, key)?.mean ?? -1));
}
