/**
 * docs/clients.md is made from the rows; `UPDATE=1` writes it anew.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dialects } from "../../src/dialects/dialect.ts";
import type { Dialect } from "../../src/dialects/quirk.ts";

const page = new URL("../../docs/clients.md", import.meta.url);

const cell = (text: string): string => text.replaceAll("|", "\\|");
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");

function chapter({ client, quirks, relies }: Dialect): string {
  const parts = [`## ${client}`];
  if (quirks.length > 0) parts.push(table(["it …", "departs from", "dealt with in", "source"], quirks.map((row) => [row.is, row.departsFrom ?? "–", "rewrite" in row ? "its row" : row.understoodIn.split(", ").map((file) => `\`${file}\``).join(", "), row.source])));
  if (relies.length > 0) parts.push(table(["it relies on our answers: it …", "kept in", "shown by", "source"], relies.map((row) => [row.is, `\`${row.keptIn}\``, `\`test/${row.shownBy}\``, row.source])));
  return parts.join("\n\n");
}

const made = `# Clients and their habits

Made from \`src/dialects/\`. Every row applies on every connection, because nobody can say who calls; none applies on a connection with \`strict: true\`, which refuses
what departs from the RFC (see [strict connections](strict.md)). \`drawbridge timeline\` names the habits that a push had.

${dialects.map(chapter).join("\n\n")}
`;

test("docs/clients.md is what the rows say", () => {
  if (process.env["UPDATE"] === "1") writeFileSync(page, made);
  expect(readFileSync(page, "utf8"), "UPDATE=1 writes docs/clients.md anew").toBe(made);
});

test.each(dialects.flatMap(({ client, relies }) => relies.map((row) => [client, row.is, row] as const)))("%s %s: kept and shown by files that exist", (_client, _is, { keptIn, shownBy, source }) => {
  expect(existsSync(new URL(`../../src/${keptIn}`, import.meta.url)), keptIn).toBe(true);
  expect(existsSync(new URL(`../${shownBy}`, import.meta.url)), shownBy).toBe(true);
  expect(source).toMatch(/\.(com|md|net|org|io|sh)|github|RFC/);
});
