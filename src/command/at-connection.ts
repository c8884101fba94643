/**
 * What the commands that decide something about one connection share: that it exists, and who decides.
 *
 * @module
 */
import { userInfo } from "node:os";
import type { ConnectionId } from "../model/ids.ts";
import { connectionId } from "../model/ids.ts";
import { operatorsJournal } from "../model/operator.ts";
import type { Store } from "../store/store.ts";
import { type Where, withStore } from "./with-store.ts";

export interface AtConnection extends Where {
  readonly connection: string;
}

/** Who decides, for the record: `--by`, or the account that runs the command. */
export function whoIs(by: string | undefined): string {
  if (by !== undefined && by.trim() !== "") return by.trim();
  try {
    return process.env["SUDO_USER"] ?? userInfo().username;
  } catch {
    return "somebody on the command line"; // a container may have no account for its user
  }
}

/** The operators' own journal counts as one. @throws Error for a connection that is not configured */
export async function withConnection(where: AtConnection, step: (store: Store, connection: ConnectionId) => Promise<void>): Promise<void> {
  await withStore(where, async (store, known) => {
    if (where.connection !== operatorsJournal && !known.includes(where.connection)) throw new Error(`There is no connection "${where.connection}"; configured: ${known.join(", ")}.`);
    await step(store, connectionId(where.connection));
  });
}
