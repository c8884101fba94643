/**
 * What was intended and never begun gets its word all the same (I11): a push's plan was made from a link that has changed since, or
 * another has seen to it meanwhile.
 *
 * @module
 */
import type { Operation } from "../model/operation.ts";
import type { JournalEntry } from "../model/resource.ts";
import { unneeded } from "./entries.ts";
import type { Run } from "./run.ts";

/** @param kinds of operations whose intent is in the journal and that have no outcome */
export const spared = ({ job: { held, correlation } }: Run, kinds: readonly Operation["kind"][]): readonly JournalEntry[] => (kinds.length > 0 ? [unneeded(held.id, correlation, kinds)] : []);

/** When nothing is to be done: whatever anybody has intended for this person. */
export async function neverBegun(run: Run): Promise<readonly JournalEntry[]> {
  const { held, lease } = run.job;
  return spared(run, (await run.works.store.openIntent(lease.connection, held.id)).map(({ kind }) => kind));
}
