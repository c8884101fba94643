/**
 * What a resource's attributes and keys become in the columns that find, order and guard it.
 *
 * @module
 */
import { sql } from "kysely";
import type { Attributes, Keys, ResourceType } from "../model/resource.ts";
import type { ConnectionId } from "../model/ids.ts";
import { prepared } from "./prepared.ts";
import { checkedJson, indexKey } from "./storable.ts";
import type { Writing } from "./writing.ts";

export function columnsOf(type: ResourceType, attributes: Attributes, keys: Keys) {
  const label = attributes[type === "User" ? "userName" : "displayName"];
  return {
    label: typeof label === "string" ? label : keys.name,
    name_key: indexKey(keys.name),
    email_key: keys.email === undefined ? null : indexKey(keys.email),
    external_key: keys.externalId === undefined ? null : indexKey(keys.externalId),
    desired: checkedJson(attributes),
    search: checkedJson(keys.search),
  };
}

/** A deleted resource holds nothing back: its name is free at once. */
export const noKeys = { name_key: null, email_key: null, external_key: null } as const;

const one = prepared((engine, given: { readonly connection: ConnectionId; readonly key: string; readonly resource: number }) =>
  engine.db.insertInto("addresses").values({ connection: given.connection, key: given.key, resource: given.resource }),
);

/** Brings the addresses of a resource up to date. @param before those that it has now */
export async function addressed({ engine, tx, connection }: Writing, resource: number, before: readonly string[], emails: readonly string[]): Promise<void> {
  const wanted = new Set(emails.map(indexKey));
  const had = new Set(before);
  const gone = [...had].filter((key) => !wanted.has(key));
  const added = [...wanted].filter((key) => !had.has(key));
  if (gone.length > 0) await sql`delete from addresses where resource = ${resource} and key ${engine.json.among(gone)}`.execute(tx);
  if (added.length === 1) await one(engine, tx, { connection, key: added[0]!, resource });
  else if (added.length > 0) await sql`insert into addresses (connection, key, resource) select ${connection}, one.value, ${resource} from ${engine.json.eachText(added)} as one`.execute(tx);
}
