// The buttons that send commands to the glove, and the result of the last command.

import { button, byId, setText } from "../../dom.js";
import { describeProblem } from "../../i18n/index.js";
import { commandOf, supportedCommands } from "../../state.js";

const COMMANDS = ["yawzero", "recal", "interval"];
const RATES_HZ = [20, 50, 100];

export class Commands {
  #messages;

  /** `send` is called with the body of each command. */
  constructor(send) {
    byId("interval").append(...RATES_HZ.map((hz) => button("", { "data-ms": String(1000 / hz) })));
    for (const command of ["yawzero", "recal"]) byId(command).addEventListener("click", () => send({ command }));
    byId("interval").addEventListener("click", ({ target }) => {
      const { ms } = target.dataset;
      if (ms !== undefined) send({ command: "interval", interval_ms: Number(ms) });
    });
  }

  setMessages(messages) {
    this.#messages = messages;
    RATES_HZ.forEach((hz, i) => setText(byId("interval").children[i], messages.live.wholeRate(hz)));
  }

  /** Show the supported commands, the last command's result and the glove's last message. */
  render(state, now) {
    const command = commandOf(state, now);
    const supported = supportedCommands(state);
    byId("commands").hidden = !COMMANDS.some((name) => supported.includes(name)) && state.remark === null;
    for (const name of COMMANDS) byId(`${name}-field`).hidden = !supported.includes(name);
    // Not `disabled`: that would take the focus from a button that was pressed.
    for (const each of byId("commands").querySelectorAll("button")) {
      each.setAttribute("aria-disabled", String(command.pending !== null));
    }
    setText(byId("command-result"), this.#describe(command));
    byId("command-result").dataset.tone = command.failed === null ? "good" : "bad";
    setText(byId("remark"), state.remark === null ? "" : this.#messages.live.remark(remarkText(state.remark, this.#messages)));
  }

  #describe({ pending, done, failed }) {
    const { commandPending, commandDone } = this.#messages.live;
    if (pending !== null) return commandPending;
    if (failed !== null) return describeProblem(this.#messages, failed);
    return done === null ? "" : commandDone;
  }
}

/** The text of a remark: translated by its values, or the glove's own words where these are unknown. */
function remarkText({ text, values }, { live }) {
  const { error, fault, done, interval_ms: interval, letters, format } = values;
  return (
    live.remarkErrors[error] ??
    live.remarkFaults[fault] ??
    live.remarkDone[done] ??
    live.remarkLetters[letters] ??
    live.remarkFormats[format] ??
    (interval === undefined ? text : live.remarkInterval(interval))
  );
}
