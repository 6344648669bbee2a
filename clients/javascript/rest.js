// Asking the service over HTTP.

import { addressOf, authorization, ServiceError } from "./wire.js";

const ANSWER_MS = 30_000;

/**
 * The letters of recorded windows.
 * @param {string} url the service, such as http://127.0.0.1:8000
 * @param {number[][][]} windows each [frames][8], in raw units: flex1..flex5, pitch, roll, yaw
 * @param {{model?: string, wearer?: string, sampleRateHz?: number, topK?: number, token?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<object[]>} for each window { label, index, confidence, top_k, scale_importance, state }
 */
export async function predict(url, windows, { model, wearer, sampleRateHz, topK, token, signal } = {}) {
  const asked = { windows, model, wearer, sample_rate_hz: sampleRateHz, top_k: topK };
  const { predictions } = await ask(url, "/v1/predict", { token, signal, body: JSON.stringify(asked) });
  return predictions;
}

/**
 * The streams that gloves send now.
 * @param {string} url
 * @param {{token?: string, signal?: AbortSignal}} [options]
 */
export async function listStreams(url, options = {}) {
  return (await ask(url, "/v1/streams", options)).streams;
}

async function ask(url, path, { token, signal, body = null }) {
  const address = addressOf(url, path);
  const headers = authorization(token);
  if (body !== null) headers["Content-Type"] = "application/json";
  let answer, text;
  try {
    const method = body === null ? "GET" : "POST";
    answer = await fetch(address, { method, headers, body, signal: signal ?? AbortSignal.timeout(ANSWER_MS) });
    text = await answer.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServiceError({ code: "cannot_connect", detail: `cannot reach ${address}: ${error.cause?.message ?? error.message}` });
  }
  const told = parsed(text);
  if (answer.ok && told !== null) return told;
  const unknown = { code: "cannot_connect", detail: `${address} answered HTTP ${answer.status}: not a service of scaleglove` };
  throw new ServiceError({ ...(told?.code ? told : unknown), status: answer.status });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
