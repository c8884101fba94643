/**
 * How the tables came to be: forward only, each step in its own transaction, the steps taken written down in `migrations`.
 *
 * A step that was released is never edited. Several processes may start at once: the first takes the steps, the others find them taken.
 *
 * @module
 */
import { sql } from "kysely";
import type { FaultAt } from "../runtime/fault.ts";
import type { Engine } from "./engine.ts";
import type { Migration } from "./migration.ts";
import { operatorTables } from "./operator-tables.ts";
import { reconciliationTables } from "./reconcile-tables.ts";

const migrations: readonly Migration[] = [
  {
    name: "first tables",
    statements: ({ text, integer, identity, json }) => [
      `create table resources (
        seq ${identity}, connection ${text} not null, id ${text} not null, type ${text} not null, version ${integer} not null,
        label ${text} not null, name_key ${text}, email_key ${text}, external_key ${text},
        desired ${text} not null, search ${json} not null, body_digest ${text},
        answered ${integer} not null default 0, emptied ${integer} not null default 0, member_count ${integer} not null default 0,
        created_ms ${integer} not null, modified_ms ${integer} not null, deleted_ms ${integer})`,
      `create unique index resources_by_id on resources (connection, id)`,
      `create unique index resources_by_name on resources (connection, type, name_key) where name_key is not null`,
      `create unique index resources_by_email on resources (connection, email_key) where email_key is not null`,
      `create index resources_by_external on resources (connection, external_key) where external_key is not null`,
      `create index resources_in_order on resources (connection, type, seq) where deleted_ms is null`,

      `create table addresses (
        connection ${text} not null, key ${text} not null, resource ${integer} not null references resources (seq) on delete cascade,
        primary key (connection, key, resource))`,
      `create index addresses_of_resource on addresses (resource)`,

      `create table members (
        seq ${identity}, connection ${text} not null, grp ${integer} not null references resources (seq) on delete cascade,
        key ${text} not null, long_value ${text}, rest ${text}, folded ${text})`,
      `create unique index members_of_group on members (grp, key)`,
      `create index members_by_value on members (connection, key, grp)`,

      `create table links (
        connection ${text} not null, resource ${text} not null, account ${text}, kind ${text} not null, origin ${text} not null,
        login ${text}, applied ${text} not null, unknown_at ${integer}, verify_at ${integer},
        primary key (connection, resource),
        foreign key (connection, resource) references resources (connection, id) on delete cascade)`,
      `create unique index links_by_account on links (connection, account) where account is not null`,

      `create table due (
        connection ${text} not null, resource ${text} not null, lane ${integer}, due_at ${integer}, attempts ${integer} not null,
        since_ms ${integer} not null, denial_since_ms ${integer}, opened_version ${integer} not null, failure ${text},
        lease_owner ${text}, lease_epoch ${integer} not null, lease_until ${integer}, abandoned ${integer} not null, pushed ${integer} not null,
        primary key (connection, resource),
        foreign key (connection, resource) references resources (connection, id) on delete cascade)`,
      `create index due_next on due (lane, due_at) where lane is not null and due_at is not null`,
      `create index due_denials on due (denial_since_ms) where denial_since_ms is not null`,
      `create index due_leased on due (lease_until) where lease_until is not null`,

      `create table journal (
        connection ${text} not null, seq ${integer} not null, at_ms ${integer} not null, resource ${text}, correlation ${text} not null,
        kind ${text} not null, data ${text} not null, prev_hash ${text} not null, hash ${text} not null,
        primary key (connection, seq))`,
      `create index journal_of_resource on journal (connection, resource, seq) where resource is not null`,

      `create table tokens (
        connection ${text} not null, name ${text} not null, hash ${text} not null, created_ms ${integer} not null,
        expires_ms ${integer}, last_used_ms ${integer}, primary key (connection, name))`,

      `create table tasks (
        seq ${identity}, id ${text} not null unique, connection ${text} not null, resource ${text}, account ${text},
        title ${text} not null, steps ${text} not null, opened_ms ${integer} not null, done_ms ${integer})`,
      `create index tasks_open on tasks (connection, resource) where done_ms is null`,

      `create table tombstones (
        seq ${identity}, connection ${text} not null, account ${text} not null, resource ${text} not null,
        external_id ${text}, email ${text}, at_ms ${integer} not null)`,
      `create index tombstones_by_account on tombstones (connection, account)`,
    ],
  },
  {
    name: "rails, shared budgets, notices",
    statements: ({ text, integer, identity }) => [
      `alter table due add column grant_since_ms ${integer}`,
      `alter table due add column warned_ms ${integer}`,
      `drop index due_next`,
      `create index due_grants on due (connection, grant_since_ms) where grant_since_ms is not null`,

      `create index links_awaited on links (connection, lower(login)) where account is null`,
      `create index tombstones_by_address on tombstones (connection, lower(email), seq)`,

      `create table losses (
        seq ${identity}, connection ${text} not null, resource ${text} not null, at_ms ${integer} not null, irreversible ${integer} not null, hold ${text})`,
      `create index losses_in_time on losses (connection, at_ms)`,

      `create table holds (
        seq ${identity}, id ${text} not null unique, connection ${text} not null, rail ${text} not null, detail ${text} not null,
        opened_ms ${integer} not null, warned_ms ${integer} not null, decided_ms ${integer}, decided_by ${text})`,
      `create unique index holds_open on holds (connection, rail) where decided_ms is null`,

      `create table held (
        seq ${identity}, hold ${text} not null references holds (id), connection ${text} not null, resource ${text} not null, at_ms ${integer} not null,
        correlation ${text} not null, push ${text} not null, people ${text} not null, decision ${text}, done_ms ${integer})`,
      `create unique index held_open on held (connection, resource) where decision is null`,
      `create index held_of_hold on held (hold, seq)`,
      `create index held_to_do on held (connection, seq) where decision = 'approved' and done_ms is null`,

      `create table budgets (
        connection ${text} not null, pool ${text} not null, millitokens ${integer} not null, filled_ms ${integer} not null,
        primary key (connection, pool))`,
      `create table outages (connection ${text} primary key, down_ms ${integer} not null, probe_ms ${integer} not null)`,
      `create table modes (connection ${text} primary key, mode ${text} not null, reason ${text} not null, decided_by ${text} not null, since_ms ${integer} not null)`,
      `create table policies (connection ${text} primary key, policy ${text} not null, at_ms ${integer} not null)`,

      `create table keys (name ${text} primary key, value ${text} not null)`,

      `create table notices (
        seq ${identity}, id ${text} not null unique, connection ${text} not null, kind ${text} not null, severity ${text} not null,
        resource ${text}, correlation ${text} not null, text ${text} not null,
        at_ms ${integer} not null, attempts ${integer} not null, due_ms ${integer} not null, ended_ms ${integer}, ended ${text})`,
      `create index notices_to_send on notices (due_ms) where ended_ms is null`,
      `create index notices_ended on notices (ended_ms) where ended_ms is not null`,
      `create index notices_said on notices (connection, resource, kind, at_ms) where resource is not null`,

      // For which denial, by its time, somebody was alarmed and paged: a later denial of the same person is another one.
      `alter table due add column alarmed_ms ${integer} not null default 0`,
      `alter table due add column paged_ms ${integer} not null default 0`,
      `drop index due_denials`,
      `create index due_denials on due (denial_since_ms) where denial_since_ms is not null and due_at is not null`,
      `create index due_denials_of on due (connection, denial_since_ms) where denial_since_ms is not null and due_at is not null`,
      `create index due_unpaged on due (denial_since_ms) where denial_since_ms is not null and due_at is not null and paged_ms <> denial_since_ms`,
      `create index due_of_connection on due (connection, lane, due_at) where lane is not null`,
      `create table incidents (
        connection ${text} not null, kind ${text} not null, opened_ms ${integer} not null, told_ms ${integer} not null, primary key (connection, kind))`,
    ],
  },
  {
    name: "who has access, and which pushes wait",
    statements: ({ text, integer, json }) => [
      `alter table links add column has_access ${integer} not null default 0`,
      `alter table links add column role ${text}`,
      `update links set role = cast(applied as ${json}) ->> 'role', has_access = case when cast(applied as ${json}) ->> 'access' in ('active', 'partly') then 1 else 0 end`,
      `create index links_with_access on links (connection, role) where has_access = 1`,
      `create index losses_of_resource on losses (connection, resource, at_ms)`,
      `create unique index held_waiting on held (connection, resource) where done_ms is null`,
    ],
  },
  {
    name: "who is known under an address",
    statements: () => [`drop index links_awaited`, `create index links_by_login on links (connection, lower(login)) where length(login) <= 320`],
  },
  {
    name: "one row for each kind of loss of a person",
    statements: () => [
      `delete from losses where hold is null and exists (select 1 from losses as later where later.connection = losses.connection
        and later.resource = losses.resource and later.irreversible = losses.irreversible and later.hold is null and later.seq > losses.seq)`,
      `create unique index losses_once on losses (connection, resource, irreversible) where hold is null`,
    ],
  },
  {
    name: "whose push made it due",
    statements: ({ text }) => [`alter table due add column correlation ${text}`],
  },
  reconciliationTables,
  operatorTables,
  {
    name: "accounts under an address that is in doubt",
    statements: ({ text }) => [`alter table links add column seeks ${text}`, `create index links_by_sought on links (connection, lower(seeks)) where length(seeks) <= 320`],
  },
  {
    name: "creates by their words",
    statements: () => [`create index if not exists resources_by_create on resources (connection, body_digest) where body_digest is not null`], // for a while it was part of the step before
  },
];

/** How many steps this version knows. */
export const knownSteps = migrations.length;

/** How many a database has taken; one without our tables has taken none. */
export async function stepsTaken({ db, name }: Engine): Promise<number> {
  const table = name === "sqlite" ? sql`select 1 from sqlite_master where name = 'migrations'` : sql`select 1 where to_regclass('migrations') is not null`;
  if ((await table.execute(db)).rows.length === 0) return 0;
  const { rows } = await sql<{ readonly steps: number }>`select count(*) as steps from migrations`.execute(db);
  return rows[0]?.steps ?? 0;
}

/** @throws Error when the database was written by a newer Drawbridge */
export async function migrate(engine: Engine, fault?: FaultAt): Promise<void> {
  const { db, words } = engine;
  await db.transaction().execute(async (tx) => {
    await engine.lock(tx, "migrations");
    await sql.raw(`create table if not exists migrations (step ${words.integer} primary key, name ${words.text} not null, at_ms ${words.integer} not null)`).execute(tx);
  });
  const { steps } = await db.selectFrom("migrations").select(({ fn }) => fn.countAll<number>().as("steps")).executeTakeFirstOrThrow();
  if (steps > migrations.length) throw new Error("This database was written by a newer version of Drawbridge; start that version, or restore a backup");
  for (const [at, migration] of migrations.entries()) if (at >= steps) await takeStep(engine, at + 1, migration, fault);
}

async function takeStep(engine: Engine, step: number, { name, statements }: Migration, fault: FaultAt | undefined): Promise<void> {
  await engine.db.transaction().execute(async (tx) => {
    await engine.lock(tx, "migrations");
    const taken = await tx.selectFrom("migrations").select("step").where("step", "=", step).executeTakeFirst();
    if (taken) return;
    for (const statement of statements(engine.words)) await sql.raw(statement).execute(tx);
    await tx.insertInto("migrations").values({ step, name, at_ms: engine.now() }).execute();
    if (fault) await fault("migrate.step");
  });
}
