/**
 * The doctor names the right cause in every broken set-up, and nothing but the cause.
 *
 * `UPDATE=1` writes the table of `docs/doctor.md` anew.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import { type Row, rows } from "./broken-set-ups.ts";
import { findingsIn, goodTls, type Wish } from "./set-up.ts";

/** `docs/doctor.md`, between these marks. */
const marks = ["<!-- broken set-ups -->", "<!-- end of broken set-ups -->"] as const;
const page = new URL("../../docs/doctor.md", import.meta.url);

const bad = (findings: readonly Finding[]): readonly string[] => [...new Set(findings.filter(({ outcome }) => outcome === "failure").map(({ check }) => check))];
const told = new Map<string, Finding>();

/** In a table for everybody there is no port and no folder of one run. */
const timeless = (text: string): string =>
  text.replaceAll(/(127\.0\.0\.1|localhost):\d{4,5}/g, "$1:8080").replaceAll(/\/\S*drawbridge-doctor-\w+/g, ".").replaceAll(/drawbridge-doctor-[0-9a-f]{8}@/g, "drawbridge-doctor-…@").replaceAll(/c-[0-9a-z]{12}/g, "c-…").replaceAll(/\(20\d\d-\d\d-\d\d\)\.$/g, "(date).").replaceAll("|", "\\|");

test.concurrent.each(rows.map((row) => [row.broken, row] as const))("%s", async (_, row) => {
  const findings = await findingsIn(row.wish);
  const { finds, outcome = "failure", names, alongside = [] } = row;
  const found = findings.find((finding) => finding.check === finds && finding.outcome === outcome);
  expect(found, JSON.stringify(findings.filter((finding) => finding.outcome !== "ok"), undefined, 2)).toBeDefined();
  const sentences = found && `${found.says} ${"change" in found ? found.change : ""}`;
  for (const wanted of names) expect(sentences).toMatch(wanted);
  expect(bad(findings).filter((check) => check !== finds && !alongside.includes(check))).toEqual([]);
  if (found) told.set(row.broken, found);
});

test("each of them is one sentence about what was found and one about what to change", () => {
  for (const [broken, finding] of told) {
    expect(finding.says, broken).toMatch(/^[A-Za-z"„].*[.]$/s);
    if ("change" in finding) expect(finding.change, broken).toMatch(/^[A-Z].*[.]$/s);
  }
});

test("the table of docs/doctor.md is what the doctor says (UPDATE=1 writes it)", async () => {
  const table = ["| what is broken | check | the doctor says | what to change |", "| --- | --- | --- | --- |", ...rows.map(lineOf)].join("\n");
  const text = await readFile(page, "utf8");
  const [before = "", rest = ""] = text.split(marks[0]);
  const after = rest.split(marks[1])[1] ?? "";
  const wanted = `${before}${marks[0]}\n\n${table}\n\n${marks[1]}${after}`;
  if (process.env["UPDATE"] === "1") await writeFile(page, wanted);
  expect(await readFile(page, "utf8")).toBe(wanted);
});

function lineOf({ broken, finds }: Row): string {
  const finding = told.get(broken);
  return `| ${broken} | \`${finds}\` | ${timeless(finding?.says ?? "?")} | ${finding && "change" in finding ? timeless(finding.change) : "–"} |`;
}

const whole: readonly (readonly [string, Wish])[] = [
  ["a trial on this machine", { wanted: { write: true } }],
  ["behind a proxy that ends TLS", { before: { tls: goodTls }, wanted: { write: true } }],
  ["behind a proxy, under a path of its own", { before: { tls: goodTls, under: "/drawbridge" }, publicPath: "/drawbridge", wanted: { write: true } }],
  ["TransactionLink", { vendor: "transactionlink", wanted: { write: true } }],
  ["Enlivy", { vendor: "enlivy", wanted: { write: true } }],
  ["Applivery, as far as others have seen it", { vendor: "applivery", connection: { endpoints: "observed" }, simulator: { switches: { putCollaborator: "on", deleteCollaborator: "on", createAfterRemove: "200" } }, wanted: { write: true } }],
];

test.concurrent.each(whole)("a set-up that is whole has no failure: %s", async (_, wish) => {
  const findings = await findingsIn(wish);
  expect(findings.filter(({ outcome }) => outcome === "failure")).toEqual([]);
  const checks = findings.map(({ check }) => check);
  for (const step of ["trial.create", "trial.lookup", "trial.update", "trial.group", "trial.deactivate", "trial.cleanup"]) expect(checks).toContain(step);
});
