/**
 * What inputs meet: people and groups, in memory and in a database that is asked the same questions.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteFile from "better-sqlite3";
import { type CompiledQuery, sql } from "kysely";
import type { Filter } from "../../src/model/filter.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Attributes, ResourceType, StoredResource } from "../../src/model/resource.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { keysOf, wholeSearch } from "../../src/scim/search-form.ts";
import type { Engine } from "../../src/store/engine.ts";
import { openEngine, openStore } from "../../src/store/open-store.ts";
import { acme, everything, groupPush, member, push } from "../store/people.ts";
import { anybody, dice, tables } from "../store/population.ts";
import type { Code } from "./code.ts";

export interface Ground {
  readonly all: { readonly [T in ResourceType]: readonly { readonly resource: StoredResource; readonly search: JsonObject }[] };
  /** Both engines, for compiling only. */
  readonly engines: readonly Engine[];
  compiled(code: Code, engine: Engine, type: ResourceType, filter: Filter): CompiledQuery;
  /** The ids that the database finds, in order of arrival. */
  found(query: CompiledQuery): readonly string[];
  close(): Promise<void>;
}

const people = 24;
const groups = 8;

export async function openGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-fuzz-"));
  const file = join(folder, "ground.db");
  const store = await openStore({ url: `file:${file}`, clock: systemClock });
  const roll = dice(7);
  for (let n = 0; n < people; n++) await put("User", anybody(roll, "User", n));
  const ids = (await listed("User")).map(({ id }) => id);
  for (let n = 0; n < groups; n++) {
    const members = Array.from({ length: roll(6) }, () => member(ids[roll(ids.length)]!, roll(2) === 0 ? {} : { display: ["Ann", "ÄNN", ""][roll(3)]! }));
    const attributes = anybody(roll, "Group", n);
    await store.commitGroup({ ...groupPush(attributes), keys: keysOf(tables.Group, attributes, { emailKey: undefined }), members: [{ kind: "add", members }] });
  }
  const all = { User: await searched("User"), Group: await searched("Group") };
  await store.close();

  const database = new SqliteFile(file, { readonly: true });
  const engines = [openEngine("file::memory:", systemClock, false), openEngine("postgres://nobody@127.0.0.1:1/nothing", systemClock, false)];
  return {
    all,
    engines,
    compiled: (code, engine, type, filter) =>
      sql`select r.id from resources r where r.connection = ${acme} and r.type = ${type} and r.deleted_ms is null and ${code.filterCondition(engine, acme, type, filter)} order by r.seq`.compile(engine.db),
    found: ({ sql: text, parameters }) => (database.prepare(text).all(...parameters) as { readonly id: string }[]).map(({ id }) => id),
    async close() {
      database.close();
      await Promise.all(engines.map((engine) => engine.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };

  async function put(type: ResourceType, attributes: Attributes): Promise<void> {
    await store.commit({ ...push(attributes), keys: keysOf(tables[type], attributes, { emailKey: undefined }), journal: [] });
  }
  async function listed(type: ResourceType): Promise<readonly StoredResource[]> {
    return (await store.list(acme, type, { filter: undefined, sort: undefined, offset: 0, limit: 100, ...everything })).resources;
  }
  async function searched(type: ResourceType) {
    return (await listed(type)).map((resource) => ({ resource, search: wholeSearch(tables[type], resource) }));
  }
}
