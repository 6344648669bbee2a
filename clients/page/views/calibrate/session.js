// A calibration session as a pure reducer: (session, event, now) -> session. No clock, no request, no document. `now` is in
// milliseconds of any monotonic clock.

import { REST } from "../../glove.js";

export const COUNTDOWN_MS = 3000; // time to make the shape and to hold it for the 1.6 s that are kept
export const MAX_LETTERS = 54; // examples of letters after which the service asks for no more

const POOR_BELOW = 0.5; // as in `scaleglove calibrate`: such an example should be recorded again
const GOOD_FROM = 0.8;
const LATE_MS = 1000; // a countdown that ended unnoticed says nothing about the hand

export const INITIAL = {
  phase: "choosing", // choosing | asking | counting | poor | enough | calibrated; or busy: waiting | keeping | calibrating
  wearer: null,
  letters: [], // all letters of the models, in order
  guide: null, // the service's last suggestion
  target: null, // the label to show: { label, again }; null where there are enough examples
  skipped: [], // labels that this session leaves out
  until: null, // when the countdown ends
  shown: [], // the examples of this session, the newest last
  poor: null, // the newest of them, where it should be recorded again
  profiles: [],
  improvement: null, // the result of the last calibration
  goneGlove: null, // the name of the glove that it had to do without
  failed: null, // the problem { code, detail } of the last request
};

// The commands of each phase; there are none while a request is pending.
const COMMANDS = {
  asking: ["take", "skip", "undo", "calibrate", "activate", "export", "leave"],
  counting: ["stop"],
  poor: ["take", "keep", "undo", "activate", "export", "leave"],
  enough: ["calibrate", "unskip", "undo", "activate", "export", "leave"],
  calibrated: ["resume", "activate", "export", "leave"],
};

/** Return whether `command` is possible now. */
export function isPossible(session, command) {
  if (!(COMMANDS[session.phase] ?? []).includes(command)) return false;
  if (command === "undo") return session.shown.length > 0;
  if (command === "calibrate") return coverageOf(session).shown.length > 0;
  if (command === "unskip") return session.skipped.length > 0;
  return true;
}

/** Return the session after an event. A request begins with `busy` and ends with `settled` or `failed`; between them are
 * its results: `opened`, `suggested`, `kept`, `removed`, `glove_gone`, `calibrated`, `profiles`. The wearer's own events are `start`,
 * `stop`, `skip`, `unskip`, `resume` and `leave`. */
export function reduce(session, event, now) {
  switch (event.kind) {
    case "opened":
      return { ...INITIAL, wearer: event.wearer, letters: event.letters, profiles: event.profiles, phase: "waiting" };
    case "busy":
      return { ...session, phase: event.phase, until: null, failed: null, ...(event.phase === "calibrating" && { goneGlove: null }) };
    case "settled":
      return settled(session);
    case "suggested":
      return { ...session, guide: event.guide, target: targetOf(event.guide, session), poor: null };
    case "start":
      return { ...session, phase: "counting", until: now + COUNTDOWN_MS, failed: null };
    case "stop":
      return settled(session);
    case "kept":
      return { ...session, shown: [...session.shown, event.example], poor: isPoor(event.example) ? event.example : null };
    case "removed":
      return { ...session, shown: session.shown.filter(({ id }) => id !== event.id), poor: null };
    case "skip":
      return { ...session, skipped: [...session.skipped, session.target.label] };
    case "unskip":
      return { ...session, skipped: [] };
    case "glove_gone":
      return { ...session, goneGlove: event.glove };
    case "calibrated":
      return { ...session, improvement: event.improvement };
    case "profiles":
      return { ...session, profiles: event.profiles };
    case "resume":
      return settled({ ...session, improvement: null });
    case "leave":
      return INITIAL;
    case "failed":
      return { ...settled(session), failed: event.problem };
    default:
      throw new TypeError(`unknown event ${event.kind}`);
  }
}

/** Return the grade of an example: poor, usable or good. */
export function gradeOf({ quality }) {
  if (quality === null || quality >= GOOD_FROM) return "good";
  return quality < POOR_BELOW ? "poor" : "usable";
}

/** Return whether an example should be recorded again. */
export function isPoor(example) {
  return gradeOf(example) === "poor";
}

/** Return the state of the countdown: "running", "over", or "late" where it ended long ago. */
export function countdownOf(session, now) {
  if (now < session.until) return "running";
  return now - session.until < LATE_MS ? "over" : "late";
}

/** Return the letters that the service may suggest: all but the skipped ones. */
export function wantedLetters({ letters, skipped }) {
  return letters.filter((letter) => !skipped.includes(letter));
}

/** Return the letters that have examples, of this session or an earlier one, and those without. */
export function coverageOf({ letters, guide }) {
  const has = (letter) => (guide?.have[letter] ?? 0) > 0;
  return { shown: letters.filter(has), without: letters.filter((letter) => !has(letter)) };
}

function settled(session) {
  return { ...session, phase: settledPhase(session), until: null };
}

function settledPhase({ wearer, guide, target, poor, improvement }) {
  if (wearer === null || guide === null) return "choosing";
  if (improvement !== null) return "calibrated";
  if (poor !== null) return "poor";
  return target === null ? "enough" : "asking";
}

/** Return the next target. The service suggests rest first; where rest is skipped, it is the letter with fewest examples. */
function targetOf({ next, again, have }, { letters, skipped }) {
  const wanted = wantedLetters({ letters, skipped });
  if (next === null || wanted.length === 0) return null;
  if (next !== REST || !skipped.includes(REST)) return { label: next, again };
  const label = wanted.toSorted((one, other) => (have[one] ?? 0) - (have[other] ?? 0))[0];
  return { label, again: label in have };
}
