/**
 * Fault points on the way to a house's birth, and while it takes over another configuration: whole or not at all, and the next start succeeds.
 *
 * @module
 */
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type FaultPoint, faultPoints } from "../../src/runtime/fault.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { openStore } from "../../src/store/open-store.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { engines } from "../support/stores.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const configured = (key: string) => {
  const document = {
    publicUrl: "http://scim.test",
    store: `file:${join(folder.path, "opening.db")}`,
    egress: { allow: ["127.0.0.1"] },
    connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token: "a-token-of-more-than-thirty-two-characters" }] }, settings: { baseUrl: "http://127.0.0.1:9", apiKey: key } } },
  };
  return readConfig("opening.yaml", { env: {}, readFile: () => Promise.resolve(JSON.stringify(document)) });
};

/** Throws at the n-th time that the point is reached. */
function planted(at: FaultPoint, nth = 1) {
  const plan = { left: nth };
  return { plan, fault: async (point: FaultPoint) => void (point === at && --plan.left === 0 && raise(point)) };
}
const raise = (point: FaultPoint): never => {
  throw new Error(`planted at ${point}`);
};

describe.each(engines)("$name", ({ place }) => {
  test("a migration that breaks off leaves nothing of its step, and the next start takes it", async () => {
    const { url, remove } = await place();
    let steps = 0;
    for (let nth = 1; ; nth++) {
      const { plan, fault } = planted("migrate.step", nth);
      const opened = await openStore({ url, clock: systemClock, fault }).catch((thrown: unknown) => thrown);
      if (opened instanceof Error) expect(opened.message).toBe("planted at migrate.step");
      else await (opened as { close(): Promise<void> }).close();
      if (plan.left > 0) break; // every step is taken, or has been before
      steps += 1;
      await openStore({ url, clock: systemClock, fault: planted("migrate.step", 2).fault }).then((store) => store.close(), () => {}); // one step further
    }
    expect(steps).toBeGreaterThan(0);
    const store = await openStore({ url, clock: systemClock });
    await store.ping();
    await store.close();
    await remove();
  });
});

test.each(["reload.begin", "reload.swapped"] as const)("a start that breaks off at %s holds no lock, and the next one succeeds", async (point) => {
  const config = await configured("key-1");
  await expect(openHouse(config, { log: silentLog, fault: planted(point).fault })).rejects.toThrow(`planted at ${point}`);
  const house = await openHouse(config, { log: silentLog });
  await house.stop();
});

test("a start that finds its tables broken holds no lock either", async () => {
  const config = await configured("key-1");
  await (await openStore({ url: config.store, clock: systemClock })).close();
  const file = new Database(config.store.slice("file:".length));
  file.exec("alter table outages rename to elsewhere");
  await expect(openHouse(config, { log: silentLog })).rejects.toThrow("no such table: outages");
  file.exec("alter table elsewhere rename to outages");
  file.close();
  await (await openHouse(config, { log: silentLog })).stop();
});

test("a database that goes away while the server starts is said to have gone away", async () => {
  const config = await configured("key-1");
  const store = await openStore({ url: config.store, clock: systemClock });
  const lent = { store: { ...store, outages: () => Promise.reject(new Error("Connection terminated unexpectedly")), isAway: () => true }, connector: () => raise("reload.begin"), random: Math.random };
  await expect(openHouse(config, { log: silentLog, lent })).rejects.toThrow("The database went away while the server was starting. Start it again.");
});

test("a reload that breaks off before the swap leaves the house as it was, and the next one is taken over", async () => {
  const { fault } = planted("reload.begin", 2);
  const house = await openHouse(await configured("key-1"), { log: silentLog, fault });
  const next = await configured("key-2");
  await expect(house.reload(next)).rejects.toThrow("planted at reload.begin");
  expect(await house.store.ping()).toBeUndefined();
  await house.reload(next);
  await house.stop();
});

test("every name is known once", () => {
  expect(new Set(faultPoints).size).toBe(faultPoints.length);
  expect(faultPoints.length).toBeGreaterThan(40);
});
