/**
 * A privileged role is given at the push or not at all, by whichever way it comes.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openWithVendor, patch } from "../support/house.ts";

const acme = connectionId("acme");
const quick = { delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } };
let opened: Awaited<ReturnType<typeof openWithVendor>>;
const open = async () => (opened = await openWithVendor(quick));
afterEach(() => opened.stop());

const admins = patch({ op: "replace", path: "roles", value: [{ value: "Admins" }] });
const roleOf = (email = "ada@acme.example") => (opened.vendor.state() as { users: { email: string; role: string }[] }).users.find((user) => user.email === email)?.role;
const openWork = () => opened.house.store.openWork(acme, 10);
const group = (members: readonly string[]) => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Admins", members: members.map((value) => ({ value })) });
async function goDown(): Promise<void> {
  await opened.vendor.setSwitches({ down: "on" });
  await opened.house.store.markDown(acme, 5_000); // as another process would
  await eventually(async () => JSON.stringify(await (await fetch(opened.base.replace(/\/scim.*/, "/readyz"))).json()).includes('"vendorsDown":["acme"]'));
}

describe("while the vendor counts as down, a privileged role", () => {
  test("of somebody who is there: 503 with Retry-After, all as before, and not given when it is back", async () => {
    const { scim, vendor } = await open();
    const { body } = await scim("POST", "/Users", ada());
    await goDown();
    const answer = await scim("PATCH", `/Users/${body.id}`, admins);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect((await scim("GET", `/Users/${body.id}`)).body.roles).toBeUndefined();
    await vendor.setSwitches({ down: "off" });
    await eventually(async () => (await openWork()).length === 0, 15_000);
    expect(roleOf()).toBe("User");
    await eventually(async () => (await scim("PATCH", `/Users/${body.id}`, admins)).status === 200, 15_000);
    expect(roleOf()).toBe("Admin");
  });

  test("by a group: 503, failed and alarmed, and not given when it is back", async () => {
    const { scim, vendor, house } = await open();
    const { body } = await scim("POST", "/Users", ada());
    await goDown();
    expect((await scim("POST", "/Groups", group([body.id]))).status).toBe(503);
    expect((await openWork()).find(({ resource }) => resource === body.id)).toMatchObject({ due: { dueAtMs: undefined } });
    expect((await house.store.journal(acme, { resource: body.id, limit: 100 })).some(({ kind }) => kind === "alarm")).toBe(true);
    await vendor.setSwitches({ down: "off" });
    await eventually(async () => (await openWork()).length === 1, 15_000);
    expect(roleOf()).toBe("User");
  });
});

test("a privileged role whose call does not end in time is 503, not pending; once it has come true the same push is 200", async () => {
  const { scim, vendor } = await open();
  const { body } = await scim("POST", "/Users", ada());
  vendor.addFault({ kind: "slowBody", match: { method: "PATCH", times: 1 }, ms: 40, bytes: 1 });
  const answer = await scim("PATCH", `/Users/${body.id}`, admins);
  expect([200, 503]).toContain(answer.status);
  await eventually(async () => (await openWork()).length === 0, 10_000);
  const { roles } = (await scim("GET", `/Users/${body.id}`)).body;
  expect(roleOf()).toBe(roles === undefined ? "User" : "Admin");
});
