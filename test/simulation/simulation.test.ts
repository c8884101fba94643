/**
 * The real code in virtual time: no seed breaks an invariant, the same seed is the same run, and designs without our guards do break.
 *
 * `npm run simulate -- --seeds 20000` plays more of them.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { naiveDesigns } from "./naive.ts";
import { play } from "./play.ts";
import { sabotages } from "./sabotage.ts";
import type { Cell } from "./scenario.ts";
import { cells } from "./scenario.ts";
import { cellOf, designs } from "./table.ts";

const runner = fileURLToPath(new URL("run.ts", import.meta.url));
const started = promisify(execFile);

/** What the runner prints with `--json`, in processes of its own. */
async function run(...given: readonly string[]): Promise<string> {
  const { stdout } = await started(process.execPath, [runner, ...given], { maxBuffer: 2 ** 26 }).catch((failed: { readonly stdout?: string }) => ({ stdout: failed.stdout ?? "" }));
  return stdout;
}

test("300 seeds with crashes, pauses, duplicates, lost answers, late application and list lag: no invariant is broken", async () => {
  const { seeds, bad, total } = JSON.parse(await run("--seeds", "300", "--jobs", "2", "--json")) as { readonly seeds: number; readonly bad: readonly unknown[]; readonly total: Readonly<Record<string, number>> };
  expect(bad).toEqual([]);
  expect(seeds).toBe(300);
  // It was no walk in the park.
  expect(total["crashes"]).toBeGreaterThan(600);
  expect(total["twice"]).toBeGreaterThan(300);
  expect(total["vendorCalls"]).toBeGreaterThan(3_000);
}, 600_000);

describe("one seed decides everything", () => {
  test("the same seed twice in one process, and in another one, is the same run; another seed is another run", async () => {
    const [first, again, other] = [await play({ seed: "17" }), await play({ seed: "17" }), await play({ seed: "18" })];
    const elsewhere = await run("--seed", "17");
    expect(first.counts.events).toBeGreaterThan(100);
    expect(again.trace).toBe(first.trace);
    expect(elsewhere).toContain(`digest ${first.trace}`);
    expect(other.trace).not.toBe(first.trace);
  }, 300_000);
});

describe("the harness can see", () => {
  const seeds = (count: number) => Array.from({ length: count }, (_, at) => `table ${at + 1}`);
  const of = (title: string) => designs.find((design) => design.title === title)!;

  test.each(naiveDesigns.flatMap((design) => cells.map((cell) => ({ design, cell }))))("$design, where the vendor $cell: some runs end badly", async ({ design, cell }) => {
    const { bad, runs } = await cellOf(of(design), cell, seeds(150));
    expect(runs).toBe(150);
    expect(bad).toBeGreaterThan(0);
  }, 300_000);

  test.each<{ readonly sabotage: keyof typeof sabotages; readonly cell: Cell }>([
    { sabotage: "shortSettle", cell: "lags" },
    { sabotage: "noSettle", cell: "allows" },
    { sabotage: "noReassertion", cell: "refuses" },
    { sabotage: "noLease", cell: "lags" },
    { sabotage: "noMark", cell: "lags" },
    { sabotage: "noLookUp", cell: "allows" },
  ])("the real code with the sabotage $sabotage, where the vendor $cell: some runs end badly", async ({ sabotage, cell }) => {
    const { bad } = await cellOf(of(sabotages[sabotage].title), cell, seeds(60)); // one run in eight, for the rarest of them
    expect(bad).toBeGreaterThan(0);
  }, 300_000);

  test.each(cells)("the real code as it is, where the vendor %s: none does", async (cell) => {
    expect(await cellOf(of(sabotages.none.title), cell, seeds(15))).toMatchObject({ bad: 0, runs: 15, endings: {} });
  }, 300_000);
});
