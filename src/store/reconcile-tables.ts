/**
 * The tables that reconciliation brought.
 *
 * @module
 */
import type { Migration } from "./migration.ts";

export const reconciliationTables: Migration = {
  name: "reconciliation",
  statements: ({ text, integer, identity }): readonly string[] => [
    `create table reconciliations (
      seq ${identity}, id ${text} not null unique, connection ${text} not null, state ${text} not null, due_ms ${integer}, asked_by ${text}, policy ${text}, most_missing ${integer},
      started_ms ${integer}, ended_ms ${integer}, start_seq ${integer}, owner ${text}, epoch ${integer} not null default 0, lease_until ${integer},
      counts ${text}, failure ${text}, failures ${integer} not null default 0)`,
    `create unique index reconciliations_open on reconciliations (connection) where state in ('planned', 'running', 'telling')`,
    `create index reconciliations_in_order on reconciliations (connection, seq)`,

    `create table sightings (
      run ${integer} not null, account ${text} not null, email_key ${text}, shown ${text} not null, apart ${text}, fenced ${integer} not null, claimed ${integer} not null default 0,
      primary key (run, account))`,
    `create index sightings_by_email on sightings (run, email_key) where email_key is not null`,
    `create index sightings_unclaimed on sightings (run, account) where claimed = 0`,

    `create table findings (
      seq ${identity}, connection ${text} not null, run ${integer} not null, id ${text} not null, kind ${text} not null, situation ${text} not null, resource ${text}, account ${text},
      data ${text} not null, since_ms ${integer} not null, found_ms ${integer} not null, told ${integer} not null default 0, alarmed_ms ${integer}, ordered_ms ${integer})`,
    `create unique index findings_of_run on findings (connection, run, id)`,
    `create index findings_in_order on findings (connection, run, situation, seq)`,
    `create index findings_of_resource on findings (connection, resource) where resource is not null`,
    `create index findings_untold on findings (connection, run, seq) where told = 0`,
  ],
};
