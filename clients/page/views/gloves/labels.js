// The texts about steps and findings, on the page and for screen readers.

import { CHANNELS, FIRST_ANGLE } from "../../glove.js";
import { FINGERS, STEPS } from "./steps.js";

export const PARTS = [...FINGERS, "motion"]; // what a check judges, in the order of the page

/** Return the part of the hand that a finding is about. */
export function partOf({ channel }) {
  return FINGERS[CHANNELS.indexOf(channel)] ?? "motion";
}

/** Return the channels of a part. */
export function channelsOf(part) {
  return part === "motion" ? CHANNELS.slice(FIRST_ANGLE) : [CHANNELS[FINGERS.indexOf(part)]];
}

/** Return what is found of a part: { tone, text, advice }; `finding` is undefined where nothing is known yet. By the
 * service's own words for an unknown code. */
export function verdictOf(finding, { gloves }) {
  if (finding === undefined) return { tone: "none", text: gloves.notYet, advice: "" };
  const { code, straight, follows, text } = finding;
  if (partOf(finding) === "motion") return { tone: toneOf(code), ...gloves.motion[code === "moves" ? "moves" : "still"] };
  if (code === "does_not_move" && straight === null) return { tone: toneOf(code), ...gloves.notRead };
  if (!Object.hasOwn(gloves.findings, code)) return { tone: "bad", text, advice: "" };
  return { tone: toneOf(code), text: gloves.findings[code](gloves.parts[follows]), advice: gloves.advice[code] ?? "" };
}

/** Return how a step's number and name are written. */
export function titleOf(step, { gloves }) {
  return gloves.stepOf(STEPS.indexOf(step) + 1, STEPS.length, gloves.steps[step]);
}

/** Return the announcement of a phase for screen readers. */
export function spokenText(session, messages) {
  const { phase, step, isInterrupted } = session;
  const { gloves } = messages;
  switch (phase) {
    case "asking":
      return [isInterrupted ? gloves.interrupted : "", titleOf(step, messages), gloves.how[step]].filter((text) => text !== "").join(" ");
    case "counting":
      return gloves.getReady;
    case "holding":
      return gloves.holdStill;
    case "shown":
      return shownText(session, messages);
    default:
      return "";
  }
}

/** Return what there is to do after the last step. */
export function shownText({ needed, isJudged }, { gloves }) {
  if (needed === null) return isJudged ? gloves.judging : ""; // a problem line says why not
  if (needed.length === 0) return gloves.allShown;
  return gloves.stillNeeded(needed.map((step) => gloves.steps[step]).join(", "));
}

/** Return the announcement of the findings that are new or have changed. */
export function spokenFindings(findings, before, messages) {
  const key = (finding) => JSON.stringify([finding.channel, finding.code, finding.follows]);
  const known = new Set(before.map(key));
  return findings
    .filter((finding) => !known.has(key(finding)))
    .map((finding) => messages.gloves.spokenFinding(messages.gloves.parts[partOf(finding)], verdictOf(finding, messages).text))
    .join(" ");
}

function toneOf(code) {
  if (code === "moves" || code === "reversed") return "good";
  return code === "at_rail" ? "warn" : "bad";
}
