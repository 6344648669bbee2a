// How labels, ways of holding them, faults of examples and what a calibration brought are put into words.

import { REST } from "./calibrating.js";

/** A label for eyes beside a picture: the letter itself, rest by its word. */
export function shortOf(label, { calibrate }) {
  return label === REST ? calibrate.rest : label;
}

/** A label for ears: a letter's name. */
export function nameOf(label, { calibrate, live }) {
  return label === REST ? calibrate.rest : (live.letterNames[label] ?? label);
}

/** In which way it is to be held. */
export function howOf({ label, again }, { calibrate: { how } }) {
  if (label === REST) return again ? how.restAgain : how.restFirst;
  return again ? how.again : how.first;
}

/** What is the matter with an example, empty where nothing is. What the service says and we do not know stays as it is. */
export function reasonOf({ reason }, { calibrate }) {
  const close = /^it is close to an example of (.)$/u.exec(reason);
  return close === null ? (calibrate.reasons[reason] ?? reason) : calibrate.closeTo(close[1]);
}

/** What it brought, in a sentence. */
export function summaryOf({ before, after, held_back: of }, { calibrate }) {
  if (before === null || after === null) return calibrate.nothingHeld;
  const [were, are] = [before, after].map(({ accuracy }) => Math.round(accuracy * of));
  if (were === are) return calibrate.same(are, of);
  return are > were ? calibrate.better(were, are, of) : calibrate.worse(were, are, of);
}
