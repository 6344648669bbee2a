// The buttons by which the reader asks something of the glove, and what became of it.

import { commandsOf, orderOf } from "./state.js";

const COMMANDS = ["yawzero", "recal", "interval"];
const RATES_HZ = [20, 50, 100];

const byId = (id) => document.getElementById(id);

export class Orders {
  #words;

  constructor(words) {
    this.#words = words;
    for (const hz of RATES_HZ) byId("interval").append(rateButton(hz, words));
  }

  /** `ask` is called with the body of each command. */
  onOrder(ask) {
    for (const command of ["yawzero", "recal"]) byId(command).addEventListener("click", () => ask({ command }));
    byId("interval").addEventListener("click", ({ target }) => {
      const { ms } = target.dataset;
      if (ms !== undefined) ask({ command: "interval", interval_ms: Number(ms) });
    });
  }

  /** Show what this glove can be asked, what it was asked, and what it says. */
  render(state, now) {
    const order = orderOf(state, now);
    const commands = commandsOf(state);
    byId("orders").hidden = commands.length === 0 && state.remark === null;
    for (const command of COMMANDS) byId(`${command}-field`).hidden = !commands.includes(command);
    // Not `disabled`: the focus would leave a button that is pressed.
    for (const button of byId("orders").querySelectorAll("button")) {
      button.setAttribute("aria-disabled", String(order.command !== null));
    }
    setText(byId("order-answer"), this.#answer(order));
    byId("order-answer").dataset.tone = order.failed === null ? "good" : "bad";
    setText(byId("remark"), state.remark === null ? "" : this.#words.remark(state.remark));
  }

  #answer({ command, done, failed }) {
    const { ordering, ordered, orderFailed } = this.#words;
    if (command !== null) return ordering;
    if (failed !== null) return orderFailed(failed);
    return done === null ? "" : ordered;
  }
}

function rateButton(hz, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.ms = String(1000 / hz);
  button.textContent = words.wholeRate(hz);
  return button;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
