/**
 * Whom a name means: the questions of people who look somebody up, the journal's included. Nothing here is on the way of a push.
 *
 * @module
 */
import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import { fold } from "../model/fold.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Engine } from "./engine.ts";
import { journalRow } from "./journal.ts";
import type { JournalTable } from "./schema.ts";
import { indexKey } from "./storable.ts";
import type { PersonStore } from "./person-store.ts";

const most = 20;

/** The newest rows of the journal; correlation ids and names have no index there, because every push would pay for it. */
const newest = (connection: ConnectionId, among: number) => sql`(select * from journal where connection = ${connection} order by seq desc limit ${among}) as j`;

/** Other than a group that is there: what is gone may have been a person. */
const noGroup = (connection: ConnectionId, id: RawBuilder<unknown>) => sql`not exists (select 1 from resources g where g.connection = ${connection} and g.id = ${id} and g.type = 'Group')`;

export function personStore({ db }: Engine): PersonStore {
  const ids = async (question: RawBuilder<{ readonly id: string }>): Promise<readonly ResourceId[]> => (await question.execute(db)).rows.map(({ id }) => id as ResourceId);

  return {
    named: (connection, name) => {
      const user = sql`select r.id from resources r where r.connection = ${connection} and r.type = 'User'`;
      return ids(sql`
        ${user} and r.id = ${name} and r.deleted_ms is null
        union ${user} and r.name_key = ${indexKey(fold(name))}
        union ${user} and r.external_key = ${indexKey(name)}
        union select l.resource as id from links l join resources r on r.connection = l.connection and r.id = l.resource
          where l.connection = ${connection} and l.account = ${name} and r.deleted_ms is null
        limit ${most}`);
    },

    formerlyNamed: (connection, name) =>
      ids(sql`
        select r.id from resources r where r.connection = ${connection} and r.type = 'User' and r.id = ${name}
        union select l.resource as id from links l where l.connection = ${connection} and l.account = ${name}
        union select t.resource as id from tombstones t where t.connection = ${connection} and (t.account = ${name} or t.resource = ${name} or t.external_id = ${name} or lower(t.email) = ${name.toLowerCase()})
        union select j.resource as id from journal j where j.connection = ${connection} and j.resource = ${name} and ${noGroup(connection, sql`j.resource`)}
        limit ${most}`),

    spokenOf: (connection, name, among) => {
      // Every part of the text is taken literally.
      const written = JSON.stringify(name).toLowerCase().replace(/[!%_]/g, "!$&");
      return ids(sql`
        select distinct j.resource as id from ${newest(connection, among)}
        where j.resource is not null and (j.correlation = ${name} or (j.kind = 'push' and lower(j.data) like ${`%"username":${written}%`} escape '!'))
          and ${noGroup(connection, sql`j.resource`)}
        limit ${most}`);
    },

    async mentions(connection, id, among) {
      const { rows } = await sql<JournalTable>`
        select j.* from ${newest(connection, among)}
        where j.kind = 'push' and j.resource <> ${id} and j.data like ${`%${JSON.stringify(id).replace(/[!%_]/g, "!$&")}%`} escape '!'
        order by j.seq`.execute(db);
      return rows.map(journalRow);
    },
  };
}
