// Connects the parts: events change the state, the state drives the connection, and each animation frame renders the
// current view.

import { Connection } from "./connection.js";
import { byId, setText } from "./dom.js";
import { Header } from "./header.js";
import { History } from "./history.js";
import { messagesIn } from "./i18n/index.js";
import { OwnGlove } from "./own_glove.js";
import { Preferences } from "./preferences.js";
import { Router } from "./router.js";
import { problemOf, Service } from "./service.js";
import { Signals } from "./signals.js";
import { INITIAL, reduce } from "./state.js";
import { Token } from "./token.js";
import { ApiView } from "./views/api.js";
import { CalibrateView } from "./views/calibrate.js";
import { GlovesView } from "./views/gloves.js";
import { LiveView } from "./views/live.js";
import { ModelsView } from "./views/models.js";
import { RecordingsView } from "./views/recordings.js";
import { Vocabularies } from "./vocabularies.js";
import { Wakefulness } from "./wakefulness.js";

const VIEWS = {
  live: LiveView, gloves: GlovesView, calibrate: CalibrateView, models: ModelsView, recordings: RecordingsView, api: ApiView,
};

const AWAKE_EVERY_MS = 1000; // a browser makes it a minute in a tab that has been in the background for long

let state = INITIAL;
const wakefulness = new Wakefulness(Date.now());
const preferences = new Preferences();
const token = new Token();
const service = new Service(document.baseURI, token);
const connection = new Connection(handle, document.baseURI, token);
const choose = (stream) => handle({ kind: "choose", stream });
const ownGlove = new OwnGlove(service, choose);

/** What views may use: the data of the stream, and the actions of the user. */
const page = {
  service, ownGlove, choose, vocabularies: new Vocabularies(service), signals: new Signals(), history: new History(), sendCommand, editText, unlock, state: () => state,
  demo: null, // the simulated glove of this page, while it runs
  wearer: null, // the name of the wearer whose calibration is open
  frameListeners: new Set(), // called with each `frames` message of the stream on show
};

const views = Object.fromEntries(Object.entries(VIEWS).map(([name, View]) => [name, new View(byId(`view-${name}`), page)]));
const header = new Header(Object.keys(VIEWS), { choose, prefer });
const router = new Router(views, (name) => header.setView(name));

function handle(event) {
  if (event.kind === "message" && renewAfterSleep()) return; // it waited while the page slept
  const now = performance.now();
  const before = state.following;
  state = reduce(state, event, now);
  if (state.following !== before && state.following !== null) {
    page.signals.clear();
    page.history.clear();
  }
  if (event.kind === "message") {
    if (event.message.type === "frames") {
      page.signals.push(event.message, now);
      for (const listener of page.frameListeners) listener(event.message);
    }
    page.history.push(event.message, now);
  }
  connection.follow(state.following);
}

/** Connect again if the page has slept, and return whether it has: a new connection has no old messages. */
function renewAfterSleep() {
  const renews = wakefulness.hasSlept(Date.now()) && state.following !== null;
  if (renews) connection.renew();
  return renews;
}

/** Send a command to the glove: a body of `POST /v1/streams/{stream}/commands`. */
async function sendCommand(body) {
  const stream = state.following;
  if (state.command.pending !== null || stream === null) return;
  handle({ kind: "commandSent", command: body.command });
  const failed = await problemOf(service.post(`/v1/streams/${encodeURIComponent(stream)}/commands`, body));
  handle({ kind: "commandEnded", stream, command: body.command, failed });
}

/** Edit the transcript of the stream. The result arrives as a `text` message; a refused edit changes nothing. */
async function editText(action) {
  if (state.following === null) return;
  await problemOf(service.post(`/v1/streams/${encodeURIComponent(state.following)}/text`, { action }));
}

function unlock(text) {
  if (token.keep(text)) connection.unlock();
  else handle({ kind: "locked", wrong: true });
}

function prefer(change) {
  Object.assign(preferences, change);
  translate();
}

/** Write every text in the user's language. */
function translate() {
  const messages = messagesIn(preferences.language);
  for (const element of document.querySelectorAll("[data-i18n]")) setText(element, messages.live[element.dataset.i18n]);
  header.setMessages(messages, preferences);
  for (const view of Object.values(views)) view.setMessages(messages);
}

function render() {
  renewAfterSleep();
  const now = performance.now();
  header.render(state, now);
  router.view.render(state, now);
}

function renderFrame() {
  render();
  requestAnimationFrame(renderFrame);
}

/** A tab in the background has no animation frames: what it shows when it comes back must not be from before. */
function renderWithoutFrames() {
  if (document.hidden) render();
}

window.addEventListener("hashchange", () => {
  if (token.takeFromAddress()) connection.unlock();
});
preferences.apply();
translate();
router.route();
connection.start();
setInterval(renderWithoutFrames, AWAKE_EVERY_MS);
for (const kind of ["visibilitychange", "resume"]) document.addEventListener(kind, render);
window.addEventListener("pageshow", render);
ownGlove.resume();
requestAnimationFrame(renderFrame);
