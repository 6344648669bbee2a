// A check of a glove as a pure reducer: (session, event, now) -> session. No clock, no request, no document. `now` is in
// milliseconds of any monotonic clock. What the frames say is judged by the service alone.

import { STEPS } from "./steps.js";

export const COUNTDOWN_MS = 1000; // the hand that pressed the key may be the one with the glove

export const INITIAL = {
  phase: "start", // start | asking | counting | holding | shown | storing | stored
  step: null, // the step on show; null before the first and after the last
  hand: "right",
  frames: {}, // of each step that was shown
  skipped: [], // steps that were left out
  source: null, // the glove that the frames are of
  until: null, // when the countdown ends
  isInterrupted: false, // whether the glove stopped sending while the step was shown
  findings: [], // of the service, for the frames of a moment ago
  isJudged: true, // false where the service could not be asked
  needed: null, // the steps that a profile still needs; null before the service has said
  stored: null, // the profile that was made: { glove, version, missing }
  failed: null, // the problem { code, detail } of the last request
};

const COMMANDS = {
  start: ["begin"],
  asking: ["take", "skip", "redo", "show", "judge", "cancel"],
  counting: ["stop"],
  holding: ["stop"],
  shown: ["redo", "show", "judge", "store", "cancel"],
  stored: ["show", "cancel"],
};

/** Return whether `command` is possible now. */
export function isPossible(session, command) {
  if (!(COMMANDS[session.phase] ?? []).includes(command)) return false;
  if (command === "redo") return session.step !== STEPS[0];
  if (command === "judge") return !session.isJudged;
  if (command === "store") return session.needed !== null && session.needed.length === 0;
  return true;
}

/** Return the session after an event: `begin`, `start` and `stop` of the countdown, `hold`, `interrupted`, `taken`, `skip`,
 * `show`, `hand` and `cancel` of the user and the glove; `judged`, `unjudged`, `busy`, `stored` and `failed` of requests. */
export function reduce(session, event, now) {
  switch (event.kind) {
    case "begin":
      return { ...INITIAL, hand: session.hand, phase: "asking", step: STEPS[0] };
    case "start":
      return { ...session, phase: "counting", until: now + COUNTDOWN_MS, isInterrupted: false };
    case "stop":
      return asking(session);
    case "hold":
      return { ...session, phase: "holding", until: null };
    case "interrupted":
      return { ...asking(session), isInterrupted: true };
    case "taken":
      return after(taken(session, event));
    case "skip":
      return after(skipped(session));
    case "show":
      return { ...asking(session), step: event.step, stored: null };
    case "hand":
      return { ...session, hand: event.hand };
    case "cancel":
      return { ...INITIAL, hand: session.hand };
    case "judged":
      return { ...session, findings: event.findings, needed: event.needed, isJudged: true, failed: null };
    case "unjudged":
      return { ...session, isJudged: false, failed: event.problem };
    case "busy":
      return { ...session, phase: "storing", failed: null };
    case "stored":
      return { ...session, phase: "stored", stored: event.stored, failed: null };
    case "failed":
      return { ...session, phase: "shown", failed: event.problem };
    default:
      throw new TypeError(`unknown event ${event.kind}`);
  }
}

/** Return the step before the one on show, or the last one after all of them. */
export function stepBefore({ step }) {
  return STEPS.at(step === null ? -1 : Math.max(0, STEPS.indexOf(step) - 1));
}

/** Return the state of a step: "current", "shown", "skipped" or "open". */
export function stateOf({ step, frames, skipped }, each) {
  if (each === step) return "current";
  if (each in frames) return "shown";
  return skipped.includes(each) ? "skipped" : "open";
}

function asking(session) {
  return { ...session, phase: "asking", until: null, isInterrupted: false };
}

function taken(session, { frames, source }) {
  const others = session.skipped.filter((step) => step !== session.step);
  return { ...session, frames: { ...session.frames, [session.step]: frames }, skipped: others, source };
}

/** A step that is skipped after all is not judged by its earlier frames. */
function skipped(session) {
  const { [session.step]: _, ...frames } = session.frames;
  return { ...session, frames, skipped: [...session.skipped, session.step] };
}

/** Ask for the next step that was neither shown nor skipped, if there is one. */
function after(session) {
  const from = STEPS.indexOf(session.step) + 1;
  const order = [...STEPS.slice(from), ...STEPS.slice(0, from)];
  const next = order.find((step) => !(step in session.frames) && !session.skipped.includes(step)) ?? null;
  return { ...asking(session), step: next, phase: next === null ? "shown" : "asking" };
}
