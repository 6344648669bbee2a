// A worker that reads a file without blocking the page. It posts { episode } for each episode, then { cut }, or { error }.

import { UnreadableError } from "./episode.js";
import { readFile } from "./files.js";

addEventListener("message", async ({ data: file }) => {
  try {
    const episodes = readFile(file);
    let next = await episodes.next();
    for (; !next.done; next = await episodes.next()) postMessage({ episode: next.value });
    postMessage({ cut: next.value });
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    postMessage({ error: error.reason });
  }
});
