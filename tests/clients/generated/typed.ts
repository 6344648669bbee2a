// Uses every part of the JavaScript client with its types, against a service: node typed.js URL

import {
  answer,
  CHANNELS,
  doubts,
  GloveDecoder,
  GloveReader,
  GloveStream,
  keepWords,
  listStreams,
  MAX_FRAMES_PER_MESSAGE,
  predict,
  SerialGlove,
  ServiceError,
  watch,
} from "scaleglove";
import type { Answer, EditAction, KeptWords, Lost, Prediction, ServerMessage, Started, StreamInfo } from "scaleglove";

const url = process.argv[2]!;
const FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62];

const [found]: Answer[] = await predict(url, [Array.from({ length: 80 }, () => FRAME)], { topK: 2 });
const label: string | null = found!.label;

const stream = new GloveStream(url, { sampleRateHz: 50, text: { words: false } });
const started: Started = await stream.open();
const listed: StreamInfo[] = await listStreams(url);
const confidences: number[] = [];
const reading = (async () => {
  for await (const prediction of stream.predictions()) {
    const one: Prediction = prediction;
    if (one.state === "ok" && one.confidence !== null) confidences.push(one.confidence);
  }
})();
for (let t = 0; t < 3000; t += 20) await stream.send([t], [FRAME]);
const action: EditAction = "space";
stream.edit(action);
const stopped = await stream.stop();
await reading;

// Never called: these only have to agree with the types.
export async function typed(message: ServerMessage | Lost, port: EventTarget, serial: EventTarget): Promise<void> {
  if (message.type === "lost") console.log(message.retry_ms.toFixed());
  if (message.type === "gesture") console.log(message.phase, message.t_ms.toFixed());
  if (message.type === "text") console.log(message.committed + message.composing);
  if (message.type === "gap") console.log((message.missing ?? 0) + 1);
  for await (const each of watch(url, started.stream, { lost: (ms) => console.log(ms + 1) })) console.log(each.type);
  const { held } = await doubts(url, "ada", started.stream, { count: 3 });
  await answer(url, "ada", started.stream, held, "ㄱ");
  const { added }: KeptWords = await keepWords(url, "ada", started.stream);
  console.log(added + (await stream.keepWords()).added);
  const glove = new SerialGlove(url, serial, port, { baudRate: 115200 });
  await glove.run((each) => console.log(each.type));
  for (const event of new GloveReader().feed(new Uint8Array(8), 0)) console.log(event.event);
  console.log(new GloveDecoder().format, CHANNELS[0], MAX_FRAMES_PER_MESSAGE);
  stream.tell({ type: "remark", text: "calibrated" });
  // @ts-expect-error - there is no such edit
  stream.edit("spaces");
  // @ts-expect-error - a frame has numbers
  await stream.send([0], [["788"]]);
}

try {
  await predict(url, [[[1]]]);
} catch (error) {
  if (!(error instanceof ServiceError)) throw error;
  const heard = { label, stream: listed[0]?.stream === started.stream, frames: stopped.frames, field: error.field };
  console.log(JSON.stringify({ ...heard, confident: confidences.length > 0 }));
}
