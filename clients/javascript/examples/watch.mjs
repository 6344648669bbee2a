// Prints the letters and the transcript of the first stream of a service until it ends:
//   node clients/javascript/examples/watch.mjs [http://127.0.0.1:8000]      (Node 20: after npm install --no-save --prefix clients/javascript ws)

import { listStreams, watch } from "../scaleglove.js";

const url = process.argv[2] ?? "http://127.0.0.1:8000";
const token = process.env.SCALEGLOVE_TOKEN;

const [first] = await listStreams(url, { token });
if (first === undefined) {
  console.error(`no stream is open at ${url}: start one with scaleglove demo`);
  process.exit(1);
}
console.log(`following ${first.stream}`);
for await (const message of watch(url, first.stream, { token })) {
  if (message.type === "text") console.log(message.committed + message.composing);
  if (message.type === "gesture" && message.phase === "begin") console.log(message.label);
}
