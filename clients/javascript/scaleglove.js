// The JavaScript client of scaleglove, for browsers and Node 20 or newer. It needs no build step and no dependencies.

export { GloveDecoder } from "./codec/decoder.js";
export { GloveReader } from "./codec/glove_reader.js";
export { GloveStream } from "./glove_stream.js";
export { answer, doubts, keepWords, listStreams, predict } from "./http.js";
export { SerialGlove } from "./serial/serial_glove.js";
export { watch } from "./watch.js";
export { CHANNELS, MAX_FRAMES_PER_MESSAGE, ServiceError } from "./wire.js";
