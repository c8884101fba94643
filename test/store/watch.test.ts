/**
 * What the watch marks, it marks once; what a scrape counts is true.
 *
 * @module
 */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { Incident, LateDenial } from "../../src/store/watching.ts";
import { engines, type TestPlace } from "../support/stores.ts";
import { acme, deny, done, entry, grant, keep, rival, user } from "./people.ts";

const hourMs = 3_600_000;
const all = { alarmAfterMs: -1, pageAfterMs: hourMs, limit: 100 };
const failure = { kind: "unsupported", capability: "deactivate", steps: "do it", detail: "no" } as const;

describe.each(engines)("on $name", ({ place }) => {
  const opened: { store: Store; at: TestPlace }[] = [];
  let store: Store;
  let at: TestPlace;
  beforeEach(async () => {
    at = await place();
    store = await openStore({ url: at.url, clock: systemClock });
    opened.push({ store, at });
  });
  afterAll(async () => {
    for (const { store, at } of opened) {
      await store.close();
      await at.remove();
    }
  });
  const leaver = (name: string, connection = acme) => keep(store, user(name), { connection, due: deny("w") });
  const tell = (marked: readonly LateDenial[]) => marked.map(({ resource }) => entry("alarm", resource, { text: "late" }));

  test("a denial is late at each threshold, until it is marked or done", async () => {
    const { id, version, lease } = await leaver("ann");
    await keep(store, user("bob"), { due: grant("w") });
    expect(await store.lateDenials({ ...all, alarmAfterMs: hourMs })).toEqual([]);
    const late = await store.lateDenials(all);
    expect(late).toEqual([{ connection: acme, resource: id, sinceMs: expect.any(Number) as number, level: "alarm" }]);
    expect(await store.markLate(acme, late, tell)).toEqual(late);
    expect(await store.lateDenials(all)).toEqual([]);
    expect(await store.lateDenials({ ...all, pageAfterMs: -1 })).toMatchObject([{ resource: id, level: "page" }]);
    expect(await store.markLate(acme, [{ ...late[0]!, level: "page" }], tell)).toHaveLength(1);
    expect(await store.lateDenials({ ...all, pageAfterMs: -1 })).toEqual([]);
    await store.record(lease!, done(version));
    expect(await store.lateDenials({ ...all, pageAfterMs: -1 })).toEqual([]);
  });

  test("whoever is past both thresholds at once is paged about and not alarmed as well", async () => {
    await leaver("ann");
    const late = await store.lateDenials({ ...all, pageAfterMs: -1 });
    expect(late).toMatchObject([{ level: "page" }]);
    await store.markLate(acme, late, tell);
    expect(await store.lateDenials(all)).toEqual([]);
  });

  test("a later denial of the same person is another one", async () => {
    const { id, version, lease } = await leaver("ann");
    await store.markLate(acme, await store.lateDenials({ ...all, pageAfterMs: -1 }), tell);
    await store.record(lease!, done(version));
    await at.query("update due set alarmed_ms = alarmed_ms - 1000, paged_ms = paged_ms - 1000"); // as if a second had passed
    await keep(store, user("ann", { active: false }), { id, readAt: version, due: deny("w") });
    expect(await store.lateDenials(all)).toMatchObject([{ resource: id, level: "alarm" }]);
  });

  test("what only a person can finish is a task, and no late denial", async () => {
    const { lease } = await leaver("ann");
    await store.record(lease!, { journal: [], due: { kind: "failed", failure } });
    expect(await store.lateDenials(all)).toEqual([]);
    expect(await store.oldestDenialMs()).toBeUndefined();
    expect(await store.denialsOlderThan(acme, -1)).toEqual({ count: 0, oldestMs: undefined });
    expect(await store.reading(acme)).toMatchObject({ failed: 1, oldestDenialMs: undefined, due: { deny: 0 } });
  });

  test("of ten that mark the same denials at once each is told of by one, with its journal rows", async () => {
    await leaver("ann");
    await leaver("bob");
    const late = await store.lateDenials(all);
    const other = await openStore({ url: at.url, clock: systemClock });
    const marked = await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 ? store : other).markLate(acme, late, tell)));
    await other.close();
    expect(marked.flat()).toHaveLength(2);
    expect((await store.journal(acme, { limit: 100 })).filter(({ kind }) => kind === "alarm")).toHaveLength(2);
    expect(await store.firstBrokenRow(acme)).toBeUndefined();
    expect(await store.incidents()).toMatchObject([{ connection: acme, kind: "denials" }]);
  });

  test("an incident is told of by one, and closed by one, and not while a late denial is there", async () => {
    const { version, lease } = await leaver("ann");
    await store.markLate(acme, await store.lateDenials(all), tell);
    await at.query("update incidents set told_ms = told_ms - 1000");
    const [incident] = (await store.incidents()) as [Incident];
    const row = [entry("alarm", undefined, { text: "still" })];
    expect((await Promise.all([1, 2, 3].map(() => store.toldIncident(incident, row)))).filter(Boolean)).toHaveLength(1);
    expect(await store.closeIncident(incident, -1, row)).toBe(false);
    await store.record(lease!, done(version));
    expect((await Promise.all([1, 2, 3].map(() => store.closeIncident(incident, -1, row)))).filter(Boolean)).toHaveLength(1);
    expect(await store.incidents()).toEqual([]);
    expect((await store.journal(acme, { limit: 100 })).filter(({ kind }) => kind === "alarm")).toHaveLength(3);
  });

  test("an incident is opened once", async () => {
    expect((await Promise.all([1, 2, 3].map(() => store.openIncident(acme, "tasks", [entry("alarm")])))).filter(Boolean)).toHaveLength(1);
    expect(await store.openIncident(rival, "tasks", [])).toBe(true);
    expect((await store.journal(acme, { limit: 10 })).length).toBe(1);
  });

  test("a scrape's counts are each connection's own", async () => {
    const { id } = await leaver("ann");
    await leaver("cy", rival);
    await keep(store, user("bob"), { due: grant("w") });
    await store.openTask({ connection: acme, resource: id, account: undefined, title: "t", steps: "s" });
    const reading = await store.reading(acme);
    expect(reading).toEqual({ due: { deny: 1, grant: 1, profile: 0, reconcile: 0 }, failed: 0, oldestDenialMs: expect.any(Number) as number, openHolds: 0, heldPushes: 0, openTasks: 1, journalRows: 2 });
    expect(await store.oldestDenials([acme, rival])).toEqual(new Map([[acme, reading.oldestDenialMs], [rival, expect.any(Number)]]));
    expect(await store.denialsOlderThan(acme, -1)).toEqual({ count: 1, oldestMs: reading.oldestDenialMs });
    expect(await store.tasksOlderThan(-1)).toEqual(new Map([[acme, 1]]));
    expect(await store.tasksOlderThan(hourMs)).toEqual(new Map());
    expect(await store.openHolds()).toBe(0);
  });
});
