/**
 * Looks for the account that a create would double, and decides whether it may be linked (I4): exactly one exact match, that
 * no other resource owns, in a role that the connection manages, and not a privileged one.
 *
 * @module
 */
import type { Call } from "../connectors/connector.ts";
import { Fault } from "../model/failure.ts";
import { fold } from "../model/fold.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Account } from "../model/person.ts";
import { fenceOf, isPrivileged } from "../plan/plan-roles.ts";
import { wantedOf } from "../plan/wanted.ts";
import type { Store } from "../store/store.ts";
import type { Site } from "./site.ts";
import { provenTenant } from "./tenant.ts";
import { type Newcomer, NotYet, standing } from "./standing.ts";

export interface Chosen {
  readonly account: Account;
  readonly origin: "created" | "adopted";
  readonly note: string;
  /** The account was once that of a resource of this connection, which is gone. */
  readonly isRehire?: boolean;
}

/**
 * @returns `undefined` = nobody has the address, so an account may be created
 * @throws NotYet while somebody who was deleted may still get, or lose, an account with the address
 * @throws Fault `conflict` when an account stands in the way that must not be adopted
 */
export async function chooseAccount(email: string, link: Link | undefined, site: Site, works: { readonly store: Store }, call: Call, newcomer: Newcomer): Promise<Chosen | undefined> {
  // The IdP looked a moment before it creates: one question to the vendor is enough for both (idps.md P5).
  const title = site.vendor.title;
  await provenTenant(site, works.store, call);
  const comes = newcomer === "look-up" ? undefined : newcomer.resource;
  if (await works.store.awaits(site.connection, email, comes)) throw new NotYet(`An account in ${title} with this address may still come to be, for a person who was deleted.`);
  const known = await works.store.knownUnder(site.connection, email, comes);
  if (known.length === 0 && link?.unknownAt === undefined && site.recent.nobodyHad(email)) return undefined;
  const [found, ...others] = await standing(email, known, newcomer, site, works.store, call);
  if (!found) return undefined;
  if (others.length > 0) throw new Fault({ kind: "conflict", detail: `${others.length + 1} accounts in ${title} have this address; a person must say which one is meant.` });
  const { account, former } = found;
  const holder = await works.store.linkedTo(site.connection, account.id);
  if (holder && (await isMovingAway(holder, email, site, works.store))) throw new NotYet(`The account in ${title} with this address belongs to another person of this connection, who is being given another address.`);
  if (holder) throw new Fault({ kind: "conflict", holder, detail: `The account in ${title} with this address belongs to another person of this connection (${holder}).` });
  const perhapsOurs = link?.unknownAt !== undefined;
  if (!perhapsOurs && site.policy.adopt === "never") throw new Fault({ kind: "conflict", detail: `${title} has an account with this address already, and adoption is switched off (adopt: never).` });
  if (isPrivileged(account.role, site.policy.roles)) throw new Fault({ kind: "conflict", detail: `${title} has a privileged account with this address already; such accounts are never adopted.` });
  const fence = site.connector.traits.managedRoles ?? fenceOf(site.policy.roles, site.vendor.defaultRole);
  if (account.role !== undefined && fence.size > 0 && !fence.has(account.role)) throw new Fault({ kind: "conflict", detail: `${title} has an account with this address in the role "${account.role}", which this connection does not manage.` });
  // An invitation has no access yet, so its role cannot be one that must not be touched.
  if (account.role === undefined && fence.size > 0 && account.kind === "account") throw new Fault({ kind: "conflict", detail: `${title} has an account with this address but does not show its role, so it cannot be adopted.` });
  if (perhapsOurs) return { account, origin: "created", note: `found account ${account.id}: the create whose answer was lost had been carried out` };
  if (former) return rehired(account, former.externalId, newcomer, title);
  return { account, origin: "adopted", note: `adopted account ${account.id}: exact e-mail, unlinked, role ${account.role ?? "unknown"} kept` };
}

/** The IdP has given them another address, and the vendor is still to be told, or is in doubt about it. */
async function isMovingAway(holder: ResourceId, email: string, { connection, vendor, policy }: Site, store: Store): Promise<boolean> {
  if (vendor.emailChange !== "possible") return false;
  const held = await store.hold(connection, holder);
  if (!held?.attributes || held.due?.dueAtMs === undefined) return false;
  const wanted = wantedOf(held.attributes, policy.identity, held.groups).email;
  return wanted !== undefined && fold(wanted) !== fold(email);
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
