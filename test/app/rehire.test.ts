/**
 * Whoever comes with the address of somebody who was deleted: the same person again, or another one. On the simulators.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { connectionId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { ada, eventually, openTestHouse, type TestHouse } from "../support/house.ts";
import { type Trial, trials } from "../support/leaver.ts";

const acme = connectionId("acme");
const email = "ada@acme.example";

let house: TestHouse;
let vendor: RunningSimulator;
afterEach(async () => {
  await house.stop();
  await vendor.stop();
});

async function open(trial: Trial, more: JsonObject = {}): Promise<Awaited<ReturnType<Trial["start"]>>> {
  const opened = await trial.start();
  ({ vendor } = opened);
  house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: { ...trial.connection(vendor.url, vendor.apiKey), ...more } });
  return opened;
}
const join = (more: object = {}) => house.scim("POST", "/Users", ada(more));
async function joinAndLeave(more: object = {}): Promise<string> {
  const { body } = await join(more);
  expect((await house.scim("DELETE", `/Users/${body.id}`)).status).toBe(204);
  await eventually(async () => (await house.house.store.openWork(acme, 10)).length === 0);
  return body.id as string;
}
/** The record stays, and so does the account of whoever is deleted. */
const kept = { onDelete: ["disable"] };
const tasks = () => house.house.store.tasks(acme, { open: true });
const accountOf = async (id: string) => (await house.house.store.hold(acme, id as never))?.link;
interface People { readonly users: readonly { readonly id: string; readonly email: string; readonly role: string; readonly is_enabled: boolean }[] }
const people = () => (vendor.state() as unknown as People).users;

describe("the same person returns after a deletion", () => {
  test.each(["peoplelens", "transactionlink", "enlivy", "applivery"] as const)("on %s: one account, another id, active again", async (name) => {
    const { held, denied } = await open(trials[name], name === "peoplelens" ? kept : {});
    if (name === "applivery") await vendor.setSwitches({ createAfterRemove: "200" });
    const former = await joinAndLeave();
    const gone = held();
    expect([denied, "nobody with her address", "no collaborator"]).toContain(gone);
    const { status, body } = await join();
    expect([status, body.active]).toEqual([201, true]);
    expect(body.id).not.toBe(former);
    await eventually(() => held() !== denied && held() !== gone);
    expect(await accountOf(body.id)).toMatchObject({ applied: { access: "active" } });
    expect(await house.house.store.openWork(acme, 10)).toEqual([]);
    expect(await tasks()).toEqual([]);
    if (name === "peoplelens") expect(people().filter((user) => user.email === email)).toHaveLength(1);
  });

  test("whose record the vendor has deleted for good (onDelete: delete) is created anew", async () => {
    await open(trials.peoplelens, { onDelete: ["delete"] });
    await joinAndLeave();
    expect(people()).toEqual([]);
    expect((await join({ externalId: "somebody else" })).status).toBe(201);
    expect(people()).toMatchObject([{ email, is_enabled: true }]);
    expect(await tasks()).toEqual([]);
  });

  test("without an externalId on either side is taken for the same, and is said to be", async () => {
    await open(trials.peoplelens, kept);
    await joinAndLeave({ externalId: undefined });
    const { status, body } = await join();
    expect(status).toBe(201);
    const rows = await house.house.store.journal(acme, { resource: body.id, limit: 100 });
    expect(JSON.stringify(rows)).toContain("as far as the address tells");
    expect(people()).toHaveLength(1);
  });

  test("has a joiner's role, not the one that the account was left with", async () => {
    await open(trials.peoplelens, { ...kept, roles: { map: [{ idp: "Ops", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" } });
    await joinAndLeave({ roles: [{ value: "Ops" }] });
    expect(people()).toMatchObject([{ role: "Editor", is_enabled: false }]);
    const { body } = await join();
    await eventually(() => people()[0]?.is_enabled === true && people()[0]?.role === "User");
    expect(await accountOf(body.id)).toMatchObject({ applied: { role: "User", wantedRole: "User" } });
    expect((await accountOf(body.id))?.applied.joins).toBeUndefined();
    expect((await house.scim("PATCH", `/Users/${body.id}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", path: "roles", value: [{ value: "Ops" }] }] })).status).toBe(200);
    expect(people()).toMatchObject([{ role: "Editor" }]);
  });

  test("where losing the last mapped role deactivates, joins with the default role all the same", async () => {
    await open(trials.peoplelens, { ...kept, roles: { map: [{ idp: "Ops", vendor: "Editor" }], fallback: "deactivate" } });
    await joinAndLeave({ roles: [{ value: "Ops" }] });
    await join();
    await eventually(() => people()[0]?.is_enabled === true && people()[0]?.role === "User");
  });

  test("is never linked to an account that was left privileged: 409 and a task", async () => {
    await open(trials.peoplelens, kept);
    await join({ userName: "root@acme.example", externalId: "root", roles: [{ value: "Admins" }] }); // or the last administrator could not leave
    await joinAndLeave({ roles: [{ value: "Admins" }] });
    const left = () => people().filter((user) => user.email === email);
    expect(left()).toMatchObject([{ role: "Admin", is_enabled: false }]);
    expect((await join()).status).toBe(409);
    expect(left()).toMatchObject([{ role: "Admin", is_enabled: false }]);
    expect(await tasks()).toMatchObject([{ title: expect.stringContaining(email) as string, steps: expect.stringContaining("privileged") as string }]);
  });

  test("with adopt: never is a conflict", async () => {
    await open(trials.peoplelens, { ...kept, adopt: "never" });
    await joinAndLeave();
    expect((await join()).status).toBe(409);
    expect(people()).toMatchObject([{ is_enabled: false }]);
  });
});

describe("the address was given to another person", () => {
  test("409 and a task that names the account; nobody gets what belonged to somebody else", async () => {
    await open(trials.peoplelens, kept);
    await joinAndLeave();
    const [account] = people();
    const answer = await join({ externalId: "ext-another-ada", name: { givenName: "Ada", familyName: "Byron" } });
    expect([answer.status, answer.body.scimType]).toEqual([409, "uniqueness"]);
    expect(answer.body.detail).toContain("ext-another-ada");
    expect(people()).toEqual([account]);
    expect(await tasks()).toMatchObject([{ title: expect.stringContaining(email) as string, steps: expect.stringContaining(String(account?.id)) as string }]);
    expect((await house.scim("GET", `/Users?filter=${encodeURIComponent(`userName eq "${email}"`)}`)).body.totalResults).toBe(0);
    expect((await join()).status).toBe(201); // the first one comes back after all
    expect(people()).toMatchObject([{ is_enabled: true }]);
  });

  test("a look-up by the address does not lead there either: only a create says who comes", async () => {
    await open(trials.peoplelens, kept);
    await joinAndLeave();
    const found = () => house.scim("GET", `/Users?filter=${encodeURIComponent(`userName eq "${email}"`)}`);
    expect((await found()).body.totalResults).toBe(0);
    expect((await join({ externalId: "ext-another-ada" })).status).toBe(409);
    expect((await found()).body.totalResults).toBe(0);
    expect((await join()).status).toBe(201);
  });
});
