/**
 * Who has an address at the vendor now: what its list shows, put right by our own records.
 *
 * A list may be behind. It may not show yet what was made for a person of ours a moment ago, and it may show what was theirs as it
 * stood before our last change of it. So whatever our records know is read by itself; everybody else is taken as listed, one look-up
 * and no more.
 *
 * @module
 */
import type { Call, Target } from "../connectors/connector.ts";
import { fold } from "../model/fold.ts";
import { Fault } from "../model/failure.ts";
import type { AccountId, ResourceId } from "../model/ids.ts";
import type { Account } from "../model/person.ts";
import type { Held } from "../model/resource.ts";
import type { Store } from "../store/store.ts";
import type { Site } from "./site.ts";

export interface Standing {
  readonly account: Account;
  /** Who had it, where that was a person of this connection who is deleted. */
  readonly former: { readonly resource: ResourceId; readonly externalId: string | undefined } | undefined;
}

/** Who comes, as far as the IdP has said. A mere look-up says nothing, so it never leads to an account that was somebody's before. */
export type Newcomer = { readonly resource: ResourceId; readonly externalId: string | undefined } | "look-up";

/** An account with the address is still being taken from somebody, or may yet come to be: nobody's failure, and over in a while. */
export class NotYet extends Fault {
  constructor(detail: string) {
    super({ kind: "throttled", detail, retryAfterSeconds: 5 });
  }
}

/** An account that our records know under an address. */
export interface Known {
  readonly account: AccountId;
  readonly kind: Account["kind"];
  /** It was to get the address, and nobody knows yet whether it has. */
  readonly isSought: boolean;
}

/**
 * @param known of other people than the one who comes
 * @throws NotYet while the access of somebody who was deleted is still being taken away
 */
export async function standing(email: string, known: readonly Known[], newcomer: Newcomer, site: Site, store: Store, call: Call): Promise<readonly Standing[]> {
  const listed = (await site.connector.find?.(email, call)) ?? [];
  if (listed.length === 0 && newcomer === "look-up") return [];
  const unlisted = known.filter(({ account }) => !listed.some(({ id }) => id === account));
  const found: Standing[] = [];
  for (const account of listed) {
    const holder = await heldStill(account.id, site, store);
    const former = holder ? undefined : await store.tombstone(site.connection, account.id);
    const hasMoved = holder?.link?.login !== undefined && fold(holder.link.login) !== fold(email);
    const now = former || hasMoved ? await read({ account: account.id, kind: account.kind, email: account.email }, account, email, site, call) : account;
    if (now) found.push({ account: now, former });
  }
  for (const { account: id, kind, isSought } of unlisted) {
    await heldStill(id, site, store);
    const account = await read({ account: id, kind, email }, undefined, email, site, call);
    if (!account && isSought) throw new NotYet(`An account in ${site.vendor.title} may still get this address: it was asked for, for another person, without a clear answer.`);
    if (account) found.push({ account, former: await store.tombstone(site.connection, account.id) });
  }
  return found;
}

/** The living person whose account it is. Whoever is deleted loses the access first; then it can be given to the one who comes after. */
async function heldStill(account: AccountId, { connection, vendor }: Site, store: Store): Promise<Held | undefined> {
  const holder = await store.linkedTo(connection, account);
  if (holder === undefined) return undefined;
  const held = await store.hold(connection, holder);
  if (held?.attributes !== undefined) return held;
  if (!(await store.letGo(connection, holder))) throw new NotYet(`The account in ${vendor.title} with this address belongs to a person who was deleted, and whose access is still being taken away.`);
  return undefined;
}

/** @returns `undefined` where the account is gone, is a letter that was withdrawn, or has another address by now */
async function read(target: Target, listed: Account | undefined, email: string, { connector }: Site, call: Call): Promise<Account | undefined> {
  const account = connector.get ? await connector.get(target, call) : listed;
  if (!account || (account.kind === "invitation" && account.active === false)) return undefined;
  return account.email === undefined || fold(account.email) === fold(email) ? account : undefined;
}
