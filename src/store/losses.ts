/**
 * Who lost access, and when: counted and written in the transaction of the push that takes it.
 *
 * @module
 */
import { sql, type RawBuilder } from "kysely";
import type { ConnectionId, HoldId, ResourceId } from "../model/ids.ts";
import type { Brake } from "../model/policy.ts";
import type { Counts } from "../rails/brake.ts";
import type { Engine } from "./engine.ts";
import { prepared } from "./prepared.ts";
import type { Writing } from "./writing.ts";

/** People of one change, each once. Whoever loses the record without having access stands only in `records`. */
export interface Losing {
  readonly access: readonly ResourceId[];
  readonly records: readonly ResourceId[];
}

interface Counted {
  readonly lost: number;
  readonly known: number;
  readonly records: number;
  readonly known_records: number;
  readonly base: number;
}

interface Window {
  readonly connection: ConnectionId;
  readonly sinceMs: number;
  readonly fresh: number;
  readonly freshRecords: number;
  readonly count: number;
  readonly recordCount: number;
}

/** Approved losses never count. The base is asked for only where a `count` alone would stop the push: counting it reads an index. */
const counting = ({ connection, sinceMs, fresh, freshRecords, count, recordCount }: Window, isLosing: RawBuilder<boolean>, isDeleted: RawBuilder<boolean>) => sql<Counted>`
  select t.*, case when t.lost + ${whole(fresh)} - t.known > ${whole(count)} or t.records + ${whole(freshRecords)} - t.known_records > ${whole(recordCount)} then
    (select count(*) from links where connection = ${connection} and has_access = 1) +
    (select count(distinct l.resource) from losses l left join links k on k.connection = l.connection and k.resource = l.resource and k.has_access = 1
      where l.connection = ${connection} and l.at_ms > ${sinceMs} and l.hold is null and l.irreversible < 2 and k.resource is null)
    else 0 end as base
  from (select
      count(distinct case when irreversible < 2 then resource end) as lost,
      count(distinct case when irreversible < 2 and ${isLosing} then resource end) as known,
      count(distinct case when irreversible > 0 then resource end) as records,
      count(distinct case when irreversible > 0 and ${isDeleted} then resource end) as known_records
    from losses where connection = ${connection} and at_ms > ${sinceMs} and hold is null) as t`;

const whole = (value: number) => sql<number>`cast(${value} as bigint)`;

const countingOne = prepared<Window & { readonly resource: string }, Counted>((_, given) => counting(given, sql<boolean>`resource = ${given.resource}`, sql<boolean>`resource = ${given.resource}`));

/** One statement. */
export async function counts({ engine, tx, connection, nowMs }: Writing, { access, records }: Losing, brake: Brake): Promise<Counts> {
  const window = { connection, sinceMs: nowMs - brake.windowMs, fresh: access.length, freshRecords: records.length, count: brake.count, recordCount: brake.deletes.count };
  const among = (list: readonly ResourceId[]) => sql<boolean>`resource ${engine.json.among(list)}`;
  const single = new Set([...access, ...records]);
  const { rows } = single.size === 1 ? await countingOne(engine, tx, { ...window, resource: [...single][0]! }) : await counting(window, among(access), among(records)).execute(tx);
  const counted = rows[0]!;
  return { lost: counted.lost, fresh: access.length - counted.known, records: counted.records, freshRecords: records.length - counted.known_records, base: counted.base };
}

/**
 * Whoever loses again what was counted before has one row, with the newest time: what the brake reads is bounded by the people, not by
 * how often an IdP switches them on and off.
 *
 * @param hold whose approval let it pass; such losses do not count
 */
export async function lostNow({ engine, tx, connection, nowMs }: Writing, { access, records }: Losing, hold: HoldId | undefined): Promise<void> {
  const deleted = new Set(records);
  const had = new Set(access);
  const kinds = [access.filter((id) => !deleted.has(id)), access.filter((id) => deleted.has(id)), records.filter((id) => !had.has(id))];
  for (const [kind, people] of kinds.entries()) {
    const loss = { connection, at_ms: nowMs, irreversible: kind, hold: hold ?? null };
    if (people.length === 1) await one(engine, tx, { ...loss, resource: people[0]! });
    else if (people.length > 1) {
      await sql`insert into losses (connection, resource, at_ms, irreversible, hold) select ${connection}, p.value, ${sql.lit(nowMs)}, ${sql.lit(kind)}, ${hold ?? null} from ${engine.json.eachText(people)} as p
        where true on conflict (connection, resource, irreversible) where hold is null do update set at_ms = excluded.at_ms`.execute(tx);
    }
  }
}

const one = prepared((engine, given: { readonly connection: string; readonly resource: string; readonly at_ms: number; readonly irreversible: number; readonly hold: string | null }) =>
  engine.db
    .insertInto("losses")
    .values({ connection: given.connection, resource: given.resource, at_ms: given.at_ms, irreversible: given.irreversible, hold: given.hold })
    .onConflict((again) => again.columns(["connection", "resource", "irreversible"]).where("hold", "is", null).doUpdateSet(({ ref }) => ({ at_ms: ref("excluded.at_ms") }))),
);

const sinceOf = (engine: Engine, connection: ConnectionId, resource: ResourceId, windowMs: number) =>
  sql<{ readonly found: number }>`select 1 as found from losses l left join due d on d.connection = l.connection and d.resource = l.resource
    where l.connection = ${connection} and l.resource = ${resource} and (l.at_ms > ${engine.now()} - ${whole(windowMs)} or l.at_ms >= d.denial_since_ms) limit 1`;

/** Within the window, or with the push whose denial is still open, however long ago that was. */
export async function wasCounted(engine: Engine, db: Engine["db"], connection: ConnectionId, resource: ResourceId, windowMs: number): Promise<boolean> {
  return (await sinceOf(engine, connection, resource, windowMs).execute(db)).rows.length > 0;
}
