/**
 * The positive control over a list: whoever is known to be there must be in it. Few may be missing, and each of them is looked for by id;
 * one who is there after all proves that the list is not whole.
 *
 * @module
 */
import type { ResourceId } from "../model/ids.ts";
import { kept, RunFailed } from "./broken-off.ts";
import { readList } from "./listing.ts";
import { lookAt } from "./looking.ts";
import type { Round } from "./post.ts";

/** So many people are compared at a stretch, so that nobody else waits for it. */
const among = 5_000;

/**
 * @returns people whose account is proven to be gone
 * @throws RunFailed `shrunken` when too many are missing to believe the list, `incomplete` when it leaves out somebody who is there
 */
export async function provePresence(round: Round): Promise<ReadonlySet<ResourceId>> {
  const { post, run, store } = round;
  const { title } = post.vendor;
  const { count, share } = post.policy.reconcile.limit;
  const limit = run.mostMissing ?? Math.max(count, Math.floor(share * (await store.withAccess(post.connection)) + 1e-9));

  const { missing, expected } = await absent(round, limit);
  if (missing.length > limit) {
    const allowed = run.mostMissing === undefined ? `reconcile.limit allows ${limit}` : `${limit} are allowed this once`;
    throw new RunFailed({ reason: "shrunken", detail: `More than ${limit} people with access are missing from the list of ${title}, and ${allowed}: that is more likely a fault there, or a credential that sees less, than so many removals.` });
  }
  if (missing.length > 0 && missing.length >= expected && run.mostMissing === undefined) {
    throw new RunFailed({ reason: "shrunken", detail: `None of the ${expected} people with access is in the list of ${title}: it may be another tenant's, or the credential may see less than it did.` });
  }
  if (missing.length === 0) return new Set();
  if (!post.connector.get) throw new RunFailed({ reason: "incomplete", detail: `${missing.length} people with access are missing from the list of ${title}, and they cannot be looked for one by one.` });
  if (post.connector.traits.getReadsList) {
    // A look at one would read the whole list: reading it once more answers for all of them.
    await readList(round);
    return new Set((await absent(round, limit)).missing);
  }
  return lookedFor(round, missing);
}

/** Stops at one more than the limit. */
async function absent({ run, store }: Round, limit: number): Promise<{ readonly missing: readonly ResourceId[]; readonly expected: number }> {
  let expected = 0;
  const missing: ResourceId[] = [];
  for (let after: ResourceId | undefined; ; ) {
    const { people, compared, next } = await store.unseen(run, after, among);
    missing.push(...people);
    expected += compared;
    if (next === undefined || missing.length > limit) return { missing, expected };
    after = next;
  }
}

async function lookedFor(round: Round, missing: readonly ResourceId[]): Promise<ReadonlySet<ResourceId>> {
  const { post, run, store, signal } = round;
  const gone = new Set<ResourceId>();
  let hidden = 0;
  for (const resource of missing) {
    signal.throwIfAborted();
    const held = await store.hold(post.connection, resource);
    if (!held?.link) continue;
    const account = await lookAt(round, { ...held, link: held.link });
    if (account === "gone") gone.add(resource);
    else if (account) {
      // A list of those with access only is whole as far as it goes.
      if (account.active !== false) hidden += 1;
      await kept(store.sight(run, [{ account, apart: undefined, isFenced: false }]));
    }
  }
  if (hidden > 0) throw new RunFailed({ reason: "incomplete", detail: `The list of ${post.vendor.title} leaves out ${hidden === 1 ? "somebody" : `${hidden} people`} with access whose account is there when it is asked for by id.` });
  return gone;
}
