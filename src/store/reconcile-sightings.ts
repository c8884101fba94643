/**
 * What a run has seen of a vendor, kept in rows and not in memory, and laid beside the people who are here.
 *
 * @module
 */
import { sql } from "kysely";
import { fold } from "../model/fold.ts";
import type { AccountId, ResourceId } from "../model/ids.ts";
import type { Account } from "../model/person.ts";
import type { Engine } from "./engine.ts";
import { heldRows } from "./leases.ts";
import type { Alike, ReconcileStore, RunTaken, Sighting } from "./reconcile-contract.ts";
import { isTheirs } from "./reconcile-runs.ts";
import type { SightingTable } from "./reconcile-rows.ts";
import { checkedJson, indexKey } from "./storable.ts";

type SightingStore = Pick<ReconcileStore, "forgetAttempt" | "sight" | "withAccess" | "unseen" | "peopleSeen" | "seenAt" | "claim" | "unclaimed">;

/** Seven parameters a row, and SQLite takes 32,766 a statement. */
const rowsPerStatement = 1_000;

export const sightingStore = (engine: Engine): SightingStore => ({
  forgetAttempt: (lease, limit) =>
    engine.transact(async (tx) => {
      if (!(await isTheirs(tx, lease))) return 0;
      const seen = await sql`delete from sightings where run = ${lease.run} and account in (select account from sightings where run = ${lease.run} limit ${limit})`.execute(tx);
      const found = await sql`delete from findings where seq in (select f.seq from findings f join reconciliations r on r.seq = f.run where f.connection = ${lease.connection} and f.run = ${lease.run} and r.state = 'running' limit ${limit})`.execute(tx);
      return Number((seen.numAffectedRows ?? 0n) + (found.numAffectedRows ?? 0n));
    }),

  sight: (lease, seen) =>
    engine.transact(async (tx) => {
      if (!(await isTheirs(tx, lease))) return false;
      // Rows shift while pages are read; the last sight of an account is the newest.
      const rows = new Map(seen.map((sighting) => [sighting.account.id, rowOf(lease.run, sighting)]));
      const values = [...rows.values()];
      for (let at = 0; at < values.length; at += rowsPerStatement) {
        await tx
          .insertInto("sightings").values(values.slice(at, at + rowsPerStatement))
          .onConflict((both) => both.columns(["run", "account"]).doUpdateSet(({ ref }) => ({ email_key: ref("excluded.email_key"), shown: ref("excluded.shown"), apart: ref("excluded.apart"), fenced: ref("excluded.fenced") })))
          .execute();
      }
      return true;
    }),

  async withAccess(connection) {
    const { rows } = await sql<{ readonly count: number }>`select count(*) as count from links where connection = ${connection} and has_access = 1`.execute(engine.db);
    return Number(rows[0]?.count ?? 0);
  },

  async unseen({ connection, run, startSeq }, after, among) {
    const { rows } = await sql<{ readonly resource: ResourceId; readonly missing: number }>`select l.resource, case when s.account is null
        and not exists (select 1 from journal j where j.connection = ${connection} and j.resource = l.resource and j.seq > ${startSeq}) then 1 else 0 end as missing
      from (select l.resource, l.account from links l join resources r on r.connection = l.connection and r.id = l.resource and r.deleted_ms is null
        where l.connection = ${connection} and l.resource > ${after ?? ""} and l.has_access = 1 and l.kind = 'account' and l.account is not null order by l.resource limit ${among}) as l
      left join sightings s on s.run = ${run} and s.account = l.account order by l.resource`.execute(engine.db);
    return { people: rows.flatMap(({ resource, missing }) => (missing === 1 ? [resource] : [])), compared: rows.length, next: rows.length < among ? undefined : rows.at(-1)?.resource };
  },

  async peopleSeen(run, after, limit) {
    const { connection } = run;
    const held = (await heldRows(engine, engine.db, sql`r.connection = ${connection} and r.type = 'User' and r.id > ${after ?? ""} and (r.deleted_ms is null or l.account is not null) order by r.id limit ${limit}`)).map((row) => row.held);
    const seen = await seenOf(engine, run, held.flatMap(({ link }) => link?.account ?? []));
    const moved = await movedAmong(engine, run, held.map(({ id }) => id));
    return held.map((person) => ({ held: person, moved: moved.has(person.id), sighting: person.link?.account === undefined ? undefined : seen.get(person.link.account) }));
  },

  async seenAt({ connection, run }, emails, most) {
    const keys = new Map(emails.map((email) => [indexKey(fold(email.trim())), email]));
    const found = new Map<string, Alike[]>();
    if (keys.size === 0) return found;
    const { rows } = await sql<SightingRow & { readonly holder: ResourceId | null; readonly email_key: string }>`
      select s.*, l.resource as holder from (
        select s.*, row_number() over (partition by s.email_key order by s.account) as nth from sightings s where s.run = ${run} and s.email_key ${engine.json.among([...keys.keys()])}
      ) as s left join links l on l.connection = ${connection} and l.account = s.account where s.nth <= ${most}`.execute(engine.db);
    for (const row of rows) {
      const email = keys.get(row.email_key) ?? "";
      found.set(email, [...(found.get(email) ?? []), { ...sightingOf(row), holder: row.holder ?? undefined }]);
    }
    return found;
  },

  claim: (lease, accounts) =>
    engine.transact(async (tx) => {
      if (!(await isTheirs(tx, lease))) return false;
      if (accounts.length > 0) await sql`update sightings set claimed = 1 where run = ${lease.run} and account ${engine.json.among(accounts)}`.execute(tx);
      return true;
    }),

  async unclaimed({ connection, run }, after, limit) {
    const { rows } = await sql<SightingRow & { readonly former: ResourceId | null }>`
      select s.*, (select t.resource from tombstones t where t.connection = ${connection} and t.account = s.account order by t.seq desc limit 1) as former
      from sightings s where s.run = ${run} and s.claimed = 0 and s.account > ${after ?? ""}
        and not exists (select 1 from links l where l.connection = ${connection} and l.account = s.account) order by s.account limit ${limit}`.execute(engine.db);
    return rows.map((row) => ({ ...sightingOf(row), former: row.former ?? undefined }));
  },
});

type SightingRow = Pick<SightingTable, "account" | "shown" | "apart" | "fenced">;

const rowOf = (run: number, { account, apart, isFenced }: Sighting) => ({
  run, account: account.id, email_key: account.email === undefined ? null : indexKey(fold(account.email.trim())), shown: checkedJson(account), apart: apart ?? null, fenced: isFenced ? 1 : 0,
});

function sightingOf({ shown, apart, fenced }: SightingRow): Sighting {
  // JSON leaves out what is undefined.
  const { id, kind, email, role, active, profile, tags } = JSON.parse(shown) as Account;
  return { account: { id, kind, email, role, active, profile, ...(tags && { tags }) }, apart: apart ?? undefined, isFenced: fenced === 1 };
}

async function seenOf(engine: Engine, { run }: RunTaken, accounts: readonly AccountId[]): Promise<ReadonlyMap<string, Sighting>> {
  if (accounts.length === 0) return new Map();
  const { rows } = await sql<SightingRow>`select account, shown, apart, fenced from sightings where run = ${run} and account ${engine.json.among(accounts)}`.execute(engine.db);
  return new Map(rows.map((row) => [row.account, sightingOf(row)]));
}

async function movedAmong(engine: Engine, { connection, startSeq }: RunTaken, people: readonly ResourceId[]): Promise<ReadonlySet<string>> {
  if (people.length === 0) return new Set();
  const { rows } = await sql<{ readonly resource: string }>`select p.value as resource from ${engine.json.eachText(people)} as p
    where exists (select 1 from journal j where j.connection = ${connection} and j.resource = p.value and j.seq > ${startSeq})`.execute(engine.db);
  return new Set(rows.map(({ resource }) => resource));
}
