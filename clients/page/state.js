// The state of the page as a pure reducer: (state, event, now) -> state. No clock, no socket, no document. `now` is in
// milliseconds of any monotonic clock.

import { wordAfter } from "./words.js";

const SILENT_MS = 2000; // longer than any delay of the network: shown as silence even when the service does not say so
const GAP_SHOWN_MS = 2000; // long enough to read four words
const RESULT_SHOWN_MS = 10_000;
const DEVICE_PREDICTION_MS = 1000; // a glove that recognises letters itself sends ten a second
const STEADY_MS = 4000; // a stream with data this recent is kept, even when one poll fails

// The last command to the glove: `pending` is its name while it is sent; then `done` is its name or `failed` the problem.
const NO_COMMAND = { pending: null, done: null, failed: null };

const NO_FAULTS = []; // of the sensors: { channel, fault }

const NO_STREAM = {
  following: null, // the name of the stream on show
  started: null, // its `started` message
  prediction: null,
  stale: null, // { silentMs, at }
  gap: null, // { reason, missing, at }
  lastFrameAt: null,
  frames: 0,
  missing: 0,
  devicePrediction: null, // the last letter that the glove recognised itself: { prediction, at }
  link: null, // the last `link` message of the bridge
  word: null, // the `word` message of the last word of the line, if its language changed it or the wearer took that back
  faults: NO_FAULTS,
  learned: null, // the last `self_calibration` message: what was learned of the hand, of itself or from words
  ranging: null, // the last `ranging` message: how far a glove without a profile is brought to what the model knows
  notices: [], // what is odd about the glove: the present `glove` messages, the oldest first
  remark: null, // the last remark of the glove: `text`, and `values` by key
  command: NO_COMMAND,
  commandAt: 0,
};

// The service lists a stream, but no WebSocket to it can be opened: what is in between does not pass it on.
const UNOPENED = { code: "no_websocket", detail: "" };

const MAX_NOTICES = 16; // a glove is odd in a few ways

// The states of the link in which no frames can arrive, by the key of their text.
const LINK_STATES = {
  searching: "linkSearching",
  opening: "linkOpening",
  waiting: "linkWaiting",
  lost: "linkLost",
};

export const INITIAL = {
  service: "connecting", // connecting | reachable | unreachable | denied | locked
  denied: null, // the problem with which the service denied the list of streams
  wrongToken: false, // the service refused a token
  streams: [],
  chosen: null, // the stream that the user selected
  hadGlove: false, // a glove was connected before
  refused: null, // the `error` message with which the stream was refused, or UNOPENED
  text: null, // the transcript: { committed, composing, letters }
  lastLetter: { count: 0, letter: null }, // how many letters were recognised so far, and the last of them
  ...NO_STREAM,
};

/** Return the state after an event: `streams`, `unreachable`, `denied`, `locked`, `unlocked`, `choose`, `message`,
 * `closed`, `slept`, `commandSent` or `commandEnded`. */
export function reduce(state, event, now) {
  switch (event.kind) {
    case "streams":
      return onStreams(state, event.streams, now);
    case "unreachable":
      return isSteady(state, now) ? state : { ...withoutStream(state), service: "unreachable", streams: [] };
    case "denied": {
      const denied = { service: "denied", denied: event.problem };
      return isSteady(state, now) ? state : { ...withoutStream(state), ...denied, streams: [] };
    }
    case "locked":
      return { ...withoutStream(state), service: "locked", streams: [], wrongToken: event.wrong };
    case "unlocked":
      return { ...state, service: "connecting" };
    case "choose":
      return event.stream === state.following
        ? { ...state, chosen: event.stream }
        : { ...follow(state, event.stream), chosen: event.stream, text: null };
    case "message":
      return onMessage(state, event.message, now);
    case "closed":
      return { ...withoutStream(state), refused: event.opened === false ? UNOPENED : state.refused };
    case "slept":
      return { ...withoutStream(state), service: "connecting" };
    case "commandSent":
      return { ...state, command: { ...NO_COMMAND, pending: event.command } };
    case "commandEnded":
      return event.stream === state.following ? { ...state, command: resultOf(event), commandAt: now } : state;
    default:
      throw new TypeError(`unknown event ${event.kind}`);
  }
}

/** Return the status as `{ key, ...details }`; `live.states` of the i18n catalogue has the text of each key. A detail
 * `problem` has a `code` and the service's own `detail`. */
export function statusOf(state, now) {
  if (state.service === "denied") return { key: "refused", problem: state.denied };
  if (state.service !== "reachable") return { key: state.service };
  if (state.following === null) {
    if (state.refused !== null) return { key: "refused", problem: state.refused };
    return { key: state.hadGlove ? "left" : "none" };
  }
  if (state.started === null) return state.refused === UNOPENED ? { key: "refused", problem: UNOPENED } : { key: "opening" };
  if (isLinkDown(state)) return { key: LINK_STATES[state.link.state], problem: state.link };
  const silentMs = silenceMs(state, now);
  if ((silentMs !== null || state.frames === 0) && devicePredictionOf(state, now) !== null) return { key: "deviceOnly" };
  if (silentMs !== null) return { key: "stale", silentMs };
  if (state.gap !== null && now - state.gap.at < GAP_SHOWN_MS) return { key: "gap", ...state.gap };
  if (state.prediction === null) return { key: "warming" };
  if (state.prediction.state === "gap") return { key: "gap", reason: "unknown", missing: null };
  return { key: state.prediction.state };
}

/** Return the current prediction, or null without one, without data or without a letter. */
export function currentPrediction(state, now) {
  const { prediction } = state;
  if (prediction === null || prediction.label === null || prediction.state === "stale") return null;
  return isReceiving(state, now) ? prediction : null;
}

/** Return the letter that the glove itself recognises now, as its message, or null. */
export function devicePredictionOf(state, now) {
  const { devicePrediction } = state;
  if (devicePrediction === null || isLinkDown(state) || now - devicePrediction.at > DEVICE_PREDICTION_MS) return null;
  return devicePrediction.prediction;
}

/** Return whether frames arrive now. */
export function isReceiving(state, now) {
  return state.started !== null && !isLinkDown(state) && silenceMs(state, now) === null;
}

/** Return the faults of the sensors while the glove is connected. */
export function faultsOf(state) {
  return isLinkDown(state) ? NO_FAULTS : state.faults;
}

/** Return the last command and its result, which is shown for RESULT_SHOWN_MS. */
export function commandOf(state, now) {
  const isOld = state.command.pending === null && now - state.commandAt > RESULT_SHOWN_MS;
  return isOld ? NO_COMMAND : state.command;
}

/** Return how people call the glove of a listed stream: by its name, or else by its port; null where neither is known. */
export function gloveNameOf({ glove = null, link = null }) {
  return glove ?? link?.port ?? null;
}

/** Return the commands that the glove supports. */
export function supportedCommands(state) {
  return state.started?.commands ?? [];
}

function isLinkDown(state) {
  return state.link !== null && state.link.state in LINK_STATES;
}

function silenceMs(state, now) {
  if (state.stale !== null) return state.stale.silentMs + now - state.stale.at;
  if (state.prediction?.state === "stale" || (state.lastFrameAt !== null && now - state.lastFrameAt > SILENT_MS)) {
    return now - state.lastFrameAt;
  }
  return null;
}

function isSteady(state, now) {
  const lastAt = Math.max(state.lastFrameAt ?? -Infinity, state.devicePrediction?.at ?? -Infinity);
  return now - lastAt < STEADY_MS;
}

function onStreams(state, listed, now) {
  const streams = listed.filter(({ copy_of: copyOf = null }) => copyOf === null); // a copy is not another glove
  const next = { ...state, service: "reachable", streams };
  const wanted = pick(next, now);
  if (wanted !== null && wanted === state.following) return next;
  return wanted === null ? { ...withoutStream(next), refused: null } : follow(next, wanted);
}

function pick(state, now) {
  const listed = new Set(state.streams.map(({ stream }) => stream));
  // A stream with recent data stays, even when the list was made a moment before it began.
  if (state.following !== null && isSteady(state, now) && silenceMs(state, now) === null) return state.following;
  if (state.chosen !== null && listed.has(state.chosen)) return state.chosen;
  const newestFirst = [...state.streams].sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
  const live = newestFirst.find((stream) => stream.state !== "stale");
  if (live !== undefined) return live.stream;
  if (listed.has(state.following)) return state.following;
  return newestFirst[0]?.stream ?? null;
}

function follow(state, stream) {
  return { ...state, ...NO_STREAM, following: stream };
}

function withoutStream(state) {
  return { ...state, ...NO_STREAM, hadGlove: state.hadGlove || state.started !== null };
}

function onMessage(state, message, now) {
  switch (message.type) {
    case "started":
      return { ...state, started: message, refused: null, hadGlove: true, lastFrameAt: now };
    case "model":
      return withStarted(state, { model: message.model, vocabulary: message.vocabulary });
    case "profile":
      return withStarted(state, { profile: message.version, vocabulary: message.vocabulary });
    case "glove_profile":
      return state.started === null ? state : { ...state, started: { ...state.started, ...message, type: "started" } };
    case "frames":
      return { ...state, frames: state.frames + message.t_ms.length, stale: null, lastFrameAt: now };
    case "prediction":
      return { ...state, prediction: message };
    case "gesture":
      return message.phase === "begin" ? { ...state, lastLetter: nextLetter(state.lastLetter, message.label) } : state;
    case "text":
      return { ...state, text: message, word: wordAfter(state.word, state.text, message) };
    case "self_calibration":
      return { ...state, learned: message };
    case "word":
      return { ...state, word: wordAfter(state.word, state.text, message) };
    case "gap": {
      const gap = { reason: message.reason, missing: message.missing, at: now };
      return { ...state, gap, missing: state.missing + (message.missing ?? 0) };
    }
    case "stale":
      return { ...state, stale: { silentMs: message.silent_ms, at: now } };
    case "glove_letter":
      return { ...state, devicePrediction: { prediction: message, at: now } };
    case "link":
      return { ...state, link: message };
    case "sensors":
      return { ...state, faults: message.faults };
    case "glove":
      return { ...state, notices: withNotice(state.notices, message) };
    case "ranging":
      return { ...state, ranging: message };
    case "remark":
      return { ...state, remark: { text: message.text, values: message.values ?? {} } };
    case "stopped":
      return { ...state, missing: message.missing_frames };
    case "error":
      // Later errors only say why the socket closes, which the page shows anyway.
      return state.started === null ? { ...state, refused: message } : state;
    default:
      return state; // message types may be added to the protocol
  }
}

/** The state with other facts about the stream than it started with; a service before 0.3 tells no vocabulary. */
function withStarted(state, { vocabulary, ...facts }) {
  const { started } = state;
  return started === null ? state : { ...state, started: { ...started, ...facts, vocabulary: vocabulary ?? started.vocabulary } };
}

function resultOf({ command, failed }) {
  return { pending: null, done: failed === null ? command : null, failed };
}

/** The notices with one more, in place of the former one of its code and channel. */
function withNotice(notices, notice) {
  const others = notices.filter(({ code, channel }) => code !== notice.code || channel !== notice.channel);
  return notice.present === false ? others : [...others, notice].slice(-MAX_NOTICES);
}

function nextLetter({ count }, letter) {
  return { count: count + 1, letter };
}
