// Calls a service with a client whose types were generated from its OpenAPI document: node call.js URL

import createClient from "openapi-fetch";
import type { components, operations, paths } from "./schema.js";

const client = createClient<paths>({ baseUrl: process.argv[2]! });
const FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62];
const windows = [Array.from({ length: 80 }, () => FRAME)];

type Problem = components["schemas"]["Problem"];
type Predicted = operations["predict"]["responses"][200]["content"]["application/json"];

const answer = await client.POST("/v1/predict", { body: { windows } });
const predicted: Predicted = answer.data!;
const streams = await client.GET("/v1/streams");
const models = await client.GET("/v1/models");
const created = await client.POST("/v1/wearers", { body: { wearer: "eve" } });
const again = await client.POST("/v1/wearers", { body: { wearer: "eve" } });
const without = await client.POST("/v1/predict", { body: { windows, wearer: "eve" } });
const params = { path: { wearer: "eve" } };
const tooEarly = await client.POST("/v1/wearers/{wearer}/calibrate", { params, body: { decoder: { hold_s: 0.4 } } });
const problems: Problem[] = [again.error!, without.error!, tooEarly.error!];
const deleted = await client.DELETE("/v1/wearers/{wearer}", { params });

console.log(
  JSON.stringify({
    label: predicted.predictions[0]?.label,
    streams: streams.data!.streams.length,
    default: models.data!.default,
    created: created.response.status,
    refused: problems.map(({ code }) => code),
    deleted: deleted.response.status,
  }),
);
