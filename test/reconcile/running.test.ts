/**
 * Runs as they come and go: by the schedule, on one of several servers, over a crash and a restart, and when they fail.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import type { RunTaken } from "../../src/store/reconcile-contract.ts";
import { accountId, connectionId, findingId } from "../../src/model/ids.ts";
import { isObject } from "../../src/model/json.ts";
import { eventually, openTestHouse, type TestHouse } from "../support/house.ts";
import { freshDatabase, temporaryFolder } from "../support/postgres.ts";
import { acme, hastyClock, openRig, type Rig, vendors } from "./support/rig.ts";

let rig: Rig;
const ended: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});
const open = async (...wish: Parameters<typeof openRig>) => {
  rig = await openRig(...wish);
  ended.push(() => rig.stop());
};
const journal = async (house: TestHouse = rig.house) => (await house.house.store.journal(acme, { limit: 1_000 })).map(({ kind, data }) => ({ kind, data: isObject(data) ? data : {} }));
const lists = () => rig.vendor.journal().filter(({ path }) => path === "/api/users").length;

describe("by the schedule", () => {
  test("a run begins when its time has come, again and again, and each is on record", async () => {
    await open("peoplelens", { clock: hastyClock(100), connection: { reconcile: { every: "1m" } } });
    await rig.join("bo");
    const { store } = rig.house.house;
    const runs = await eventually(async () => {
      const over = (await store.reconciliations(acme, 10)).filter(({ state }) => state === "complete");
      return over.length >= 3 && over;
    });
    expect(runs.map(({ askedBy, failure }) => [askedBy, failure])).toEqual(runs.map(() => [undefined, undefined]));
    const [newest, before] = runs;
    expect((newest?.startedMs ?? 0) - (before?.endedMs ?? 0)).toBeGreaterThanOrEqual(57_000);
    expect((await journal()).filter(({ data }) => data["reconciliation"] !== undefined).map(({ data }) => data["is"]).slice(0, 4)).toEqual(["begun", "complete", "begun", "complete"]);
  }, 30_000);

  test("`off` begins none until somebody asks", async () => {
    await open("peoplelens", { clock: hastyClock(1_000) });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(lists()).toBe(0);
    expect(await rig.reconcile()).toMatchObject({ state: "complete", askedBy: "ann" });
  });

  test("a failure is tried again, and is an alarm from the third in a row on; the metrics tell of it", async () => {
    await open("peoplelens", { clock: hastyClock(50), connection: { reconcile: { every: "1m" } } });
    await rig.join("bo");
    const { store } = rig.house.house;
    const metrics = async () => {
      const page = await (await fetch(`${new URL(rig.house.base).origin}/metrics`)).text();
      return (name: string) => Number(page.split("\n").find((line) => line.startsWith(name))?.split(" ").at(-1));
    };
    await eventually(async () => (await store.driftReading(acme)).completeMs);
    const success = (await metrics())("drawbridge_reconcile_last_success_timestamp_seconds");
    expect(success).toBeGreaterThan(1_600_000_000);
    rig.vendor.addFault({ kind: "garbage200", match: { path: "/api/users", times: "always" } });
    await eventually(async () => (await store.driftReading(acme)).failures >= 4, 20_000);
    const failures = (await journal()).filter(({ data }) => data["is"] === "failed").length;
    const alarms = (await journal()).filter(({ data }) => data["alarm"] === "reconcile.failed");
    expect(alarms).toHaveLength(failures - 2);
    expect(alarms[0]?.data["text"]).toMatch(/^3 reconciliations in a row have failed: /);
    const read = await metrics();
    expect(read("drawbridge_reconcile_consecutive_failures")).toBeGreaterThanOrEqual(4);
    expect(read('drawbridge_reconcile_runs_total{connection="acme",result="failed"}')).toBeGreaterThanOrEqual(4);
    expect(read('drawbridge_drift_findings{connection="acme",situation="drifted"}')).toBe(0);
    expect(read("drawbridge_reconcile_last_success_timestamp_seconds")).toBeGreaterThanOrEqual(success);
    await rig.vendor.clearFaults();
    await eventually(async () => (await store.driftReading(acme)).failures === 0, 20_000);
  }, 60_000);
});

describe("a page that cannot be read", () => {
  test.each([
    { what: "a 500", fault: { kind: "status", status: 500, body: {} } },
    { what: "a 429", fault: { kind: "retryAfter", after: 1 } },
    { what: "a connection that breaks", fault: { kind: "resetBefore" } },
  ] as const)("is read again after $what, and the list with it comes to its end", async ({ fault }) => {
    await open("transactionlink", { clock: hastyClock(50) });
    rig.vendor.seed({ users: [{ email: "bo@acme.example", firstName: "Bo", lastName: "Lee" }], count: 250 });
    await rig.join("bo");
    rig.vendor.addFault({ ...fault, match: { path: "^/organizations/users\\?page=1&", times: 2 } });
    const run = await rig.reconcile();
    expect(run).toMatchObject({ state: "complete", counts: { listed: 251, linked: 1, equal: 1 } });
    const pages = rig.vendor.journal().slice(-8).map(({ path }) => /page=(\d)/.exec(path)?.[1]).filter(Boolean);
    expect(pages.join("")).toContain("01112");
  }, 30_000);
});

describe("whoever has a run and is gone", () => {
  test("leaves nothing: it is taken over and begun anew, and what had been seen and drafted counts for nothing", async () => {
    await open("peoplelens");
    await rig.join("bo");
    const { store } = rig.house.house;
    await store.askForReconciliation(acme, { by: "ann" });
    const dead = (await store.takeReconciliation(acme, "a process that died", 400)) as RunTaken;
    await store.sight(dead, [{ account: { id: accountId("junk"), kind: "account", email: "junk@acme.example", role: undefined, active: true, profile: {} }, apart: undefined, isFenced: false }]);
    await store.draft(dead, [{ id: findingId("d-junk"), kind: "orphan", resource: undefined, name: undefined, account: accountId("junk"), email: undefined, attribute: undefined, from: undefined, to: undefined, detail: "junk", repair: { by: "person", because: "" } }]);
    const run = await eventually(async () => {
      const now = await store.reconciliation(dead.id);
      return now?.state === "complete" && now;
    });
    expect(run.counts).toMatchObject({ listed: 1, findings: {} });
    expect(await rig.findings()).toEqual([]);
    expect(await store.renewReconciliation(dead, 60_000)).toBe(false);
  });

  test("while it was telling what it had found: the rest is told, nothing twice, and no page of the vendor is read again", async () => {
    await open("peoplelens");
    const [bo, cat] = [await rig.join("bo"), await rig.join("cat")];
    const { store } = rig.house.house;
    await store.askForReconciliation(acme, { by: "ann" });
    const dead = (await store.takeReconciliation(acme, "a process that died", 60_000)) as RunTaken;
    const drifts = [bo, cat].map(({ id }, at) => ({ id: findingId(`d-${at}`), kind: "disabled" as const, resource: id as never, name: undefined, account: undefined, email: undefined, attribute: "access", from: "active", to: "inactive", detail: "off", repair: { by: "person" as const, because: "" } }));
    await store.draft(dead, drifts);
    await store.publish(dead, { listed: 2, fenced: {}, linked: 2, equal: 0, moving: 0, unseen: { role: 0, access: 0 }, looks: 0, findings: {}, repairs: 0, parts: [], remarks: ["said before"] });
    await store.told(dead, [findingId("d-0")], [], [{ kind: "decision", resource: bo.id as never, correlation: "c" as never, data: { drift: "disabled" } }]);
    const before = lists();
    await store.putBackReconciliation(dead, 0, []);
    const run = await eventually(async () => {
      const now = await store.reconciliation(dead.id);
      return now?.state === "complete" && now;
    });
    expect(run.counts).toMatchObject({ listed: 2, findings: { disabled: 2 }, remarks: ["said before"] });
    expect(lists()).toBe(before);
    expect((await journal()).filter(({ data }) => data["drift"] === "disabled")).toHaveLength(2);
  });

  test("a server that stops in the middle puts the run back, and the next one carries it out", async () => {
    const folder = temporaryFolder();
    ended.push(() => folder.remove());
    const store = `file:${folder.path}/store.db`;
    await open("peoplelens", { store, connection: { delivery: { settle: "9s" }, vendor: { timeout: "4s" } } });
    await rig.join("bo");
    rig.vendor.addFault({ kind: "delay", ms: 3_000, match: { path: "/api/users" } });
    const { run } = await rig.house.house.store.askForReconciliation(acme, { by: "ann" });
    await eventually(async () => (await rig.house.house.store.reconciliation(run.id))?.state === "running");
    await rig.house.stop();
    await rig.vendor.clearFaults();
    const next = await openTestHouse({ vendorUrl: rig.vendor.url, apiKey: rig.vendor.apiKey, store, connection: { reconcile: { every: "off" } } });
    ended.push(() => next.stop());
    await eventually(async () => (await next.house.store.reconciliation(run.id))?.state === "complete");
    expect((await journal(next)).flatMap(({ data }) => (data["reconciliation"] === run.id ? [data["is"]] : []))).toEqual(["begun", "interrupted, and begins anew", "begun", "complete"]);
  }, 30_000);
});

test("of two servers on one database one carries a run out, and both tell the same of it", async () => {
  const { url, drop } = await freshDatabase();
  ended.push(drop);
  await open("peoplelens", { store: url });
  const connection = { ...vendors.peoplelens.connection(rig.vendor.url, rig.vendor.apiKey), reconcile: { every: "off" } };
  const other = await openTestHouse({ vendorUrl: rig.vendor.url, apiKey: rig.vendor.apiKey, store: url, connection });
  ended.push(() => other.stop());
  const { account } = await rig.join("bo");
  await rig.behind("PATCH", `/api/users/${account}`, { is_enabled: false });
  for (let round = 1; round <= 3; round++) {
    const before = lists();
    expect(await rig.reconcile()).toMatchObject({ state: "complete", counts: { findings: { disabled: 1 } } });
    expect(lists() - before).toBe(2); // the check, and the list
  }
  expect(await other.house.store.findings(acme, { limit: 10 })).toEqual(await rig.findings());
  expect((await journal()).filter(({ data }) => data["is"] === "begun")).toHaveLength(3);
}, 60_000);

test("one connection's run says nothing of another's people", async () => {
  await open("peoplelens");
  await rig.join("bo");
  const { store } = rig.house.house;
  await rig.reconcile();
  expect(await store.findings(connectionId("rival"), { limit: 10 })).toEqual([]);
  expect(await store.reconciliations(connectionId("rival"), 10)).toEqual([]);
});
