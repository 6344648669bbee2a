// Records the glove that is followed.

import { button, make, setData, setText } from "../../dom.js";
import { Recording } from "../../recordings/recording.js";
import { Labels } from "./labels.js";

const KEY = "r";
const TYPED_IN = "input, select, textarea";

export class Recorder {
  #signals;
  #keep;
  #words;
  #recording = null;
  #stream = null; // the glove that is heard, or null
  #recorded = null; // the one that is recorded
  #count = 0;
  #heading = make("h2", { id: "record-heading" });
  #labels = new Labels(() => {});
  #button = button("", { class: "chief", "data-testid": "record" });
  #length = make("p", { class: "quiet number" });
  #told = make("p", { class: "quiet", role: "status", "data-testid": "recorded" });

  /** `keep` takes an episode. */
  constructor(signals, keep) {
    this.#signals = signals;
    this.#keep = keep;
    this.element = make(
      "section",
      { class: "card recorder", "aria-labelledby": "record-heading" },
      this.#heading, this.#labels.element, this.#button, this.#length, this.#told,
    );
    this.#button.addEventListener("click", () => this.#toggle());
  }

  setWords(words) {
    this.#words = words.recordings;
    this.#labels.setWords(words);
    setText(this.#heading, this.#words.recordHeading);
    setText(this.#told, "");
    this.#relabel();
  }

  /** `stream` is the glove that is heard, or null. */
  render(stream) {
    this.#stream = stream;
    if (this.#recording === null) return;
    const goesOn = this.#recording.follow() && stream === this.#recorded;
    setText(this.#length, this.#words.taking(this.#recording.lengthMs, this.#recording.frames));
    if (!goesOn) this.finish();
  }

  press(event) {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
    if (event.key.toLowerCase() !== KEY || !isPlain || event.target.closest(TYPED_IN)) return;
    event.preventDefault();
    this.#toggle();
  }

  /** Keep what there is. */
  finish() {
    if (this.#recording === null) return;
    const { letter, bend } = this.#labels.chosen;
    this.#count += 1;
    const episode = this.#recording.episode(`${this.#recorded} ${this.#count}`, letter, bend);
    this.#recording = null;
    setText(this.#length, "");
    if (episode !== null && this.#keep(episode)) setText(this.#told, this.#words.kept(episode.t.at(-1)));
    else if (episode === null) setText(this.#told, this.#words.nothingCame);
    this.#relabel();
  }

  #toggle() {
    if (this.#recording !== null) {
      this.finish();
    } else if (this.#stream === null) {
      setText(this.#told, this.#words.noGlove);
    } else {
      setText(this.#told, "");
      this.#recorded = this.#stream;
      this.#recording = new Recording(this.#signals, new Date());
      this.#relabel();
    }
  }

  #relabel() {
    setText(this.#button, this.#recording === null ? this.#words.start : this.#words.stop);
    setData(this.#button, "recording", String(this.#recording !== null));
  }
}
