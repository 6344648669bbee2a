// Joins the parts: events change the state, the state drives the connection, every animation frame draws what is shown.

import { Connection } from "./connection.js";
import { byId, setText } from "./dom.js";
import { Header } from "./header.js";
import { History } from "./history.js";
import { Preferences } from "./preferences.js";
import { Router } from "./router.js";
import { Service, ServiceError } from "./service.js";
import { Signals } from "./signals.js";
import { INITIAL, reduce } from "./state.js";
import { Token } from "./token.js";
import { ApiView } from "./views/api.js";
import { CalibrateView } from "./views/calibrate.js";
import { LiveView } from "./views/live.js";
import { ModelsView } from "./views/models.js";
import { RecordingsView } from "./views/recordings.js";
import { words } from "./words/index.js";

const VIEWS = { live: LiveView, calibrate: CalibrateView, models: ModelsView, recordings: RecordingsView, api: ApiView };

let state = INITIAL;
const preferences = new Preferences();
const token = new Token();
const service = new Service(document.baseURI, token);
const connection = new Connection(handle, document.baseURI, token);

/** What the views may use: what is known, and what a reader can cause. */
const page = {
  service, signals: new Signals(), history: new History(), handle, order, edit, unlock, state: () => state,
  heard: new Set(), // who hears the frames of the glove that is followed, as messages
};

const views = Object.fromEntries(Object.entries(VIEWS).map(([name, View]) => [name, new View(byId(`view-${name}`), page)]));
const header = new Header(Object.keys(VIEWS), { choose: (stream) => handle({ kind: "choose", stream }), prefer });
const router = new Router(views, (name) => header.shown(name));

function handle(event) {
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
      for (const hear of page.heard) hear(event.message);
    }
    page.history.push(event.message, now);
  }
  connection.follow(state.following);
}

/** Ask something of the glove: a body of `POST /v1/streams/{stream}/commands`. */
async function order(body) {
  const stream = state.following;
  if (state.order.command !== null || stream === null) return;
  handle({ kind: "ordering", command: body.command });
  const refused = await refusal(service.post(`/v1/streams/${encodeURIComponent(stream)}/commands`, body));
  handle({ kind: "ordered", stream, command: body.command, refused });
}

/** Change the line that the stream writes. What becomes of it comes as a message; who may not, sees nothing change. */
async function edit(change) {
  if (state.following === null) return;
  await refusal(service.post(`/v1/streams/${encodeURIComponent(state.following)}/text`, { edit: change }));
}

/** Why not, in the service's words; null where nothing was refused. */
async function refusal(asked) {
  try {
    await asked;
    return null;
  } catch (error) {
    if (error instanceof ServiceError) return error.detail;
    throw error;
  }
}

function unlock(text) {
  if (token.keep(text)) connection.unlock();
  else handle({ kind: "locked", wrong: true });
}

function prefer(change) {
  Object.assign(preferences, change);
  tell();
}

/** In the reader's language. */
function tell() {
  const told = words(preferences.language);
  for (const element of document.querySelectorAll("[data-word]")) setText(element, told.live[element.dataset.word]);
  header.setWords(told, preferences);
  for (const view of Object.values(views)) view.setWords(told);
}

function frame() {
  const now = performance.now();
  header.render(state, now);
  router.view.render(state, now);
  requestAnimationFrame(frame);
}

window.addEventListener("hashchange", () => {
  if (token.takeFromAddress()) connection.unlock();
});
preferences.apply();
tell();
router.go();
connection.start();
requestAnimationFrame(frame);
