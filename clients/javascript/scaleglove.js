// The JavaScript client of scaleglove, for browsers and for Node 20 and newer. Nothing to build, nothing to install.

export { GloveStream } from "./glove_stream.js";
export { listStreams, predict } from "./rest.js";
export { watch } from "./watch.js";
export { CHANNELS, MAX_FRAMES_PER_MESSAGE, ServiceError } from "./wire.js";
