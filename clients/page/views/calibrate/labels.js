// The texts about labels, examples and improvements, on the page and for screen readers.

import { REST } from "../../glove.js";
import { gradeOf } from "./session.js";

/** Return a label as it is shown: the letter itself, or the word for rest. */
export function shortLabel(label, { calibrate }) {
  return label === REST ? calibrate.rest : label;
}

/** Return a label as it is spoken: the name of the letter, or the word for rest. */
export function spokenLabel(label, { calibrate, live }) {
  return label === REST ? calibrate.rest : (live.letterNames[label] ?? label);
}

/** Return how to show a target { label, again }. */
export function instructionFor({ label, again }, { calibrate: { how } }) {
  if (label === REST) return again ? how.restAgain : how.restFirst;
  return again ? how.again : how.first;
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

/** Return the announcement for screen readers: the target, that the countdown is running, or a result. */
export function spokenText(session, messages) {
  const { calibrate } = messages;
  switch (session.phase) {
    case "asking":
      return [latestText(session, messages), targetText(session, messages)].join(" ").trim();
    case "counting":
      return `${calibrate.makeShape}. ${calibrate.holdStill}.`;
    case "keeping":
      return `${calibrate.recorded}.`;
    case "poor":
      return calibrate.poor(reasonFor(session.poor, messages));
    case "enough":
      return calibrate.enough;
    case "calibrated":
      return improvementText(session.improvement, messages);
    default:
      return "";
  }
}

function targetText({ target }, messages) {
  return messages.calibrate.spoken.show(spokenLabel(target.label, messages), instructionFor(target, messages));
}

function latestText({ shown }, messages) {
  const latest = shown.at(-1);
  if (latest === undefined) return "";
  const { grades, spoken } = messages.calibrate;
  return spoken.latest(grades[gradeOf(latest)], reasonFor(latest, messages));
}
