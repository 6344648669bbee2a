// Sends one letter held still, and prints the predictions:
//   node clients/javascript/examples/send.mjs [http://127.0.0.1:8000]      (Node 20: after npm install --no-save --prefix clients/javascript ws)

import { GloveStream } from "../scaleglove.js";

const url = process.argv[2] ?? "http://127.0.0.1:8000";
const FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]; // replace with the readings of your glove
const FRAMES = 150;
const INTERVAL_MS = 20;

const stream = new GloveStream(url, { sampleRateHz: 1000 / INTERVAL_MS, token: process.env.SCALEGLOVE_TOKEN });
const { model, window_frames: frames } = await stream.open();
console.log(`${model} uses windows of ${frames} frames`);

const reading = (async () => {
  for await (const { state, label, confidence } of stream.predictions()) {
    console.log(state, label ?? "-", confidence?.toFixed(3) ?? "");
  }
})();

for (let frame = 0; frame < FRAMES; frame += 1) await stream.send([frame * INTERVAL_MS], [FRAME]);
const stopped = await stream.stop();
await reading;
console.log(`${stopped.frames} frames received`);
