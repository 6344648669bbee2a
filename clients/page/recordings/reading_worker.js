// A worker that reads a file without blocking the page. It posts { episode } for each episode, then { cut, damaged }, or { error }.

addEventListener("message", async ({ data: file }) => {
  // Not at the top: a message that comes while a module waits for another file would be lost.
  const [{ UnreadableError }, { readFile }] = await Promise.all([import("./episode.js"), import("./files.js")]);
  try {
    const episodes = readFile(file);
    let next = await episodes.next();
    for (; !next.done; next = await episodes.next()) postMessage({ episode: next.value });
    postMessage(next.value);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    postMessage({ error: error.reason });
  }
});
