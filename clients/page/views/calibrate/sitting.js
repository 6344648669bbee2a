// A sitting as a pure reducer: the hand moves, rests, and spells words that the page shows. `now` is in milliseconds of any
// monotonic clock.

import { REST } from "../../glove.js";

export const MOVING_MS = 10_000; // every finger can be bent and stretched a few times
export const RESTING_MS = 3000; // time to lower the hand, and to keep it for the 1.6 s that are kept
const QUIET_MS = 1500; // a word whose last letter is unsure is over when nothing has changed for so long
const ROUNDS = 2; // the second one has words with the letters that the first one has not found

/** Return the sitting of words { word, labels } from its first step on. */
export function began(words, now) {
  return {
    step: "moving", // moving | resting | spelling | doubts
    until: now + MOVING_MS, // when the step ends by itself, or null
    round: 1,
    words,
    place: 0, // of the present word
    since: null, // the number of its first possible shape, or null before that is known
    spelled: null, // what is understood of it: { letters, text, complete, next }, or null
    changedAt: now, // when that changed last
    found: [], // the labels of the examples so far
  };
}

/** Return it when the hand is to rest. */
export function resting(sitting, now) {
  return { ...sitting, step: "resting", until: now + RESTING_MS };
}

/** Return it when the present word is asked for, from the shape number `since` on; null: it is still to be read. */
export function asking(sitting, since, now) {
  return { ...sitting, step: "spelling", until: null, since, spelled: null, changedAt: now };
}

/** Return it with what is understood of the present word. */
export function understood(sitting, spelled, now) {
  const isSame = JSON.stringify(sitting.spelled?.letters) === JSON.stringify(spelled.letters);
  return { ...sitting, spelled, changedAt: isSame ? sitting.changedAt : now };
}

/** Return it at the next word, with the examples that were kept of the present one. */
export function kept(sitting, { examples, next }, now) {
  const found = [...sitting.found, ...examples.map(({ label }) => label)];
  const following = { ...sitting, found, place: sitting.place + 1 };
  return asking(following, isHeldOn(wordOf(sitting), wordOf(following)) ? null : next, now);
}

/** Return whether a word begins with the letter that the one before ends with: where it begins is then read again, and an
 * emulated hand moves meanwhile. */
function isHeldOn(word, following) {
  return following?.labels[0] === word.labels.at(-1);
}

/** Return it at the first of further words, which may begin with the letter that the hand still holds: where they begin is
 * read again, and an emulated hand moves meanwhile. */
export function again(sitting, words, now) {
  return asking({ ...sitting, words, place: 0, round: sitting.round + 1 }, null, now);
}

/** Return it when it asks what doubtful shapes were. */
export function doubting(sitting) {
  return { ...sitting, step: "doubts", until: null };
}

/** Return the present word { word, labels }, or null where there is none left. */
export function wordOf({ words, place }) {
  return words[place] ?? null;
}

/** Return whether the present word is over: it is complete, or the hand has come to its end and holds still. */
export function isWordOver({ spelled, changedAt }, now) {
  if (spelled === null) return false;
  const isAtItsEnd = spelled.letters.at(-1).state !== "waiting";
  return spelled.complete || (isAtItsEnd && now - changedAt >= QUIET_MS);
}

/** Return the labels of the words that no shape was found for, where another round is to ask for them; else none. */
export function lackingOf({ words, found, round }) {
  if (round >= ROUNDS) return [];
  return [...new Set(words.flatMap(({ labels }) => labels))].filter((label) => !found.includes(label));
}

/** Return the state of each letter of the present word: { label, state }. */
export function lettersOf(sitting) {
  return sitting.spelled?.letters ?? wordOf(sitting)?.labels.map((label) => ({ label, state: "waiting" })) ?? [];
}

/** Return the label that an emulated hand is to show, or null for what it signs by itself. */
export function labelOf(sitting) {
  if (sitting.step === "resting") return REST;
  if (sitting.step !== "spelling" || sitting.since === null) return null;
  const letters = lettersOf(sitting);
  return (letters.find(({ state }) => state === "waiting") ?? letters.at(-1))?.label ?? null;
}
