// What the page knows, as a pure reducer: (state, event, now) -> state. No clock, no socket, no document.
// `now` is in milliseconds of any clock that only runs forward.

const SILENT_MS = 2000; // longer than any hop or hiccup of the network: say so even when the service does not
const GAP_SHOWN_MS = 2000; // long enough to read four words
const ANSWER_SHOWN_MS = 10_000;
const OWN_LETTER_MS = 1000; // a glove that reads by itself says ten letters a second
const STEADY_MS = 4000; // a stream heard within this long is alive, whatever one failed poll says

// What the reader has asked of the glove: `command` while it is under way, then `done` or `failed` in words.
const NO_ORDER = { command: null, done: null, failed: null };

const NO_FAULTS = []; // of the sensors: { channel, fault }

const NO_STREAM = {
  following: null,
  started: null,
  prediction: null,
  stale: null, // { silentMs, at }
  gap: null, // { reason, missing, at }
  heardAt: null,
  frames: 0,
  missing: 0,
  own: null, // the letter that the glove itself said last: { letter, at }
  link: null, // what the bridge last told of the link to its glove
  faults: NO_FAULTS,
  remark: null, // what the glove last said in words
  order: NO_ORDER,
  orderedAt: 0,
};

// The states of the link in which the glove is not heard.
const LINK_STATES = {
  searching: "linkSearching",
  opening: "linkOpening",
  waiting: "linkWaiting",
  lost: "linkLost",
};

export const INITIAL = {
  service: "connecting", // connecting | reachable | unreachable | locked
  wrongToken: false, // what was tried did not open it
  streams: [],
  chosen: null, // the stream the reader picked by hand
  left: false, // a glove was here before
  refused: null,
  text: null, // the line being written: { committed, composing, letters }
  begun: { count: 0, letter: null }, // letters recognised so far, and the last one
  ...NO_STREAM,
};

/** The state after one event: `streams`, `unreachable`, `locked`, `unlocked`, `choose`, `message`, `closed`, `ordering`
 * or `ordered`. */
export function reduce(state, event, now) {
  switch (event.kind) {
    case "streams":
      return onStreams(state, event.streams, now);
    case "unreachable":
      return isSteady(state, now) ? state : { ...left(state), service: "unreachable", streams: [] };
    case "locked":
      return { ...left(state), service: "locked", streams: [], wrongToken: event.wrong };
    case "unlocked":
      return { ...state, service: "connecting" };
    case "choose":
      return event.stream === state.following
        ? { ...state, chosen: event.stream }
        : { ...follow(state, event.stream), chosen: event.stream, text: null };
    case "message":
      return onMessage(state, event.message, now);
    case "closed":
      return left(state);
    case "ordering":
      return { ...state, order: { ...NO_ORDER, command: event.command } };
    case "ordered":
      return event.stream === state.following ? { ...state, order: ended(event), orderedAt: now } : state;
    default:
      throw new TypeError(`unknown event ${event.kind}`);
  }
}

/** How things stand, as `{ key, ...details }`; the words for it are in words.js. */
export function status(state, now) {
  if (state.service !== "reachable") return { key: state.service };
  if (state.following === null) {
    if (state.refused !== null) return { key: "refused", detail: state.refused };
    return { key: state.left ? "left" : "none" };
  }
  if (state.started === null) return { key: "opening" };
  if (isLinkDown(state)) return { key: LINK_STATES[state.link.state], detail: state.link.detail };
  const silentMs = silence(state, now);
  if ((silentMs !== null || state.frames === 0) && ownLetter(state, now) !== null) return { key: "own" };
  if (silentMs !== null) return { key: "stale", silentMs };
  if (state.gap !== null && now - state.gap.at < GAP_SHOWN_MS) return { key: "gap", ...state.gap };
  if (state.prediction === null) return { key: "warming" };
  if (state.prediction.state === "gap") return { key: "gap", reason: "unknown", missing: null };
  return { key: state.prediction.state };
}

/** The prediction that holds now, or null: none yet, no data, or no letter to be told. */
export function currentPrediction(state, now) {
  const { prediction } = state;
  if (prediction === null || prediction.label === null || prediction.state === "stale") return null;
  return isHeard(state, now) ? prediction : null;
}

/** The letter that the glove itself says now, or null. */
export function ownLetter(state, now) {
  if (state.own === null || isLinkDown(state) || now - state.own.at > OWN_LETTER_MS) return null;
  return state.own.letter;
}

/** Whether frames come now: what they say is of the present. */
export function isHeard(state, now) {
  return state.started !== null && !isLinkDown(state) && silence(state, now) === null;
}

/** What is wrong with the sensors, as long as they are heard. */
export function faultsOf(state) {
  return isLinkDown(state) ? NO_FAULTS : state.faults;
}

/** What the reader has asked of the glove, and what became of it: for a while. */
export function orderOf(state, now) {
  const isOld = state.order.command === null && now - state.orderedAt > ANSWER_SHOWN_MS;
  return isOld ? NO_ORDER : state.order;
}

/** What may be asked of the glove that is followed. */
export function commandsOf(state) {
  return state.started?.commands ?? [];
}

function isLinkDown(state) {
  return state.link !== null && state.link.state in LINK_STATES;
}

function silence(state, now) {
  if (state.stale !== null) return state.stale.silentMs + now - state.stale.at;
  if (state.prediction?.state === "stale" || (state.heardAt !== null && now - state.heardAt > SILENT_MS)) {
    return now - state.heardAt;
  }
  return null;
}

function isSteady(state, now) {
  const spokenAt = Math.max(state.heardAt ?? -Infinity, state.own?.at ?? -Infinity);
  return now - spokenAt < STEADY_MS;
}

function onStreams(state, listed, now) {
  const streams = listed.filter(({ copy_of: copyOf = null }) => copyOf === null); // a copy is no other glove
  const next = { ...state, service: "reachable", streams };
  const wanted = pick(next, now);
  if (wanted !== null && wanted === state.following) return next;
  return wanted === null ? { ...left(next), refused: null } : follow(next, wanted);
}

function pick(state, now) {
  const listed = new Set(state.streams.map(({ stream }) => stream));
  // A stream that speaks stays, even when the list was drawn up a moment before it began.
  if (state.following !== null && isSteady(state, now) && silence(state, now) === null) return state.following;
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

function left(state) {
  return { ...state, ...NO_STREAM, left: state.left || state.started !== null };
}

function onMessage(state, message, now) {
  switch (message.type) {
    case "started":
      return { ...state, started: message, refused: null, left: true, heardAt: now };
    case "model":
      return state.started === null ? state : { ...state, started: { ...state.started, model: message.model } };
    case "frames":
      return { ...state, frames: state.frames + message.t_ms.length, stale: null, heardAt: now };
    case "prediction":
      return { ...state, prediction: message };
    case "gesture":
      return message.phase === "begin" ? { ...state, begun: onBegin(state.begun, message.label) } : state;
    case "text":
      return { ...state, text: message };
    case "gap": {
      const gap = { reason: message.reason, missing: message.missing, at: now };
      return { ...state, gap, missing: state.missing + (message.missing ?? 0) };
    }
    case "stale":
      return { ...state, stale: { silentMs: message.silent_ms, at: now } };
    case "glove_letter":
      return { ...state, own: { letter: message, at: now } };
    case "link":
      return { ...state, link: message };
    case "sensors":
      return { ...state, faults: message.faults };
    case "remark":
      return { ...state, remark: message.text };
    case "stopped":
      return { ...state, missing: message.missing_frames };
    case "error":
      // Later errors only say why the socket closes, which shows by itself.
      return state.started === null ? { ...state, refused: message.detail } : state;
    default:
      return state; // more message types may be added to the protocol
  }
}

function ended({ command, refused }) {
  return { command: null, done: refused === null ? command : null, failed: refused };
}

function onBegin({ count }, letter) {
  return { count: count + 1, letter };
}
