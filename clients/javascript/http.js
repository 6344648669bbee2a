// Requests to the service over HTTP.

import { addressOf, authorization, pageOrigin, ServiceError } from "./wire.js";

const TIMEOUT_MS = 30_000;

/**
 * Predict the letters of recorded windows.
 * @param {string} url the service, such as http://127.0.0.1:8000
 * @param {number[][][]} windows each [frames][8], in raw units: flex1..flex5, pitch, roll, yaw
 * @param {{model?: string, wearer?: string, glove?: string, sampleRateHz?: number, topK?: number, token?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<object[]>} for each window { label, index, confidence, top_k, scale_importance, state }
 * @throws {ServiceError} the service refuses the request or cannot be reached
 */
export async function predict(url, windows, { model, wearer, glove, sampleRateHz, topK, token, signal } = {}) {
  const fields = { windows, model, wearer, glove, sample_rate_hz: sampleRateHz, top_k: topK };
  const { predictions } = await request(url, "/v1/predict", { token, signal, body: JSON.stringify(fields) });
  return predictions;
}

/**
 * List the open streams.
 * @param {string} url
 * @param {{token?: string, signal?: AbortSignal}} [options]
 * @throws {ServiceError} the service refuses the request or cannot be reached
 */
export async function listStreams(url, options = {}) {
  return (await request(url, "/v1/streams", options)).streams;
}

/**
 * Return the labels of a vocabulary of scaleglove's own, in the order of their indices; null where there is none of this name.
 * @param {string} url
 * @param {string} name such as korean
 * @param {{token?: string, signal?: AbortSignal}} [options]
 * @throws {ServiceError} the service refuses the request or cannot be reached
 */
export async function vocabularyLabels(url, name, options = {}) {
  const { vocabularies } = await request(url, "/v1/vocabularies", options);
  const labels = vocabularies.find((vocabulary) => vocabulary.name === name)?.labels;
  return labels?.map(({ label }) => label) ?? null;
}

/**
 * Find the shapes that a stream has held and of which an answer would help a wearer most.
 * @param {string} url
 * @param {string} wearer whose hand it was
 * @param {string} stream
 * @param {{model?: string, count?: number, token?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<{held: number, doubts: object[]}>} the most doubtful first: { shape, t_ms, letter, before, after, frame, candidates }
 * @throws {ServiceError} the service refuses the request or cannot be reached
 */
export async function doubts(url, wearer, stream, { model, count, ...options } = {}) {
  const given = Object.entries({ stream, model, count }).filter(([, value]) => value !== undefined);
  return request(url, `/v1/wearers/${encodeURIComponent(wearer)}/doubts?${new URLSearchParams(given)}`, options);
}

/**
 * Store a shape that a stream has held as an example of what it was.
 * @param {string} url
 * @param {string} wearer whose hand it was
 * @param {string} stream
 * @param {number} shape its number, as in `doubts` and in `gesture`
 * @param {string} label
 * @param {{model?: string, token?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<object>} the example with its quality
 * @throws {ServiceError} the service refuses the request or cannot be reached
 */
export async function answer(url, wearer, stream, shape, label, { model, ...options } = {}) {
  const body = JSON.stringify({ label, stream, shape, model });
  return request(url, `/v1/wearers/${encodeURIComponent(wearer)}/examples`, { ...options, body });
}

/**
 * Keep what the words of a stream have shown of a wearer's hand as examples of theirs. The next calibration uses them.
 * @param {string} url
 * @param {string} wearer whose hand it is
 * @param {string} stream
 * @param {{token?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<{added: number, words: object}>} how many of this stream are kept, and of all by label
 * @throws {ServiceError} `no_word_examples`: no word has shown a letter so far; or as for any request
 */
export async function keepWords(url, wearer, stream, options = {}) {
  const body = JSON.stringify({ stream });
  return request(url, `/v1/wearers/${encodeURIComponent(wearer)}/words`, { ...options, body });
}

async function request(url, path, { token, signal, body = null }) {
  const address = addressOf(url, path);
  const headers = { ...pageOrigin(address), ...authorization(token) };
  if (body !== null) headers["Content-Type"] = "application/json";
  let response, text;
  try {
    const method = body === null ? "GET" : "POST";
    response = await fetch(address, { method, headers, body, signal: signal ?? AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServiceError({ code: "cannot_connect", detail: `cannot reach ${address}: ${error.cause?.message ?? error.message}` });
  }
  const content = parsed(text);
  if (response.ok && content !== null) return content;
  const unknown = { code: "cannot_connect", detail: `${address} answered HTTP ${response.status}: not a scaleglove service` };
  throw new ServiceError({ ...(content?.code ? content : unknown), status: response.status });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
