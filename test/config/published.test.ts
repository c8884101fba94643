/**
 * What is published about the configuration is true: the JSON Schema is generated, the example and the design's keys are read.
 *
 * `UPDATE=1` writes the schema anew.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { examineConfig } from "../../src/config.ts";
import { connectionShape } from "../../src/config/connection-schema.ts";
import { told } from "../../src/config/problem.ts";
import { configJsonSchema } from "../../src/config/schema.ts";
import type { JsonSchema } from "../../src/config/schema.ts";

const root = new URL("../../", import.meta.url);
const at = (path: string): string => fileURLToPath(new URL(path, root));
const env = { ENTRA_SCIM_TOKEN: "dbt_0123456789abcdefghijklmnopqrstuvwxyz", PEOPLELENS_API_KEY: "key" };

test("docs/drawbridge.schema.json is what the code says (UPDATE=1 writes it)", async () => {
  const generated = JSON.stringify(configJsonSchema(), null, 2) + "\n";
  const path = at("docs/drawbridge.schema.json");
  if (process.env["UPDATE"] === "1") await writeFile(path, generated);
  expect(await readFile(path, "utf8")).toBe(generated);
});

test("the schema describes every key with a type of its own, a connector's settings apart", () => {
  const vague: string[] = [];
  const walk = (schema: JsonSchema, path: string): void => {
    const { properties = {}, additionalProperties, items, anyOf, ...rest } = schema;
    if (Object.keys(properties).length + Object.keys(rest).filter((key) => key !== "description" && key !== "default").length === 0 && !anyOf && !items) vague.push(path);
    for (const [key, part] of Object.entries(properties)) walk(part, `${path}.${key}`);
    if (typeof additionalProperties === "object") walk(additionalProperties, `${path}.*`);
    if (items) walk(items, `${path}[]`);
    for (const part of anyOf ?? []) walk(part, path);
  };
  walk(configJsonSchema(), "");
  expect(vague).toEqual([".connections.*.settings.*"]);
});

test("the schema refuses unknown keys, as the reader does", () => {
  const schema = configJsonSchema();
  expect(schema.additionalProperties).toBe(false);
  const connection = schema.properties?.["connections"]?.additionalProperties as JsonSchema;
  expect(connection.additionalProperties).toBe(false);
  expect(Object.keys(connection.properties ?? {})).toEqual(Object.keys(connectionShape));
});

test("examples/peoplelens.yaml is right, without a warning except for what is not enforced yet", async () => {
  const { config, problems, warnings } = await examineConfig(at("examples/peoplelens.yaml"), { env, readFile: (path) => readFile(path, "utf8") });
  expect([...problems, ...warnings].map(told).filter((line) => !line.endsWith("is not enforced yet in this version"))).toEqual([]);
  expect(config?.connections.map(({ id }) => id)).toEqual(["peoplelens-prod"]);
});

test("examples/peoplelens.yaml names no secret, only variables", async () => {
  const source = await readFile(at("examples/peoplelens.yaml"), "utf8");
  expect([...source.matchAll(/(?:token|apiKey): (\S+)/g)].map(([, value]) => value)).toEqual(['"${ENTRA_SCIM_TOKEN}"', '"${PEOPLELENS_API_KEY}"']);
});
