/**
 * Who holds a name or an address that may be held once.
 *
 * @module
 */
import { sql } from "kysely";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Keys, ResourceType } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import { prepared } from "./prepared.ts";
import { indexKey } from "./storable.ts";
import type { Holder } from "./store.ts";

export type HeldBy = { readonly name: string } | { readonly email: string };

interface HolderRow {
  readonly id: string;
  readonly body_digest: string | null;
  readonly answered: number;
}

export async function holderOf({ db }: Engine, connection: ConnectionId, type: ResourceType, by: HeldBy): Promise<Holder | undefined> {
  const among = db.selectFrom("resources").select(["id", "body_digest", "answered"]).where("connection", "=", connection);
  const row = await ("name" in by ? among.where("type", "=", type).where("name_key", "=", indexKey(by.name)) : among.where("email_key", "=", indexKey(by.email))).executeTakeFirst();
  return holderIn(row);
}

const holderIn = (row: HolderRow | undefined): Holder | undefined => row && { id: row.id as ResourceId, bodyDigest: row.body_digest ?? undefined, answered: row.answered === 1 };

/** IdPs repeat a create for minutes, never for hours; after that the same words may well be about somebody else. */
const repeatedForMs = 3_600_000;

const twins = prepared<{ readonly connection: ConnectionId; readonly digest: string }, HolderRow>(
  (engine, { connection, digest }) => sql`select id, body_digest, answered from resources where connection = ${connection} and body_digest = ${digest} and deleted_ms is null and created_ms >= ${engine.now()} - ${sql.lit(repeatedForMs)} limit 1`,
);

/** The living resource that this very create has made already, whatever it is called by now. */
export async function twinOf(engine: Engine, connection: ConnectionId, digest: string): Promise<Holder | undefined> {
  const [row] = (await twins(engine, engine.db, { connection, digest })).rows;
  return holderIn(row);
}

/** How often a name may change hands while we ask who has it. */
const attempts = 3;

/**
 * Runs a change and, where the database refuses it because a name or address is taken, says by whom. The index decides, not a
 * look beforehand, so of ten creates at once exactly one succeeds.
 */
export async function unlessTaken<T>(engine: Engine, connection: ConnectionId, type: ResourceType, id: ResourceId, keys: Keys | undefined, change: () => Promise<T>) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change();
    } catch (thrown) {
      if (!engine.isTaken(thrown)) throw thrown;
      const holder = keys && (await otherHolder(engine, connection, type, id, keys));
      if (holder) return holder;
      if (attempt === attempts) throw thrown;
    }
  }
}

async function otherHolder(engine: Engine, connection: ConnectionId, type: ResourceType, id: ResourceId, keys: Keys) {
  const ofName = await holderOf(engine, connection, type, { name: keys.name });
  if (ofName && ofName.id !== id) return { kind: "taken" as const, attribute: "name" as const, holder: ofName };
  const ofEmail = keys.email === undefined ? undefined : await holderOf(engine, connection, type, { email: keys.email });
  return ofEmail && ofEmail.id !== id ? { kind: "taken" as const, attribute: "emails" as const, holder: ofEmail } : undefined;
}
