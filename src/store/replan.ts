/**
 * Makes people due because a group changed that their role may hang on. In the group's own transaction, so that a membership
 * that was acknowledged cannot be forgotten at the vendor.
 *
 * @module
 */
import { sql } from "kysely";
import type { CorrelationId, ResourceId } from "../model/ids.ts";
import type { Lane } from "../model/operation.ts";
import { rankOf, reopened } from "./due.ts";
import { inPages, inStretches, lookedAtOnce } from "./stretches.ts";
import type { Writing } from "./writing.ts";

/**
 * @param values members as clients wrote them; whoever is no user of this connection is passed over
 * @param correlation the push or decision behind it
 * @returns the users that are due now
 */
export async function replanned({ engine, tx, connection, nowMs, mode }: Writing, values: readonly string[], lane: Lane, correlation: CorrelationId | undefined): Promise<readonly ResourceId[]> {
  const denial = lane === "deny" && !mode.observes ? sql`${sql.lit(nowMs)}` : sql`null`;
  // Whoever comes is granted something just now; of the others nobody can tell before it is planned.
  const renew = lane === "grant" ? 1 : 0;
  return inStretches(values, async (stretch) => {
    const { rows } = await sql<{ readonly resource: string }>`
      insert into due (connection, resource, lane, due_at, attempts, since_ms, denial_since_ms, grant_since_ms, opened_version, failure, lease_owner, lease_epoch, lease_until, abandoned, pushed, correlation)
      select r.connection, r.id, ${sql.lit(rankOf(lane))}, ${sql.lit(nowMs)}, 0, ${sql.lit(nowMs)}, ${denial}, ${mode.observes ? sql`null` : sql`${sql.lit(nowMs)}`}, r.version, null, null, 0, null, 0, 0, ${correlation ?? null}
      from resources r
      where r.connection = ${connection} and r.type = 'User' and r.deleted_ms is null and r.id ${engine.json.among(stretch)}
      ${reopened(renew)}
      returning resource`.execute(tx);
    return rows.map(({ resource }) => resource as ResourceId);
  });
}

/** Everybody who is in the group now. */
export async function membersOf({ tx }: Writing, group: number): Promise<readonly string[]> {
  const rows = await inPages<{ readonly key: string }>((last) => {
    const page = tx.selectFrom("members").select("key").where("grp", "=", group).orderBy("key").limit(lookedAtOnce);
    return (last ? page.where("key", ">", last.key) : page).execute();
  }, lookedAtOnce);
  return rows.map(({ key }) => key);
}
