// The decoder of gloves of any make: binary and remarks as the link protocol has them, lines as any sketch writes them.

import { GloveDecoder } from "./decoder.js";
import { SketchReader } from "./sketch/sketch_reader.js";

/** A GloveDecoder whose `feed(bytes, arrival)` also takes the time of arrival in milliseconds of a clock that only rises.
 * Further events: { event: "notice", code, text, channel, values } tells once what is odd; a value is null
 * where the glove does not have the sensor. */
export class GloveReader extends GloveDecoder {
  constructor() {
    super(new SketchReader());
  }
}
