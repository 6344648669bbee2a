// The controls that connect a glove to this page, and what to do where the browser cannot.

import { byId, setText } from "../../dom.js";
import { describeProblem } from "../../i18n/index.js";
import { BAUD_RATES, obstacle } from "../../own_glove.js";

export class Connect {
  #glove;
  #messages;
  #shown = null; // what is on show; the page is drawn far more often than it changes

  /** `glove` is the page's OwnGlove. */
  constructor(glove) {
    this.#glove = glove;
    byId("baud-rate").append(...BAUD_RATES.map((rate) => new Option(String(rate), String(rate))));
    byId("baud-rate").value = String(glove.baudRate);
    for (const id of ["connect-start", "connect-another"]) {
      byId(id).addEventListener("click", () => glove.connect(Number(byId("baud-rate").value)));
    }
    byId("connect-stop").addEventListener("click", () => glove.disconnect());
    const reason = obstacle();
    byId("connect-form").hidden = reason !== null;
    byId("connect-obstacle").hidden = reason === null;
  }

  setMessages(messages) {
    this.#messages = messages;
    this.#shown = null;
    const reason = obstacle();
    if (reason !== null) setText(byId("connect-obstacle"), messages.live.connectObstacles[reason]);
  }

  /** `hasGlove`: a glove is on show, this page's or another. */
  render(hasGlove) {
    const { isConnected, failure } = this.#glove;
    const shown = this.#shown;
    if (shown !== null && shown.isConnected === isConnected && shown.failure === failure && shown.hasGlove === hasGlove) return;
    this.#shown = { isConnected, failure, hasGlove };
    byId("connect-stop").hidden = !isConnected;
    byId("connect-another").hidden = isConnected || !hasGlove || obstacle() !== null;
    byId("connect-start").disabled = isConnected;
    setText(byId("connect-failed"), failure === null ? "" : this.#describe(failure));
  }

  #describe({ obstacle: key, problem, profile }) {
    if (problem === undefined) return this.#messages.live.connectObstacles[key];
    const reason = describeProblem(this.#messages, problem);
    return profile === null ? reason : this.#messages.live.profileRefused(profile, reason);
  }
}
