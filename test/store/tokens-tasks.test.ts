/**
 * Tokens, tasks, and the store as a whole.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, rival } from "./people.ts";

describe.each(engines)("on $name", ({ open, place }) => {
  let store: Store;
  beforeAll(async () => void (store = await open()));
  afterAll(() => store.close());

  test("a token is added once, listed per connection, dated when used, and revoked", async () => {
    expect(await store.addToken(acme, { name: "okta", hash: "h1", expiresMs: 5 })).toBe("added");
    expect(await store.addToken(acme, { name: "okta", hash: "h2", expiresMs: undefined })).toBe("exists");
    expect(await store.addToken(rival, { name: "okta", hash: "h3", expiresMs: undefined })).toBe("added");
    expect(await store.tokens(acme)).toMatchObject([{ connection: acme, name: "okta", hash: "h1", expiresMs: 5, lastUsedMs: undefined }]);
    await store.usedToken(acme, "okta", 100);
    await store.usedToken(acme, "okta", 50);
    expect((await store.tokens(acme))[0]?.lastUsedMs).toBe(100);
    expect((await store.tokens(rival))[0]?.lastUsedMs).toBeUndefined();
    expect(await store.tokens()).toHaveLength(2);
    expect(await store.revokeToken(acme, "okta")).toBe(true);
    expect(await store.revokeToken(acme, "okta")).toBe(false);
    expect(await store.tokens()).toMatchObject([{ connection: rival }]);
  });

  test("a task is opened once for the same person and title, also by ten at once, until it is done", async () => {
    const wish = { connection: acme, resource: newResourceId(), account: undefined, title: "Remove the person", steps: "1. Log in" };
    const opened = await Promise.all(Array.from({ length: 10 }, () => store.openTask(wish)));
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    await store.openTask({ ...wish, resource: undefined });
    await store.openTask({ ...wish, resource: undefined });
    await store.openTask({ ...wish, connection: rival });
    expect(await store.tasks(acme, { open: true })).toHaveLength(2);
    expect(await store.closeTask(opened[0]!.id)).toBe(true);
    expect(await store.closeTask(opened[0]!.id)).toBe(false);
    expect(await store.closeTask("nobody")).toBe(false);
    expect((await store.openTask(wish)).id).not.toBe(opened[0]!.id);
    expect(await store.tasks(undefined, { open: true })).toHaveLength(3);
    expect(await store.tasks(acme, { open: false })).toHaveLength(3);
  });

  test("a task that is opened again has the steps of the last time", async () => {
    const wish = { connection: acme, resource: newResourceId(), account: undefined, title: "Correct the name", steps: 'Wanted: "Ann"' };
    const { id } = await store.openTask(wish);
    expect(await store.openTask({ ...wish, steps: 'Wanted: "Anne"' })).toMatchObject({ id, steps: 'Wanted: "Anne"' });
    expect((await store.tasks(acme, { open: true })).find((task) => task.id === id)?.steps).toBe('Wanted: "Anne"');
  });

  test("the store answers, knows the time, and is the same after it was opened again", async () => {
    await store.ping();
    expect(Math.abs((await store.now()) - Date.now())).toBeLessThan(60_000);
    const there = await place();
    const opened = await Promise.all([1, 2, 3].map(() => openStore({ url: there.url, clock: systemClock })));
    await opened[0]!.addToken(acme, { name: "t", hash: "h", expiresMs: undefined });
    await Promise.all(opened.map((one) => one.close()));
    const again = await openStore({ url: there.url, clock: systemClock });
    expect(await again.tokens()).toHaveLength(1);
    await again.close();
    await expect(again.ping()).rejects.toThrow();
    await there.remove();
  });

  test("a database of a newer version is not touched", async () => {
    const there = await place();
    const first = await openStore({ url: there.url, clock: systemClock });
    await first.close();
    await there.query(`insert into migrations (step, name, at_ms) values (99, 'from the future', 0)`);
    await expect(openStore({ url: there.url, clock: systemClock })).rejects.toThrow(/newer version/);
    await there.remove();
  });
});

test.each(["mysql://x", "./data/x.db", "file:", ""])("%j is no address of a store", async (url) => {
  await expect(openStore({ url, clock: systemClock })).rejects.toThrow(/address/);
});
