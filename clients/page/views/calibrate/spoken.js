// What a screen reader says of a sitting: what is asked for, that the countdown is over, and what became of it.

import { gradeOf } from "./calibrating.js";
import { howOf, nameOf, reasonOf, summaryOf } from "./naming.js";

/** One text, which changes when there is something to be said. */
export function spokenOf(sitting, words) {
  const { calibrate } = words;
  switch (sitting.phase) {
    case "asking":
      return [lastOf(sitting, words), askedOf(sitting, words)].join(" ").trim();
    case "counting":
      return `${calibrate.makeShape}. ${calibrate.holdStill}.`;
    case "keeping":
      return `${calibrate.taken}.`;
    case "judged":
      return calibrate.judged(reasonOf(sitting.poor, words));
    case "enough":
      return calibrate.enough;
    case "worth":
      return summaryOf(sitting.worth, words);
    default:
      return "";
  }
}

function askedOf({ asked }, words) {
  return words.calibrate.spoken.show(nameOf(asked.label, words), howOf(asked, words));
}

function lastOf({ shown }, words) {
  const last = shown.at(-1);
  if (last === undefined) return "";
  const { grades, spoken } = words.calibrate;
  return spoken.last(grades[gradeOf(last)], reasonOf(last, words));
}
