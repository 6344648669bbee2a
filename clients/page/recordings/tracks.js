// The episodes of an MCAP recording: its frames, split where the glove restarted. Pure.

import { ACCELERATION } from "../client/channel_names.js";
import { CHANNELS } from "../glove.js";
import { MAX_MAGNITUDE, UnreadableError, episodeOf } from "./episode.js";
import { messagesOf } from "./mcap.js";

const FRAMES = "/glove/frames";
const MAX_T_MS = 1e13; // three hundred years

/** Read the first `limit` frames of a file with this name: { episodes, cut, damaged }, the last being in how many places
 * something was left out.
 * @throws {UnreadableError} it cannot be read, or has no frames of a glove. */
export function readTracks(bytes, name, limit = Infinity) {
  const tracks = [];
  let count = 0;
  let cut = false;
  const condition = {};
  for (const { logMs, fields } of messagesOf(bytes, FRAMES, condition)) {
    cut = count === limit;
    if (cut) break;
    count += 1;
    if (!isFrame(fields)) throw new UnreadableError("frame", { number: count });
    if (tracks.length === 0 || fields.t_ms < tracks.at(-1).t.at(-1)) {
      tracks.push({ t: [], values: [], receivedMs: [], acceleration: [] });
    }
    add(tracks.at(-1), fields, logMs);
  }
  if (count === 0 && condition.damaged > 0) throw new UnreadableError("damaged");
  if (count === 0) throw new UnreadableError("no_frames", { topic: FRAMES });
  return { episodes: tracks.map((track) => finished(track, name)), cut, damaged: condition.damaged };
}

function isFrame(fields) {
  const isReading = (value) => value === undefined || (Number.isFinite(value) && Math.abs(value) <= MAX_MAGNITUDE);
  if (fields === null || !Number.isFinite(fields.t_ms) || Math.abs(fields.t_ms) > MAX_T_MS) return false;
  return CHANNELS.every((channel) => isReading(fields[channel]));
}

function add(track, fields, logMs) {
  track.t.push(fields.t_ms);
  track.values.push(CHANNELS.map((channel) => (fields[channel] === undefined ? null : Math.fround(fields[channel]))));
  track.receivedMs.push(logMs);
  track.acceleration.push(ACCELERATION.map((channel) => fields[channel]));
}

function finished(track, name) {
  const acceleration = track.acceleration.flat().every(Number.isFinite) ? track.acceleration : null;
  return episodeOf({ ...track, name, acceleration, begunAt: new Date(track.receivedMs[0]) });
}
