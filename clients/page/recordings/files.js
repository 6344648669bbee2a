// The episodes of a CSV or MCAP file, in parts that can be shown at once.

import { UnreadableError, inParts } from "./episode.js";
import { readCsv } from "./episode_csv.js";
import { isMcap } from "./mcap.js";
import { readTracks } from "./tracks.js";

export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_FRAMES = 400_000; // more than an hour at 100 Hz

/** Yield the episodes of a file; return { cut, damaged }: whether it was cut after MAX_FRAMES frames, and in how many places
 * something was left out.
 * @throws {UnreadableError} it is too large, or cannot be read. */
export async function* readFile(file) {
  if (file.size > MAX_FILE_BYTES) throw new UnreadableError("too_large", { bytes: file.size, limit: MAX_FILE_BYTES });
  const kind = /\.(csv|mcap)$/i.exec(file.name)?.[1].toLowerCase();
  if (kind === undefined) throw new UnreadableError("kind");
  const bytes = await bytesOf(file);
  if (bytes.length === 0) throw new UnreadableError("empty");
  const { episodes, cut, damaged = 0 } = { csv: fromCsv, mcap: fromMcap }[kind](bytes, file);
  for (const episode of episodes) yield* inParts(episode);
  return { cut, damaged };
}

async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new UnreadableError("gone"); // a folder, or a file that was moved
  }
}

function fromMcap(bytes, { name }) {
  if (!isMcap(bytes)) throw new UnreadableError("not_mcap");
  return readTracks(bytes, name, MAX_FRAMES);
}

function fromCsv(bytes, { name, lastModified }) {
  return readCsv(bytes, { name, begunAt: new Date(lastModified) }, MAX_FRAMES);
}
