/**
 * Under which addresses a person may have been created: the journal knows every create that was begun, and with which address, whatever
 * the person is called by now.
 *
 * @module
 */
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import { isObject } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Store } from "../store/store.ts";

const rowsAtOnce = 1_000;

/** @returns each address once, the one that was used last at the end */
export async function createdAs(resource: ResourceId, connection: ConnectionId, store: Pick<Store, "journal">): Promise<readonly string[]> {
  const emails = new Set<string>();
  for (let afterSeq = 0; ; ) {
    const rows = await store.journal(connection, { resource, afterSeq, limit: rowsAtOnce });
    for (const email of rows.flatMap(createdIn)) {
      emails.delete(email);
      emails.add(email);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsAtOnce) return [...emails];
    afterSeq = last.seq;
  }
}

function createdIn({ kind, data }: Pick<JournalEntry, "kind" | "data">): readonly string[] {
  if (kind !== "intent" || !isObject(data) || !Array.isArray(data["operations"])) return [];
  return data["operations"].flatMap((operation) => (isObject(operation) && operation["kind"] === "create" && typeof operation["email"] === "string" ? [operation["email"]] : []));
}
