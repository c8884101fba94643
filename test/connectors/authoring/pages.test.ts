/**
 * The pages that are made from code are as the code has them; `UPDATE=1` writes them anew.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { connectorsPage } from "../../../src/connectors/authoring/connectors-page.ts";
import { manifestJsonSchema } from "../../../src/connectors/manifest-schema.ts";
import { builtInConnectors, manifestOf } from "../../../src/connectors/registry.ts";

const page = (name: string) => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));

test.each<{ name: string; made: () => Promise<string> }>([
  { name: "connectors.md", made: connectorsPage },
  { name: "manifest.schema.json", made: async () => `${JSON.stringify(manifestJsonSchema(), undefined, 2)}\n` },
])("docs/$name is what the code says", async ({ name, made }) => {
  const text = await made();
  if (process.env["UPDATE"] === "1") writeFileSync(page(name), text);
  expect(readFileSync(page(name), "utf8"), `UPDATE=1 writes docs/${name} anew`).toBe(text);
});

test("every built-in connector has its chapter, with every call that it may make", async () => {
  const text = await connectorsPage();
  expect(builtInConnectors.length).toBeGreaterThan(0);
  for (const name of builtInConnectors) {
    const manifest = await manifestOf({ connector: name });
    const chapter = text.split(`(\`${name}\`)`)[1]?.split("\n## ")[0] ?? "";
    for (const strategy of Object.keys(manifest.denials.strategies)) expect(chapter, name).toContain(`\`${strategy}\``);
    const { create } = manifest.operations;
    for (const rule of create === undefined ? [] : [create].flat()) expect(chapter, name).toContain(`\`${manifest.calls[rule.call]?.method} ${manifest.calls[rule.call]?.path}\``);
  }
});
