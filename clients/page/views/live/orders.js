// The buttons by which the reader asks something of the glove, and what became of it.

import { button, byId, setText } from "../../dom.js";
import { commandsOf, orderOf } from "../../state.js";

const COMMANDS = ["yawzero", "recal", "interval"];
const RATES_HZ = [20, 50, 100];

export class Orders {
  #words;

  /** `ask` is called with the body of each command. */
  constructor(ask) {
    byId("interval").append(...RATES_HZ.map((hz) => button("", { "data-ms": String(1000 / hz) })));
    for (const command of ["yawzero", "recal"]) byId(command).addEventListener("click", () => ask({ command }));
    byId("interval").addEventListener("click", ({ target }) => {
      const { ms } = target.dataset;
      if (ms !== undefined) ask({ command: "interval", interval_ms: Number(ms) });
    });
  }

  setWords(words) {
    this.#words = words;
    RATES_HZ.forEach((hz, i) => setText(byId("interval").children[i], words.wholeRate(hz)));
  }

  /** Show what this glove can be asked, what it was asked, and what it says. */
  render(state, now) {
    const order = orderOf(state, now);
    const commands = commandsOf(state);
    byId("orders").hidden = commands.length === 0 && state.remark === null;
    for (const command of COMMANDS) byId(`${command}-field`).hidden = !commands.includes(command);
    // Not `disabled`: the focus would leave a button that is pressed.
    for (const each of byId("orders").querySelectorAll("button")) {
      each.setAttribute("aria-disabled", String(order.command !== null));
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
