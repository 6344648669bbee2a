// The texts about labels, examples and improvements, on the page and for screen readers.

import { REST } from "../../glove.js";
import { describeProblem, letterNameOf } from "../../i18n/index.js";
import { displayOf } from "../../vocabularies.js";
import { gradeOf } from "./session.js";
import { wordOf } from "./sitting.js";

/** Return a label as it is shown: as its vocabulary says, or the word for rest. */
export function shortLabel(label, { calibrate }, vocabulary) {
  return label === REST ? calibrate.rest : displayOf(vocabulary, label);
}

/** Return a label as it is spoken: the name of the letter, or the word for rest. */
export function spokenLabel(label, messages, vocabulary) {
  return letterNameOf(messages.live, label) ?? shortLabel(label, messages, vocabulary);
}

/** Return how to show a target { label, again, moves, isOwn }. */
export function instructionFor({ label, again, moves, isOwn }, { calibrate: { how } }) {
  if (label === REST) return again ? how.restAgain : how.restFirst;
  if (isOwn) return again ? how.ownAgain : how.ownFirst;
  if (moves) return again ? how.movingAgain : how.movingFirst;
  return again ? how.again : how.first;
}

/** Return what to do while a target is counted down: { first, last }. */
export function countdownTexts({ moves, isOwn }, { calibrate: { counting } }) {
  return isOwn ? counting.own : moves ? counting.moving : counting.held;
}

/** Return what teaching an own sign came to, { label, moving, alike }, as sentences. */
export function taughtText({ label, moving, alike }, messages, vocabulary) {
  const { signs } = messages.calibrate;
  const others = alike.map((other) => shortLabel(other, messages, vocabulary));
  return [signs.taught(label, moving), ...(others.length === 0 ? [] : [signs.alike(label, others.join(", "))])];
}

/** Return what is wrong with an example by the code of its quality; by the service's own words for an unknown code, and an
 * empty text where nothing is wrong. */
export function reasonFor({ code = null, other = null, reason }, { calibrate: { reasons } }) {
  return code !== null && Object.hasOwn(reasons, code) ? reasons[code](other) : (reason ?? "");
}

/** Return the result of a calibration in a sentence. */
export function improvementText({ before, after, held_back: of }, { calibrate }) {
  if (before === null || after === null) return calibrate.notMeasured;
  const [correctBefore, correctAfter] = [before, after].map(({ accuracy }) => Math.round(accuracy * of));
  if (correctBefore === correctAfter) return calibrate.same(correctAfter, of);
  return (correctAfter > correctBefore ? calibrate.better : calibrate.worse)(correctBefore, correctAfter, of);
}

/** Return, as a list of sentences, that another wearer's signs of the previous profile are not to be had any more. */
export function lostText({ signs_lost: code = null }, messages) {
  return code === null ? [] : [messages.calibrate.signs.lost(describeProblem(messages, { code, detail: code }))];
}

/** Return the announcement for screen readers: the target, that the countdown is running, or a result. */
export function spokenText(session, messages) {
  const { calibrate } = messages;
  switch (session.phase) {
    case "asking":
      return [latestText(session, messages), targetText(session, messages)].join(" ").trim();
    case "counting": {
      const { first, last } = countdownTexts(session.target, messages);
      return `${first}. ${last}.`;
    }
    case "keeping":
      return `${calibrate.recorded}.`;
    case "sitting":
      return sittingText(session, messages);
    case "poor":
      return calibrate.poor(reasonFor(session.poor, messages));
    case "enough":
      return session.sign === null ? calibrate.enough : calibrate.signs.enough;
    case "taught":
      return taughtText(session.taught, messages, session.vocabulary).join(" ");
    case "calibrated":
      return improvementText(session.improvement, messages);
    default:
      return "";
  }
}

/** Return what a sitting asks for now: the word, or what to do with the hand. */
function sittingText({ sitting }, { calibrate: { sitting: texts } }) {
  const word = wordOf(sitting);
  if (sitting.step === "spelling" && word !== null) return texts.spoken(sitting.place + 1, sitting.words.length, word.word);
  return `${texts.headings[sitting.step]}. ${texts.intros[sitting.step]}`;
}

function targetText({ target, vocabulary }, messages) {
  return messages.calibrate.spoken.show(spokenLabel(target.label, messages, vocabulary), instructionFor(target, messages));
}

function latestText({ shown }, messages) {
  const latest = shown.at(-1);
  if (latest === undefined) return "";
  const { grades, spoken } = messages.calibrate;
  return spoken.latest(grades[gradeOf(latest)], reasonFor(latest, messages));
}
