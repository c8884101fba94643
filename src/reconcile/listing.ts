/**
 * Reads the vendor's list into rows, page by page, and judges whether it is all there is.
 *
 * @module
 */
import type { AccountId } from "../model/ids.ts";
import type { Account } from "../model/person.ts";
import type { Sighting } from "../store/reconcile-contract.ts";
import { kept, RunFailed } from "./broken-off.ts";
import type { Round } from "./post.ts";

/** So many accounts are in memory at a time. */
const atOnce = 500;

/** @throws RunFailed `incomplete` when the vendor says that there are more than it lists */
export async function readList(round: Round): Promise<void> {
  const { post, run, store, signal, tally } = round;
  const { connector, vendor } = post;
  if (!connector.list) throw new RunFailed({ reason: "vendor", detail: `${vendor.title} has no list to compare with: ${vendor.missing("list") ?? "it is not known"}.` });
  tally.listed = 0;
  tally.fenced.clear();
  const look = post.look(signal);
  const protectedBecause = new Map<AccountId, string>();
  let batch: Sighting[] = [];
  let read: { readonly rows: number; readonly total: number | undefined; readonly remark?: string | undefined } | undefined;

  async function take(sighting: Sighting): Promise<void> {
    batch.push(sighting);
    if (batch.length >= atOnce) await flush();
  }
  async function flush(): Promise<void> {
    const seen = batch;
    batch = [];
    await kept(store.sight(run, seen));
    signal.throwIfAborted();
  }

  try {
    const census = {
      async apart(account: Account, because: string, isListed: boolean): Promise<void> {
        if (isListed) return void protectedBecause.set(account.id, because);
        const role = account.role ?? "unknown";
        tally.fenced.set(role, (tally.fenced.get(role) ?? 0) + 1);
        await take({ account: storable(account), apart: because, isFenced: true });
      },
      ended: (ended: typeof read) => void (read = ended),
    };
    for await (const account of connector.list(look, census)) {
      tally.listed += 1;
      for (const part of Object.keys(account.profile)) tally.parts.add(part);
      await take({ account: storable(account), apart: protectedBecause.get(account.id), isFenced: false });
      protectedBecause.delete(account.id);
    }
    await flush();
  } finally {
    look.end();
  }
  if (read?.total !== undefined && read.rows < read.total) throw new RunFailed({ reason: "incomplete", detail: `${vendor.title} says that it lists ${read.total} accounts, and showed ${read.rows}.` });
  if (read?.remark !== undefined) tally.remarks.add(`the list is ${read.remark}; whoever is not in it is looked for by id, and accounts of nobody may be more than are found`);
}

/** What a vendor says may hold what no database does. */
function storable(account: Account): Account {
  const clean = (text: string) => text.toWellFormed().replaceAll("\0", "\ufffd");
  return {
    ...account,
    email: account.email === undefined ? undefined : clean(account.email),
    profile: Object.fromEntries(Object.entries(account.profile).map(([part, value]) => [part, clean(value)])),
    ...(account.role !== undefined && { role: clean(account.role) as typeof account.role }),
    ...(account.tags && { tags: account.tags.map(clean) }),
  };
}
