// The recorder of the stream on show.

import { button, make, setData, setText } from "../../dom.js";
import { Recording } from "../../recordings/recording.js";
import { LabelFields } from "./label_fields.js";

const KEY = "r";
const TEXT_FIELDS = "input, select, textarea";

export class Recorder {
  #signals;
  #save;
  #messages;
  #recording = null;
  #stream = null; // the stream whose frames arrive, or null
  #recorded = null; // the stream that is recorded
  #count = 0;
  #heading = make("h2", { id: "record-heading" });
  #labels = new LabelFields(() => {});
  #button = button("", { class: "primary", "data-testid": "record" });
  #length = make("p", { class: "muted number" });
  #status = make("p", { class: "muted", role: "status", "data-testid": "recorded" });

  /** `save` is called with each episode and returns whether there was room for it. */
  constructor(signals, save) {
    this.#signals = signals;
    this.#save = save;
    this.element = make(
      "section",
      { class: "card recorder", "aria-labelledby": "record-heading" },
      this.#heading, this.#labels.element, this.#button, this.#length, this.#status,
    );
    this.#button.addEventListener("click", () => this.#toggle());
  }

  setMessages(messages) {
    this.#messages = messages.recordings;
    this.#labels.setMessages(messages);
    setText(this.#heading, this.#messages.recordHeading);
    setText(this.#status, "");
    this.#renderButton();
  }

  /** In each animation frame: take the new frames; `stream` is the stream whose frames arrive, or null. */
  render(stream) {
    this.#stream = stream;
    if (this.#recording === null) return;
    const continues = this.#recording.follow() && stream === this.#recorded;
    setText(this.#length, this.#messages.recording(this.#recording.lengthMs, this.#recording.frames));
    if (!continues) this.finish();
  }

  onKey(event) {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
    if (event.key.toLowerCase() !== KEY || !isPlain || event.target.closest(TEXT_FIELDS)) return;
    event.preventDefault();
    this.#toggle();
  }

  /** End the recording and save it. */
  finish() {
    if (this.#recording === null) return;
    const { letter, bend } = this.#labels.value;
    this.#count += 1;
    const episode = this.#recording.episode(`${this.#recorded} ${this.#count}`, letter, bend);
    this.#recording = null;
    setText(this.#length, "");
    if (episode !== null && this.#save(episode)) setText(this.#status, this.#messages.saved(episode.t.at(-1)));
    else if (episode === null) setText(this.#status, this.#messages.nothingRecorded);
    this.#renderButton();
  }

  #toggle() {
    if (this.#recording !== null) {
      this.finish();
    } else if (this.#stream === null) {
      setText(this.#status, this.#messages.noGlove);
    } else {
      setText(this.#status, "");
      this.#recorded = this.#stream;
      this.#recording = new Recording(this.#signals, new Date());
      this.#renderButton();
    }
  }

  #renderButton() {
    setText(this.#button, this.#recording === null ? this.#messages.start : this.#messages.stop);
    setData(this.#button, "recording", String(this.#recording !== null));
  }
}
