/**
 * Taking leases, and reading what a lease is about.
 *
 * @module
 */
import { sql } from "kysely";
import type { RawBuilder, Transaction } from "kysely";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Held } from "../model/resource.ts";
import type { DueColumns } from "./due.ts";
import { dueOf, grantsSince, heads, nextDueMs, oldestDenialMs, openWork, rankOf } from "./due.ts";
import type { Engine } from "./engine.ts";
import { prepared } from "./prepared.ts";
import type { LinkColumns } from "./links.ts";
import { linkOf } from "./links.ts";
import { deliverable, observingModes, ownedDenials } from "./mode-row.ts";
import type { ResourceRow } from "./rows.ts";
import { waitingOf, type WaitingColumns } from "./waiting.ts";
import { attributesOf, groupRefs, resourceColumns } from "./rows.ts";
import type { Database } from "./schema.ts";
import type { Ask, DueStore, Taken } from "./store.ts";

interface TakenRow {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  readonly lease_epoch: number;
  readonly abandoned: number;
  readonly lane: number;
  readonly due_at: number | null;
}

interface Claim {
  readonly owner: string;
  readonly nowMs: number;
  readonly untilMs: number;
}

export const leases = (engine: Engine): Omit<DueStore, "record"> => ({
  async hold(connection, id) {
    const [row] = (await heldById(engine, engine.db, { connection, id })).rows;
    return row && heldOf(row);
  },

  take: (connection, id, owner, forMs) =>
    claiming(engine, async (tx, nowMs) => {
      const claim: Claim = { owner, nowMs, untilMs: nowMs + forMs };
      const { rows } = await claimed(tx, claim, sql`connection = ${connection} and resource = ${id} and lane is not null and ${isFree(claim)}`);
      return (await withHeld(engine, tx, claim, rows))[0];
    }),

  takeDue: (owner, asked) =>
    claiming(engine, async (tx, nowMs) => {
      const taken: Taken[] = [];
      const observing = asked.some(({ lane }) => lane === "deny") ? await observers(tx) : new Set<string>();
      for (const ask of asked) {
        const claim: Claim = { owner, nowMs, untilMs: nowMs + ask.forMs };
        const picked = await claimed(tx, claim, sql`(connection, resource) in (select connection, resource from picked)`, dueNow(engine, claim, ask, ask.lane === "deny" && observing.has(ask.connection)));
        taken.push(...(await withHeld(engine, tx, claim, picked.rows.toSorted(byAge))));
      }
      return taken;
    }),

  heads: () => heads(engine),
  nextDueMs: () => nextDueMs(engine),
  grantsSince: (connection, afterMs, untilMs, limit) => grantsSince(engine, connection, afterMs, untilMs, limit),
  oldestDenialMs: () => oldestDenialMs(engine),
  openWork: (connection, limit) => openWork(engine, connection, limit),

  async breakLeases() {
    await engine.db.updateTable("due").set({ lease_until: engine.now() }).where("lease_until", "is not", null).where("lease_until", ">", engine.now()).execute();
    await engine.db.updateTable("reconciliations").set({ lease_until: engine.now() }).where("state", "in", ["running", "telling"]).where("lease_until", ">", engine.now()).execute();
  },

  async abandon(leases) {
    for (const { connection, resource, owner, epoch } of leases) {
      await engine.db.updateTable("due").set({ lease_until: engine.now() }).where("connection", "=", connection).where("resource", "=", resource).where("lease_owner", "=", owner).where("lease_epoch", "=", epoch).execute();
    }
  },

  async wake(connection, lane) {
    let query = engine.db.updateTable("due").set({ due_at: engine.now() }).where("connection", "=", connection).where("lane", "is not", null).where("due_at", ">", engine.now());
    if (lane !== undefined) query = query.where("lane", "=", rankOf(lane));
    return Number((await query.executeTakeFirstOrThrow()).numUpdatedRows);
  },
});

async function claiming<T>(engine: Engine, work: (tx: Transaction<Database>, nowMs: number) => Promise<T>): Promise<T> {
  return engine.transact(async (tx) => {
    const { rows } = await sql<{ readonly now_ms: number }>`select ${engine.now()} as now_ms`.execute(tx);
    return work(tx, rows[0]?.now_ms ?? 0);
  });
}

const isFree = ({ nowMs }: Claim) => sql<boolean>`(lease_until is null or lease_until <= ${nowMs})`;

/** Connections that observe. What is parked there may be a whole company; what is owned among it has an index of its own. */
async function observers(tx: Transaction<Database>): Promise<ReadonlySet<string>> {
  const rows = await tx.selectFrom("modes").select("connection").where("mode", "in", observingModes).execute();
  return new Set(rows.map(({ connection }) => connection));
}

/** The oldest of a connection's lane that nobody is at. Rows that another transaction is just taking are passed over. */
const dueNow = ({ skipLocked }: Engine, claim: Claim, { connection, lane, limit }: Ask, isOwned: boolean): RawBuilder<unknown> =>
  sql`with picked as materialized (select connection, resource from due
    where connection = ${connection} and ${isOwned ? ownedDenials : sql`lane = ${sql.lit(rankOf(lane))}`} and due_at <= ${claim.nowMs} and ${isFree(claim)} ${deliverable(rankOf(lane))} order by due_at limit ${limit} ${skipLocked})`;

const claimed = (tx: Transaction<Database>, { owner, untilMs }: Claim, which: RawBuilder<unknown>, picked: RawBuilder<unknown> = sql``) =>
  sql<TakenRow>`${picked} update due set
      abandoned = case when lease_until is null then 0 else 1 end,
      lease_owner = ${owner}, lease_epoch = lease_epoch + 1, lease_until = ${untilMs}, pushed = 0
    where ${which}
    returning connection, resource, lease_epoch, abandoned, lane, due_at`.execute(tx);

const byAge = (a: TakenRow, b: TakenRow): number => (a.due_at ?? 0) - (b.due_at ?? 0) || (a.resource < b.resource ? -1 : 1);

async function withHeld(engine: Engine, tx: Transaction<Database>, { owner, untilMs }: Claim, taken: readonly TakenRow[]): Promise<readonly Taken[]> {
  if (taken.length === 0) return [];
  const wanted = taken.map(({ connection, resource }) => sql`(${connection}, ${resource})`);
  const rows = await heldRows(engine, tx, sql`(r.connection, r.id) in (values ${sql.join(wanted)})`);
  const held = new Map(rows.map((row) => [`${row.connection} ${row.held.id}`, row.held]));
  return taken.flatMap(({ connection, resource, lease_epoch, abandoned }) => {
    const its = held.get(`${connection} ${resource}`);
    return its ? [{ lease: { connection, resource, owner, epoch: lease_epoch, untilMs }, held: its, abandoned: abandoned === 1 }] : [];
  });
}

type HeldRow = ResourceRow & { readonly connection: string; readonly deleted_ms: number | null; readonly origin: LinkColumns["origin"] | null } & Omit<LinkColumns, "origin"> & { readonly [K in keyof DueColumns]: DueColumns[K] | null } & Omit<WaitingColumns, "seq"> & { readonly held_seq: number | null };

/** Resource, link and due row in one statement, so in one snapshot; deleted resources too. */
export async function heldRows(engine: Engine, db: Engine["db"], which: RawBuilder<unknown>): Promise<readonly { readonly connection: string; readonly held: Held }[]> {
  const { rows } = await selected(engine, which).execute(db);
  return rows.map((row) => ({ connection: row.connection, held: heldOf(row) }));
}

const selected = (engine: Engine, which: RawBuilder<unknown>) => sql<HeldRow>`
    select r.connection, r.deleted_ms, ${resourceColumns(engine, { groups: true, members: false })},
      l.account, l.kind, l.origin, l.login, l.applied, l.unknown_at, l.verify_at, d.lane, d.due_at, d.attempts, d.since_ms, d.grant_since_ms, d.warned_ms, d.failure, d.correlation,
      w.seq as held_seq, w.hold, w.push, w.decision, h.rail, h.detail
    from resources r
    left join links l on l.connection = r.connection and l.resource = r.id
    left join due d on d.connection = r.connection and d.resource = r.id
    left join held w on w.connection = r.connection and w.resource = r.id and w.done_ms is null
    left join holds h on h.id = w.hold
    where ${which}`;

const heldById = prepared<{ readonly connection: ConnectionId; readonly id: ResourceId }, HeldRow>((engine, { connection, id }) => selected(engine, sql`r.connection = ${connection} and r.id = ${id}`));

const heldOf = (row: HeldRow): Held => ({
  type: row.type,
  id: row.id as ResourceId,
  version: row.version,
  createdMs: row.created_ms,
  modifiedMs: row.modified_ms,
  attributes: row.deleted_ms === null ? attributesOf(row.desired) : undefined,
  groups: groupRefs(row.groups_json),
  link: row.origin === null ? undefined : linkOf({ ...row, origin: row.origin }),
  due: dueOf(row),
  ...(row.held_seq !== null && { waiting: waitingOf({ ...row, seq: row.held_seq }) }),
});
