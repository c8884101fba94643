/**
 * What a run came to, as lines for the terminal and as docs/compliance.md.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import type { Outcome, Suite } from "./suite.ts";
import { suites } from "./suites/all.ts";
import { type Verdict, type Waiver, waivers } from "./waivers.ts";

export type Report =
  | { readonly suite: Suite; readonly outcome: Extract<Outcome, { readonly kind: "ran" }>; readonly verdict: Verdict }
  | { readonly suite: Suite; readonly outcome: Extract<Outcome, { readonly kind: "not run" }>; readonly verdict?: never };

export const hasTrouble = ({ verdict }: Report): boolean => verdict !== undefined && verdict.failed.length + verdict.idle.length > 0;

const waivedCount = ({ waived }: Verdict): number => waived.reduce((sum, { checks }) => sum + checks.length, 0);

function score({ passed, skipped, failed, ...verdict }: Verdict): string {
  const waived = waivedCount({ passed, skipped, failed, ...verdict });
  const more = [waived > 0 ? `${waived} waived` : "", skipped > 0 ? `${skipped} skipped by the suite` : "", failed.length > 0 ? `${failed.length} failed` : ""].filter((part) => part !== "");
  return `${passed} of ${passed + waived + failed.length}${more.length > 0 ? ` (${more.join(", ")})` : ""}`;
}

export const line = (report: Report): string => `${hasTrouble(report) ? "FAIL" : report.verdict ? "ok  " : "-   "} ${report.suite.id.padEnd(20)} ${report.verdict ? score(report.verdict) : `not run: ${report.outcome.reason}`}`;

/** @param isVerbose with what is waived */
export function trouble({ verdict }: Report, isVerbose: boolean): readonly string[] {
  if (!verdict) return [];
  return [
    ...verdict.failed.map(({ name, says }) => `failed: ${name}\n    ${(says ?? "").slice(0, 400)}`),
    ...verdict.idle.map(({ check, reason }) => `a waiver covers nothing any more: ${check} (${reason})`),
    ...(isVerbose ? verdict.waived.flatMap(({ waiver, checks }) => checks.map(({ name }) => `waived: ${name} (${waiver.rfc})`)) : []),
  ];
}

const page = new URL("../../docs/compliance.md", import.meta.url);
const marks = { begin: "<!-- scores: written by UPDATE=1 npm run compliance -->", end: "<!-- end of scores -->" };

/** Rows of suites that were not asked for stay as they are. */
export async function writePage(reports: readonly Report[]): Promise<void> {
  const text = await readFile(page, "utf8");
  const [before, rest = ""] = text.split(marks.begin);
  const [former = "", after] = rest.split(marks.end);
  if (before === undefined || after === undefined) throw new Error("docs/compliance.md has lost its marks");
  const rows = new Map([...former.matchAll(/^\| ([a-z0-9.-]+) \|.*$/gm)].map(([row, id = ""]) => [id, row]));
  for (const report of reports) rows.set(report.suite.id, rowOf(report));
  const table = suites.map(({ id }) => rows.get(id)).filter((row) => row !== undefined);
  await writeFile(page, `${before}${marks.begin}\n\n| suite | what it is | score | version | date |\n| --- | --- | --- | --- | --- |\n${table.join("\n")}\n\n${waiverTable()}\n\n${marks.end}${after}`);
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/\s+/g, " ");

function rowOf({ suite, outcome, verdict }: Report): string {
  const today = new Date().toISOString().slice(0, 10);
  const cells = verdict && outcome.kind === "ran" ? [score(verdict), outcome.version] : [`not run: ${outcome.kind === "ran" ? "" : outcome.reason}`, "–"];
  return `| ${[suite.id, suite.title, ...cells, today].map(cell).join(" | ")} |`;
}

function waiverTable(): string {
  const rowFor = ({ suite, check, says, rfc, reason }: Waiver) => `| ${[suite, `\`${check}\`${says === undefined ? "" : `, saying \`${says}\``}`, rfc, reason].map(cell).join(" | ")} |`;
  return `| suite | checks waived (regular expression) | section | why we stand by it |\n| --- | --- | --- | --- |\n${waivers.map(rowFor).join("\n")}`;
}
