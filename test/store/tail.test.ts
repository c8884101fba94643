/**
 * A database that has lost its last commits, as after a failover to a standby that was behind: whole in itself, and found out by whoever
 * had been told that they were kept.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { engines, type TestPlace } from "../support/stores.ts";
import { acme, deny, entry, grant, keep, push, rival, user } from "./people.ts";

describe.each(engines)("on $name", (engine) => {
  let place: TestPlace;
  let told: string[] = [];
  const stores: Store[] = [];
  beforeEach(async () => {
    place = await engine.place();
    told = [];
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await place.remove();
  });

  async function open(): Promise<Store> {
    const store: Store = await openStore({
      url: place.url, clock: systemClock,
      lost: async (connection, reason) => {
        told.push(`${connection}: ${reason}`);
        await store.freeze(connection, { by: "drawbridge", reason });
      },
    });
    stores.push(store);
    return store;
  }
  /** As if the last commits had never been: the row of the journal, and what came with it. */
  async function lose(seq: number, title: string): Promise<void> {
    await place.query(`delete from journal where connection = '${acme}' and seq >= ${seq}`);
    await place.query(`update resources set version = version - 1, desired = '{"userName":"ann"}' where connection = '${acme}' and desired like '%${title}%'`);
  }
  const ann = (store: Store) => keep(store, user("ann"), { journal: [entry("push")] });
  const retitled = (store: Store, id: string, readAt: number) => store.commit(push(user("ann", { title: `t${readAt}` }), { id: id as never, readAt, due: deny(), journal: [entry("push", id as never)] }));

  test("the next write finds it out: it is told first, and refused as by a frozen connection; others go on", async () => {
    const store = await open();
    const { id } = await ann(store);
    await keep(store, user("bo"), { connection: rival, journal: [entry("push")] });
    expect(await retitled(store, id, 1)).toMatchObject({ kind: "committed", version: 2 });
    const { seq } = await store.journalHead(acme);
    await lose(seq, "t1");
    expect(await retitled(store, id, 1)).toMatchObject({ kind: "frozen", mode: { reason: expect.stringContaining(`row ${seq}`) as string } });
    expect(told).toEqual([expect.stringMatching(/^acme: .*has lost its latest commits/)]);
    expect((await store.commit(push(user("cy"), { connection: rival, journal: [entry("push")] }))).kind).toBe("committed");
    expect(await store.firstBrokenRow(acme)).toBeUndefined(); // nothing else could have told

    await store.unfreeze(acme, { by: "ann", reason: "the IdP has sent everybody again" });
    expect(await retitled(store, id, 1)).toMatchObject({ kind: "committed" });
    expect(told).toHaveLength(1);
  });

  test("also where somebody else has written in its place meanwhile", async () => {
    const [here, there] = [await open(), await open()];
    const { id } = await ann(here);
    await retitled(here, id, 1);
    const { seq } = await here.journalHead(acme);
    await lose(seq, "t1");
    for (let n = 0; n < 3; n++) await keep(there, user(`p${n}`), { journal: [entry("push")] });
    expect((await here.journalHead(acme)).seq).toBeGreaterThan(seq);
    expect(told).toEqual([]);
    expect(await retitled(here, id, 1)).toMatchObject({ kind: "frozen" });
    expect(told).toHaveLength(1);
  });

  test("by a note under a lease too, which is kept: what is owned goes on", async () => {
    const store = await open();
    const { id, lease } = await keep(store, user("ann"), { due: grant("w"), journal: [entry("push")] });
    await store.append(acme, [entry("decision", id)]);
    await place.query(`delete from journal where connection = '${acme}' and seq >= ${(await store.journalHead(acme)).seq}`);
    expect(await store.record(lease!, { journal: [entry("intent", id)], due: { kind: "keep" } })).toBe(true);
    expect([told.length, (await store.mode(acme)).frozen]).toEqual([1, true]);
  });

  test("nothing is found where nothing is lost: others write, pushes are refused and undone, rows are exported and pruned", async () => {
    const [here, there] = [await open(), await open()];
    const { id } = await ann(here);
    await Promise.all(Array.from({ length: 40 }, (_, n) => keep(n % 2 === 0 ? here : there, user(`p${n}`), { journal: [entry("push")] })));
    expect((await here.commit(push(user("ann", { title: "x" }), { id, readAt: 7, journal: [entry("push", id)] }))).kind).toBe("moved");
    const { seq } = await here.journalHead(acme);
    for (let n = 0; n < 5; n++) await there.append(acme, [entry("decision", id)]);
    await place.query(`delete from journal where connection = '${acme}' and seq <= ${seq + 2}`); // as a prune leaves it
    expect((await retitled(here, id, 1)).kind).toBe("committed");
    expect(told).toEqual([]);
  });
});
