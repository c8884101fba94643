/**
 * `drawbridge freeze|unfreeze` and `drawbridge observe start|status|promote`: written to the store; every server counts it at its next
 * commit and its next vendor call.
 *
 * @module
 */
import type { z } from "zod";
import { parkedKinds } from "../delivery/parked.ts";
import { freeze as stop, observeStatus as plan, promote as carryOut, startObserving as observe, unfreeze as letGo } from "../operator/modes.ts";
import type { AtConnection } from "./at-connection.ts";
import { withActs } from "./with-acts.ts";
import { print } from "./with-store.ts";

interface Deciding extends AtConnection {
  readonly by?: string;
  readonly reason?: string;
}

export async function freeze(options: Deciding & { readonly reason: string }): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { connection, reason } = options;
    const frozen = await ask(stop, { connection, reason });
    print(options, frozen, frozen.new ? `${connection} is frozen: pushes are answered 503, owned denials go on, everything else waits.` : `${connection} was frozen already, by ${frozen.by}: ${frozen.reason}`);
  });
}

export async function unfreeze(options: Deciding & { readonly acceptBreak?: boolean }): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { connection, reason, acceptBreak } = options;
    const free = await ask(letGo, { connection, reason, acceptBreak });
    print(options, free, `${connection} ${free.observes ? "observes again" : "delivers again"}; what has waited is due.`);
  });
}

export async function startObserving(options: Deciding): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { connection, reason } = options;
    const begun = await ask(observe, { connection, reason });
    print(options, begun, begun.new ? `${connection} observes: pushes are kept, and nothing is written at the vendor.` : `${connection} observes already.`);
  });
}

export async function observeStatus(options: AtConnection): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const shown = await ask(plan, { connection: options.connection });
    print(options, shown, wordsOf(shown));
  });
}

export async function promote(hash: string, options: Deciding): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { connection } = options;
    const done = await ask(carryOut, { connection, hash });
    print(options, done, `${connection} delivers: ${done.affected} ${done.affected === 1 ? "person is" : "people are"} due, denials first.`);
  });
}

function wordsOf({ connection, hash, counts, people, affected }: z.output<typeof plan.output>): string {
  const parts = parkedKinds.filter((kind) => counts[kind] > 0).map((kind) => {
    const more = counts[kind] - people[kind].length;
    return [`${kind.padEnd(14)}${counts[kind]}`, ...people[kind].map(({ userName, resource, detail }) => `    ${userName ?? resource}  ${detail}`), ...(more > 0 ? [`    and ${more} more`] : [])].join("\n");
  });
  return [`${connection} observes. If it were promoted now, ${affected} ${affected === 1 ? "person" : "people"} would be affected:`, ...parts, "", `plan ${hash}`, `Promote it: drawbridge observe promote ${hash} --connection ${connection}`].join("\n");
}
