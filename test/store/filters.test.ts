/**
 * The SQL of filters against the evaluator that says what filters mean, on both engines.
 *
 * @module
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResourceType, StoredResource } from "../../src/model/resource.ts";
import { matches } from "../../src/scim/filter-match.ts";
import { parseFilter } from "../../src/scim/filter-parse.ts";
import { keysOf, wholeSearch } from "../../src/scim/search-form.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, everything, groupPush, member, nothing, push, rival } from "./people.ts";
import { anybody, dice, filters, tables } from "./population.ts";

const people = 160;
const groups = 40;
const runs = { sqlite: 10_000, postgres: 4_000 };

describe.each(engines)("on $name", ({ name, open }) => {
  let store: Store;
  const all: Record<ResourceType, readonly StoredResource[]> = { User: [], Group: [] };

  const listed = (type: ResourceType, filter: Parameters<Store["list"]>[2]["filter"]) => store.list(acme, type, { filter, sort: undefined, offset: 0, limit: 1_000, ...nothing });

  beforeAll(async () => {
    store = await open();
    const roll = dice(20_261_101);
    for (let n = 0; n < people; n++) {
      const attributes = anybody(roll, "User", n);
      for (const connection of [acme, rival]) await store.commit({ ...push(attributes, { connection }), keys: keysOf(tables.User, attributes, { emailKey: undefined }), journal: [] });
    }
    const { resources } = await listed("User", undefined);
    const deleted = resources.slice(-5);
    for (let n = 0; n < groups; n++) {
      const members = Array.from({ length: roll(6) }, () => member(roll(4) === 0 ? ["Stranger", "ABC", "ä"][roll(3)]! : resources[roll(resources.length)]!.id, roll(2) === 0 ? {} : { display: ["Ann", "ÄNN", "", "x"][roll(4)]!, ...(roll(2) === 0 && { type: "User", $ref: "https://X/y" }) }));
      const attributes = anybody(roll, "Group", n);
      await store.commitGroup({ ...groupPush(attributes), keys: keysOf(tables.Group, attributes, { emailKey: undefined }), members: [{ kind: "add", members }] });
    }
    // Hidden rows that no filter may find: still there, because their denial is.
    for (const { id } of deleted) await store.commit(push(undefined, { id, readAt: 1, due: { lane: "deny", lease: undefined } }));
    for (const type of ["User", "Group"] as const) all[type] = (await store.list(acme, type, { filter: undefined, sort: undefined, offset: 0, limit: 1_000, ...everything })).resources;
    expect(all.User).toHaveLength(people - deleted.length);
  });
  afterAll(() => store.close());

  test.each(["User", "Group"] as const)("thousands of filters on %ss find exactly what the evaluator finds", async (type) => {
    const searches = all[type].map((resource) => ({ id: resource.id, search: wholeSearch(tables[type], resource) }));
    const pool = {
      ids: [...all.User.slice(0, 5), ...all.Group.slice(0, 5)].map(({ id }) => id),
      members: ["Stranger", "ABC", ...all.Group.slice(0, 5).flatMap(({ members }) => members.map(({ value }) => value))],
      times: all[type].slice(0, 3).flatMap(({ createdMs }) => [createdMs - 1, createdMs, createdMs + 1]),
      names: all[type].slice(0, 10).map(({ attributes }) => String(attributes[type === "User" ? "userName" : "displayName"])),
    };
    let found = 0;
    await fc.assert(
      fc.asyncProperty(filters(type, pool), async (filter) => {
        const expected = searches.filter(({ search }) => matches(filter, search)).map(({ id }) => id);
        const { total, resources } = await listed(type, filter);
        expect(resources.map(({ id }) => id)).toEqual(expected);
        expect(total).toBe(expected.length);
        if (expected.length > 0 && expected.length < searches.length) found++;
      }),
      { numRuns: runs[name] / 2 },
    );
    // A generator whose filters find all or nothing would prove nothing.
    expect(found).toBeGreaterThan(runs[name] / 20);
  }, 180_000);

  test.each([
    'userName sw "a"',
    "not (title pr)",
    'emails[value co "a" and not (display co "a")]',
    'emails[not (type eq "work")]',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr or department ne "z"',
    'urn:example:params:scim:schemas:badge:2.0:User:weight gt 0.1 and urn:example:params:scim:schemas:badge:2.0:User:level le 1',
    'urn:example:params:scim:schemas:badge:2.0:User:$issued-on eq "2011-05-13T04:42:34Z"',
    'urn:example:params:scim:schemas:badge:2.0:User:colours eq "ANN"',
    "active eq true",
    "active ne false",
    "groups pr",
    'schemas eq "URN:ietf:params:scim:schemas:core:2.0:USER"',
    'meta.lastModified ge "2020-01-01T00:00:00Z" and id pr',
    'externalId eq "Ann" or externalId eq null',
  ])("%s", async (text) => {
    const filter = parseFilter(tables.User, text);
    const expected = all.User.filter((resource) => matches(filter, wholeSearch(tables.User, resource))).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(0);
    expect((await listed("User", filter)).resources.map(({ id }) => id)).toEqual(expected);
  });

  test("a hundred comparisons fifty levels deep are a query like any other", async () => {
    const wide = Array.from({ length: 100 }, (_, n) => `userName co "${n}"`).join(" or ");
    expect((await listed("User", parseFilter(tables.User, wide))).total).toBe(all.User.length);
    const deep = `${"not (".repeat(50)}title pr${")".repeat(50)}`;
    expect((await listed("User", parseFilter(tables.User, deep))).total).toBe(all.User.filter(({ attributes }) => attributes.title).length);
  });
});
