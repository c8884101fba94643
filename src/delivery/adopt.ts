/**
 * Looks for the account that a create would double, and decides whether it may be linked (I4): exactly one exact match, that
 * no other resource owns, in a role that the connection manages, and not a privileged one.
 *
 * @module
 */
import type { Call } from "../connectors/connector.ts";
import { Fault } from "../model/failure.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Account } from "../model/person.ts";
import { fenceOf, isPrivileged } from "../plan/plan-roles.ts";
import type { Store } from "../store/store.ts";
import type { Site } from "./site.ts";

export interface Chosen {
  readonly account: Account;
  readonly origin: "created" | "adopted";
  readonly note: string;
  /** The account was once that of a resource of this connection, which is gone. */
  readonly isRehire?: boolean;
}

/** Who comes, as far as the IdP has said. A mere look-up says nothing, so it never leads to an account that was somebody's before. */
export type Newcomer = { readonly resource: ResourceId; readonly externalId: string | undefined } | "look-up";

/** An account with the address is still being taken from somebody, or may yet come to be: nobody's failure, and over in a while. */
export class NotYet extends Fault {
  constructor(detail: string) {
    super({ kind: "throttled", detail, retryAfterSeconds: 5 });
  }
}

/**
 * @returns `undefined` = nobody has the address, so an account may be created
 * @throws NotYet while somebody who was deleted may still get, or lose, an account with the address
 * @throws Fault `conflict` when an account stands in the way that must not be adopted
 */
export async function chooseAccount(email: string, link: Link | undefined, site: Site, works: { readonly store: Store }, call: Call, newcomer: Newcomer): Promise<Chosen | undefined> {
  // The IdP looked a moment before it creates: one question to the vendor is enough for both (idps.md P5).
  const title = site.vendor.title;
  if (await works.store.awaits(site.connection, email, newcomer === "look-up" ? undefined : newcomer.resource)) throw new NotYet(`An account in ${title} with this address may still come to be, for a person who was deleted.`);
  const former = await works.store.lastLetGo(site.connection, email);
  if (former === undefined && link?.unknownAt === undefined && site.recent.nobodyHad(email)) return undefined;
  const found = (await site.connector.find?.(email, call)) ?? [];
  // A list may be behind. It may not show yet what was made for somebody who is deleted already, which our own records do; and what it
  // shows must be read once more, because it is taken for the state of now, and one that is not there any more is nobody.
  const [listed] = found.length === 0 && former !== undefined && site.connector.get ? [{ id: former, kind: "account" as const, email }] : found;
  const account = listed && found.length < 2 && site.connector.get ? await site.connector.get({ account: listed.id, kind: listed.kind, email: listed.email }, call) : found[0];
  if (!account) return undefined;
  const matches = found.length < 2 ? [account] : found;
  if (matches.length > 1) throw new Fault({ kind: "conflict", detail: `${matches.length} accounts in ${title} have this address; a person must say which one is meant.` });
  const holder = await works.store.linkedTo(site.connection, account.id);
  // Whoever is being deleted loses the access first; then the account can be given to the one who comes after.
  if (holder && (await works.store.hold(site.connection, holder))?.attributes === undefined && !(await works.store.letGo(site.connection, holder))) throw new NotYet(`The account in ${title} with this address belongs to a person who was deleted, and whose access is still being taken away.`);
  if (holder && (await works.store.linkedTo(site.connection, account.id))) throw new Fault({ kind: "conflict", holder, detail: `The account in ${title} with this address belongs to another person of this connection (${holder}).` });
  const perhapsOurs = link?.unknownAt !== undefined;
  if (!perhapsOurs && site.policy.adopt === "never") throw new Fault({ kind: "conflict", detail: `${title} has an account with this address already, and adoption is switched off (adopt: never).` });
  if (isPrivileged(account.role, site.policy.roles)) throw new Fault({ kind: "conflict", detail: `${title} has a privileged account with this address already; such accounts are never adopted.` });
  const fence = site.connector.traits.managedRoles ?? fenceOf(site.policy.roles, site.vendor.defaultRole);
  if (account.role !== undefined && fence.size > 0 && !fence.has(account.role)) throw new Fault({ kind: "conflict", detail: `${title} has an account with this address in the role "${account.role}", which this connection does not manage.` });
  // An invitation has no access yet, so its role cannot be one that must not be touched.
  if (account.role === undefined && fence.size > 0 && account.kind === "account") throw new Fault({ kind: "conflict", detail: `${title} has an account with this address but does not show its role, so it cannot be adopted.` });
  if (perhapsOurs) return { account, origin: "created", note: `found account ${account.id}: the create whose answer was lost had been carried out` };
  const stone = await works.store.tombstone(site.connection, account.id);
  if (stone) return rehired(account, stone.externalId, newcomer, title);
  return { account, origin: "adopted", note: `adopted account ${account.id}: exact e-mail, unlinked, role ${account.role ?? "unknown"} kept` };
}

/** The address may have been given to another person; then the account, with all that is in it, is not theirs. */
function rehired(account: Account, former: string | undefined, newcomer: Newcomer, title: string): Chosen {
  if (newcomer === "look-up") throw new Fault({ kind: "conflict", detail: `The account in ${title} with this address belonged to a person who was deleted; only a create says who comes now.` });
  const { externalId } = newcomer;
  if (former !== undefined && externalId !== undefined && former !== externalId) {
    throw new Fault({ kind: "conflict", detail: `The account ${account.id} in ${title} with this address belonged to another person, whom the IdP called "${former}"; this one is "${externalId}". Has the address been given to somebody else? Then give the old account another address or remove it in ${title}, and push the person again.` });
  }
  return { account, origin: "adopted", isRehire: true, note: `linked account ${account.id} again: it was this person's before${former === undefined || externalId === undefined ? ", as far as the address tells" : ""}` };
}
