// The norms of a network's input weights by layer, gate and time scale, before and after training.

import { make, setText } from "../../dom.js";
import { SCALES } from "../../glove.js";

const LAYERS = ["gru_layer1", "gru_layer2"];
const GATES = ["update_gate", "reset_gate", "hidden_gate"];
const NS = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MARGIN, DOT] = [120, 84, 8, 3.5];

export class WeightImportance {
  #messages;
  #served = [];
  #heading = make("h2", { id: "importance-heading" });
  #intro = make("p", { class: "muted" });
  #label = make("span");
  #choice = make("select", { "data-testid": "importance-of" });
  #panels = make("div", { class: "panels" });

  constructor() {
    const field = make("label", { class: "field" }, this.#label, this.#choice);
    this.element = make(
      "section",
      { class: "card", "aria-labelledby": "importance-heading" },
      this.#heading, this.#intro, field, this.#panels,
    );
    this.#choice.addEventListener("change", () => this.#draw());
  }

  setMessages({ models, live }) {
    this.#messages = { ...models, scaleNames: live.scaleNames };
    setText(this.#heading, models.importanceHeading);
    setText(this.#intro, models.importanceIntro);
    setText(this.#label, models.importanceOf);
    this.#draw();
  }

  show(served) {
    const selected = this.#choice.value;
    this.#served = served;
    const first = served.find(({ isDefault }) => isDefault);
    this.#choice.replaceChildren(...served.map(({ name }) => new Option(name, name, false, name === (selected || first.name))));
    this.#draw();
  }

  #draw() {
    const model = this.#served.find(({ name }) => name === this.#choice.value);
    if (model === undefined) return;
    const { weight_importance: trained, initial_importance: initial } = model.contract;
    const layers = LAYERS.filter((layer) => layer in trained);
    const panels = layers.flatMap((layer) => {
      const range = rangeOf([trained[layer], initial[layer] ?? {}]);
      return GATES.map((gate) => this.#panel(layer, gate, trained, initial, range));
    });
    this.#panels.replaceChildren(...panels);
  }

  #panel(layer, gate, trained, initial, range) {
    const { layerName, gates, normChange, unknownStart, scaleNames } = this.#messages;
    const ends = SCALES.map((scale) => [initial, trained].map((norms) => norms[layer]?.[gate]?.[`scale_${scale}`] ?? null));
    const rows = ends.map(([from, to], s) => {
      const swatch = make("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.setProperty("--swatch", `var(--scale-${SCALES[s]})`);
      const text = from === null ? unknownStart(to) : normChange(from, to);
      return make("div", {}, make("dt", {}, swatch, scaleNames[s]), make("dd", { class: "number", text }));
    });
    return make(
      "figure",
      { class: "panel" },
      make("figcaption", { text: `${layerName(LAYERS.indexOf(layer) + 1)} · ${gates[gate]}` }),
      slopes(ends, range),
      make("dl", {}, ...rows),
    );
  }
}

/** Return the range of the norms of a layer, so that its gates can be compared. */
function rangeOf(norms) {
  const values = norms.flatMap((gates) => Object.values(gates).flatMap(Object.values));
  return [Math.min(...values), Math.max(...values)];
}

/** Draw a line for each time scale, from its norm before training to the one after it. */
function slopes(ends, [low, high]) {
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const y = (norm) => HEIGHT - MARGIN - ((norm - low) / (high - low || 1)) * (HEIGHT - 2 * MARGIN);
  const [left, right] = [MARGIN, WIDTH - MARGIN];
  ends.forEach(([from, to], s) => {
    const group = element("g", { class: `slope scale-${SCALES[s]}` });
    if (from !== null) {
      group.append(element("line", { x1: left, y1: y(from), x2: right, y2: y(to) }));
      group.append(element("circle", { cx: left, cy: y(from), r: DOT }));
    }
    group.append(element("circle", { cx: right, cy: y(to), r: DOT }));
    svg.append(group);
  });
  return svg;
}

function element(name, attributes) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
