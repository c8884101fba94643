/**
 * `drawbridge freeze|unfreeze` and `drawbridge observe start|status|promote`: written to the store; every server counts it at its next
 * commit and its next vendor call.
 *
 * @module
 */
import { planParked, type ParkedPlan, parkedKinds } from "../delivery/parked.ts";
import { ourselves } from "../model/mode.ts";
import { type AtConnection, whoIs, withConnection } from "./at-connection.ts";
import { print } from "./with-store.ts";
import { withSite } from "./with-site.ts";

interface Deciding extends AtConnection {
  readonly by?: string;
  readonly reason?: string;
}

export async function freeze(options: Deciding & { readonly reason: string }): Promise<void> {
  await withConnection(options, async (store, connection) => {
    const by = whoIs(options.by);
    const isNew = await store.freeze(connection, { by, reason: options.reason });
    const mode = await store.mode(connection);
    const words = isNew ? `${connection} is frozen: pushes are answered 503, owned denials go on, everything else waits.` : `${connection} was frozen already, by ${mode.by}: ${mode.reason}`;
    print(options, { connection, frozen: true, new: isNew, by: mode.by, reason: mode.reason, since: new Date(mode.sinceMs).toISOString() }, words);
  });
}

export async function unfreeze(options: Deciding & { readonly acceptBreak?: boolean }): Promise<void> {
  await withConnection(options, async (store, connection) => {
    const [by, reason] = [whoIs(options.by), options.reason ?? ""];
    const mode = await store.mode(connection);
    if (!mode.frozen) throw new Error(`${connection} is not frozen.`);
    const breaks = mode.by === ourselves ? (await store.verifyJournal(connection)).breaks : [];
    const [first] = breaks;
    if (first && !options.acceptBreak) throw new Error(`The journal of ${connection} is broken at row ${first.row}: ${first.why}. Look into it first; --accept-break puts on record that you know of it.`);
    for (const broken of breaks) await store.acceptBreak(connection, broken, { by, reason });
    await store.unfreeze(connection, { by, reason });
    const { observes } = await store.mode(connection);
    print(options, { connection, frozen: false, observes, accepted: breaks.map(({ row }) => row) }, `${connection} ${observes ? "observes again" : "delivers again"}; what has waited is due.`);
  });
}

export async function startObserving(options: Deciding): Promise<void> {
  await withConnection(options, async (store, connection) => {
    const begun = await store.observe(connection, { by: whoIs(options.by), reason: options.reason ?? "started on the command line", again: true });
    if (begun === "frozen") throw new Error(`${connection} is frozen; unfreeze it first.`);
    print(options, { connection, observes: true, new: begun === "begun" }, begun === "begun" ? `${connection} observes: pushes are kept, and nothing is written at the vendor.` : `${connection} observes already.`);
  });
}

export async function observeStatus(options: AtConnection): Promise<void> {
  await withSite(options, async (store, site) => {
    const mode = await store.mode(site.connection);
    if (!mode.observes) throw new Error(`${site.connection} does not observe.`);
    const plan = await planParked(site, store);
    const { losing: _losing, journalSeq: _seq, ...document } = plan;
    print(options, { connection: site.connection, since: new Date(mode.sinceMs).toISOString(), ...document }, wordsOf(site.connection, plan));
  });
}

/** How often the plan is made anew because something was pushed meanwhile. */
const attempts = 3;

export async function promote(hash: string, options: Deciding): Promise<void> {
  await withSite(options, async (store, site) => {
    const { connection } = site;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (!(await store.mode(connection)).observes) throw new Error(`${connection} does not observe.`);
      const plan = await planParked(site, store);
      if (plan.hash !== hash) throw new Error(`The plan has changed since: it is ${plan.hash} now. Look again: drawbridge observe status --connection ${connection}`);
      const ended = await store.promote(connection, { by: whoIs(options.by), hash, pushesUntilSeq: plan.journalSeq, people: plan.losing });
      if (ended === "frozen") throw new Error(`${connection} is frozen; unfreeze it first.`);
      if (ended === "not observing") throw new Error(`${connection} does not observe.`);
      if (ended === "moved") continue;
      return print(options, { connection, promoted: hash, affected: plan.affected }, `${connection} delivers: ${plan.affected} people are due, denials first.`);
    }
    throw new Error("Pushes keep coming in while the plan is made. Try again when the IdP is quiet.");
  });
}

function wordsOf(connection: string, { hash, counts, people, affected }: ParkedPlan): string {
  const parts = parkedKinds.filter((kind) => counts[kind] > 0).map((kind) => {
    const more = counts[kind] - people[kind].length;
    return [`${kind.padEnd(14)}${counts[kind]}`, ...people[kind].map(({ userName, resource, detail }) => `    ${userName ?? resource}  ${detail}`), ...(more > 0 ? [`    and ${more} more`] : [])].join("\n");
  });
  return [`${connection} observes. If it were promoted now, ${affected} people would be affected:`, ...parts, "", `plan ${hash}`, `Promote it: drawbridge observe promote ${hash} --connection ${connection}`].join("\n");
}
