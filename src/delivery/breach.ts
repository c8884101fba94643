/**
 * What becomes of a connection on which something is found that must never be: it freezes, and a person is told (reliability.md,
 * section 3). The one place where Drawbridge freezes anything.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import { ourselves } from "../model/mode.ts";
import type { Works } from "./site.ts";

/** @param reason one sentence for an administrator, without secrets and without anybody's name */
export async function breached({ store, log }: Pick<Works, "store" | "log">, connection: ConnectionId, reason: string): Promise<void> {
  const isNew = await store.freeze(connection, { by: ourselves, reason });
  if (isNew) log.alarm("the connection is frozen", { connection, kind: "connection.frozen", severity: "page", detail: reason });
}
