/**
 * Whether somebody privileged would be left: another active account in a privileged role that nothing pending or held takes away.
 *
 * @module
 */
import { sql } from "kysely";
import type { ResourceId, RoleId } from "../model/ids.ts";
import { indexKey } from "./storable.ts";
import type { Writing } from "./writing.ts";

/** What is open in the lane `deny` counts as gone, and so does everybody whom a held push would touch. From our records; asked rarely. */
export async function administratorRemains({ engine, tx, connection }: Writing, privileged: readonly RoleId[], without: readonly ResourceId[]): Promise<boolean> {
  const { rows } = await sql<{ readonly resource: string }>`
    select l.resource from links l
    join resources r on r.connection = l.connection and r.id = l.resource and r.deleted_ms is null
    left join due d on d.connection = l.connection and d.resource = l.resource
    left join held h on h.connection = l.connection and h.resource = l.resource and h.done_ms is null
    where l.connection = ${connection} and l.has_access = 1 and l.role ${engine.json.among(privileged.map(indexKey))}
      and (d.lane is null or d.lane <> 0) and h.seq is null and l.resource not in ${engine.json.eachText(without)}`.execute(tx);
  if (rows.length === 0) return false;
  const waiting = await tx.selectFrom("held").select("people").where("connection", "=", connection).where("done_ms", "is", null).execute();
  const touched = new Set(waiting.flatMap(({ people }) => JSON.parse(people) as string[]));
  return rows.some(({ resource }) => !touched.has(resource));
}
