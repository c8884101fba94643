/**
 * Answers held against the API's own description: by the JSON Schema of its OpenAPI document and nothing of ours.
 *
 * @module
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { acts } from "../../src/operator/acts.ts";
import { descriptionOf } from "../../src/operator/description.ts";
import type { JsonObject } from "../../src/model/json.ts";

export const description = descriptionOf(acts, "https://scim.example.com");

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
const { schemas } = description["components"] as { readonly schemas: Readonly<Record<string, JsonObject>> };
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value by a schema of the description; empty = nothing. */
export function complaints(schema: string, value: unknown): readonly string[] {
  const named = schemas[schema];
  if (named === undefined) return [`the description has no schema ${schema}`];
  const validate = compiled.get(schema) ?? ajv.compile(named);
  compiled.set(schema, validate);
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The schema of an act's answer, as the description points at it. */
export function answerOf(name: string): string {
  for (const path of Object.values(description["paths"] as Readonly<Record<string, Readonly<Record<string, JsonObject>>>>)) {
    for (const operation of Object.values(path)) if (operation["operationId"] === name) return String((JSON.stringify(operation["responses"]).match(/schemas\/(\w+Answer)/) ?? [])[1]);
  }
  return "";
}
