/**
 * How resources go: out of sight when the IdP deletes them, out of the database when nobody needs them any more.
 *
 * @module
 */
import { sql } from "kysely";
import type { ResourceId } from "../model/ids.ts";
import { addressed, noKeys } from "./columns.ts";
import { unlinked } from "./links.ts";
import type { Row, Writing } from "./writing.ts";

/** Out of sight: name and addresses free, memberships gone; the row stays for whoever tells the vendor. */
export async function hidden(writing: Writing, row: Row): Promise<void> {
  const { tx, nowMs } = writing;
  await tx.updateTable("resources").set({ ...noKeys, version: row.version + 1, modified_ms: nowMs, deleted_ms: nowMs }).where("seq", "=", row.seq).execute();
  if (row.addresses.length > 0) await addressed(writing, row.seq, row.addresses, []);
  await withdrawn(writing, row.id);
}

/** Takes a resource out of all groups; each of those has changed thereby. */
async function withdrawn({ tx, connection, nowMs }: Writing, id: string): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable("resources")
    .set({ member_count: sql<number>`member_count - 1`, version: sql<number>`version + 1`, modified_ms: nowMs })
    .where("seq", "in", (from) => from.selectFrom("members").select("grp").where("connection", "=", connection).where("key", "=", id))
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) await tx.deleteFrom("members").where("connection", "=", connection).where("key", "=", id).execute();
}

/** Out of the database: addresses, members, link and due row go with it; a tombstone keeps the account, if one was known. */
export async function purged(writing: Writing, row: Row): Promise<void> {
  await unlinked(writing, row.id as ResourceId);
  await writing.tx.deleteFrom("resources").where("seq", "=", row.seq).execute();
}
