/**
 * When it is unclear what a call came to, or who else is at it (I1, I2, I3, I5). Each of these once ended wrong: the state machine
 * of test/machine found them.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { create, emailOf, emptyWorld, remove, setActive } from "../machine/model.ts";
import { acme, Rig, settleSeconds } from "../machine/rig.ts";
import { patch } from "../support/house.ts";

const [ada, ben, root] = [0, 1, 4] as const;
let rig: Rig;
beforeEach(async () => void (rig = await Rig.open()));
afterEach(() => rig.stop());

const account = (who: number) => rig.vendor.state().users.find(({ email }) => email === emailOf(who));
const open = () => rig.house.store.openWork(acme, 100);
async function create1(who: number): Promise<string> {
  const answer = await rig.scim("POST", "/Users", create(who, "Ada", [], true).body);
  expect(answer?.status).toBe(201);
  return String(answer?.body.id);
}
const settled = () => rig.time.advance((settleSeconds + 10) * 1_000);
const world = (who: number, id: string) => ({ ...emptyWorld, people: emptyWorld.people.map((one, at) => (at === who ? { ...one, id, active: true } : one)) });
const disable = (who: number, id: string) => rig.scim("PATCH", `/Users/${id}`, setActive(world(who, id), who, false, 0).body);

describe("a create that died before anybody was looked for, and then a denial", () => {
  test.each(["disable", "delete"])("%s: the privileged stranger of that address is not touched", async (how) => {
    const before = account(root);
    rig.crashAtCall(2); // 1 is the search, 2 the look at what it found
    await rig.scim("POST", "/Users", create(root, "Ro", [], true).body);
    await rig.crash();
    const id = (await rig.house.store.holder(acme, "User", { name: emailOf(root) }))?.id ?? "";
    expect(id).not.toBe("");
    const answer = how === "delete" ? await rig.scim("DELETE", remove(world(root, id), root).path) : await disable(root, id);
    expect(answer?.status).toBeLessThan(300);
    await settled();
    expect(account(root)).toEqual(before);
    expect(rig.breaches).toEqual([]);
    expect(rig.vendor.journal().filter(({ method }) => method !== "GET")).toEqual([]);
    expect(await open()).toEqual([]);
  });
});

describe("a create of a privileged role that died before it was sent, and then a denial", () => {
  test.each([1, 2])("at call %i: the stranger who holds that role is not touched", async (call) => {
    const before = account(root);
    rig.crashAtCall(call);
    await rig.scim("POST", "/Users", create(root, "Ro", ["Admins"], true).body);
    await rig.crash();
    await settled();
    const id = (await rig.house.store.holder(acme, "User", { name: emailOf(root) }))?.id ?? "";
    expect((await rig.scim("DELETE", `/Users/${id}`))?.status).toBe(204);
    await settled();
    expect(account(root)).toEqual(before);
  });
});

test("a create that dies while it is sent is linked, once, after the settle time", async () => {
  rig.crashAtCall(2); // 1 is the search, 2 the create, which still reaches the vendor
  await rig.scim("POST", "/Users", create(ada, "Ada", [], true).body);
  await rig.crash();
  await settled();
  expect(rig.vendor.journal().filter(({ method }) => method === "POST")).toHaveLength(1);
  const id = (await rig.house.store.holder(acme, "User", { name: emailOf(ada) }))?.id ?? "";
  expect(await rig.house.store.linkedTo(acme, account(ada)?.id as never)).toBe(id);
});

test("a create that dies while it is sent and that the vendor carries out late is not repeated meanwhile", async () => {
  rig.vendor.addFault({ kind: "lateCommit", ms: 20_000, match: { method: "POST", times: 1 } });
  rig.crashAtCall(2);
  await rig.scim("POST", "/Users", create(ada, "Ada", [], true).body);
  await rig.crash();
  await settled();
  expect(rig.vendor.journal().filter(({ method }) => method === "POST")).toHaveLength(1);
  expect(account(ada)?.is_enabled).toBe(true);
  expect(await open()).toEqual([]);
});

test("a stranger who came after an unclear create that was not carried out is not touched by the denial", async () => {
  rig.vendor.addFault({ kind: "resetBefore", match: { method: "POST", times: 1 } });
  const answer = await rig.scim("POST", "/Users", create(ada, "Ada", [], true).body);
  expect(answer?.status).toBe(201);
  rig.vendor.seed({ users: [{ email: emailOf(ada), first_name: "Somebody", last_name: "Else", role: "Admin" }] });
  const before = account(ada);
  expect((await disable(ada, String(answer?.body.id)))?.status).toBe(200);
  await settled();
  expect(account(ada)).toEqual(before);
  expect(await open()).toEqual([]);
});

test("a create that the vendor clearly refused leaves no doubt behind: the next one is not held up", async () => {
  rig.vendor.addFault({ kind: "retryAfter", after: 20, match: { method: "POST", times: 1 } });
  const id = await create1(ada);
  expect((await rig.house.store.hold(acme, id as never))?.link).toBeUndefined();
  await rig.time.advance(21_000);
  expect(account(ada)?.is_enabled).toBe(true);
});

test("the account that our own unclear create has made, for a privileged role to come, is found and denied", async () => {
  rig.vendor.addFault({ kind: "resetAfter", match: { method: "POST", times: 1 } });
  const answer = await rig.scim("POST", "/Users", create(ada, "Ada", ["Admins"], true).body);
  expect([answer?.status, account(ada)?.is_enabled]).toEqual([201, true]);
  await disable(ada, String(answer?.body.id));
  await settled();
  expect(account(ada)?.is_enabled).toBe(false);
});

describe("a create of another process that dies, and a denial before its lease has run out", () => {
  const mark = (id: string) => rig.file.prepare("insert or replace into links (connection, resource, account, kind, origin, login, applied, unknown_at, verify_at) values ('acme', ?, null, 'account', 'created', ?, '{}', ?, null)").run(id, emailOf(ada), rig.time.now());
  const lost = { create: () => rig.vendor.seed({ users: [{ email: emailOf(ada), first_name: "Ada", last_name: "Lovelace" }] }), lease: (forMs: number) => rig.file.prepare("update due set lease_owner = 'replica-b', lease_epoch = lease_epoch + 1, lease_until = ?").run(rig.time.now() + forMs) };

  test.each(["disable", "delete"])("%s: the account that it made is found after the settle time and denied", async (how) => {
    await rig.vendor.setSwitches({ down: "on" });
    const id = await create1(ada);
    await rig.vendor.setSwitches({ down: "off" });
    lost.lease(60_000);
    const answer = how === "delete" ? await rig.scim("DELETE", `/Users/${id}`) : await disable(ada, id);
    expect(answer?.status).toBeLessThan(300);
    expect(await rig.house.store.oldestDenialMs()).toBeTypeOf("number");
    mark(id); // the other process looks, finds nobody, creates, and gets no further
    lost.create();
    await rig.time.advance(61_000);
    await settled();
    expect(account(ada)?.is_enabled ?? false).toBe(false);
    expect(await open()).toEqual([]);
  });
});

describe("a role that an unclear write has given", () => {
  const group = async (members: readonly string[]) => String((await rig.scim("POST", "/Groups", { displayName: "Editors", externalId: "g-editors", members: members.map((value) => ({ value })) }))?.body.id);

  test("is taken away when it is wanted no longer", async () => {
    const id = await create1(ada);
    rig.vendor.addFault({ kind: "status", status: 502, body: "<html>", committed: true, match: { method: "PATCH", times: 1 } });
    const editors = await group([id]);
    expect(account(ada)?.role).toBe("Editor");
    await rig.scim("DELETE", `/Groups/${editors}`);
    await settled();
    expect(account(ada)?.role).toBe("User");
    expect(await open()).toEqual([]);
  });

  test("and that is privileged is taken away although the push was refused: now or not at all", async () => {
    const id = await create1(ada);
    rig.vendor.addFault({ kind: "status", status: 502, body: "<html>", committed: true, match: { method: "PATCH", times: 1 } });
    expect((await rig.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: "Admins" }] })))?.status).toBe(503);
    expect(account(ada)?.role).toBe("Admin");
    expect((await rig.scim("GET", `/Users/${id}`))?.body.roles).toBeUndefined();
    expect(await open()).toMatchObject([{ resource: id, due: { lane: "deny" } }]);
    await settled();
    expect(account(ada)?.role).toBe("User");
    expect(await open()).toEqual([]);
  });

  test("stays the adopted account's own when it was the vendor's before us", async () => {
    rig.vendor.seed({ users: [{ email: emailOf(ada), first_name: "Ada", last_name: "Lovelace", role: "Editor" }] });
    const id = await create1(ada);
    rig.vendor.addFault({ kind: "status", status: 502, body: "<html>", match: { method: "PATCH", times: 1 } });
    await rig.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: "Augusta" }));
    await settled();
    expect(account(ada)).toMatchObject({ first_name: "Augusta", role: "Editor" });
  });

  test("and that is privileged does not come back by the look after it", async () => {
    await rig.scim("POST", "/Users", create(ben, "Ben", ["Admins"], true).body); // nobody is the last administrator
    const answer = await rig.scim("POST", "/Users", create(ada, "Ada", ["Admins"], true).body);
    const id = String(answer?.body.id);
    expect((await disable(ada, id))?.status).toBe(200);
    rig.vendor.addFault({ kind: "status", status: 502, body: "<html>", committed: true, match: { method: "PATCH", nth: 2, times: 1 } });
    await rig.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }));
    await settled();
    expect(account(ada)).toMatchObject({ is_enabled: true, role: "User" });
  });
});

test("a member who leaves while the role is just being given loses it again", async () => {
  const id = await create1(ada);
  const editors = String((await rig.scim("POST", "/Groups", { displayName: "Editors", externalId: "g-editors" }))?.body.id);
  const change = (op: string) => rig.send("PATCH", `/Groups/${editors}`, patch({ op, path: "members", value: [{ value: id }] }));
  rig.vendor.addFault({ kind: "delay", ms: 2_000, match: { method: "PATCH", times: 1 } });
  const answers = await rig.together(async () => {
    const joins = change("add");
    while (!rig.vendor.journal().some(({ method }) => method === "PATCH")) await new Promise((resolve) => setImmediate(resolve));
    return Promise.all([joins, change("remove")]);
  });
  expect(answers.map((answer) => answer?.status)).toEqual([200, 200]);
  await settled();
  expect(account(ada)?.role).toBe("User");
  expect(await open()).toEqual([]);
});

test.each(["disable", "delete"])("%s: an earlier enable that the vendor carries out late, after it, is undone", async (how) => {
  const id = await create1(ada);
  await disable(ada, id);
  rig.vendor.addFault({ kind: "lateCommit", ms: 20_000, match: { method: "PATCH", times: 1 } });
  await rig.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }));
  expect((how === "delete" ? await rig.scim("DELETE", `/Users/${id}`) : await disable(ada, id))?.status).toBeLessThan(300);
  await rig.time.advance(21_000);
  await settled();
  expect(account(ada)?.is_enabled ?? false).toBe(false);
  expect(await open()).toEqual([]);
});

test("an enable whose process died while it was sent, and that the vendor carries out after a disable, is undone", async () => {
  const id = await create1(ada);
  await disable(ada, id);
  rig.vendor.addFault({ kind: "lateCommit", ms: 20_000, match: { method: "PATCH", times: 1 } });
  rig.crashAtCall(1);
  await rig.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }));
  await rig.crash();
  expect((await disable(ada, id))?.status).toBe(200);
  await rig.time.advance(21_000);
  await settled();
  expect(account(ada)?.is_enabled).toBe(false);
  expect(await open()).toEqual([]);
});
