/**
 * A termination whose status TransactionLink does not show: accepted, not confirmed, and looked at again until it is known or the
 * looks are used up. Hours pass at the word of the test.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { openHouse, type House } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { roleIds, type TransactionLinkState } from "../../src/connectors/transactionlink/simulated/state.ts";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import { mostLooks, untilNextLookMs } from "../../src/delivery/recheck.ts";
import { connectionId, resourceId } from "../../src/model/ids.ts";
import { isObject, type JsonObject } from "../../src/model/json.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { ada, eventually, patch, token } from "../support/house.ts";

const acme = connectionId("acme");
const email = "ada@acme.example";
const hour = 3_600_000;
const day = 24 * hour;

let vendor: RunningSimulator<TransactionLinkState>;
let house: House;
let port = 0;
let passedMs = 0;
/** Time goes on as it does, and leaps when it is told to. */
const clock = { now: () => systemClock.now() + passedMs, sleep: systemClock.sleep };

afterEach(async () => {
  await house.stop();
  await vendor.stop();
});

async function open(switches: Record<string, string>, settle = "300ms"): Promise<string> {
  passedMs = 0;
  vendor = await startTransactionLink({ switches, seed: { users: [{ email, firstName: "Ada", lastName: "Lovelace" }] } });
  const document = {
    listen: { host: "127.0.0.1", port: 0 }, publicUrl: "http://scim.test", store: "file::memory:", egress: { allow: ["127.0.0.1"] },
    connections: {
      acme: {
        connector: "transactionlink", auth: { bearer: [{ name: "test", token }] }, settings: { baseUrl: vendor.url, token: vendor.apiKey, defaultRoleId: roleIds.member },
        roles: { map: [{ idp: "Everyone", vendor: roleIds.member }], fallback: roleIds.member }, rails: { massDeprovision: { count: 1000 } },
        reconcile: { every: "off" }, delivery: { settle }, vendor: { timeout: "250ms" }, budget: { requestsPerSecond: 1000, burst: 1000 },
      },
    },
  };
  const config = await readConfig("test.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
  house = await openHouse(config, { log: silentLog, clock });
  port = (await house.door.listen("127.0.0.1", 0)).port;
  return String((await scim("POST", "/Users", ada())).body["id"]);
}

async function scim(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const answer = await fetch(`http://127.0.0.1:${port}/scim/acme/v2${path}`, { method, headers: { Authorization: `Bearer ${token}`, ...(body !== undefined && { "Content-Type": "application/scim+json" }) }, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as JsonObject) };
}

const off = (id: string) => scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
const on = (id: string) => scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }));
const member = () => vendor.state().users.find((user) => user.email === email);
const calls = () => vendor.journal().map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id").replace(/\?.*/, "")}`);
const terminations = () => calls().filter((line) => line.endsWith("/terminate")).length;
const held = async (id: string) => house.store.hold(acme, resourceId(id));
const applied = async (id: string) => (await held(id))?.link?.applied;
const looks = async (id: string) => (await applied(id))?.recheck?.looks;
const rows = async (id: string) => (await house.store.journal(acme, { resource: resourceId(id), limit: 1_000 })).map(({ kind, data }) => ({ kind, data: isObject(data) ? data : {} }));
const lie = () => vendor.addFault({ kind: "status", status: 200, body: {}, match: { path: `/organizations/users/${member()?.id}/terminate`, method: "POST", times: "always" } });

describe("a termination that cannot be read back", () => {
  test("is accepted and not confirmed; after the settle time “already terminated” confirms it, and that is the end", async () => {
    const id = await open({});
    const before = vendor.journal().length;
    expect((await off(id)).status).toBe(200);
    expect(calls().slice(before)).toEqual(["POST /organizations/users/:id/terminate", "GET /organizations/users/:id"]);
    expect(await applied(id)).toMatchObject({ access: "inactive", confirmed: false, recheck: { looks: 0 } });
    expect(await held(id)).toMatchObject({ due: { lane: "reconcile", failure: undefined } });
    expect(await house.store.oldestDenialMs()).toBeUndefined();
    await eventually(async () => (await applied(id))?.confirmed);
    expect(calls().slice(before + 2)).toEqual(["GET /organizations/users/:id", "POST /organizations/users/:id/terminate", "GET /organizations/users/:id"]);
    expect(await held(id)).toMatchObject({ due: undefined, link: { verifyAt: undefined } });
    expect((await applied(id))?.recheck).toBeUndefined();
    expect(await rows(id)).toEqual(expect.arrayContaining([expect.objectContaining({ kind: "intent", data: { operations: [{ kind: "deactivate", reason: "the denial was acknowledged and not confirmed" }] } }), { kind: "decision", data: { rechecked: "confirmed", looks: 1 } }]));
  });

  test("is confirmed by a status that is shown later, without another write", async () => {
    const id = await open({ terminateAgain: "200" });
    await off(id);
    await vendor.setSwitches({ statusShown: "top level" });
    await eventually(async () => (await applied(id))?.confirmed);
    expect([terminations(), (await held(id))?.due]).toEqual([1, undefined]);
  });

  test("is an alarm and a denial anew where a look meets proof of access", async () => {
    const id = await open({ terminateAgain: "200" });
    lie();
    expect((await off(id)).status).toBe(200);
    expect(member()?.status).toBe("ACTIVE");
    await vendor.setSwitches({ statusShown: "top level" });
    await eventually(async () => (await rows(id)).some(({ kind, data }) => kind === "alarm" && String(data["text"]).includes("shows it still")));
    await eventually(async () => (await held(id))?.due?.lane === "deny");
    expect(await house.store.oldestDenialMs()).toBeDefined();
    await vendor.clearFaults();
    await eventually(() => member()?.status === "TERMINATED");
    await eventually(async () => (await held(id))?.due === undefined);
    expect(await applied(id)).toMatchObject({ access: "inactive", confirmed: true });
  });

  test("that was a lie is carried out by the next look, an hour later", async () => {
    const id = await open({ terminateAgain: "200" });
    lie();
    await off(id);
    await eventually(async () => (await looks(id)) === 1);
    await vendor.clearFaults();
    passedMs += hour;
    await eventually(() => member()?.status === "TERMINATED");
  });

  test("is looked at nine times in all, then no more: a write and two reads each, and no alarm", async () => {
    const id = await open({ terminateAgain: "200" });
    await off(id);
    const before = vendor.journal().length;
    for (let look = 1; look <= mostLooks; look++) {
      await eventually(async () => (await looks(id)) === look);
      passedMs += look === 1 ? hour : day;
    }
    await eventually(async () => (await held(id))?.due === undefined);
    expect(vendor.journal().length - before).toBe(3 * mostLooks);
    expect(await applied(id)).toMatchObject({ access: "inactive", confirmed: false, recheck: { looks: mostLooks } });
    expect((await rows(id)).filter(({ kind }) => kind === "alarm")).toEqual([]);
    await eventually(async () => (await off(id)).status === 200); // tokens are read anew within a second of the leap
    expect(vendor.journal().length - before).toBe(3 * mostLooks);
  });

  test("a look that the vendor cannot answer is no alarm and no denial in arrears; the next one comes", async () => {
    const id = await open({ terminateAgain: "200" });
    await off(id);
    vendor.addFault({ kind: "status", status: 403, body: { errors: [{ code: "FORBIDDEN", message: "no" }] }, match: { times: "always" } });
    await eventually(async () => (await looks(id)) === 1);
    expect([await house.store.oldestDenialMs(), (await rows(id)).filter(({ kind }) => kind === "alarm")]).toEqual([undefined, []]);
    expect((await rows(id)).at(-1)).toMatchObject({ kind: "decision", data: { rechecked: "accepted, still not confirmed", because: expect.stringContaining("can_manage_users") as string } });
    await vendor.clearFaults();
    await vendor.setSwitches({ terminateAgain: "409" });
    passedMs += hour;
    await eventually(async () => (await applied(id))?.confirmed);
  });

  test("somebody who returns before the look returns at once, and is not terminated by it", async () => {
    const id = await open({ terminateAgain: "200" }, "1500ms");
    await off(id);
    expect((await on(id)).status).toBe(200);
    expect(member()?.status).toBe("ACTIVE");
    passedMs += day;
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect([member()?.status, terminations(), (await applied(id))?.recheck]).toEqual(["ACTIVE", 1, undefined]);
  });
});

describe("whom the IdP has deleted", () => {
  test("is looked at once, and then the resource goes", async () => {
    const id = await open({ terminateAgain: "200" });
    expect((await scim("DELETE", `/Users/${id}`)).status).toBe(204);
    expect((await scim("GET", `/Users/${id}`)).status).toBe(404);
    await eventually(async () => (await held(id)) === undefined);
    expect(terminations()).toBe(2);
    expect(await house.store.tombstone(acme, member()?.id as never)).toMatchObject({ resource: id });
  });

  test("does not keep the account from whoever comes back before that", async () => {
    const id = await open({ terminateAgain: "200" }, "2s");
    await scim("DELETE", `/Users/${id}`);
    const { status, body } = await scim("POST", "/Users", ada());
    expect(status).toBe(201);
    expect((await held(String(body["id"])))?.link?.account).toBe(member()?.id);
    passedMs += hour;
    await eventually(async () => (await held(id)) === undefined);
    expect(terminations()).toBe(1);
  });
});

test("the pauses between looks are those that are promised", () => {
  expect(Array.from({ length: 10 }, (_, looks) => untilNextLookMs(looks, 30_000))).toEqual([30_000, hour, day, day, day, day, day, day, day, undefined]);
});
