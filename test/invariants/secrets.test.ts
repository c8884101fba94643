/**
 * I9: whatever prints a configuration, or anything with a secret in it, prints no secret. The connectors' own laws of secrecy are in
 * test/conformance/laws/secrecy.ts.
 *
 * @module
 */
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { Secret } from "../../src/runtime/secret.ts";

const canary = "canary-4711-that-is-long-enough-for-a-token";

test.each([
  ["JSON.stringify", (value: unknown) => JSON.stringify(value)],
  ["String", (value: unknown) => String(value)],
  ["a template", (value: unknown) => `${value as string}`],
  ["inspect", (value: unknown) => inspect(value, { depth: 10, showHidden: true })],
  ["Object.entries", (value: unknown) => JSON.stringify(Object.entries(value as object))],
  ["an error's message", (value: unknown) => new Error(`it was ${value as string}`).stack ?? ""],
])("by %s", (_, print) => {
  expect(print(new Secret(canary))).not.toContain("canary");
  expect(print({ headers: [new Secret(canary)] })).not.toContain("canary");
});

test("a whole configuration, printed by mistake", async () => {
  const document = {
    publicUrl: "http://scim.test", store: "file::memory:", egress: { allow: ["127.0.0.1"] },
    connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token: canary }] }, settings: { baseUrl: "http://127.0.0.1:1", apiKey: canary } } },
  };
  const config = await readConfig("x.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
  expect(config.connections[0]?.bearer[0]?.token.reveal()).toBe(canary);
  for (const text of [JSON.stringify(config), inspect(config, { depth: 20 })]) expect(text).not.toContain("canary");
});
