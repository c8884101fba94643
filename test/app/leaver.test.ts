/**
 * The leaver at 17:00 on a Friday: every vendor, in every condition, and the tables of docs/failure-semantics.md.
 *
 * `UPDATE=1` writes the first table anew.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { type Cell, type Condition, conditions, leave, trials } from "../support/leaver.ts";

const root = new URL("../../", import.meta.url);
const paper = fileURLToPath(new URL("docs/failure-semantics.md", root));

const accepted = "200, `active: false`";
const stays = (kind: string) => `open denial in the lane \`deny\`, \`${kind}\`, being retried`;
const alarmed = `${stays("protocol")}; alarm`;
const refused = (vendor: string, reason: string) => `502: “${vendor} did not take the access away: ${reason}”`;

interface Row extends Cell {
  readonly vendor: keyof typeof trials;
  readonly condition: Condition;
}

/** One vendor's rows; only what a liar and a wrong tenant are told differs from vendor to vendor. */
const rowsOf = (vendor: Row["vendor"], before: string, after: string, lying: string, missing: string): readonly Row[] => [
  { vendor, condition: "up", idp: accepted, vendorMeanwhile: after, operator: "nothing to do", vendorAfterwards: after },
  { vendor, condition: "down", idp: accepted, vendorMeanwhile: before, operator: stays("unreachable"), vendorAfterwards: after },
  { vendor, condition: "throttling", idp: accepted, vendorMeanwhile: before, operator: stays("throttled"), vendorAfterwards: after },
  { vendor, condition: "lying", idp: lying, vendorMeanwhile: before, operator: alarmed, vendorAfterwards: after },
  { vendor, condition: "404 to everything", idp: missing, vendorMeanwhile: before, operator: alarmed, vendorAfterwards: after },
];

const unchanged = (vendor: string) => refused(vendor, `${vendor} accepted the change and still shows the old state.`);
const provesNothing = (vendor: string) => refused(vendor, `${vendor} says that the account is not there, but the tenant cannot be listed either: this proves nothing.`);
const wrongAddress = (vendor: string, call: string) => refused(vendor, `${vendor} answers 404 to "${call}"; check the address in the settings.`);

const rows: readonly Row[] = [
  ...rowsOf("peoplelens", "an enabled user", "a disabled user", unchanged("PeopleLens AI"), provesNothing("PeopleLens AI")),
  ...rowsOf("transactionlink", "an active member", "a terminated member", refused("TransactionLink", "TransactionLink accepted the termination and still shows the member as active."), provesNothing("TransactionLink")),
  ...rowsOf("enlivy", "a user in the role Employee", "a user in the role Leaver", unchanged("Enlivy"), wrongAddress("Enlivy", "trashed")),
  ...rowsOf("applivery", "a collaborator in the role viewer", "no collaborator", unchanged("Applivery"), wrongAddress("Applivery", "search")),
  // What cannot be read back cannot be found out at once: the journal says so, and it is asserted and looked at again (recheck.test.ts).
  { vendor: "blind", condition: "lying", idp: accepted, vendorMeanwhile: "an active member", operator: "journal “TransactionLink shows no status: accepted, not confirmed”; looked at again in the lane `reconcile`", vendorAfterwards: "an active member" },
];

/** More houses at once would make each other too slow for their deadlines. */
const atOnce = 6;
const lived = new Map<Row, Cell | Error>();
beforeAll(async () => {
  const waiting = [...rows];
  const work = async () => {
    for (let row = waiting.shift(); row; row = waiting.shift()) lived.set(row, await leave(trials[row.vendor], row.condition).catch((thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown)))));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
});

describe("a leaver's push", () => {
  test("is tried on every vendor in every condition", () => {
    const vendors = Object.keys(trials).filter((vendor) => vendor !== "blind");
    expect(rows.filter(({ vendor }) => vendor !== "blind").map(({ vendor, condition }) => `${vendor} ${condition}`)).toEqual(vendors.flatMap((vendor) => conditions.map((condition) => `${vendor} ${condition}`)));
  });

  test.each(rows)("to $vendor: $condition", (row) => {
    const { vendor: _vendor, condition: _condition, ...wanted } = row;
    expect(lived.get(row)).toEqual(wanted);
  });
});

describe("docs/failure-semantics.md", () => {
  test("shows the leaver's table as it was lived (UPDATE=1 writes it)", async () => {
    const text = await readFile(paper, "utf8");
    const [head = "", rest = ""] = text.split(/(?<=<!-- leaver: begin -->\n)/);
    const tail = rest.slice(rest.indexOf("<!-- leaver: end -->"));
    const right = head + table() + tail;
    if (process.env["UPDATE"] === "1") await writeFile(paper, right);
    expect(await readFile(paper, "utf8")).toBe(right);
    expect(right).toMatch(/<!-- leaver: begin -->\n\| [\s\S]*\|\n<!-- leaver: end -->\n/);
  });

  const promises = [...readFileSync(paper, "utf8").matchAll(/\| \[[^\]]+\]\(\.\.\/(test\/\S+?\.test\.ts)\) \| (.+) \|$/gm)].map(([, file = "", title = ""]) => ({ file, title }));
  test("names a test for every failure it speaks of", () => {
    const [, second = ""] = readFileSync(paper, "utf8").split("## What happens when");
    expect(promises.length).toBeGreaterThan(15);
    expect(second.split("\n").filter((line) => line.startsWith("| ")).length - 2).toBe(promises.length);
  });

  test.each(promises)("is right that $file has a test “$title”", ({ file, title }) => {
    expect(readFileSync(new URL(file, root), "utf8").includes(`("${title}"`)).toBe(true);
  });
});

function table(): string {
  const cells = [...lived].toSorted(([a], [b]) => rows.indexOf(a) - rows.indexOf(b));
  const lines = cells.map(([{ vendor, condition }, cell]) => {
    if (cell instanceof Error) throw cell;
    return `| ${[trials[vendor].title, condition, cell.idp, cell.vendorMeanwhile, cell.operator, cell.vendorAfterwards].join(" | ")} |\n`;
  });
  return `| vendor | it is | the IdP gets | the vendor holds meanwhile | the operator sees meanwhile | at most 10 s after it is over, the vendor holds |\n| --- | --- | --- | --- | --- | --- |\n${lines.join("")}`;
}
