// Reads a file beside the page, which stays quick however large it is: { episode } for each, then { cut }, or { why }.

import { readFile } from "./files.js";
import { Unreadable } from "./unreadable.js";

addEventListener("message", async ({ data: file }) => {
  try {
    const episodes = readFile(file);
    let next = await episodes.next();
    for (; !next.done; next = await episodes.next()) postMessage({ episode: next.value });
    postMessage({ cut: next.value });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    postMessage({ why: error.why });
  }
});
