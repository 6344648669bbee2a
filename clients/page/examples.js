// Example programs that do what the page does, as text. Pure.

/** The programming languages and their names. */
export const LANGUAGES = { curl: "curl", python: "Python", javascript: "JavaScript" };

const FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0];

/** Return a program for a request { method, path, body } to `server`: { base, token }. */
export function requestExample(language, server, { method, path, body }) {
  return { curl, python: pythonRequest, javascript: javascriptRequest }[language](server, method, path, body);
}

/** Return a program that watches a stream. */
export function watchExample(language, { base, token }, stream) {
  const path = `${base.replace(/^http/, "ws")}/v1/streams/${stream}/watch`;
  if (language === "curl") return curl({ base, token }, "GET", "/v1/streams", null); // curl has no WebSocket messages
  if (language === "javascript") {
    return [
      `const socket = new WebSocket("${path}", ["scaleglove.v1"${token ? ', "scaleglove.token.BASE64URL_OF_TOKEN"' : ""}]);`,
      `socket.addEventListener("message", ({ data }) => {`,
      `  const message = JSON.parse(data);`,
      `  if (message.type === "text") console.log(message.committed + message.composing);`,
      `});`,
    ].join("\n");
  }
  return [
    `import asyncio`,
    `from scaleglove.client import Text, watch`,
    ``,
    ``,
    `async def main():`,
    `    async with watch("${base}", "${stream}"${token ? ', token="TOKEN"' : ""}) as messages:`,
    `        async for message in messages:`,
    `            if isinstance(message, Text):`,
    `                print(message.committed + message.composing)`,
    ``,
    ``,
    `asyncio.run(main())`,
  ].join("\n");
}

/** Return a program that sends frames. */
export function sendExample(language, { base, token }) {
  const rows = JSON.stringify(FRAME);
  if (language === "curl") {
    const windows = `{"windows": [[${Array(10).fill(rows).join(", ")}]]}`;
    return curl({ base, token }, "POST", "/v1/predict", JSON.parse(windows));
  }
  if (language === "javascript") {
    return [
      `const socket = new WebSocket("${base.replace(/^http/, "ws")}/v1/stream", ["scaleglove.v1"${token ? ', "scaleglove.token.BASE64URL_OF_TOKEN"' : ""}]);`,
      `const channels = ["flex1", "flex2", "flex3", "flex4", "flex5", "pitch", "roll", "yaw"];`,
      `socket.addEventListener("open", () => {`,
      `  socket.send(JSON.stringify({ type: "start", channels, sample_rate_hz: 50 }));`,
      `  let seq = 0;`,
      `  setInterval(() => {`,
      `    const values = [${rows}]; // replace with the readings of your glove`,
      `    socket.send(JSON.stringify({ type: "frames", seq, t_ms: [seq * 20], values }));`,
      `    seq += 1;`,
      `  }, 20);`,
      `});`,
      `socket.addEventListener("message", ({ data }) => console.log(data));`,
    ].join("\n");
  }
  return [
    `import asyncio`,
    `from scaleglove.client import GloveStream`,
    ``,
    ``,
    `async def main():`,
    `    async with GloveStream("${base}"${token ? ', token="TOKEN"' : ""}) as stream:`,
    `        for t_ms in range(0, 1000, 20):  # replace with the times and readings of your glove`,
    `            await stream.send([t_ms], [${rows}])`,
    `        print(await stream.stop())`,
    `        async for prediction in stream.predictions():`,
    `            print(prediction.label, prediction.confidence)`,
    ``,
    ``,
    `asyncio.run(main())`,
  ].join("\n");
}

function curl({ base, token }, method, path, body) {
  const isPlain = method === "GET" || (method === "POST" && body !== null); // the methods that curl chooses itself
  const lines = [`curl -s ${isPlain ? "" : `-X ${method} `}${quoted(base + path)}`];
  if (token) lines.push(`  -H 'Authorization: Bearer TOKEN'`);
  if (body !== null) lines.push(`  -H 'Content-Type: application/json'`, `  -d ${quoted(JSON.stringify(body))}`);
  return lines.join(" \\\n");
}

/** With the standard library alone, so that it runs wherever the client is installed. */
function pythonRequest({ base, token }, method, path, body) {
  const headers = [];
  if (body !== null) headers.push(`"Content-Type": "application/json"`);
  if (token) headers.push(`"Authorization": "Bearer TOKEN"`);
  const args = [`"${base}${path}"`, `method="${method}"`];
  if (body !== null) args.push(`data=json.dumps(body).encode()`);
  if (headers.length > 0) args.push(`headers={${headers.join(", ")}}`);
  return [
    ...(body === null ? [] : [`import json`]),
    `import urllib.request`,
    ``,
    ...(body === null ? [] : [`body = ${pythonLiteral(body)}`]),
    `request = urllib.request.Request(${args.join(", ")})`,
    `print(urllib.request.urlopen(request).read().decode())`,
  ].join("\n");
}

function javascriptRequest({ base, token }, method, path, body) {
  const headers = [];
  if (token) headers.push(`Authorization: "Bearer TOKEN"`);
  if (body !== null) headers.push(`"Content-Type": "application/json"`);
  const options = [`method: "${method}"`];
  if (headers.length > 0) options.push(`headers: { ${headers.join(", ")} }`);
  if (body !== null) options.push(`body: JSON.stringify(${JSON.stringify(body)})`);
  return [`const response = await fetch("${base}${path}", { ${options.join(", ")} });`, `console.log(await response.json());`].join("\n");
}

function pythonLiteral(value) {
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${pythonLiteral(each)}`).join(", ")}}`;
  }
  return { true: "True", false: "False", null: "None" }[String(value)] ?? JSON.stringify(value);
}

/** Quote a text for a shell. */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
