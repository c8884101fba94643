/**
 * Order and pages of lists.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Filter } from "../../src/model/filter.ts";
import type { ListWanted, Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, everything, keep, keepGroup, member, nothing, push, user } from "./people.ts";

const people = 37;

describe.each(engines)("on $name", ({ open }) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
    for (let n = 0; n < people; n++) {
      await keep(store, user(`u${String((n * 7) % people).padStart(2, "0")}`, { ...(n % 3 === 0 ? {} : { title: n % 2 === 0 ? "B" : "a" }), active: n % 2 === 0, emails: [{ value: `z${n}@x` }, { value: `${(n * 5) % people}@x`, primary: true }] }));
    }
    const { id } = await keep(store, user("deleted"));
    await store.commit(push(undefined, { id, readAt: 1, due: { lane: "deny", lease: undefined } }));
  });
  afterAll(() => store.close());

  const list = (wanted: Partial<ListWanted> = {}) => store.list(acme, "User", { filter: undefined, sort: undefined, offset: 0, limit: 1_000, ...nothing, ...wanted });
  const names = async (wanted: Partial<ListWanted>) => (await list(wanted)).resources.map(({ attributes }) => attributes.userName as string);
  const by = (path: readonly string[], { descending = false, listAt }: { descending?: boolean; listAt?: number } = {}): Partial<ListWanted> => ({ sort: { path, listAt, descending } });
  const titled: Filter = { kind: "present", at: { path: ["title"], listAt: undefined, type: "string", caseExact: false } };

  test.each([
    ["in order of arrival", {}],
    ["by userName", by(["userName"])],
    ["by userName, descending", by(["userName"], { descending: true })],
    ["by title", by(["title"])],
    ["by title, descending, filtered", { ...by(["title"], { descending: true }), filter: titled }],
    ["by primary e-mail", by(["emails", "value"], { listAt: 0 })],
  ])("pages %s put together are the whole list", async (_, wanted) => {
    const whole = await names(wanted);
    for (const limit of [1, 5, 7, 36, 37, 38]) {
      const pages: string[] = [];
      for (let offset = 0; offset < people; offset += limit) {
        const page = await list({ ...wanted, offset, limit });
        expect(page.total).toBe(whole.length);
        pages.push(...page.resources.map(({ attributes }) => attributes.userName as string));
      }
      expect(pages).toEqual(whole);
    }
  });

  test.each([
    ["in order of arrival", {}],
    ["by userName", by(["userName"])],
    ["by userName, descending", by(["userName"], { descending: true })],
    ["by id", by(["id"])],
    ["by time", by(["meta", "created"], { descending: true })],
    ["by title, which some lack", by(["title"])],
    ["by title, descending", by(["title"], { descending: true })],
    ["by title, filtered", { ...by(["title"]), filter: titled }],
    ["by a truth value", by(["active"])],
    ["by primary e-mail", by(["emails", "value"], { listAt: 0 })],
  ])("pages by position %s put together are the whole list", async (_, wanted) => {
    const whole = await names(wanted);
    for (const limit of [1, 5, 36, 37, 38]) expect(await walk({ ...wanted, limit })).toEqual(whole);
  });

  async function walk(wanted: Partial<ListWanted>, between: (page: number) => Promise<void> = async () => {}): Promise<readonly string[]> {
    const seen: string[] = [];
    for (let after: string | undefined = "", page = 0; after !== undefined; page++) {
      const { resources, next } = await list({ ...wanted, after });
      expect(next === undefined || resources.length === wanted.limit).toBe(true);
      seen.push(...resources.map(({ attributes }) => attributes.userName as string));
      after = next;
      await between(page);
    }
    return seen;
  }

  test.each([["by arrival", {}], ["by userName", by(["userName"])], ["by title", by(["title"])]])("pages by position %s show everybody who stays exactly once, whoever comes and goes meanwhile", async (_, wanted) => {
    const before = await names(wanted);
    const guests: Awaited<ReturnType<typeof keep>>[] = [];
    const seen = await walk({ ...wanted, limit: 4 }, async (page) => {
      guests.push(await keep(store, user(`${page % 2 === 0 ? "a" : "z"}-guest-${page}`, { title: page % 3 === 0 ? "A" : "z" })));
      const leaver = page % 2 === 1 ? guests.shift() : undefined;
      if (leaver) await store.commit(push(undefined, { id: leaver.id, readAt: 1 }));
    });
    for (const { id } of guests) await store.commit(push(undefined, { id, readAt: 1 }));
    expect(seen.filter((name) => !name.includes("guest"))).toEqual(before);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("a page of nothing, and one beyond the end, still say how many there are", async () => {
    expect(await list({ limit: 0 })).toEqual({ total: people, resources: [] });
    expect(await list({ offset: people, limit: 5 })).toEqual({ total: people, resources: [] });
    expect(await list({ offset: 1_000_000, limit: 5, filter: titled })).toMatchObject({ resources: [] });
  });

  test("names, times, ids and truth values sort as such; ties stay in order of arrival", async () => {
    expect(await names(by(["userName"]))).toEqual(Array.from({ length: people }, (_, n) => `u${String(n).padStart(2, "0")}`));
    const arrival = await names({});
    expect(await names(by(["meta", "created"]))).toEqual(arrival);
    const active = (await list(by(["active"]))).resources.map(({ attributes }) => attributes.active);
    expect(active).toEqual([...active].toSorted((a, b) => Number(a) - Number(b)));
    const ids = (await list(by(["id"], { descending: true }))).resources.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(await names(by(["nickName"]))).toEqual(arrival);
  });

  test("missing values come last when ascending and first when descending", async () => {
    const titles = async (descending: boolean) => (await list(by(["title"], { descending }))).resources.map(({ attributes }) => attributes.title);
    const missing = Math.ceil(people / 3);
    expect((await titles(false)).slice(-missing).every((title) => title === undefined)).toBe(true);
    expect((await titles(false))[0]).toBe("a");
    expect((await titles(true)).slice(0, missing).every((title) => title === undefined)).toBe(true);
    expect((await titles(true))[missing]).toBe("B");
  });

  test("a list sorts by its primary element", async () => {
    const primaries = (await list(by(["emails", "value"], { listAt: 0 }))).resources.map(({ attributes }) => (attributes.emails as { value: string }[])[1]!.value);
    expect(primaries).toEqual(primaries.toSorted());
  });

  test("memberships come with the rows that want them", async () => {
    const { resources } = await list({ limit: 3 });
    const { id, ...group } = await keepGroup(store, { displayName: "Team" }, { members: [{ kind: "add", members: resources.map((one) => member(one.id, { display: "x" })) }] });
    expect(group.memberCount).toBe(3);
    const [first, , , fourth] = (await list({ limit: 4, ...everything })).resources;
    expect(first?.groups).toEqual([{ value: id, display: "Team" }]);
    expect(fourth?.groups).toEqual([]);
    const groups = await store.list(acme, "Group", { filter: undefined, sort: undefined, offset: 0, limit: 10, ...everything });
    expect(groups.resources[0]?.members).toEqual(resources.map((one) => member(one.id, { display: "x" })));
    expect((await list({ limit: 1 })).resources[0]?.groups).toEqual([]);
  });
});
