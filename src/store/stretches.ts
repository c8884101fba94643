/**
 * Work on many rows, a stretch at a time: between two stretches whatever else the process has to do gets its turn.
 *
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";

/** Rows that are written at a stretch, which takes a few milliseconds. */
export const writtenAtOnce = 500;
/** Rows that are read or compared at a stretch. */
export const lookedAtOnce = 5_000;

/** Results in the order of their stretches. What fits into one stretch is done at once. */
export async function inStretches<T, R>(all: readonly T[], work: (stretch: readonly T[]) => readonly R[] | Promise<readonly R[]>, most = writtenAtOnce): Promise<readonly R[]> {
  if (all.length <= most) return all.length === 0 ? [] : work(all);
  const results: R[] = [];
  for (let at = 0; at < all.length; at += most) {
    if (at > 0) await turn();
    for (const result of await work(all.slice(at, at + most))) results.push(result);
  }
  return results;
}

/** Reads page after page until one is not full. */
export async function inPages<R>(next: (last: R | undefined) => Promise<readonly R[]>, most: number): Promise<readonly R[]> {
  const all: R[] = [];
  for (;;) {
    const page = await next(all.at(-1));
    for (const row of page) all.push(row);
    if (page.length < most) return all;
    await turn();
  }
}

/** A turn for others after work on so many rows, if that was much. */
export async function turnAfter(rows: number): Promise<void> {
  if (rows > lookedAtOnce) await turn();
}
