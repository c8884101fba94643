/**
 * Accounts that belong to nobody whom the IdP knows.
 *
 * @module
 */
import type { Drift } from "../model/drift.ts";
import { fold } from "../model/fold.ts";
import type { AccountId } from "../model/ids.ts";
import { isPrivileged } from "../plan/plan-roles.ts";
import type { Unclaimed } from "../store/reconcile-contract.ts";
import { kept } from "./broken-off.ts";
import { byPerson, driftOf, type Seen } from "./drifts.ts";
import { lookBy, stranger } from "./looking.ts";
import type { Round } from "./post.ts";

const page = 500;

export async function judgeOrphans(round: Round): Promise<void> {
  const { run, store, signal } = round;
  for (let after: AccountId | undefined; ; ) {
    const accounts = await store.unclaimed(run, after, page);
    const drifts: Drift[] = [];
    for (const one of accounts) {
      signal.throwIfAborted();
      const seen = one.former === undefined ? orphan(one, round) : await left(one, round);
      if (seen) drifts.push(driftOf(seen));
    }
    await kept(store.draft(run, drifts));
    after = accounts.at(-1)?.account.id;
    if (accounts.length < page) return;
  }
}

const nobodys = byPerson("Nobody here owns the account, and only linked accounts are touched: push the person from the IdP, or remove the account there.");

/** Outside the fence it is somebody else's business, and was counted. */
function orphan({ account, apart, isFenced }: Unclaimed, { post: { policy } }: Round): Seen | undefined {
  if (isFenced) return undefined;
  const { id, email, role, active } = account;
  const isListed = policy.protectedAccounts.includes(id) || (email !== undefined && policy.protectedEmails.some((address) => fold(address.trim()) === fold(email.trim())));
  const kind = apart !== undefined || isListed ? "protectedOrphan" : isPrivileged(role, policy.roles) ? "privilegedOrphan" : active === false ? "inactiveOrphan" : "orphan";
  return { kind, account: id, email, attribute: "role", to: role ?? "unknown", more: apart, repair: nobodys };
}

/** Of somebody whom the IdP has deleted; without access it is what a deletion leaves at a vendor that keeps records. */
async function left({ account, former }: Unclaimed, round: Round): Promise<Seen | undefined> {
  const { post, run, store } = round;
  if (account.active !== true) return undefined;
  const [later] = await store.journal(post.connection, { ...(former !== undefined && { resource: former }), afterSeq: run.startSeq, limit: 1 });
  if (later) return undefined; // deleted while the list was being read
  const now = post.connector.get ? await lookBy(round, stranger(account.id, account.email)) : account;
  if (now === "gone" || now.active !== true) return undefined;
  return {
    kind: "deletedActive", resource: former, account: account.id, email: now.email, attribute: "access", from: "inactive", to: "active",
    repair: byPerson("The IdP has deleted the person, so nothing is linked to the account any more: take the access away there."),
  };
}
