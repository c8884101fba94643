/**
 * The table of reliability.md, section 4, measured: every design in front of every vendor.
 *
 * @module
 */
import type { Ending } from "./compare.ts";
import { compareNaive, compareReal } from "./compare.ts";
import { naiveDesigns } from "./naive.ts";
import { sabotages } from "./sabotage.ts";
import type { Cell } from "./scenario.ts";
import { cells } from "./scenario.ts";

export interface TableCell {
  readonly design: string;
  readonly vendor: string;
  runs: number;
  /** Runs that ended with a duplicate, a live leaver, a lost value, an account that no link knows or an invariant broken on the way. */
  bad: number;
  /** Runs by the way in which they ended; one may have several. */
  readonly endings: Record<string, number>;
}

export interface Design {
  readonly title: string;
  run(seed: string, cell: Cell): Promise<ReadonlySet<Ending>>;
}

export const designs: readonly Design[] = [
  ...naiveDesigns.map((design): Design => ({ title: design, run: (seed, cell) => compareNaive(seed, cell, design) })),
  ...Object.values(sabotages).map((sabotage): Design => ({ title: sabotage.title, run: (seed, cell) => compareReal(seed, cell, sabotage) })),
];

export const vendorTitles: Readonly<Record<Cell, string>> = { refuses: "vendor refuses a second equal e-mail", allows: "does not", lags: "does not, list lags 30 s" };

export async function cellOf({ title, run }: Design, cell: Cell, seeds: readonly string[]): Promise<TableCell> {
  const found: TableCell = { design: title, vendor: vendorTitles[cell], runs: 0, bad: 0, endings: {} };
  for (const seed of seeds) {
    const endings = await run(seed, cell);
    found.runs += 1;
    if ([...endings].some((ending) => ending !== "stuck")) found.bad += 1;
    for (const ending of endings) found.endings[ending] = (found.endings[ending] ?? 0) + 1;
  }
  return found;
}

/** @param isMine which runs are played here, counted from 0 in each cell */
export async function* tableOf(runs: number, isMine: (at: number) => boolean): AsyncGenerator<TableCell> {
  const seeds = Array.from({ length: runs }, (_, at) => `table ${at + 1}`).filter((_, at) => isMine(at));
  for (const design of designs) for (const cell of cells) yield await cellOf(design, cell, seeds);
}
