/**
 * One attempt at one operation: look where looking is due, act, and say what is now known of the account.
 *
 * Every phase that a connector could forget is here. Nothing is written to the store: the caller journals what comes back.
 *
 * @module
 */
import type { Call, Done, Target } from "../connectors/connector.ts";
import { Fault } from "../model/failure.ts";
import type { AccountId, ResourceId, RoleId } from "../model/ids.ts";
import type { Applied, Link } from "../model/link.ts";
import { nothingApplied } from "../model/link.ts";
import type { Operation } from "../model/operation.ts";
import { fold } from "../model/fold.ts";
import type { Account, Profile, ProfileChange } from "../model/person.ts";
import { type Chosen, chooseAccount } from "./adopt.ts";
import { createdAs } from "./created-as.ts";
import type { Calling } from "./call.ts";
import { doneByHand, unsupported } from "./by-hand.ts";
import { permitted } from "./halt.ts";
import { perhapsOurs } from "./perhaps-ours.ts";
import type { Store } from "../store/store.ts";
import type { Site, Works } from "./site.ts";
import { controlled, provenTenant, unproven } from "./tenant.ts";

export interface Attempted {
  readonly link: Link | undefined;
  readonly notes: readonly string[];
  /** Set when only a part of a denial was done: what is left. */
  readonly left?: string;
  /** A look has found the account; nobody has just given it. So another may have found it as well, and linked it first. */
  readonly isFound?: boolean;
}

export interface Turn {
  readonly resource: ResourceId;
  readonly version: number;
  /** What the IdP calls the person, where it said so. */
  readonly externalId: string | undefined;
  readonly wantedRole: RoleId | undefined;
  /** No value of the IdP led to `wantedRole`. */
  readonly byDefault: boolean;
  readonly password: string | undefined;
  /** Awaited before a create is sent, once nobody was found. */
  markCreate(operation: Extract<Operation, { kind: "create" }>): Promise<void>;
}

/** @throws Fault whatever the connector threw, or `conflict` where an account stands in the way */
export async function attempt(operation: Operation, link: Link | undefined, turn: Turn, site: Site, works: Works, unasked: Calling): Promise<Attempted> {
  const call = permitted(unasked, operation, turn.resource, site, works.store);
  if (operation.kind === "create") return create(operation, link, turn, site, works, call);
  if (!link) throw new Fault({ kind: "internal", detail: "An operation without a link." });
  const found = link.account === undefined ? await search(link, turn, site, works, call) : { target: { account: link.account, kind: link.kind, email: link.login, applied: link.applied.profile }, link };
  if (!found) return { link: undefined, notes: ["nobody with this address is there: the create had not been carried out"] };
  const { connector } = site;
  if (connector[operation.kind] !== undefined) {
    const changed = { ...(await change(operation, found.link, found.target, turn, site, works, call)), isFound: link.account === undefined };
    if (changed.left === undefined || !(await doneByHand(operation, turn.resource, site, works.store))) return changed;
    return { link: withDone(operation, changed.link ?? found.link, turn), notes: [...changed.notes, "the rest was done by a person, who closed the task"], isFound: changed.isFound };
  }
  if (await doneByHand(operation, turn.resource, site, works.store)) return { link: withDone(operation, found.link, turn), notes: ["done by a person, who closed the task"] };
  throw unsupported(operation, found.link, site);
}

/** The link as it is once the operation is true at the vendor. */
function withDone(operation: Exclude<Operation, { kind: "create" }>, link: Link, turn: Turn): Link {
  const { applied } = link;
  switch (operation.kind) {
    case "updateProfile":
      return { ...link, login: operation.changes["email"] ?? link.login, applied: { ...applied, profile: merged(applied.profile, operation.changes), profileVersion: turn.version, ...("email" in operation.changes && { seeks: undefined }) } };
    case "setTags":
      return { ...link, applied: { ...applied, tags: operation.tags, rolesVersion: turn.version } };
    case "setRole":
      return { ...link, applied: { ...withoutJoining(applied), role: operation.role, wantedRole: turn.wantedRole ?? operation.role, byDefault: turn.byDefault, rolesVersion: turn.version } };
    case "reactivate":
      return { ...link, applied: { ...applied, access: "active", accessVersion: turn.version, confirmed: true } };
    case "deactivate":
    case "delete":
      return { ...link, applied: { ...applied, access: operation.kind === "delete" ? "deleted" : "inactive", accessVersion: turn.version, confirmed: true } };
  }
}

const withoutJoining = ({ joins: _joins, ...applied }: Applied): Applied => applied;

const merged = (profile: Profile, changes: ProfileChange): Profile => Object.fromEntries(Object.entries({ ...profile, ...changes }).flatMap(([part, value]) => (value === null ? [] : [[part, value]])));

async function create(operation: Extract<Operation, { kind: "create" }>, link: Link | undefined, turn: Turn, site: Site, works: Works, call: Call): Promise<Attempted> {
  const { connector } = site;
  const chosen = (await createdBefore(operation, link, turn, site, works, call)) ?? (await chooseAccount(operation.email, link, site, works, call, turn));
  if (chosen) return { link: linkTo(chosen, operation.email, turn), notes: [chosen.note], isFound: true };
  if (!connector.create) throw unsupported(operation, link, site);
  await turn.markCreate(operation);
  const made = await connector.create({ email: operation.email, profile: operation.profile, role: operation.role, password: turn.password }, call);
  switch (made.kind) {
    case "created":
    case "invited": {
      const base = linkTo({ account: made.account, origin: "created" }, operation.email, turn);
      const chose = made.account.role !== undefined && operation.role !== undefined && made.account.role !== operation.role;
      return {
        link: { ...base, applied: { ...base.applied, profile: operation.profile, role: made.account.role ?? operation.role, wantedRole: made.account.role ?? operation.role } },
        notes: [operation.reason, ...(chose ? [`the vendor gave the role ${made.account.role} although ${operation.role} was asked for`] : [])],
      };
    }
    case "exists": {
      const { sinceMs: _before, ...now } = call; // what was seen before the vendor said so is not enough
      const after = await chooseAccount(operation.email, link, site, works, now, turn);
      if (after) return { link: linkTo(after, operation.email, turn), notes: [after.note], isFound: true };
      throw new Fault({ kind: "conflict", detail: `${site.vendor.title} says that this address is taken, but shows no account with it.` });
    }
    case "manual":
      throw new Fault({ kind: "unsupported", capability: "create", steps: made.steps, detail: `${site.vendor.title} offers no way to create an account. A person must do it there: ${made.steps}` });
  }
}

/** The person may have got another address since a create without a clear answer; the account then stands under the one before. */
async function createdBefore({ email }: { readonly email: string }, link: Link | undefined, turn: Turn, site: Site, works: Works, call: Call): Promise<Chosen | undefined> {
  if (link?.unknownAt === undefined) return undefined;
  for (const former of await createdAs(turn.resource, site.connection, works.store)) {
    const chosen = fold(former) === fold(email) ? undefined : await chooseAccount(former, link, site, works, call, turn);
    if (chosen) return chosen;
  }
  return undefined;
}

async function change(operation: Exclude<Operation, { kind: "create" }>, link: Link, target: Target, turn: Turn, site: Site, works: Works, call: Call): Promise<Attempted> {
  const { connector } = site;
  const changed = (done: Done | undefined, notes: readonly string[]): Attempted => ({ link: pointing(asConfirmed(withDone(operation, link, turn), operation, done), done), notes: [...notes, ...(done?.note ? [done.note] : [])] });
  switch (operation.kind) {
    case "updateProfile":
      return changed(await connector.updateProfile?.(target, operation.changes, call), []);
    case "setRole":
      return changed(await connector.setRole?.(target, operation.role, call), [operation.reason]);
    case "setTags":
      return changed(await connector.setTags?.(target, await beside(operation.tags, target, site, call), call), []);
    case "reactivate":
      return changed(await connector.reactivate?.(target, operation.role, call), [operation.reason]);
    case "deactivate":
    case "delete": {
      const done = await deny(operation.kind, target, site, works, call);
      return {
        // A part is not the whole: until the rest is confirmed the person counts as having access.
        link: pointing(denied(operation.kind, link, done, turn), done),
        notes: [...(operation.kind === "deactivate" ? [operation.reason] : []), ...(done.by ? [`by ${done.by}`] : []), ...(done.note ? [done.note] : [])],
        ...(!done.complete && { left: done.left ?? "some access remains" }),
      };
    }
  }
}

/**
 * After a denial. A part is not the whole: until the rest is confirmed the person counts as having access. An account that this very
 * call removed leaves nothing to point at, so a return creates again; one that was gone before is a matter for a person.
 */
function denied(kind: "deactivate" | "delete", link: Link, done: Done, { version }: Turn): Link {
  const applied = { ...link.applied, accessVersion: version, confirmed: done.confirmed };
  if (!done.complete) return { ...link, applied: { ...applied, access: "partly" } };
  if (kind === "delete") return { ...link, applied: { ...applied, access: "deleted" } };
  if (!done.gone) return { ...link, applied: { ...applied, access: "inactive" } };
  return done.by === undefined ? { ...link, applied: { ...applied, access: "gone" } } : { ...link, account: undefined, kind: "account", applied: { ...nothingApplied, access: "inactive", accessVersion: version, confirmed: true } };
}

/** Access that was given back and could not be read is not confirmed. */
const asConfirmed = (link: Link, { kind }: Operation, done: Done | undefined): Link => (kind === "reactivate" && done ? { ...link, applied: { ...link.applied, confirmed: done.confirmed } } : link);

/** The link, pointing where the vendor says that the person is from now on. */
const pointing = (link: Link, done: Done | undefined): Link => (done?.account ? { ...link, account: done.account.id, kind: done.account.kind } : link);

/** The tags of the map as wanted, and beside them those that nobody has mapped, as they are. */
async function beside(tags: readonly string[], target: Target, { connector, policy }: Site, call: Call): Promise<readonly string[]> {
  const mapped = new Set(policy.tags.map(({ vendor }) => vendor));
  const current = (await connector.get?.(target, call))?.tags ?? [];
  return [...new Set([...current.filter((tag) => !mapped.has(tag)), ...tags])];
}

/** A 404 proves that somebody is gone only if the tenant can still be seen, and is the one in which others of ours are (vendors.md 1.10). */
async function deny(kind: "deactivate" | "delete", target: Target, site: Site, { store }: Works, call: Call): Promise<Done> {
  try {
    const done = await site.connector[kind]?.(target, call);
    if (!done) throw new Fault({ kind: "internal", detail: "A denial was planned for a connector that has none." });
    return done;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.failure.kind !== "notFound") throw thrown;
    await controlled(site, store, target.account, call).catch((failed: unknown) => Promise.reject(unproven(failed, site)));
    return { confirmed: true, complete: true, gone: true, note: "gone already; the tenant was listed to be sure" };
  }
}

/**
 * After an uncertain create, a denial first looks whom it has to deny, under every address that the person has had. An account that
 * belongs to another person of this connection came to be in another way, perhaps after the IdP had deleted this one.
 */
async function search(link: Link, turn: Turn, site: Site, works: Works, call: Call): Promise<{ readonly target: Target; readonly link: Link } | undefined> {
  const emails = new Map([...(await createdAs(turn.resource, site.connection, works.store)), ...(link.login === undefined ? [] : [link.login])].map((email) => [fold(email), email]));
  await provenTenant(site, works.store, call);
  const matches: Account[] = [];
  for (const email of emails.values()) matches.push(...((await site.connector.find?.(email, call)) ?? []));
  const owners = await Promise.all(matches.map(({ id }) => ownerOf(id, site, works.store)));
  const [account, ...others] = matches.filter((_, at) => owners[at] === undefined || owners[at] === turn.resource);
  if (!account || !(await perhapsOurs(account, link, turn.resource, site, works))) return undefined;
  if (others.length > 0) throw new Fault({ kind: "conflict", detail: `Several accounts in ${site.vendor.title} have this address; a person must say which one.` });
  const target: Target = { account: account.id, kind: account.kind, email: account.email };
  return { target, link: { ...linkTo({ account, origin: "created" }, account.email ?? link.login ?? "", turn), verifyAt: link.verifyAt } };
}

/** Whose an account is, or was before they left. */
async function ownerOf(account: AccountId, { connection }: Site, store: Store): Promise<ResourceId | undefined> {
  return (await store.linkedTo(connection, account)) ?? (await store.tombstone(connection, account))?.resource;
}

/** The link to an account that has just been made or found. @param turn for which version, and with which role wanted */
export function linkTo({ account, origin, isRehire = false }: Pick<Chosen, "account" | "origin" | "isRehire">, email: string, turn: Pick<Turn, "version" | "wantedRole" | "byDefault">): Link {
  // Who comes back as somebody new has a joiner's role, not the one that the account was left with.
  const joins = isRehire && account.role !== turn.wantedRole;
  return {
    account: account.id,
    kind: account.kind,
    origin,
    login: account.email ?? email,
    applied: {
      ...nothingApplied,
      access: account.active === false ? "inactive" : "active",
      accessVersion: turn.version,
      confirmed: true,
      role: account.role,
      // First contact leaves the role alone (I4): what was wanted now counts as settled, and only a later change is carried out.
      // A role that the vendor chose itself at a create is not settled: the plan sets it right.
      wantedRole: origin === "adopted" && !joins ? turn.wantedRole : (account.role ?? turn.wantedRole),
      byDefault: turn.byDefault && ((origin === "adopted" && !joins) || account.role === undefined || account.role === turn.wantedRole),
      ...(joins && { joins }),
      rolesVersion: turn.version,
      profile: account.profile,
      profileVersion: turn.version,
    },
    unknownAt: undefined,
    verifyAt: undefined,
  };
}
