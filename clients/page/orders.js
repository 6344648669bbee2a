// The buttons by which the reader asks something of the glove, and what became of it.

import { commandsOf } from "./state.js";

const byId = (id) => document.getElementById(id);

export class Orders {
  #words;

  constructor(words) {
    this.#words = words;
    byId("interval").append(new Option(words.intervalUnchanged, ""));
    for (const hz of [20, 50, 100]) byId("interval").append(new Option(words.rate(hz), String(1000 / hz)));
  }

  /** `ask` is called with the body of each command. */
  onOrder(ask) {
    for (const command of ["yawzero", "recal"]) byId(command).addEventListener("click", () => ask({ command }));
    byId("interval").addEventListener("change", ({ target }) => {
      if (target.value !== "") ask({ command: "interval", interval_ms: Number(target.value) });
      target.value = "";
    });
  }

  /** Show what this glove can be asked, what it was asked, and what it says. */
  render(state) {
    const commands = commandsOf(state);
    byId("orders").hidden = commands.length === 0 && state.remark === null;
    for (const command of ["yawzero", "recal", "interval"]) {
      byId(`${command}-field`).hidden = !commands.includes(command);
      // Not `disabled`: the focus would leave a button that is pressed.
      byId(command).setAttribute("aria-disabled", String(state.order.command !== null));
    }
    setText(byId("order-answer"), this.#answer(state.order));
    byId("order-answer").dataset.tone = state.order.failed === null ? "good" : "bad";
    setText(byId("remark"), state.remark === null ? "" : this.#words.remark(state.remark));
  }

  #answer({ command, done, failed }) {
    const { ordering, ordered, orderFailed } = this.#words;
    if (command !== null) return ordering;
    if (failed !== null) return orderFailed(failed);
    return done === null ? "" : ordered;
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
