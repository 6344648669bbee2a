// The class of WebSockets where the caller gives none.

const PEER = "ws"; // a name that bundlers for browsers, which need no such package, do not follow

/**
 * Return the WebSocket class of the platform, or that of the package `ws` where there is none: Node 20.
 * @throws {TypeError} there is neither
 */
export async function findWebSocket() {
  if (globalThis.WebSocket !== undefined) return globalThis.WebSocket;
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ PEER)).WebSocket;
  } catch {
    throw new TypeError("WebSocket is missing: npm install ws, use Node 22 or newer, or pass the option WebSocket");
  }
}
