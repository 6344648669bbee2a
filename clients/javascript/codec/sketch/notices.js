// What is odd about a glove's text, told once each with a code, a sentence and values. Pure.

const UNREADABLE_LINES = 8;
const UNREADABLE_SOON = 3; // or this many, over UNREADABLE_MS
const UNREADABLE_MS = 2500;
const ONLY_WORDS_LINES = 40;
const UNLIKELY_LINES = 3;
const SHOWN = 60; // characters of a line, as of a damaged one
const STEPS = 4;
const SLOW_MS = 200;
const NEEDED_HZ = 5;

/** The sentence of each code; programs read the code. */
const TEXTS = {
  motion_units: ({ unit }) => `the motion sensors are read as ${unit}: name their units in the header`,
  only_words: () => "the glove sends words and no numbers",
  time_by_arrival: () => "the glove's time is not usable: frames are timed as they arrive",
  time_spread: () => "several frames share a time: frames are timed as they arrive",
  time_unit: ({ unit }) => `the glove's time is read as ${unit}`,
  too_slow: ({ hz, needed_hz: needed }) => `the glove sends ${hz} frames a second; ${needed} are needed`,
  unlikely_columns: ({ field, value }) => `${field} reads ${value}, which it cannot be: send a header that names the fields`,
  unreadable: ({ line, fields }) =>
    `cannot read "${line}" (${fields} fields): send lines of timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5`,
};

const FIELDS = /[^,;\t ]+/g;

export class Notices {
  #told = new Set();
  #hasFrame = false;
  #damaged = 0; // lines in a row, before the first frame
  #firstDamaged = null; // { shown, arrival }
  #words = 0;
  #unlikely = 0;
  #firstUnlikely = null;
  #lastMs = null;
  #steps = [];

  /** Record that a line was read as a frame. */
  frame() {
    this.#hasFrame = true;
    this.#damaged = this.#unlikely = 0;
  }

  /** Record a line whose fields cannot be what their places say: { field, value, line }; return its notice, if it is due. */
  unlikely(found) {
    if (this.#unlikely === 0) this.#firstUnlikely = found;
    this.#unlikely += 1;
    if (this.#unlikely < UNLIKELY_LINES) return [];
    const { field, value, line } = this.#firstUnlikely;
    return [noticeOf("unlikely_columns", { field, value: String(Number(value.toPrecision(15))), line: line.slice(0, SHOWN) })];
  }

  /** Return the events of a line, with the notices that they give. */
  after(events, arrival) {
    return events.flatMap((event) => {
      if (event.event === "damaged") return [event, ...this.#afterDamaged(event, arrival)];
      if (event.event === "remark") return [event, ...this.#afterWords()];
      if (event.event === "frame") return [...this.#beforeFrame(event), event];
      return this.#once(event);
    });
  }

  #afterDamaged({ shown }, arrival) {
    if (this.#hasFrame || this.#unlikely > 0) return [];
    if (this.#damaged === 0) this.#firstDamaged = { shown, arrival };
    this.#damaged += 1;
    const { shown: line, arrival: since } = this.#firstDamaged;
    const isLong = this.#damaged >= UNREADABLE_SOON && arrival - since >= UNREADABLE_MS;
    if (this.#damaged < UNREADABLE_LINES && !isLong) return [];
    return this.#tell("unreadable", { line, fields: String(line.match(FIELDS)?.length ?? 0) });
  }

  #afterWords() {
    this.#words += 1;
    return !this.#hasFrame && this.#words >= ONLY_WORDS_LINES ? this.#tell("only_words", {}) : [];
  }

  #beforeFrame({ t_ms: tMs }) {
    const step = this.#lastMs === null ? 0 : tMs - this.#lastMs;
    this.#lastMs = tMs;
    if (step > 0) this.#steps = [...this.#steps, step].slice(-STEPS);
    if (step <= SLOW_MS) return []; // told with a frame that is late itself, as Python does
    const usual = this.#steps.length < STEPS ? 0 : this.#steps.toSorted((a, b) => a - b)[STEPS / 2];
    return usual > SLOW_MS ? this.#tell("too_slow", { hz: (1000 / usual).toFixed(1), needed_hz: String(NEEDED_HZ) }) : [];
  }

  #tell(code, values) {
    return this.#once(noticeOf(code, values));
  }

  #once(event) {
    if (event.event !== "notice") return [event];
    if (this.#told.has(event.code)) return [];
    this.#told.add(event.code);
    return [event];
  }
}

/** Return the event that tells what is odd. */
export function noticeOf(code, values) {
  return { event: "notice", code, text: TEXTS[code](values), channel: null, values };
}
