/**
 * Pushes for the store's tests, with the keys that the SCIM side would make.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { connectionId, correlationId } from "../../src/model/ids.ts";
import type { ConnectionId, ResourceId } from "../../src/model/ids.ts";
import type { Link } from "../../src/model/link.ts";
import { nothingApplied } from "../../src/model/link.ts";
import { urgency } from "../../src/model/operation.ts";
import type { Attributes, JournalEntry, Keys, Lease, Member } from "../../src/model/resource.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { keysOf } from "../../src/scim/search-form.ts";
import { groupTable, userTable } from "../../src/scim/schemas.ts";
import type { Commit, Committed, GroupCommit, GroupCommitted, NewDue, Recorded, RollBack, Store, Taken } from "../../src/store/store.ts";

export const acme = connectionId("acme");
export const rival = connectionId("rival");

export const user = (userName: string, more: Attributes = {}): Attributes => ({ userName, ...more });
export const userKeys = (attributes: Attributes, emailKey?: string): Keys => keysOf(userTable, attributes, { emailKey });
export const groupKeys = (attributes: Attributes): Keys => keysOf(groupTable, attributes, { emailKey: undefined });
export const member = (value: string, rest: Member["rest"] = {}): Member => ({ value, rest });
export const entry = (kind: JournalEntry["kind"], resource?: ResourceId, data: JournalEntry["data"] = {}): JournalEntry => ({ kind, resource, correlation: correlationId("c-test"), data });

export interface Wish {
  readonly connection?: ConnectionId;
  readonly id?: ResourceId;
  readonly readAt?: number;
  readonly emailKey?: string;
  readonly due?: NewDue;
  readonly journal?: readonly JournalEntry[];
}

/** A push of a user; `undefined` attributes delete. */
export function push(attributes: Attributes | undefined, { connection = acme, id = newResourceId(), readAt, emailKey, due, journal }: Wish = {}): Commit {
  return { connection, type: "User", id, readAt, attributes, keys: attributes && userKeys(attributes, emailKey), bodyDigest: readAt === undefined ? "digest" : undefined, journal: journal ?? [entry("push", id)], due };
}

export async function keep(store: Store, attributes: Attributes | undefined, wish: Wish = {}): Promise<Extract<Committed, { kind: "committed" }> & { readonly id: ResourceId }> {
  const wanted = push(attributes, wish);
  const committed = await store.commit(wanted);
  if (committed.kind !== "committed") throw new Error(`the push was ${committed.kind}`);
  return { ...committed, id: wanted.id };
}

export interface GroupWish {
  readonly connection?: ConnectionId;
  readonly id?: ResourceId;
  readonly readAt?: number;
  readonly members?: GroupCommit["members"];
  readonly affects?: GroupCommit["affects"];
  readonly journal?: readonly JournalEntry[];
}

export const groupPush = (attributes: Attributes | "deleted" | undefined, { connection = acme, id = newResourceId(), readAt, members = [], journal = [], affects = "nobody" }: GroupWish = {}): GroupCommit => ({
  connection,
  affects,
  id,
  readAt,
  attributes,
  keys: typeof attributes === "object" ? groupKeys(attributes) : undefined,
  members,
  journal,
});

export async function keepGroup(store: Store, attributes: Attributes | "deleted" | undefined, wish: GroupWish = {}): Promise<Extract<GroupCommitted, { kind: "committed" }> & { readonly id: ResourceId }> {
  const wanted = groupPush(attributes, wish);
  const committed = await store.commitGroup(wanted);
  if (committed.kind !== "committed") throw new Error(`the push was ${committed.kind}`);
  return { ...committed, id: wanted.id };
}

export const grant = (owner?: string, forMs = 60_000): NewDue => ({ lane: "grant", lease: owner === undefined ? undefined : { owner, forMs } });
export const deny = (owner?: string, forMs = 60_000): NewDue => ({ lane: "deny", lease: owner === undefined ? undefined : { owner, forMs } });

export const linkTo = (account: string | undefined, more: Partial<Link> = {}): Link => ({ account: account as Link["account"], kind: "account", origin: "created", login: "ann@acme.example", applied: nothingApplied, unknownAt: undefined, verifyAt: undefined, ...more });

export const done = (version: number, more: Partial<Recorded> = {}): Recorded => ({ journal: [], due: { kind: "done", version }, ...more });
export const undoing = (lease: Lease, version: number, former?: RollBack["former"]): RollBack => ({ lease, version, former, journal: [entry("decision", lease.resource)] });

export const nothing = { groups: false, members: false };
export const everything = { groups: true, members: true };

/** Due work of all connections but some, by lane, and inside a lane from the connection that has waited longest. */
export async function takeDue(store: Store, owner: string, forMs: number, limit: number, except: readonly ConnectionId[]): Promise<readonly Taken[]> {
  const heads = (await store.heads()).filter(({ connection }) => !except.includes(connection)).toSorted((a, b) => urgency.indexOf(a.lane) - urgency.indexOf(b.lane) || a.dueAtMs - b.dueAtMs);
  const taken: Taken[] = [];
  for (const { connection, lane } of heads) {
    if (taken.length < limit) taken.push(...(await store.takeDue(owner, [{ connection, lane, limit: limit - taken.length, forMs }])));
  }
  return taken;
}

/** Stands still until told otherwise. */
export function handClock(startMs = 1_700_000_000_000): Clock & { pass(ms: number): void } {
  let nowMs = startMs;
  return { now: () => nowMs, sleep: () => Promise.resolve(), pass: (ms) => void (nowMs += ms) };
}

/** Text of which no database can make less: what is repeated would fit into an index after all. */
export function incompressible(length: number): string {
  let text = "";
  for (let n = 0; text.length < length; n++) text += createHash("sha256").update(`${n}`).digest("hex");
  return text.slice(0, length);
}
