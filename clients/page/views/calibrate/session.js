// A calibration session as a pure reducer: (session, event, now) -> session. No clock, no request, no document. `now` is in
// milliseconds of any monotonic clock.

import { REST } from "../../glove.js";
import { NOTHING_ASKED, answered, asked, passed } from "./doubt_queue.js";

export const COUNTDOWN_MS = 3000; // time to make the shape and to hold it for the 1.6 s that are kept
export const MAX_LETTERS = 54; // examples of letters after which the service asks for no more
export const SHOWS = 3; // how often an own sign is shown, as in `scaleglove teach`

const POOR_BELOW = 0.5; // as in `scaleglove calibrate`: such an example should be recorded again
const GOOD_FROM = 0.8;
const UNUSABLE = ["sensor_dropped"]; // as in `scaleglove teach`: faults with which an example of an own sign is no use
export const FEWEST_ALONE = 2; // with one label there is nothing to recognise
const LATE_MS = 1000; // a countdown that ended unnoticed says nothing about the hand

export const INITIAL = {
  phase: "choosing", // choosing | asking | counting | poor | enough | calibrated | taught | sitting; or busy: waiting | keeping | calibrating
  wearer: null,
  model: null, // the name of the model that the profiles are for
  vocabulary: null, // its labels: { name, language, labels: [{ label, moving, display }] }
  letters: [], // their names, in order
  foreign: [], // labels of every alphabet that the package knows: examples of them are no own signs
  guide: null, // the service's last suggestion
  target: null, // the label to show: { label, again, moves, isOwn }; null where there are enough examples
  sign: null, // the own sign that is being taught: { label, ids }, `ids` being those of its examples so far
  sitting: null, // what sitting.js says of the words that are spelled in place of letters; null: there is no sitting
  skipped: [], // labels that this session leaves out
  until: null, // when the countdown ends
  shown: [], // the examples of this session, the newest last
  poor: null, // the newest of them, where it should be recorded again
  doubts: NOTHING_ASKED, // the shapes held before that the service asks about
  words: {}, // the number of examples of words that are kept, by label
  profiles: [],
  improvement: null, // the result of the last calibration
  taught: null, // the result of the last teaching: { label, moving, alike, leftOut, result }
  goneGlove: null, // the name of the glove that it had to do without
  failed: null, // the problem { code, detail } of the last request
};

const ABOUT_DOUBTS = ["ask", "answer", "pass"];
const AT_REST = ["sit", "keepWords", "forgetWords", "teach", "forget", "alone", "share", "activate", "export", "leave", ...ABOUT_DOUBTS];

// The commands of each phase; there are none while a request is pending.
const COMMANDS = {
  asking: ["take", "skip", "undo", "calibrate", ...AT_REST],
  counting: ["stop"],
  poor: ["take", "keep", "undo", "activate", "export", "leave"],
  enough: ["calibrate", "unskip", "undo", ...AT_REST],
  calibrated: ["resume", "undo", ...AT_REST],
  taught: ["resume", "undo", ...AT_REST],
  sitting: ["stop", "next", "again", "answer", "pass"],
};

// The same while an own sign is taught.
const TEACHING_COMMANDS = {
  asking: ["take", "undo", "calibrate", "back"],
  counting: ["stop"],
  poor: ["take", "keep", "undo", "back"],
  enough: ["calibrate", "undo", "back"],
};

/** Return whether `command` is possible now. */
export function isPossible(session, command) {
  const { sign, poor } = session;
  if (!((sign === null ? COMMANDS : TEACHING_COMMANDS)[session.phase] ?? []).includes(command)) return false;
  if (command === "keep") return sign === null || !UNUSABLE.includes(poor.code);
  if (command === "undo") return (sign === null ? session.shown : sign.ids).length > 0;
  if (command === "calibrate") return sign === null ? coverageOf(session).shown.length > 0 : sign.ids.length > 0;
  if (command === "alone") return isAlone(session) || ownSigns(session).length >= FEWEST_ALONE;
  if (command === "unskip") return session.skipped.length > 0;
  if (command === "answer" || command === "pass") return session.doubts.left.length > 0;
  if (command === "again") return session.sitting.step === "spelling";
  if (command === "sit") return hasWords(session);
  if (command === "forgetWords") return keptWords(session) > 0;
  return true;
}

/** Return the session after an event. A request begins with `busy` and ends with `settled` or `failed`; between them are
 * its results: `opened`, `suggested`, `asked`, `answered`, `kept`, `spelled`, `sitting`, `removed`, `glove_gone`, `calibrated`,
 * `taught`, `forgotten`, `profiles`. The wearer's own events are `start`, `stop`, `skip`, `unskip`, `pass`, `teach`, `back`, `resume`
 * and `leave`. */
export function reduce(session, event, now) {
  switch (event.kind) {
    case "opened":
      return opened(event);
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
      return kept(session, event.example);
    case "spelled":
      return spelled(session, event.examples);
    case "sitting":
      return settled({ ...session, sitting: event.sitting, improvement: null, taught: null });
    case "asked":
      return { ...session, doubts: asked(session.doubts, event.stream, event.answer) };
    case "answered":
      return { ...session, doubts: answered(session.doubts), shown: [...session.shown, event.example] };
    case "pass":
      return { ...session, doubts: passed(session.doubts) };
    case "removed":
      return removed(session, event.id);
    case "skip":
      return { ...session, skipped: [...session.skipped, session.target.label] };
    case "unskip":
      return { ...session, skipped: [] };
    case "glove_gone":
      return { ...session, goneGlove: event.glove };
    case "calibrated":
      return { ...session, sitting: null, improvement: event.improvement };
    case "taught":
      return retargeted({ ...session, sign: null, taught: event.taught });
    case "teach":
      return retargeted({ ...session, phase: "waiting", sign: { label: event.label, ids: [] }, improvement: null, taught: null });
    case "forgotten":
      return { ...session, shown: session.shown.filter(({ label }) => label !== event.label), improvement: null, taught: null };
    case "back":
      return retargeted({ ...session, sign: null, poor: null });
    case "profiles":
      return { ...session, profiles: event.profiles, words: event.words };
    case "resume":
      return settled({ ...session, improvement: null, taught: null });
    case "leave":
      return INITIAL;
    case "failed":
      return { ...settled(session), failed: event.problem };
    default:
      throw new TypeError(`unknown event ${event.kind}`);
  }
}

/** Return the wearer's own signs: { label, count, moving }, those of the profile in use and those that have examples;
 * `moving` is null for one that the profile does not recognise. Examples of another alphabet are signs only where they
 * were shown as such in this session. */
export function ownSigns({ letters, foreign, guide, profiles, model, shown }) {
  const recognised = activeProfile({ profiles, model })?.signs ?? [];
  const taught = new Map(recognised.map(({ label, moving = false }) => [label, moving]));
  const kept = Object.keys(guide?.have ?? {}).filter((label) => !foreign.includes(label));
  const labels = new Set([...taught.keys(), ...shown.map(({ label }) => label), ...kept]);
  return [...labels]
    .filter((label) => label !== REST && !letters.includes(label))
    .map((label) => ({ label, count: countOf(guide, label), moving: taught.get(label) ?? null }));
}

/** Return what is left without the sign `label`: { signs, examples }, how many other own signs there are, and which
 * examples: "usable" ones for a profile of this model, those of "another" alphabet alone, or "none". */
export function leftWithout(session, label) {
  const { guide, letters } = session;
  const signs = ownSigns(session).filter((each) => each.label !== label);
  const labels = Object.keys(guide.have).filter((each) => each !== label);
  const known = [REST, ...letters, ...signs.map((each) => each.label)];
  const examples = labels.some((each) => known.includes(each)) ? "usable" : labels.length > 0 ? "another" : "none";
  return { signs: signs.length, examples };
}

/** Return the session with the examples of a word; what is lacking is counted, and asked of the service after the last word. */
function spelled(session, examples) {
  const have = { ...session.guide.have };
  for (const { label } of examples) have[label] = countOf({ have }, label) + 1;
  return { ...session, shown: [...session.shown, ...examples], guide: { ...session.guide, have } };
}

/** Return whether the profile in use recognises the own sign `label`. */
export function isRecognised(session, label) {
  return (activeProfile(session)?.signs ?? []).some((each) => each.label === label);
}

/** Return how many examples of a label there are; `guide` may be null. A label may have any name, such as constructor. */
export function countOf(guide, label) {
  return guide !== null && Object.hasOwn(guide.have, label) ? guide.have[label] : 0;
}

/** Return the labels of which an example that was good enough for a picture is gone since `before`. */
export function labelsUndone({ shown }, before) {
  const ids = new Set(shown.map(({ id }) => id));
  return [...new Set(before.shown.filter((each) => !ids.has(each.id) && !isPoor(each)).map(({ label }) => label))];
}

/** Return whether the wearer's profile recognises own signs alone. */
export function isAlone(session) {
  return activeProfile(session)?.alone ?? false;
}

/** Return the other wearer whose own signs the profile recognises too, or null. */
export function sharerOf(session) {
  return activeProfile(session)?.signs_from ?? null;
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
  const has = (letter) => countOf(guide, letter) > 0;
  return { shown: letters.filter(has), without: letters.filter((letter) => !has(letter)) };
}

/** Return the number of examples of words that are kept of the wearer. */
export function keptWords({ words }) {
  return Object.values(words).reduce((sum, each) => sum + each, 0);
}

/** Return whether the labels spell a language, of which there are words. */
export function hasWords({ vocabulary }) {
  return vocabulary !== null && vocabulary.language !== "none";
}

function activeProfile({ profiles, model }) {
  return profiles.find((each) => each.active && each.model === model);
}

function opened({ wearer, model, vocabulary, foreign = [], profiles, words = {} }) {
  const letters = vocabulary.labels.map(({ label }) => label);
  return { ...INITIAL, wearer, model, vocabulary, letters, foreign, profiles, words, phase: "waiting" };
}

function kept(session, example) {
  const { shown, sign } = session;
  const taken = sign === null ? null : { ...sign, ids: [...sign.ids, example.id] };
  return { ...session, shown: [...shown, example], poor: isPoor(example) ? example : null, sign: taken };
}

function removed(session, id) {
  const { shown, sign } = session;
  const left = sign === null ? null : { ...sign, ids: sign.ids.filter((each) => each !== id) };
  return { ...session, shown: shown.filter((each) => each.id !== id), poor: null, sign: left };
}

function settled(session) {
  return { ...session, phase: settledPhase(session), until: null };
}

function settledPhase({ wearer, guide, target, poor, sitting, improvement, taught }) {
  if (wearer === null || guide === null) return "choosing";
  if (sitting !== null) return "sitting";
  if (improvement !== null) return "calibrated";
  if (taught !== null) return "taught";
  if (poor !== null) return "poor";
  return target === null ? "enough" : "asking";
}

/** Return the session with the target of what it is now about, whether or not the service can still be asked: an example
 * must never be kept under the previous label. */
function retargeted(session) {
  return { ...session, target: targetOf(session.guide, session) };
}

/** Return the next target: the own sign that is taught, until it was shown often enough, or the service's suggestion. */
function targetOf(guide, session) {
  const { sign, vocabulary } = session;
  if (sign !== null) {
    const shows = sign.ids.length;
    return shows < SHOWS ? { label: sign.label, again: shows > 0, moves: false, isOwn: true } : null;
  }
  const suggested = suggestionOf(guide, session);
  if (suggested === null) return null;
  const moves = vocabulary.labels.some(({ label, moving = false }) => label === suggested.label && moving);
  return { ...suggested, moves, isOwn: false };
}

/** Return what the service suggests. It suggests rest first; where rest is skipped, it is the letter with fewest examples. */
function suggestionOf(guide, { letters, skipped }) {
  const { next, again } = guide;
  const wanted = wantedLetters({ letters, skipped });
  if (next === null || wanted.length === 0) return null;
  if (next !== REST || !skipped.includes(REST)) return { label: next, again };
  const label = wanted.toSorted((one, other) => countOf(guide, one) - countOf(guide, other))[0];
  return { label, again: countOf(guide, label) > 0 };
}
