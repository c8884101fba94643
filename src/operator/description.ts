/**
 * The API's description (OpenAPI 3.1), made from the acts: a field that is not in a schema is not in the API, and the other way round.
 *
 * @module
 */
import { z } from "zod";
import type { Json, JsonObject } from "../model/json.ts";
import type { Act } from "./act.ts";
import { inputSchemaOf, placedOf } from "./placing.ts";
import { problemSchema } from "./problem.ts";

export const problemType = "application/problem+json";

const refusals: Readonly<Record<string, string>> = {
  "400": "The request is not what this act takes.",
  "401": "The operator token is missing, wrong or expired.",
  "403": "The token's role may not do this, or requests are not taken from where this one comes from.",
  "404": "There is no such thing.",
  "409": "It cannot be done as things stand.",
  "412": "It has changed since it was looked at (If-Match).",
  "429": "Too many failed attempts from this address.",
  "503": "The server, its database or the vendor is out of reach; Retry-After says when to come again.",
};

/** @param publicUrl without a slash at the end */
export function descriptionOf(acts: readonly Act[], publicUrl: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = { "/openapi.json": { get: itself } };
  const schemas: Record<string, Json> = { Problem: schemaOf(problemSchema, "output") };
  for (const act of acts) {
    schemas[`${titleOf(act)}Answer`] = schemaOf(act.output, "output");
    paths[act.route.path] = { ...paths[act.route.path], [act.route.method.toLowerCase()]: operationOf(act) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Drawbridge operator API",
      version: "1",
      description: "Everything that the command line shows and does. Times are ISO 8601 in UTC. Every answer has the header x-correlation-id. A viewer is shown names and addresses covered. Acts may be repeated: doing twice what is done already changes nothing and says so; making a token is the exception.",
    },
    servers: [{ url: `${publicUrl}/api/v1` }],
    security: [{ operatorToken: [] }],
    tags: [...new Set(acts.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { operatorToken: { type: "http", scheme: "bearer", description: "An operator token (dbo_…), made by `drawbridge operator create`. SCIM tokens do not open this API." } },
      responses: Object.fromEntries(Object.entries(refusals).map(([status, description]) => [`Refused${status}`, { description, headers: status === "429" || status === "503" ? retryAfter : {}, content: { [problemType]: { schema: { $ref: "#/components/schemas/Problem" } } } }])),
      schemas,
    },
  };
}

const itself: JsonObject = {
  operationId: "openapi",
  summary: "This description.",
  parameters: [],
  responses: { "200": { description: "OpenAPI 3.1.", content: { "application/json": { schema: { type: "object" } } } }, "401": { $ref: "#/components/responses/Refused401" } },
};

const retryAfter: JsonObject = { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } };

const tagOf = ({ name }: Act): string => name.split(".")[0] ?? name;
const titleOf = ({ name }: Act): string => name.split(".").map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join("");

function operationOf(act: Act): Json {
  const { properties, required } = inputSchemaOf(act);
  const { path, query, body, seen } = placedOf(act);
  const parameter = (name: string, place: "path" | "query"): Json => {
    const { description, ...schema } = properties[name] as JsonObject;
    return { name, in: place, required: place === "path" || required.includes(name), ...(typeof description === "string" && { description }), schema, ...(schema["type"] === "array" && { style: "form", explode: false }) };
  };
  const ifMatch: Json = { name: "If-Match", in: "header", required: false, description: "The version that was looked at, in quotes: refused with 412 when it has changed since.", schema: { type: "string" } };
  const needed = body.filter((name) => required.includes(name));
  const hasVersion = "version" in act.output.shape && act.route.method === "GET";
  return {
    operationId: act.name,
    summary: act.says,
    tags: [tagOf(act)],
    "x-role": act.needs,
    "x-command": `drawbridge ${act.command}`,
    parameters: [...path.map((name) => parameter(name, "path")), ...query.map((name) => parameter(name, "query")), ...(seen ? [ifMatch] : [])],
    ...(body.length > 0 && {
      requestBody: {
        required: needed.length > 0,
        content: { "application/json": { schema: { type: "object", properties: Object.fromEntries(body.map((name) => [name, properties[name] as Json])), required: needed, additionalProperties: false } } },
      },
    }),
    responses: {
      "200": {
        description: "Done, or shown.",
        headers: hasVersion ? { ETag: { description: "The version, in quotes.", schema: { type: "string" } } } : {},
        content: { "application/json": { schema: { $ref: `#/components/schemas/${titleOf(act)}Answer` } } },
      },
      ...Object.fromEntries(Object.keys(refusals).map((status) => [status, { $ref: `#/components/responses/Refused${status}` }])),
      default: { description: "Not done.", content: { [problemType]: { schema: { $ref: "#/components/schemas/Problem" } } } },
    },
  };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io }) as JsonObject;
  return rest;
}
