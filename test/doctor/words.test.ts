/**
 * What facts mean: the parts of the doctor that no set-up of a test can bring about.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { clockFindings } from "../../src/doctor/clock.ts";
import { exitCode, failure, note, ok, warning } from "../../src/doctor/finding.ts";
import { diskFindings, storeFindings } from "../../src/doctor/store.ts";
import type { StoreThere } from "../../src/store/examine.ts";

const GIB = 1_073_741_824;
const disk = { freeBytes: 90 * GIB, commitMs: 3, network: undefined };
const there: StoreThere = { kind: "there", engine: "sqlite", steps: 3, known: 3, refusesWrites: undefined, undurable: [], aheadMs: 0, disk, file: "/data/drawbridge.db" };
const worst = (findings: readonly { readonly outcome: string; readonly check: string; readonly says: string }[]) => findings.filter(({ outcome }) => outcome !== "ok" && outcome !== "note").map(({ outcome, check, says }) => `${outcome} ${check}: ${says}`);

describe("the database", () => {
  test.each<readonly [string, Partial<StoreThere>, RegExp | undefined]>([
    ["is whole", {}, undefined],
    ["is of a newer version", { steps: 4 }, /^failure store\.schema: .*newer Drawbridge/],
    ["is of an older one", { steps: 2 }, /^warning store\.schema: .*step 2 of 3/],
    ["is a standby", { engine: "postgres", refusesWrites: "25006" }, /^failure store\.writes: .*read-only/],
    ["may not be written", { engine: "postgres", refusesWrites: "42501" }, /^failure store\.writes: .*42501/],
    ["is read-only on its disk", { refusesWrites: "SQLITE_READONLY" }, /^failure store\.writes: .*SQLITE_READONLY/],
    ["loses commits in a power cut", { engine: "postgres", undurable: ["fsync off", "synchronous_commit off"] }, /^failure store\.durable: .*fsync off, synchronous_commit off/],
  ])("%s", (_, facts, wanted) => {
    const found = worst(storeFindings({ ...there, ...facts }));
    if (wanted) expect(found).toEqual([expect.stringMatching(wanted)]);
    else expect(found).toEqual([]);
  });

  test.each([
    ["28P01", /refuses the user or the password/],
    ["3D000", /no database of that name/],
    ["42501", /may not read our tables/],
    ["ENOTFOUND", /not known to DNS/],
    ["ETIMEDOUT", /cannot be reached \(ETIMEDOUT\)/],
  ])("PostgreSQL says %s", (code, wanted) => {
    expect(worst(storeFindings({ kind: "unreachable", engine: "postgres", code }))).toEqual([expect.stringMatching(wanted)]);
  });

  test.each([
    ["is nearly full", { ...disk, freeBytes: 100_000_000 }, /^failure store\.disk: Only 95 MiB/],
    ["fills", { ...disk, freeBytes: GIB }, /^warning store\.disk: Only 1 GiB/],
    ["is slow", { ...disk, commitMs: 120 }, /^warning store\.pace: A commit takes 120 ms/],
    ["is somebody else's", { ...disk, network: "NFS" }, /^failure store\.network: .*NFS/],
    ["takes no file", { broken: "EROFS" }, /^failure store\.disk: .*EROFS/],
  ])("its disk %s", (_, facts, wanted) => {
    expect(worst(diskFindings(facts))).toEqual([expect.stringMatching(wanted)]);
  });
});

describe("clocks", () => {
  const at = (...ahead: readonly (readonly [string, number])[]) => worst(clockFindings(ahead.map(([whose, seconds]) => ({ whose, aheadMs: seconds * 1_000 }))));
  test("that agree are no finding", () => expect(at(["A", 1], ["B", -2])).toEqual([]));
  test("ours is behind all others: ours is wrong", () => expect(at(["A", 601], ["B", 600])).toEqual(["failure clock: This machine's clock is 10 min behind that of B and A."]));
  test("half a minute is a warning", () => expect(at(["A", 45])).toEqual(["warning clock: This machine's clock is 45 s behind that of A."]));
  test("one that differs from us and from the others is wrong itself", () => expect(at(["A", 600], ["B", 0])).toEqual([expect.stringMatching(/^warning clock: The clock of A is 10 min ahead of this machine's, and B agrees/)]));
  test("nobody showed one", () => expect(clockFindings([])).toMatchObject([{ outcome: "skipped" }]));
});

test("the exit code is the worst of it", () => {
  const [good, hint, bad, worse] = [ok("a", "A."), note("a", "A."), warning("a", "A.", "B."), failure("a", "A.", "B.")];
  expect([exitCode([good, hint]), exitCode([good, bad, hint]), exitCode([bad, worse, good])]).toEqual([0, 1, 2]);
});
