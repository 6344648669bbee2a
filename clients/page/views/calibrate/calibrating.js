// A sitting in which a wearer shows letters, as a pure reducer: (sitting, event, now) -> sitting. No clock, no request,
// no document. `now` is in milliseconds of any clock that only runs forward.

export const COUNTDOWN_MS = 3000; // time to make the shape, and to hold it for the 1.6 s that are kept
export const MOST_LETTERS = 54; // examples of letters after which the service asks for no more

const POOR_BELOW = 0.5; // as `scaleglove calibrate`: such an example is better taken again
const GOOD_FROM = 0.8;
const LATE_MS = 1000; // a countdown that nobody watched to its end says nothing of the hand

export const REST = "rest";

export const INITIAL = {
  phase: "choosing", // choosing | asking | counting | judged | enough | worth; or busy: waiting | keeping | calibrating
  wearer: null,
  letters: [], // all there are, in their order
  guide: null, // what the service last advised
  asked: null, // { label, again }; null where it is enough
  skipped: [], // labels that are not asked for in this sitting
  until: null, // when the countdown ends
  shown: [], // examples of this sitting that are kept, the newest last
  poor: null, // the newest of them, where it is better taken again
  profiles: [],
  worth: null, // what the last calibration told
  failed: null, // why the last request was in vain, in the service's words
};

// What a wearer may ask for in which phase; nothing while a request is under way.
const COMMANDS = {
  asking: ["take", "skip", "undo", "calibrate", "activate", "export", "leave"],
  counting: ["stop"],
  judged: ["take", "keep", "undo", "activate", "export", "leave"],
  enough: ["calibrate", "unskip", "undo", "activate", "export", "leave"],
  worth: ["goOn", "activate", "export", "leave"],
};

/** Whether `command` makes sense now. */
export function may(sitting, command) {
  if (!(COMMANDS[sitting.phase] ?? []).includes(command)) return false;
  if (command === "undo") return sitting.shown.length > 0;
  if (command === "calibrate") return countOf(sitting) > 0;
  if (command === "unskip") return sitting.skipped.length > 0;
  return true;
}

/** The sitting after one event: `busy` while a request is under way, `settled` or `failed` when it is over, between
 * these what it told: `opened`, `advised`, `kept`, `takenBack`, `calibrated`, `profiles`; and of the wearer's own
 * `start`, `stop`, `skip`, `unskip`, `goOn`, `leave`. */
export function reduce(sitting, event, now) {
  switch (event.kind) {
    case "opened":
      return { ...INITIAL, wearer: event.wearer, letters: event.letters, profiles: event.profiles, phase: "waiting" };
    case "busy":
      return { ...sitting, phase: event.phase, until: null, failed: null };
    case "settled":
      return rested(sitting);
    case "advised":
      return { ...sitting, guide: event.guide, asked: askedOf(event.guide, sitting), poor: null };
    case "start":
      return { ...sitting, phase: "counting", until: now + COUNTDOWN_MS, failed: null };
    case "stop":
      return rested(sitting);
    case "kept":
      return { ...sitting, shown: [...sitting.shown, event.example], poor: isPoor(event.example) ? event.example : null };
    case "takenBack":
      return { ...sitting, shown: sitting.shown.filter(({ id }) => id !== event.id), poor: null };
    case "skip":
      return { ...sitting, skipped: [...sitting.skipped, sitting.asked.label] };
    case "unskip":
      return { ...sitting, skipped: [] };
    case "calibrated":
      return { ...sitting, worth: event.worth };
    case "profiles":
      return { ...sitting, profiles: event.profiles };
    case "goOn":
      return rested({ ...sitting, worth: null });
    case "leave":
      return INITIAL;
    case "failed":
      return { ...rested(sitting), failed: event.detail };
    default:
      throw new TypeError(`unknown event ${event.kind}`);
  }
}

/** How good an example is: poor, usable or good. */
export function gradeOf({ quality }) {
  if (quality === null || quality >= GOOD_FROM) return "good";
  return quality < POOR_BELOW ? "poor" : "usable";
}

export function isPoor(example) {
  return gradeOf(example) === "poor";
}

/** How the countdown stands: "runs", "over", or "late" where it was over long ago. */
export function countdown(sitting, now) {
  if (now < sitting.until) return "runs";
  return now - sitting.until < LATE_MS ? "over" : "late";
}

/** The letters that the service is to guide through: all but those that are skipped. */
export function wantedOf({ letters, skipped }) {
  return letters.filter((letter) => !skipped.includes(letter));
}

/** How many examples there are, of this sitting and of those before. */
export function countOf({ guide }) {
  return Object.values(guide?.have ?? {}).reduce((sum, count) => sum + count, 0);
}

function rested(sitting) {
  return { ...sitting, phase: restOf(sitting), until: null };
}

function restOf({ wearer, guide, asked, poor, worth }) {
  if (wearer === null || guide === null) return "choosing";
  if (worth !== null) return "worth";
  if (poor !== null) return "judged";
  return asked === null ? "enough" : "asking";
}

/** What is asked for next. The service begins with rest; one who skips it is asked for the letter that is fewest. */
function askedOf({ next, again, have }, { letters, skipped }) {
  const wanted = wantedOf({ letters, skipped });
  if (next === null || wanted.length === 0) return null;
  if (next !== REST || !skipped.includes(REST)) return { label: next, again };
  const label = wanted.toSorted((one, other) => (have[one] ?? 0) - (have[other] ?? 0))[0];
  return { label, again: label in have };
}
