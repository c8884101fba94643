/**
 * Links, and the tombstones that are left of them.
 *
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { Breach, Fault, LinkTaken } from "../model/failure.ts";
import type { AccountId, ConnectionId, ResourceId } from "../model/ids.ts";
import type { Applied, Link } from "../model/link.ts";
import { hasAccess, nothingApplied } from "../model/link.ts";
import { rankOf } from "./due.ts";
import type { Engine } from "./engine.ts";
import { prepared } from "./prepared.ts";
import { externalIdOf } from "./rows.ts";
import type { LinkTable } from "./schema.ts";
import { checkedJson, indexKey } from "./storable.ts";
import type { ResourceStore } from "./store.ts";
import { undo, type Writing, writing } from "./writing.ts";

/** Index entries have a limit, and no vendor names an account in a thousand bytes. */
const longestAccountBytes = 1_000;

const upserted = prepared((engine, { connection, resource, account, kind, origin, login, applied, unknown_at, verify_at, has_access, role, seeks }: { readonly [K in keyof LinkTable]: LinkTable[K] }) => {
  const values = { account, kind, origin, login, applied, unknown_at, verify_at, has_access, role, seeks };
  return engine.db.insertInto("links").values({ connection, resource, ...values }).onConflict((both) => both.columns(["connection", "resource"]).doUpdateSet(values));
});

/**
 * Writes the link down in place of an older one.
 *
 * @param found as `Recorded.found`
 * @throws Fault `conflict` when the account belongs to another resource already: one account, one person
 */
export async function linked({ engine, tx, connection }: Writing, resource: ResourceId, link: Link, found = false): Promise<void> {
  if (link.account !== undefined && Buffer.byteLength(link.account) > longestAccountBytes) throw new Fault({ kind: "protocol", detail: "The vendor's id of the account is longer than 1,000 bytes." });
  const values = { account: link.account ?? null, kind: link.kind, origin: link.origin, login: link.login ?? null, applied: checkedJson(link.applied), unknown_at: link.unknownAt ?? null, verify_at: link.verifyAt ?? null, has_access: hasAccess(link.applied) ? 1 : 0, role: link.applied.role === undefined ? null : indexKey(link.applied.role), seeks: link.applied.seeks ?? null };
  try {
    await upserted(engine, tx, { connection, resource, ...values });
  } catch (thrown) {
    if (!engine.isTaken(thrown)) throw thrown;
    const failure = { kind: "conflict", detail: "The vendor's account is linked to another user already." } as const;
    // Two may find an account at once. But nobody is given a new one that is somebody else's.
    throw link.origin === "created" && !found ? new Breach(failure, { cause: thrown }) : new LinkTaken(failure, { cause: thrown });
  }
}

/** Remembers that an account may be coming to be; what is known of one already stays. */
export async function awaited({ tx, connection, nowMs }: Writing, resource: ResourceId, email: string): Promise<void> {
  await tx
    .insertInto("links")
    .values({ connection, resource, account: null, kind: "account", origin: "created", login: email, applied: checkedJson(nothingApplied), unknown_at: nowMs, verify_at: null, has_access: 0, role: null, seeks: null })
    .onConflict((both) => both.columns(["connection", "resource"]).doNothing())
    .execute();
}

/** What is longer is no address (RFC 5321 has 254 at most) and in no index. */
const isAddress = sql.raw("length(login) <= 320");

const awaiting = prepared<Readonly<Record<"connection" | "email" | "except", string>>>(
  (_, { connection, email, except }) => sql`select 1 from links where connection = ${connection} and lower(login) = lower(${email}) and ${isAddress} and account is null and unknown_at is not null and resource <> ${except} limit 1`,
);
const knowing = prepared<Readonly<Record<"connection" | "email" | "except", string>>, { readonly account: AccountId; readonly kind: Link["kind"]; readonly sought: number }>(
  (_, { connection, email, except }) => sql`select account, kind, 0 as sought from links
      where connection = ${connection} and lower(login) = lower(${email}) and ${isAddress} and account is not null and resource <> ${except}
    union all select account, kind, 1 as sought from links
      where connection = ${connection} and lower(seeks) = lower(${email}) and length(seeks) <= 320 and account is not null and resource <> ${except}
    union all select account, 'account' as kind, 0 as sought from (select account from tombstones where connection = ${connection} and lower(email) = lower(${email}) order by seq desc limit 1) as last`,
);

/** Takes the link away; a tombstone keeps the account, if one was known. */
export async function unlinked({ tx, connection, nowMs, row }: Writing, resource: ResourceId): Promise<void> {
  const stone = (address: "seeks" | "login", condition: RawBuilder<unknown>) => sql`insert into tombstones (connection, account, resource, external_id, email, at_ms)
    select connection, account, resource, ${(row && externalIdOf(row.desired)) ?? null}, ${sql.ref(address)}, ${nowMs} from links
    where connection = ${connection} and resource = ${resource} and account is not null and ${condition}`.execute(tx);
  await stone("seeks", sql`seeks is not null`);
  await stone("login", sql`true`);
  await tx.deleteFrom("links").where("connection", "=", connection).where("resource", "=", resource).execute();
}

export type LinkColumns = Pick<LinkTable, "account" | "kind" | "origin" | "login" | "applied" | "unknown_at" | "verify_at">;

export const linkOf = (row: LinkColumns): Link => ({
  account: (row.account ?? undefined) as AccountId | undefined,
  kind: row.kind,
  origin: row.origin,
  login: row.login ?? undefined,
  // JSON leaves out what is undefined.
  applied: { ...nothingApplied, ...(JSON.parse(row.applied) as Applied) },
  unknownAt: row.unknown_at ?? undefined,
  verifyAt: row.verify_at ?? undefined,
});

/**
 * Takes the account from a resource that the IdP has deleted and that is kept only so that its denial can be looked at once more:
 * somebody who comes back must not wait for that.
 *
 * @returns false, and nothing changes, where the resource is not deleted, has other work, or somebody is at it
 */
const letGo = (engine: Engine, connection: ConnectionId, resource: ResourceId): Promise<boolean> =>
  writing(engine, connection, resource, async (begun) => {
    const due = await begun.tx.selectFrom("due").select(["lane", "lease_until"]).where("connection", "=", connection).where("resource", "=", resource).executeTakeFirst();
    if (!begun.row?.deleted || due?.lane !== rankOf("reconcile") || due.lease_until !== null) return undo(false);
    await unlinked(begun, resource);
    return true;
  });

export const linkReads = (engine: Engine): Pick<ResourceStore, "linkedTo" | "awaits" | "knownUnder" | "tombstone" | "letGo"> => ({
  letGo: (connection, resource) => letGo(engine, connection, resource),

  async linkedTo(connection, account) {
    const link = await engine.db.selectFrom("links").select("resource").where("connection", "=", connection).where("account", "=", account).executeTakeFirst();
    return link?.resource as ResourceId | undefined;
  },

  async awaits(connection, email, except) {
    const { rows } = await awaiting(engine, engine.db, { connection, email, except: except ?? "" });
    return rows.length > 0;
  },

  async knownUnder(connection, email, except) {
    const { rows } = await knowing(engine, engine.db, { connection, email, except: except ?? "" });
    return [...new Map(rows.toSorted((a, b) => a.sought - b.sought).map(({ account, kind, sought }) => [account, { account, kind, isSought: sought === 1 }])).values()];
  },

  async tombstone(connection, account) {
    const stone = await engine.db.selectFrom("tombstones").select(["resource", "external_id"]).where("connection", "=", connection).where("account", "=", account).orderBy("seq", "desc").executeTakeFirst();
    return stone && { resource: stone.resource as ResourceId, externalId: stone.external_id ?? undefined };
  },
});
