/**
 * Due rows: what is still to be done for a resource, and the lease of whoever is at it.
 *
 * A lease is a row with an owner, an epoch and an end in database time. It is taken in a short transaction and held across
 * vendor calls without any lock; who writes a result shows owner and epoch, and is refused when somebody else has taken over.
 *
 * @module
 */
import type { RawBuilder, Selectable } from "kysely";
import { sql } from "kysely";
import type { Failure } from "../model/failure.ts";
import type { ConnectionId, CorrelationId, ResourceId } from "../model/ids.ts";
import type { Lane } from "../model/operation.ts";
import { urgency } from "../model/operation.ts";
import type { Due, Lease } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import { prepared } from "./prepared.ts";
import { observes, ownedDenials } from "./mode-row.ts";
import type { DueTable } from "./schema.ts";
import { checkedJson } from "./storable.ts";
import type { DueStore, Head, NewDue, OpenWork, Recorded, RollBack } from "./store.ts";
import type { Writing } from "./writing.ts";

/** 0 = `deny`; the stronger lane has the smaller rank. */
export const rankOf = (lane: Lane): number => urgency.indexOf(lane);

export type DueColumns = { readonly [K in "lane" | "due_at" | "attempts" | "since_ms" | "grant_since_ms" | "warned_ms" | "failure" | "correlation"]: Selectable<DueTable>[K] };

/** `undefined` for a settled row, and where there is none. */
export function dueOf({ lane, due_at, attempts, since_ms, grant_since_ms, warned_ms, failure, correlation }: { readonly [K in keyof DueColumns]: DueColumns[K] | null }): Due | undefined {
  const name = lane === null ? undefined : urgency[lane];
  if (name === undefined) return undefined;
  return { lane: name, dueAtMs: due_at ?? undefined, attempts: attempts ?? 0, sinceMs: since_ms ?? 0, grantSinceMs: grant_since_ms ?? undefined, warnedMs: warned_ms ?? undefined, failure: failure === null ? undefined : (JSON.parse(failure) as Failure), correlation: (correlation ?? undefined) as CorrelationId | undefined };
}

/**
 * A due row that is there already: open ones keep their time and get the stronger lane, and a lease stays whose it is.
 *
 * @param renew 1 = the time since when something is granted begins anew, or ends
 */
export const reopened = (renew: number) => sql`on conflict (connection, resource) do update set
      lane = case when due.lane < excluded.lane then due.lane else excluded.lane end,
      due_at = excluded.due_at,
      attempts = 0,
      failure = null,
      correlation = case when due.lane is null then excluded.correlation else coalesce(excluded.correlation, due.correlation) end,
      since_ms = case when due.lane is null then excluded.since_ms else due.since_ms end,
      denial_since_ms = coalesce(due.denial_since_ms, excluded.denial_since_ms),
      grant_since_ms = case when ${renew} = 1 or due.lane is null or due.due_at is null then excluded.grant_since_ms else coalesce(due.grant_since_ms, excluded.grant_since_ms) end,
      opened_version = case when due.lane is null then excluded.opened_version else due.opened_version end,
      pushed = case when due.lease_until is null then 0 else 1 end,
      abandoned = case when due.lease_until is null then 0 else due.abandoned end,
      lease_epoch = case when due.lease_until is null then due.lease_epoch + excluded.lease_epoch else due.lease_epoch end,
      lease_owner = case when due.lease_until is null then excluded.lease_owner else due.lease_owner end,
      lease_until = case when due.lease_until is null then excluded.lease_until else due.lease_until end`;

/**
 * Makes a resource due now. An open row keeps the time since when it is open and gets the stronger lane.
 *
 * @param version the one that the push has made
 * @param correlation the push, so that whatever is done for it later stands under its id
 * @returns the lease, if one was asked for and nobody has one. One that ran out is left to `take`, which says that it was abandoned
 */
export async function madeDue({ engine, tx, connection, nowMs, mode }: Writing, resource: ResourceId, version: number, { lane, lease: asked, grants = grantsOf(lane) }: NewDue, correlation: CorrelationId | undefined): Promise<Lease | undefined> {
  // What is only observed is nobody's to deliver, and a denial that was not acknowledged has no age. `reconcile` writes a link, nothing else.
  const lease = mode.observes && lane !== "reconcile" ? undefined : asked;
  const given = { connection, resource, rank: rankOf(lane), nowMs, denial: lane === "deny" && !mode.observes ? nowMs : null, grant: grants === "none" || mode.observes ? null : nowMs, renew: grants === "same" ? 0 : 1, version, owner: lease?.owner ?? null, epoch: lease ? 1 : 0, untilMs: lease ? nowMs + lease.forMs : null, correlation: correlation ?? null };
  const [row] = (await opened(engine, tx, given)).rows;
  if (!lease || !row || row.pushed === 1) return undefined;
  return { connection, resource, owner: lease.owner, epoch: row.lease_epoch, untilMs: nowMs + lease.forMs };
}

const grantsOf = (lane: Lane): NonNullable<NewDue["grants"]> => (lane === "grant" ? "new" : lane === "deny" ? "none" : "same");

interface Opening {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  readonly rank: number;
  readonly nowMs: number;
  readonly denial: number | null;
  readonly grant: number | null;
  readonly renew: number;
  readonly version: number;
  readonly owner: string | null;
  readonly epoch: number;
  readonly untilMs: number | null;
  readonly correlation: string | null;
}

const opened = prepared<Opening, { readonly lease_epoch: number; readonly pushed: number }>(
  (_, { connection, resource, rank, nowMs, denial, grant, renew, version, owner, epoch, untilMs, correlation }) => sql`
    insert into due (connection, resource, lane, due_at, attempts, since_ms, denial_since_ms, grant_since_ms, opened_version, failure, lease_owner, lease_epoch, lease_until, abandoned, pushed, correlation)
    values (${connection}, ${resource}, ${rank}, ${nowMs}, 0, ${nowMs}, ${denial}, ${grant}, ${version}, null, ${owner}, ${epoch}, ${untilMs}, 0, 0, ${correlation})
    ${reopened(renew)}
    returning lease_epoch, pushed`,
);

/**
 * What a lease's holder has achieved, written only if the lease is still theirs. Also shuts out everybody who would take it meanwhile.
 *
 * A push that came in under the lease is not put off by a holder that may not have seen it: the row is due now, in the stronger lane.
 *
 * @returns false when somebody else has taken over
 */
export async function recorded({ engine, tx, nowMs, row }: Writing, lease: Lease, due: Recorded["due"]): Promise<boolean> {
  const { connection, resource, owner, epoch } = lease;
  if (due.kind === "done" && due.version === row?.version) {
    const { numAffectedRows } = await settling(engine, tx, { connection, resource, owner, epoch });
    if ((numAffectedRows ?? 0n) > 0n) return true;
  }
  const { numAffectedRows } = await tx.executeQuery(underLease(tx, lease).set(changeFor(due, nowMs)).compile());
  return (numAffectedRows ?? 0n) > 0n;
}

const underLease = (db: Engine["db"], { connection, resource, owner, epoch }: Pick<Lease, "connection" | "resource" | "owner" | "epoch">) =>
  db.updateTable("due").where("connection", "=", connection).where("resource", "=", resource).where("lease_owner", "=", owner).where("lease_epoch", "=", epoch);

const released = { lease_owner: null, lease_until: null, abandoned: 0, pushed: 0 } as const;
const settled = { ...released, lane: null, due_at: null, attempts: 0, denial_since_ms: null, grant_since_ms: null, warned_ms: null, failure: null } as const;
/** A group that changed under the lease leaves the person's version alone, and its holder may not have seen it. */
const settledUnlessPushed = {
  ...settled,
  lane: sql<number | null>`case when pushed = 1 then lane end`,
  due_at: sql<number | null>`case when pushed = 1 then due_at end`,
  denial_since_ms: sql<number | null>`case when pushed = 1 then denial_since_ms end`,
  grant_since_ms: sql<number | null>`case when pushed = 1 then grant_since_ms end`,
};
const settling = prepared((engine, lease: Pick<Lease, "connection" | "resource" | "owner" | "epoch">) => underLease(engine.db, lease).set(settledUnlessPushed));
const unlessPushed = (value: number, instead: number) => sql<number>`case when pushed = 1 then ${bigint(instead)} else ${bigint(value)} end`;

function changeFor(due: Recorded["due"], nowMs: number) {
  switch (due.kind) {
    case "keep":
      return { lease_epoch: sql<number>`lease_epoch`, ...(due.forMs !== undefined && { lease_until: nowMs + due.forMs }), ...(due.grantsFromNow && { grant_since_ms: nowMs }) };
    case "done":
      return { ...released, due_at: nowMs, attempts: 0 }; // a newer version wants more
    case "failed":
      return { ...released, due_at: sql<number | null>`case when pushed = 1 then ${bigint(nowMs)} end`, failure: checkedJson(due.failure) };
    case "later": {
      const rank = rankOf(due.lane);
      const lane = sql<number>`case when pushed = 1 and lane < ${rank} then lane else ${rank} end`;
      return {
        ...released,
        lane,
        due_at: unlessPushed(due.atMs, nowMs),
        attempts: unlessPushed(due.attempts, 0),
        denial_since_ms: sql<number | null>`case when (${lane}) = 0 then coalesce(denial_since_ms, ${nowMs}) end`,
        ...(due.grantsFromNow && { grant_since_ms: nowMs }),
        ...(due.warned && { warned_ms: nowMs }),
        failure: due.failure ? checkedJson(due.failure) : null,
      };
    }
  }
}

/** PostgreSQL would take a parameter of unknown type in a `case` for text. */
const bigint = (value: number) => sql<number>`cast(${value} as bigint)`;

/** Nothing is due any more for a resource whose push was taken back, unless something was before that push or came in since. */
export async function takenBack({ tx, connection, nowMs }: Writing, resource: ResourceId, version: number, later: RollBack["later"]): Promise<void> {
  const mine = tx.updateTable("due").where("connection", "=", connection).where("resource", "=", resource);
  await mine.set(later ? { ...settled, lane: rankOf(later.lane), due_at: later.atMs, denial_since_ms: later.lane === "deny" ? nowMs : null } : settled).where("opened_version", "=", version).where("pushed", "=", 0).execute();
  // A group that changed under the lease has not made a version.
  await mine.set({ ...released, due_at: nowMs }).where((row) => row.or([row("opened_version", "<>", version), row("pushed", "=", 1)])).where("lane", "is not", null).execute();
}

/** Work that a rail has stopped waits for a person, not for a time. It is no denial that anybody was promised, so its age is not counted. */
export async function parked({ tx, nowMs }: Writing, lease: Lease, failure: Failure): Promise<boolean> {
  const change = { ...released, lane: 0, due_at: sql<number | null>`case when pushed = 1 then ${bigint(nowMs)} end`, denial_since_ms: null, failure: checkedJson(failure) };
  return (await underLease(tx, lease).set(change).executeTakeFirstOrThrow()).numUpdatedRows > 0n;
}

/** Approved: the parked work is due now, as a denial that was accepted now. */
export async function resumed({ tx, connection, nowMs }: Writing, resource: ResourceId): Promise<void> {
  await tx.updateTable("due").set({ lane: 0, due_at: nowMs, attempts: 0, failure: null, denial_since_ms: nowMs }).where("connection", "=", connection).where("resource", "=", resource).where("lane", "is not", null).execute();
}

/** Rejected: nothing is due, unless a push has come in since. */
export async function laidDown({ tx, connection }: Writing, resource: ResourceId): Promise<void> {
  await tx.updateTable("due").set(settled).where("connection", "=", connection).where("resource", "=", resource).where("due_at", "is", null).where("lease_until", "is", null).execute();
}

/** Whether a deleted resource is still somebody's work: it has a time, or a holder. */
export async function isUnderWay({ tx, connection }: Writing, resource: ResourceId): Promise<boolean> {
  const row = await tx.selectFrom("due").select(["lane", "due_at", "lease_until"]).where("connection", "=", connection).where("resource", "=", resource).executeTakeFirst();
  return row !== undefined && row.lane !== null && (row.due_at !== null || row.lease_until !== null);
}

/** One look into the index for each connection and each of its lanes; among the parked denials of one that observes, only for those that are owned. */
const headRows = (isFree: RawBuilder<unknown>) => sql<{ readonly connection: ConnectionId; readonly lane: number; readonly due_at: number | null }>`
  select known.connection, lanes.column1 as lane,
    case when lanes.column1 = 0 and known.${observes}
      then (select min(due_at) from due where due.connection = known.connection and ${ownedDenials} and due_at is not null and ${isFree})
      else (select due_at from due where due.connection = known.connection and due.lane = lanes.column1 and due_at is not null and ${isFree} order by due_at limit 1) end as due_at
  from known cross join (values ${sql.join(urgency.map((_, rank) => sql`(${sql.lit(rank)})`))}) as lanes
  where known.connection is not null`;

/** From one connection to the next, past all the rows between. */
const knownConnections = sql`with recursive known (connection) as (
  select min(connection) from due where lane is not null
  union all
  select (select min(due.connection) from due where lane is not null and due.connection > known.connection) from known where known.connection is not null)`;

/** Lesser work of a connection that is frozen or only observes is nobody's; which denials are, stands in their rows. */
const deliverableLane = sql`(lane = 0 or connection not in (select connection from modes where mode <> 'deliver'))`;

export async function heads(engine: Engine): Promise<readonly Head[]> {
  const { rows } = await sql<{ readonly connection: ConnectionId; readonly lane: number; readonly due_at: number; readonly now_ms: number }>`${knownConnections}
    select connection, lane, due_at, ${engine.now()} as now_ms from (${headRows(sql`(lease_until is null or lease_until <= ${engine.now()})`)}) as heads where due_at is not null and ${deliverableLane}`.execute(engine.db);
  return rows.flatMap(({ connection, lane, due_at, now_ms }) => {
    const name = urgency[lane];
    return name === undefined ? [] : [{ connection, lane: name, dueAtMs: due_at, isDue: due_at <= now_ms }];
  });
}

export async function nextDueMs({ db }: Engine): Promise<number | undefined> {
  const leased = sql`(select min(case when lease_until > due_at then lease_until else due_at end) from due where lease_until is not null and lane is not null and due_at is not null)`;
  const { rows } = await sql<{ readonly next: number | null }>`${knownConnections}
    select min(due_at) as next from (select due_at from (${headRows(sql`lease_until is null`)}) as free where ${deliverableLane} union all select ${leased}) as times`.execute(db);
  return rows[0]?.next ?? undefined;
}

export async function grantsSince({ db }: Engine, connection: ConnectionId, afterMs: number, untilMs: number, limit: number): ReturnType<DueStore["grantsSince"]> {
  const rows = await db
    .selectFrom("due")
    .select(["resource", "grant_since_ms"])
    .where("connection", "=", connection).where("grant_since_ms", ">", afterMs).where("grant_since_ms", "<=", untilMs).where("due_at", "is not", null)
    .orderBy("grant_since_ms")
    .limit(limit)
    .execute();
  return rows.map(({ resource, grant_since_ms }) => ({ resource: resource as ResourceId, sinceMs: grant_since_ms ?? 0 }));
}

export async function oldestDenialMs({ db }: Engine): Promise<number | undefined> {
  const row = await db.selectFrom("due").select(({ fn }) => fn.min<number | null>("denial_since_ms").as("since")).where("denial_since_ms", "is not", null).where("due_at", "is not", null).executeTakeFirst();
  return row?.since ?? undefined;
}

export async function openWork({ db }: Engine, connection: ConnectionId, limit: number): Promise<readonly OpenWork[]> {
  const rows = await db
    .selectFrom("due")
    .innerJoin("resources as r", (on) => on.onRef("r.connection", "=", "due.connection").onRef("r.id", "=", "due.resource"))
    .select(["due.resource", "r.label", "due.lane", "due.due_at", "due.attempts", "due.since_ms", "due.grant_since_ms", "due.warned_ms", "due.failure", "due.correlation"])
    .where("due.connection", "=", connection).where("due.lane", "is not", null)
    .orderBy("due.since_ms").orderBy("r.seq")
    .limit(limit)
    .execute();
  return rows.flatMap((row) => {
    const due = dueOf(row);
    return due ? [{ resource: row.resource as ResourceId, userName: row.label, due }] : [];
  });
}
