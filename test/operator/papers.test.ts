/**
 * docs/operator-api.md says what there is: its table is printed from the acts (UPDATE=1 writes it).
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { acts } from "../../src/operator/acts.ts";

const file = new URL("../../docs/operator-api.md", import.meta.url);
const [begin, end] = ["<!-- acts: begin -->\n", "<!-- acts: end -->\n"];

test("the table of acts is what the code says", async () => {
  const text = await readFile(file, "utf8");
  const table = `| request | command | role | |\n| --- | --- | --- | --- |\n${acts.map(({ route, command, needs, says }) => `| \`${route.method} ${route.path}\` | \`${command}\` | ${needs} | ${says} |\n`).join("")}`;
  const printed = `${text.slice(0, text.indexOf(begin) + begin.length)}${table}${text.slice(text.indexOf(end))}`;
  if (process.env["UPDATE"] === "1") await writeFile(file, printed);
  expect(await readFile(file, "utf8")).toBe(printed);
});
