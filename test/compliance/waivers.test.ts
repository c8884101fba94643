/**
 * The parts of the compliance run that decide about red and green.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasTrouble, line, trouble, type Report } from "./report.ts";
import type { Check } from "./suite.ts";
import { suites } from "./suites/all.ts";
import { readLines } from "./suites/scimono.ts";
import { readChecks } from "./suites/scim2-tester.ts";
import { readTap } from "./suites/scimverify.ts";
import { judge, type Waiver, waivers } from "./waivers.ts";

const waiver = (more: Partial<Waiver> = {}): Waiver => ({ suite: "s", check: "sorts .*", rfc: "RFC 7644, 3.4.2.3", reason: "because it is so, and has to be", ...more });
const failed = (name: string, says = ""): Check => ({ name, result: "failed", says });
const reportOf = (checks: readonly Check[], among: readonly Waiver[]): Report => ({ suite: { ...suites[0]!, id: "s" }, outcome: { kind: "ran", version: "1", checks }, verdict: judge("s", checks, among) });

describe("a waiver", () => {
  test("covers failures by their whole names, of its own suite", () => {
    const verdict = judge("s", [failed("sorts by name"), failed("sorts"), failed("also sorts by name")], [waiver(), waiver({ suite: "other" })]);
    expect(verdict.failed.map(({ name }) => name)).toEqual(["sorts", "also sorts by name"]);
    expect(verdict.waived.flatMap(({ checks }) => checks)).toHaveLength(1);
    expect(verdict.idle).toEqual([]);
  });
  test("covers only what the suite says, where it says so", () => {
    expect(judge("s", [failed("sorts a", "wanted b, got a")], [waiver({ says: "got a$" })]).failed).toEqual([]);
    expect(judge("s", [failed("sorts a", "status 500")], [waiver({ says: "got a$" })]).failed).toHaveLength(1);
  });
  test("that covers nothing is trouble, also where the check passes by now", () => {
    const report = reportOf([{ name: "sorts a", result: "passed" }], [waiver()]);
    expect([hasTrouble(report), trouble(report, false)]).toEqual([true, [expect.stringContaining("covers nothing any more")]]);
  });
  test("keeps a failure from being trouble, and is counted as what it is", () => {
    const report = reportOf([failed("sorts a"), { name: "b", result: "passed" }, { name: "c", result: "skipped" }], [waiver()]);
    expect(hasTrouble(report)).toBe(false);
    expect(line(report)).toContain("1 of 2 (1 waived, 1 skipped by the suite)");
  });
});

test("a failure without a waiver is trouble; what did not run is neither trouble nor passed", () => {
  expect(hasTrouble(reportOf([failed("a")], []))).toBe(true);
  const missing: Report = { suite: suites[0]!, outcome: { kind: "not run", reason: "there is no python3 on this machine" } };
  expect([hasTrouble(missing), line(missing)]).toEqual([false, expect.stringMatching(/^- .*not run: there is no python3/)]);
});

test("every waiver is for a suite that there is, and stands in docs/compliance.md with its section", () => {
  const page = readFileSync(new URL("../../docs/compliance.md", import.meta.url), "utf8");
  for (const { suite, rfc, reason } of waivers) {
    expect(suites.map(({ id }) => id)).toContain(suite);
    expect(page).toContain(`| ${rfc} | ${reason}`);
  }
});

describe("reports are read", () => {
  test("of scim2-cli, with and without colours; the same check twice has two names", () => {
    const output = "Performing a check on http://localhost/ ...\n\u001b[32mSUCCESS\u001b[0m check_add_attribute\n  Successfully added attribute 'title'\nERROR check_add_attribute\n  Failed to add attribute 'title': no\n  more of it\nSKIPPED check_bulk\n  not supported\nDEVIATION odd\n";
    expect(readChecks(output)).toEqual([
      { name: "check_add_attribute title", result: "passed", says: expect.any(String) },
      { name: "check_add_attribute title (2)", result: "failed", says: expect.stringContaining("more of it") },
      { name: "check_bulk", result: "skipped", says: "not supported" },
      { name: "odd", result: "failed", says: "" },
    ]);
  });
  test("of RunSuite.java; what a fixture aborted has not run", () => {
    expect(readLines("noise\ncheck\tfailed\tA.b c\torg.opentest4j.TestAbortedException: no\ncheck\tfailed\tA.d e\texpected 1\ncheck\tpassed\tA.f g\t\n").map(({ name, result }) => [name, result])).toEqual([["A.b c", "skipped"], ["A.d e", "failed"], ["A.f g", "passed"]]);
  });
  test("of Node's test runner", () => {
    expect(readTap("✔ reads (1.2ms)\n  ✖ writes (3ms)\n﹣ later (0ms) # SKIP\nok 1 - one\nnot ok 2 - two\n").map(({ name, result }) => [name, result])).toEqual([["reads", "passed"], ["writes", "failed"], ["later", "skipped"], ["one", "passed"], ["two", "failed"]]);
  });
});
