// Every text a reader of the page sees. A translation is a second object of this shape.

const percent = (share) => `${Math.round(share * 100)} %`;
const seconds = (ms) => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);

const told = (what, detail) => (detail === "" ? what : `${what}: ${detail}`);

const lossWords = ({ missing, damaged, repeated, unsent, restarts }) =>
  [
    [missing, "missing"],
    [damaged, "damaged"],
    [repeated, "repeated"],
    [unsent, "not sent"],
    [restarts, restarts === 1 ? "restart" : "restarts"],
  ]
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count.toLocaleString("en")} ${what}`);

export const english = {
  streamsLabel: "Glove",
  letterHeading: "Present letter",
  confidenceLabel: "Confidence",
  helpHeading: "No glove yet",
  helpIntro: "To see the page at work without one, start an emulated glove, then give the port it prints to the bridge:",
  helpNote: "A real glove needs only the second command, with its serial port.",
  tokenHeading: "This service asks for a token",
  tokenLabel: "Token",
  tokenOpen: "Open",
  tokenWrong: "This token is not known here.",
  tokenNote: "It is kept in this tab only, until the tab is closed.",
  scalesHeading: "Time scales",
  scalesIntro: "How much this answer hangs on each length of movement.",
  signalsHeading: "Signals of the last ten seconds",
  flexHeading: "Fingers",
  flexUnit: "bend, ADC counts",
  angleHeading: "Hand",
  angleUnit: "angle, degrees",
  lineHeading: "Written so far",
  editSpace: "Space",
  editDelete: "Delete",
  clear: "Clear",
  none: "–",
  noLetter: "·", // not a dash: that would be the letter ㅡ
  now: "now",

  states: {
    connecting: () => "Connecting to the service",
    unreachable: () => "Service not reachable, trying again",
    locked: () => "A token is needed",
    none: () => "No glove yet",
    left: () => "The glove has left; waiting for another",
    opening: () => "Connecting to the glove",
    refused: ({ detail }) => `The service refused: ${detail}`,
    linkSearching: ({ detail }) => told("Looking for the glove", detail),
    linkOpening: () => "Opening the glove's port",
    linkWaiting: ({ detail }) => told("Waiting for the glove", detail),
    linkLost: ({ detail }) => told("Glove not connected, trying again", detail),
    stale: ({ silentMs }) => `No data for ${seconds(silentMs)}`,
    gap: ({ reason, missing }) => english.gaps[reason](missing),
    warming: () => "Collecting the first frames",
    rejected: () => "No letter fits",
    ok: () => "Reading the glove",
  },
  // What a screen reader says once when the state changes: no running seconds.
  spokenStates: {
    stale: "No data",
    linkSearching: "Looking for the glove",
    linkOpening: "Glove not connected", // a try within the same outage is no news
    linkWaiting: "Waiting for the glove",
    linkLost: "Glove not connected",
  },
  gaps: {
    sequence: (missing) => (missing === 1 ? "1 frame missing" : `${missing} frames missing`),
    time: () => "The glove paused for a moment",
    clock: () => "The glove started anew",
    duplicate: () => "Frames came twice",
    unknown: () => "Frames missing",
  },

  channels: ["flex 1", "flex 2", "flex 3", "flex 4", "flex 5", "pitch", "roll", "yaw"],
  // At the signal, and in the sentence above all of them.
  faults: { dropped: "no contact", stuck: "stuck", saturated: "at its limit", repeating: "repeats itself" },
  faultLine: {
    dropped: (channel) => `${channel} has no contact`,
    stuck: (channel) => `${channel} is stuck`,
    saturated: (channel) => `${channel} is at its limit`,
  },
  motionRepeats: "the motion sensor repeats itself",
  faultsOver: "All sensors are well again.",
  faultsIntro: (list) => `Check the glove: ${list}. Letters may be wrong.`,
  gloveHeading: "Glove",
  yawzero: "Set yaw to zero",
  recal: "Recalibrate, hand still",
  interval: "Frames a second",
  ordering: "Asking the glove …",
  ordered: "The glove has been told.",
  orderFailed: (detail) => (detail === "" ? "The service did not answer." : `Not done: ${detail}`),
  remark: (text) => `The glove says: ${text}`,
  scaleNames: ["Short", "Medium", "Long"],
  scaleSpan: (frames, ms) => (ms === null ? `${frames} frames` : `${frames} frames · ${Math.round(ms)} ms`),
  facts: {
    model: "Model", stream: "Stream", rate: "Rate", frames: "Frames", missing: "Missing", link: "Link", clock: "Clock",
  },
  linkFact: (link) => lossWords(link).join(", ") || "nothing lost",
  clockFact: (link) =>
    `±${link.clock_uncertainty_ms.toFixed(1)} ms` +
    (link.clock_drift_ppm === null ? "" : `, ${Math.round(link.clock_drift_ppm)} ppm`),
  wholeRate: (hz) => `${hz} Hz`,
  rate: (hz) => `${hz.toFixed(1)} Hz`,
  count: (n) => n.toLocaleString("en"),
  percent,
  streamOption: (stream, time) => `${stream}, since ${time}`,
  letterNames: {
    ㄱ: "giyeok", ㄴ: "nieun", ㄷ: "digeut", ㄹ: "rieul", ㅁ: "mieum", ㅂ: "bieup", ㅅ: "siot", ㅇ: "ieung",
    ㅈ: "jieut", ㅊ: "chieut", ㅋ: "kieuk", ㅌ: "tieut", ㅍ: "pieup", ㅎ: "hieut", ㅏ: "a", ㅑ: "ya",
    ㅓ: "eo", ㅕ: "yeo", ㅗ: "o", ㅛ: "yo", ㅜ: "u", ㅠ: "yu", ㅡ: "eu", ㅣ: "i",
  },
  ago: (s) => `−${s} s`,
};
