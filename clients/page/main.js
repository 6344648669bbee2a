// Joins the parts: events change the state, the state drives the connection, every animation frame draws.

import { Chart, COUNTS, WHOLE_TURN } from "./chart.js";
import { Connection } from "./connection.js";
import { Signals } from "./signals.js";
import { INITIAL, reduce } from "./state.js";
import { Token } from "./token.js";
import { View } from "./view.js";
import { english as words } from "./words.js";

const HELP_COMMANDS = "scaleglove emulate\nscaleglove bridge --port PORT";
const NUMBERS_EVERY_MS = 200;
const DRAW_EVERY_MS = 30; // about 30 pictures a second: smooth to the eye, light on a small computer
const DRAW_EVERY_REDUCED_MS = 500;

let state = INITIAL;
const signals = new Signals();
const view = new View(words);
const token = new Token();
const connection = new Connection(handle, document.baseURI, token);
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const charts = [
  new Chart(document.getElementById("plot-flex"), { channels: [0, 1, 2, 3, 4], upright: COUNTS, words }),
  new Chart(document.getElementById("plot-angle"), { channels: [5, 6, 7], upright: WHOLE_TURN, words }),
];

function handle(event) {
  const now = performance.now();
  const before = state.following;
  state = reduce(state, event, now);
  if (state.following !== before && state.following !== null) signals.clear();
  if (event.kind === "message" && event.message.type === "frames") signals.push(event.message, now);
  connection.follow(state.following);
}

let drawnAt = -Infinity;
let numbersAt = -Infinity;

function frame() {
  const now = performance.now();
  view.render(state, now, HELP_COMMANDS);
  if (now - numbersAt >= NUMBERS_EVERY_MS) {
    view.renderNumbers(state, now, signals);
    numbersAt = now;
  }
  if (now - drawnAt >= (reducedMotion.matches ? DRAW_EVERY_REDUCED_MS : DRAW_EVERY_MS)) {
    for (const chart of charts) chart.draw(signals, signals.playhead(now));
    drawnAt = now;
  }
  requestAnimationFrame(frame);
}

document.getElementById("streams").addEventListener("change", ({ target }) => {
  handle({ kind: "choose", stream: target.value });
});
view.onOrder((body) => {
  if (state.order.command === null) connection.order(state.following, body);
});
document.getElementById("edits").addEventListener("click", ({ target }) => {
  const { edit } = target.dataset;
  if (edit === "clear") handle({ kind: "clear" });
  if (edit !== undefined && state.following !== null) connection.edit(state.following, edit);
});
document.getElementById("unlock").addEventListener("submit", (event) => {
  event.preventDefault();
  if (token.keep(view.takeToken())) connection.unlock();
  else handle({ kind: "locked", wrong: true });
});
window.addEventListener("hashchange", () => {
  if (token.takeFromAddress()) connection.unlock();
});
connection.start();
requestAnimationFrame(frame);
