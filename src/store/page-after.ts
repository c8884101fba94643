/**
 * Pages by position (RFC 9865): the rows behind the last one that was seen, wherever it stood.
 *
 * A position is the row's own sort keys and its order of arrival, not a count, so nobody is shown twice or left out because others came
 * or went between two pages.
 *
 * @module
 */
import { sql } from "kysely";
import type { Kysely, RawBuilder } from "kysely";
import type { StoredResource } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import type { ResourceRow } from "./rows.ts";
import { resourceColumns, storedResources } from "./rows.ts";
import type { Database } from "./schema.ts";
import type { ListWanted } from "./store.ts";

interface Sorting {
  readonly keys: readonly RawBuilder<unknown>[];
  readonly descending: boolean;
}

type Position = readonly (string | number | null)[];

/** @param after `""` = from the beginning */
export async function pageAfter(engine: Engine, db: Kysely<Database>, which: RawBuilder<unknown>, sorting: Sorting, wanted: ListWanted, after: string): Promise<{ readonly resources: readonly StoredResource[]; readonly next: string | undefined }> {
  const { keys, descending } = sorting;
  const direction = sql.raw(descending ? "desc" : "asc");
  const order = sql.join([...keys.map((key) => sql`${key} ${direction}`), sql`r.seq asc`]);
  const behind = after === "" ? sql`` : sql` and ${isBehind(sorting, JSON.parse(after) as Position)}`;
  const own = keys.map((key, at) => sql`, ${key} as ${sql.ref(`k${at}`)}`);
  const shown = keys.map((_, at) => sql`, page.${sql.ref(`k${at}`)}`);
  const { rows } = await sql<ResourceRow & Readonly<Record<string, string | number | null>> & { readonly seq: number }>`
    with page as materialized (select r.seq${sql.join(own, sql``)} from resources r where ${which}${behind} order by ${order} limit ${wanted.limit + 1})
    select ${resourceColumns(engine, wanted)}, page.seq${sql.join(shown, sql``)} from page join resources r on r.seq = page.seq order by ${order}`.execute(db);
  const page = rows.slice(0, wanted.limit);
  const last = page.at(-1);
  return { resources: await storedResources(page), next: rows.length > page.length && last ? JSON.stringify([...keys.map((_, at) => last[`k${at}`] ?? null), last.seq]) : undefined };
}

/** Greater in the first key in which they differ (smaller where descending); equal in all, then it came later. */
function isBehind({ keys, descending }: Sorting, position: Position): RawBuilder<boolean> {
  const beyond = sql.raw(descending ? "<" : ">");
  const same = (upTo: number) => keys.slice(0, upTo).map((key, at) => sql`${key} is not distinct from ${position[at]}`);
  const ways = keys.flatMap((key, at) => (position[at] === null ? [] : [[...same(at), sql`${key} ${beyond} ${position[at]}`]]));
  const all = [...ways, [...same(keys.length), sql`r.seq > ${position[keys.length]}`]];
  return sql<boolean>`(${sql.join(all.map((way) => sql`(${sql.join(way, sql` and `)})`), sql` or `)})`;
}
