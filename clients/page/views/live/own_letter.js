// What a network in the glove itself has recognised, beside the service's answer.

import { byId, setData, setText } from "../../dom.js";
import { SCALES } from "../../scales.js";

export class OwnLetter {
  #words;

  setWords(words) {
    this.#words = words;
  }

  /** `own` is the glove's message and `prediction` the service's; either may be null. */
  render(own, prediction) {
    byId("own").hidden = own === null;
    if (own === null) return;
    const { percent, ownScale, ownDiffers, scaleNames } = this.#words;
    const shares = SCALES.map((scale) => own.scale_importance[scale] ?? 0);
    const largest = shares.indexOf(Math.max(...shares));
    const differs = prediction?.label != null && prediction.label !== own.label;
    setText(byId("own-letter"), own.label);
    setText(byId("own-confidence"), percent(own.confidence));
    setText(byId("own-scale"), shares[largest] === 0 ? "" : ownScale(scaleNames[largest]));
    setText(byId("own-differs"), differs ? ownDiffers : "");
    setData(byId("own"), "differs", String(differs));
  }
}
