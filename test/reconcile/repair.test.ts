/**
 * What becomes of drift: told, or handed to the worker, by policy or on somebody's word, and never past a rail.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { policyOf } from "../delivery/support/works.ts";
import { findingId, resourceId } from "../../src/model/ids.ts";
import { isObject, type JsonObject } from "../../src/model/json.ts";
import { repairFinding } from "../../src/reconcile/repair.ts";
import { eventually, patch } from "../support/house.ts";
import { acme, hastyClock, openRig, type Rig, type Wish } from "./support/rig.ts";

let rig: Rig;
afterEach(() => rig?.stop());
const open = async (wish: Wish = {}) => void (rig = await openRig("peoplelens", wish));

interface User {
  readonly id: string;
  readonly email: string;
  readonly is_enabled: boolean;
  readonly role: string;
  readonly first_name: string;
}
const user = (name: string) => (rig.vendor.state() as { readonly users: readonly User[] }).users.find(({ email }) => email === `${name}@acme.example`)!;
const change = (name: string, its: JsonObject) => rig.behind("PATCH", `/api/users/${user(name).id}`, its);
const states = async () => Object.fromEntries((await rig.findings()).map(({ name, kind, state }) => [`${name?.split("@")[0]} ${kind}`, state]));
const rows = async (id: string) => (await rig.house.house.store.journal(acme, { resource: resourceId(id), limit: 1_000 })).map(({ kind, data, seq }) => ({ seq, kind, data: isObject(data) ? data : {} }));
const writes = () => rig.vendor.journal().filter(({ method }) => method !== "GET").length;
const mapped = (value: string) => ({ roles: [{ value }] });
const leaver = async (name: string, more: JsonObject = {}) => {
  const somebody = await rig.join(name, more);
  await rig.push(somebody.id, { active: false });
  return somebody;
};

describe("access that was given back behind our back", () => {
  test("is an alarm, and with policy: report nothing else", async () => {
    await open();
    const bo = await leaver("bo");
    await change("bo", { is_enabled: true });
    const before = writes();
    await rig.reconcile();
    await rig.rest();
    expect(user("bo").is_enabled).toBe(true);
    expect([writes(), await states()]).toEqual([before, { "bo reenabled": "open" }]);
    const alarms = (await rows(bo.id)).filter(({ kind }) => kind === "alarm");
    expect(alarms.map(({ data }) => [data["alarm"], data["severity"]])).toEqual([["drift.access", "alarm"]]);
    await rig.reconcile();
    expect((await rows(bo.id)).filter(({ kind }) => kind === "alarm")).toHaveLength(1); // said once a day
    expect((await rows(bo.id)).filter(({ data }) => data["drift"] === "reenabled")).toHaveLength(1);
  });

  test("is taken away again by the worker, in the lane of denials, with its intent before the call; the next run finds it over", async () => {
    await open({ connection: { reconcile: { every: "off", policy: "denials" } } });
    const bo = await leaver("bo");
    await change("bo", { is_enabled: true });
    expect(await rig.reconcile()).toMatchObject({ counts: { repairs: 1 } });
    await rig.rest();
    expect(user("bo").is_enabled).toBe(false);
    expect(await states()).toEqual({ "bo reenabled": "repaired" });
    const told = await rows(bo.id);
    const at = (name: string, value?: unknown) => told.findIndex(({ data }) => (value === undefined ? data[name] !== undefined : data[name] === value));
    expect(told[at("repair")]?.data).toMatchObject({ repair: ["reenabled"], lane: "deny", by: "ann", does: ["take the access away"] });
    const order = [at("drift", "reenabled"), at("alarm", "drift.access"), at("repair"), at("verified", "active")];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order.every((place) => place >= 0)).toBe(true);
    expect(told.slice(order.at(-1)).map(({ kind }) => kind)).toEqual(["decision", "intent", "outcome"]);
    await rig.reconcile();
    expect(await states()).toEqual({});
    expect((await rows(bo.id)).at(-1)?.data).toMatchObject({ driftOver: "reenabled" });
  });

  test("is a denial like any other while the vendor does not carry it out: open, in the lane deny, and its age counts", async () => {
    await open({ connection: { reconcile: { every: "off", policy: "repair" } } });
    const bo = await leaver("bo");
    await change("bo", { is_enabled: true });
    rig.vendor.addFault({ kind: "status", status: 403, body: {}, match: { method: "PATCH", times: "always" } });
    await rig.reconcile();
    await eventually(async () => (await rig.house.house.store.hold(acme, resourceId(bo.id)))?.due?.attempts);
    expect(await rig.house.house.store.hold(acme, resourceId(bo.id))).toMatchObject({ due: { lane: "deny", failure: { kind: "credentials" } } });
    expect(await rig.house.house.store.oldestDenialMs()).toBeDefined();
    expect(await states()).toEqual({ "bo reenabled": "repairing" });
    await rig.vendor.clearFaults();
    await eventually(() => !user("bo").is_enabled);
  });

  test("of more people than may lose it at once waits for a person: the brake counts what nobody pushed", async () => {
    await open({ clock: hastyClock(50), connection: { reconcile: { every: "off", policy: "repair" }, rails: { massDeprovision: { window: "1m", count: 2, share: 0 } } } });
    const windowOver = () => new Promise((resolve) => setTimeout(resolve, 1_500));
    for (const name of ["bo", "cat"]) await leaver(name);
    await windowOver();
    for (const name of ["dan", "eve"]) await leaver(name);
    await windowOver();
    for (const name of ["bo", "cat", "dan", "eve"]) await change(name, { is_enabled: true });
    expect(await rig.reconcile()).toMatchObject({ counts: { repairs: 4 } });
    await rig.rest();
    expect(["bo", "cat", "dan", "eve"].filter((name) => user(name).is_enabled)).toHaveLength(2);
    expect(Object.values(await states()).toSorted()).toEqual(["held", "held", "repaired", "repaired"]);
    const [hold] = await rig.house.house.store.holds(acme, { open: true });
    expect(hold).toMatchObject({ rail: "brake", waiting: 2 });
    await rig.house.house.store.decideHold({ connection: acme, hold: hold!.id, resource: undefined, decision: "approved", by: "ann", correlation: "c-test" as never });
    await eventually(() => ["bo", "cat", "dan", "eve"].every((name) => !user(name).is_enabled));
  }, 30_000);
});

describe("with policy: denials", () => {
  test("what was given is taken away, and what was taken is only told", async () => {
    await open({ connection: { reconcile: { every: "off", policy: "denials" } } });
    for (const name of ["bo", "cat", "dan"]) await rig.join(name);
    await change("bo", { role: "Editor" });
    await change("cat", { is_enabled: false });
    await change("dan", { first_name: "Danny" });
    await rig.reconcile();
    await rig.rest();
    expect([user("bo").role, user("cat").is_enabled, user("dan").first_name]).toEqual(["User", false, "Danny"]);
    expect(await states()).toEqual({ "bo roleRaised": "repaired", "cat disabled": "open", "dan profileChanged": "open" });
  });
});

describe("with policy: repair", () => {
  const connection = { reconcile: { every: "off", policy: "repair" } };

  test("everything is put right that may be, and a privileged role that is gone stays gone", async () => {
    await open({ connection });
    await rig.join("ann", mapped("Admins"));
    for (const name of ["bo", "cat", "dan", "eve"]) await rig.join(name, name === "eve" ? mapped("Leads") : {});
    await rig.join("fay", mapped("Admins"));
    await change("bo", { role: "Admin", first_name: "Bob" });
    await change("cat", { is_enabled: false });
    await change("dan", { first_name: "Danny" });
    await change("eve", { role: "User" });
    await change("fay", { role: "User" });
    await rig.reconcile();
    await rig.rest();
    expect(["bo", "cat", "dan", "eve", "fay"].map((name) => [user(name).role, user(name).is_enabled, user(name).first_name])).toEqual([["User", true, "Bo"], ["User", true, "Cat"], ["User", true, "Dan"], ["Editor", true, "Eve"], ["User", true, "Fay"]]);
    expect(await states()).toEqual({ "bo privilegeGained": "repaired", "bo profileChanged": "repaired", "cat disabled": "repaired", "dan profileChanged": "repaired", "eve roleLowered": "repaired", "fay privilegeLost": "open" });
    await rig.reconcile();
    expect(await states()).toEqual({ "fay privilegeLost": "open" });
  });

  test("nobody is repaired whose account is protected, and no administrator is taken who would be the last", async () => {
    await open({ connection: { ...connection, rails: { massDeprovision: { count: 1_000 }, protected: ["bo@acme.example"] } } });
    await rig.join("bo");
    await rig.join("boss", mapped("Admins"));
    await rig.join("cat");
    await change("bo", { role: "Editor" });
    await change("boss", { role: "User" });
    await change("cat", { role: "Admin" });
    const before = writes();
    const run = await rig.reconcile();
    await rig.rest();
    expect(writes()).toBe(before);
    expect(run.counts?.remarks).toEqual(["1 not repaired: No other active account in a privileged role would be left, as far as Drawbridge knows; a person must do it there."]);
    expect((await rig.findings()).find(({ kind }) => kind === "roleRaised")?.repair).toMatchObject({ by: "person", because: expect.stringContaining("protected") });
  });

  test("no more people are given something than reconcile.limit allows; somebody's word does it one by one", async () => {
    await open({ connection: { reconcile: { ...connection.reconcile, limit: { count: 1, share: 0 } } } });
    for (const name of ["bo", "cat", "dan"]) await rig.join(name);
    await change("bo", { is_enabled: false });
    await change("cat", { is_enabled: false });
    await change("dan", { role: "Admin" });
    const run = await rig.reconcile();
    await rig.rest();
    expect(run.counts).toMatchObject({ repairs: 1, remarks: [expect.stringContaining("2 people would be given something, and reconcile.limit allows 1")] });
    expect(["bo", "cat", "dan"].map((name) => [user(name).is_enabled, user(name).role])).toEqual([[false, "User"], [false, "User"], [true, "User"]]);
    const { id } = (await rig.findings()).find(({ name }) => name === "bo@acme.example")!;
    expect(await repairFinding(id, "ann", policyOf(acme), rig.house.house.store)).toMatchObject({ answer: "ordered" });
    await eventually(() => user("bo").is_enabled);
    expect(user("cat").is_enabled).toBe(false);
  });

  test("in observe mode nothing is repaired; frozen, nothing is even asked, and a freeze in the middle ends the run", async () => {
    await open({ connection: { ...connection, delivery: { settle: "5s" }, vendor: { timeout: "2s" } } });
    const { store } = rig.house.house;
    await leaver("bo");
    await change("bo", { is_enabled: true });
    await store.observe(acme, { by: "ann", reason: "r", again: true });
    const before = writes();
    expect((await rig.reconcile()).counts).toMatchObject({ repairs: 0, findings: { reenabled: 1 }, remarks: ["nothing was repaired: the connection is in observe mode"] });
    expect(writes()).toBe(before);
    await store.freeze(acme, { by: "ann", reason: "an incident" });
    const calls = rig.vendor.journal().length;
    expect(await rig.reconcile()).toMatchObject({ state: "failed", failure: { detail: expect.stringContaining("frozen (an incident)") } });
    expect(rig.vendor.journal()).toHaveLength(calls);
    await store.unfreeze(acme, { by: "ann", reason: "" });
    rig.vendor.addFault({ kind: "delay", ms: 900, match: { path: "/api/users" } });
    const { run } = await store.askForReconciliation(acme, { by: "ann" });
    await eventually(() => rig.vendor.journal().length > calls);
    await store.freeze(acme, { by: "ann", reason: "again" });
    await eventually(async () => (await store.reconciliation(run.id))?.state === "planned");
    expect(rig.vendor.journal()).toHaveLength(calls + 1); // the page that was under way, and none after it
    expect((await store.journal(acme, { limit: 1_000 })).at(-1)?.data).toMatchObject({ reconciliation: run.id, is: "broken off, because the connection was frozen" });
  });
});

describe("on somebody's word", () => {
  test("one finding is repaired, with what else was found of the person; what only a person can do is refused", async () => {
    await open();
    await rig.join("bo");
    await change("bo", { role: "Editor", first_name: "Bob" });
    rig.vendor.seed({ users: [{ id: "usr-orphan", email: "orphan@acme.example" }] });
    await rig.reconcile();
    const findings = await rig.findings();
    const { store } = rig.house.house;
    await expect(repairFinding(findings.find(({ kind }) => kind === "orphan")!.id, "ann", policyOf(acme), store)).rejects.toThrow(/only linked accounts are touched/);
    await expect(repairFinding(findingId("d-nothing"), "ann", policyOf(acme), store)).rejects.toThrow(/no finding/);
    await repairFinding(findings.find(({ kind }) => kind === "profileChanged")!.id, "ann", policyOf(acme), store);
    await eventually(() => user("bo").first_name === "Bo" && user("bo").role === "User");
    await rig.rest();
    expect(await states()).toEqual({ "bo roleRaised": "repaired", "bo profileChanged": "repaired", "undefined orphan": "open" });
  });

  test("a look that fails stays in its own lane: a name is no denial, and nobody is woken for it", async () => {
    await open();
    const bo = await rig.join("bo");
    await change("bo", { first_name: "Bob" });
    await rig.reconcile();
    const [finding] = await rig.findings();
    rig.vendor.addFault({ kind: "status", status: 503, body: {}, match: { method: "GET", path: `/api/users/${bo.account}`, times: "always" } });
    const { store } = rig.house.house;
    await repairFinding(finding!.id, "ann", policyOf(acme), store);
    await eventually(async () => ((await store.hold(acme, resourceId(bo.id)))?.due?.attempts ?? 0) >= 2);
    expect(await store.hold(acme, resourceId(bo.id))).toMatchObject({ due: { lane: "reconcile" } });
    expect(await store.oldestDenialMs()).toBeUndefined();
    await rig.vendor.clearFaults();
    await eventually(() => user("bo").first_name === "Bo");
  });
});

describe("what happens while one account is being looked at", () => {
  test("is no drift either: who is pushed in that moment is left to the push", async () => {
    await open({ connection: { reconcile: { every: "off", policy: "report" }, delivery: { settle: "5s" }, vendor: { timeout: "2s" } } });
    const bo = await rig.join("bo");
    await change("bo", { is_enabled: false });
    rig.vendor.addFault({ kind: "delay", ms: 1_500, match: { path: `/api/users/${bo.account}`, method: "GET" } });
    const looks = () => rig.vendor.journal().filter(({ path, method }) => method === "GET" && path === `/api/users/${bo.account}`).length;
    const before = looks();
    const asked = rig.reconcile();
    await eventually(() => looks() > before);
    await rig.house.scim("PATCH", `/Users/${bo.id}`, patch({ op: "replace", path: "active", value: false }));
    expect(await asked).toMatchObject({ state: "complete", counts: { findings: {}, moving: 1 } });
  });
});

describe("what happens while the list is being read", () => {
  test("is no drift: who is denied, made or deleted meanwhile is not what the list shows, and nothing is said of them", async () => {
    await open({ connection: { reconcile: { every: "off", policy: "repair" }, delivery: { settle: "5s" }, vendor: { timeout: "2s" } } });
    const [bo, cat] = [await rig.join("bo"), await rig.join("cat")];
    await rig.join("dan");
    rig.vendor.addFault({ kind: "delay", ms: 1_500, match: { path: "/api/users", nth: 2 } });
    const asked = rig.reconcile();
    await eventually(() => rig.vendor.journal().filter(({ path }) => path === "/api/users").length >= 2);
    await rig.house.scim("PATCH", `/Users/${bo.id}`, patch({ op: "replace", path: "active", value: false }));
    await rig.house.scim("DELETE", `/Users/${cat.id}`);
    await rig.house.scim("POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "eve@acme.example", name: { givenName: "Eve", familyName: "Lee" }, active: true });
    expect(await asked).toMatchObject({ state: "complete", counts: { findings: {} } });
    expect(await rig.findings()).toEqual([]);
  });
});
