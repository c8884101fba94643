/**
 * The rails as an IdP and an operator meet them: every spelling of a denial counts, what is one too many is held and changes nothing,
 * and only a person lets it pass.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { connectionId, correlationId, type HoldId, type ResourceId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { ada, type Answer, eventually, openWithVendor, patch } from "../support/house.ts";

const acme = connectionId("acme");
type Opened = Awaited<ReturnType<typeof openWithVendor>>;
let opened: Opened | undefined;
afterEach(async () => {
  await opened?.stop();
  opened = undefined;
});

const roles = { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "deactivate" };
/** Two may lose access within the hour, and two records may go for good. */
const two = { massDeprovision: { count: 2, share: 0, deletes: { count: 2, share: 0 } } };
const open = async (connection: JsonObject = {}) => (opened = await openWithVendor({ roles, rails: two, ...connection }));
const join = async ({ scim }: Opened, name: string, more: object = {}): Promise<string> => {
  const { status, body } = await scim("POST", "/Users", ada({ userName: `${name}@acme.example`, externalId: name, roles: [{ value: "Everyone" }], ...more }));
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.id as string;
};
const many = (house: Opened, count: number) => Promise.all(Array.from({ length: count }, (_, n) => join(house, `p${n}`)));
const off = patch({ op: "replace", path: "active", value: false });
const active = ({ vendor }: Opened) => vendor.state().users.filter(({ is_enabled }) => is_enabled).map(({ email }) => email.replace(/@.*/, "")).toSorted();
const holds = ({ house }: Opened) => house.store.holds(acme, { open: true });
const holdIn = ({ body }: Answer): string => /hold (h-\w{8})/.exec(String(body.detail))?.[1] ?? `no hold in: ${JSON.stringify(body)}`;
const decide = ({ house }: Opened, hold: string, decision: "approved" | "rejected", resource?: string) =>
  house.store.decideHold({ connection: acme, hold: hold as HoldId, resource: resource as ResourceId | undefined, decision, by: "kim", correlation: correlationId("c-test") });
const settled = (house: Opened) => eventually(async () => (await house.house.store.approved(10)).length === 0 && (await house.house.store.openWork(acme, 10)).length === 0);
const journal = async ({ house }: Opened, kind: string) => (await house.store.journal(acme, { limit: 10_000 })).filter((row) => row.kind === kind);

describe("every spelling of a denial counts", () => {
  const spellings: readonly (readonly [string, (id: string, n: number) => readonly [string, string, unknown?]])[] = [
    ["PATCH with a path", (id) => ["PATCH", `/Users/${id}`, off]],
    ["PATCH without a path", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", value: { active: false } })]],
    ["Entra's text", (id) => ["PATCH", `/Users/${id}`, patch({ op: "Replace", path: "active", value: "False" })]],
    ["Entra's add", (id) => ["PATCH", `/Users/${id}`, patch({ op: "Add", path: "active", value: "False" })]],
    ["PUT", (id, n) => ["PUT", `/Users/${id}`, ada({ userName: `p${n}@acme.example`, externalId: `p${n}`, roles: [{ value: "Everyone" }], active: false })]],
    ["DELETE", (id) => ["DELETE", `/Users/${id}`]],
    ["the last mapped role removed", (id) => ["PATCH", `/Users/${id}`, patch({ op: "remove", path: 'roles[value eq "Everyone"]' })]],
    ["roles replaced by one that maps to nothing", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: "Guests" }] })]],
  ];

  test.each(spellings)("%s", async (_, spell) => {
    const house = await open();
    const ids = await many(house, 3);
    const answers: Answer[] = [];
    for (const [n, id] of ids.entries()) answers.push(await house.scim(...spell(id, n)));
    const third = answers[2];
    expect(answers.slice(0, 2).every(({ status }) => status < 300)).toBe(true);
    expect([third?.status, third?.headers.get("retry-after")]).toEqual([503, "3600"]);
    const [hold] = await holds(house);
    expect(hold).toMatchObject({ rail: "brake", waiting: 1 });
    expect(holdIn(third as Answer)).toBe(hold?.id);
    expect(active(house)).toEqual(["p2"]);
    const kept = await house.scim("GET", `/Users/${ids[2]}`);
    expect([kept.status, kept.body.active]).toEqual([200, true]);
  });

  test("Bulk, operation by operation", async () => {
    const house = await open();
    const ids = await many(house, 4);
    const { status, body } = await house.scim("POST", "/Bulk", { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: ids.map((id) => ({ method: "PATCH", path: `/Users/${id}`, data: off })) });
    expect(status).toBe(200);
    const answers = body.Operations as { status: string; response?: { detail: string } }[];
    expect(answers.map((answer) => answer.status).toSorted((a, b) => Number(a) - Number(b))).toEqual(["200", "200", "503", "503"]);
    const [hold] = await holds(house);
    for (const { response } of answers.slice(2)) expect(response?.detail).toContain(hold?.id);
    expect(active(house)).toHaveLength(2);
  });

  test("the answer is a sentence that says what to do", async () => {
    const house = await open();
    const ids = await many(house, 3);
    for (const id of ids.slice(0, 2)) await house.scim("PATCH", `/Users/${id}`, off);
    const { body } = await house.scim("PATCH", `/Users/${ids[2]}`, off);
    const [hold] = await holds(house);
    expect(body.detail).toContain(`Held by the mass-deprovisioning brake, hold ${hold?.id}; nothing has been changed. 3 people would have lost access within 60 minutes, and the limit is 2 (rails.massDeprovision). An operator decides: drawbridge holds approve ${hold?.id} --connection acme, or holds reject.`);
  });

  test("different spellings add up, and the same person again does not count again, nor do demotions and returns", async () => {
    const house = await open();
    const ids = await many(house, 4);
    await house.scim("PATCH", `/Users/${ids[0]}`, off);
    await house.scim("PATCH", `/Users/${ids[0]}`, patch({ op: "replace", path: "active", value: true }));
    expect((await house.scim("PATCH", `/Users/${ids[0]}`, off)).status).toBe(200);
    await house.scim("PATCH", `/Users/${ids[3]}`, patch({ op: "replace", path: "roles", value: [{ value: "Editors" }] }));
    expect((await house.scim("PATCH", `/Users/${ids[3]}`, patch({ op: "replace", path: "roles", value: [{ value: "Everyone" }] }))).status).toBe(200);
    expect((await house.scim("DELETE", `/Users/${ids[1]}`)).status).toBe(204);
    expect((await house.scim("PATCH", `/Users/${ids[2]}`, off)).status).toBe(503);
    expect((await house.scim("PATCH", `/Users/${ids[0]}`, patch({ op: "replace", path: "active", value: true }))).status).toBe(200);
    expect((await house.scim("PATCH", `/Users/${ids[2]}`, off)).status).toBe(503); // a return gives no credit
    expect((await house.scim("PATCH", `/Users/${ids[0]}`, off)).status).toBe(200); // the limit is reached, and this one has been counted
  });
});

describe("a hold", () => {
  const beyond = async (count = 4, connection: JsonObject = {}) => {
    const house = await open(connection);
    const ids = await many(house, count);
    const answers = [];
    for (const id of ids) answers.push(await house.scim("PATCH", `/Users/${id}`, off));
    return { house, ids, answers, hold: holdIn(answers.at(-1) as Answer) };
  };

  test("is one per incident; a retry gets the same one and writes nothing; one alarm is raised", async () => {
    const { house, ids, answers, hold } = await beyond();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 503, 503]);
    expect(answers.slice(2).map(holdIn)).toEqual([hold, hold]);
    const before = (await house.house.store.journal(acme, { limit: 10_000 })).length;
    expect(holdIn(await house.scim("PATCH", `/Users/${ids[3]}`, off))).toBe(hold);
    expect(await house.house.store.journal(acme, { limit: 10_000 })).toHaveLength(before);
    expect(await journal(house, "alarm")).toHaveLength(1);
    expect((await journal(house, "hold")).map(({ resource }) => resource)).toEqual([ids[2], ids[3]]);
    expect((await house.house.store.heldPushes(hold as HoldId)).map(({ name }) => name)).toEqual(["p2@acme.example", "p3@acme.example"]);
  });

  test("once approved is carried out without the IdP, whose retry then gets 200; the approved do not count", async () => {
    const { house, ids, hold } = await beyond(6);
    expect(await decide(house, hold, "approved")).toMatchObject({ closed: true });
    await eventually(() => active(house).length === 0);
    await settled(house);
    for (const id of ids) expect((await house.scim("GET", `/Users/${id}`)).body.active).toBe(false);
    expect((await house.scim("PATCH", `/Users/${ids[5]}`, off)).status).toBe(200);
    expect(await holds(house)).toEqual([]);
    const said = (await journal(house, "hold")).filter(({ data }) => (data as JsonObject)["by"] === "kim");
    expect(said).toHaveLength(5); // four people, and the hold itself
    // Two of six count: the brake bites at once for the next one, in a new hold.
    const late = await join(house, "late");
    expect(holdIn(await house.scim("PATCH", `/Users/${late}`, off))).not.toBe(hold);
  });

  test("once rejected leaves everybody in place, and the next push counts anew", async () => {
    const { house, ids, hold } = await beyond(4);
    await decide(house, hold, "rejected");
    expect(await holds(house)).toEqual([]);
    expect(active(house)).toEqual(["p2", "p3"]);
    const again = await house.scim("PATCH", `/Users/${ids[2]}`, off);
    expect(again.status).toBe(503);
    expect(holdIn(again)).not.toBe(hold);
    expect(active(house)).toEqual(["p2", "p3"]);
  });

  test("lets one person go at once, and keeps the others", async () => {
    const { house, ids, hold } = await beyond(5);
    expect(await decide(house, hold, "approved", ids[3])).toEqual({ resources: [ids[3]], closed: false });
    await eventually(() => active(house).join() === "p2,p4");
    expect((await holds(house))[0]).toMatchObject({ id: hold, waiting: 2, approved: 1 });
    expect(await decide(house, hold, "rejected", ids[2])).toEqual({ resources: [ids[2]], closed: false });
    expect(await decide(house, hold, "approved")).toMatchObject({ closed: true });
    await eventually(() => active(house).join() === "p2");
  });

  test("has nobody in it any more when the IdP wants them back, and closes by itself", async () => {
    const { house, ids, hold } = await beyond(4);
    expect((await house.scim("PATCH", `/Users/${ids[2]}`, patch({ op: "replace", path: "active", value: true }))).status).toBe(200);
    expect((await holds(house))[0]).toMatchObject({ id: hold, waiting: 1 });
    // A new title says nothing about access: the leaver goes on waiting.
    expect((await house.scim("PATCH", `/Users/${ids[3]}`, patch({ op: "replace", path: "title", value: "Countess" }))).status).toBe(200);
    expect((await holds(house))[0]).toMatchObject({ id: hold, waiting: 1 });
    expect((await house.scim("PUT", `/Users/${ids[3]}`, ada({ userName: "p3@acme.example", externalId: "p3", roles: [{ value: "Everyone" }] }))).status).toBe(200);
    expect(await holds(house)).toEqual([]);
    expect(await decide(house, hold, "approved")).toBeUndefined();
    expect(active(house)).toEqual(["p2", "p3"]);
  });

  test("is replaced by the newer push of the same person, and what others have said since stands", async () => {
    const { house, ids, hold } = await beyond(4);
    expect(holdIn(await house.scim("PATCH", `/Users/${ids[2]}`, patch({ op: "replace", value: { active: false, nickName: "Gone" } })))).toBe(hold);
    expect((await house.house.store.heldPushes(hold as HoldId)).map(({ decision }) => decision)).toEqual(["replaced", undefined, undefined]);
    expect((await house.scim("PATCH", `/Users/${ids[3]}`, patch({ op: "replace", path: "title", value: "Countess" }))).status).toBe(200);
    await decide(house, hold, "approved");
    await eventually(() => active(house).length === 0);
    expect((await house.scim("GET", `/Users/${ids[2]}`)).body).toMatchObject({ active: false, nickName: "Gone" });
    expect((await house.scim("GET", `/Users/${ids[3]}`)).body).toMatchObject({ active: false, title: "Countess" });
  });

  test("that is approved while the connection is frozen waits for the thaw", async () => {
    const { house, hold } = await beyond(3);
    await house.house.store.freeze(acme, { by: "kim", reason: "a drill" });
    await decide(house, hold, "approved");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([active(house), (await house.house.store.approved(10)).length]).toEqual([["p2"], 1]);
    await house.house.store.unfreeze(acme, { by: "kim", reason: "over" });
    await eventually(() => active(house).length === 0);
  });

  test("keeps a deletion as a deletion", async () => {
    const house = await open();
    const ids = await many(house, 3);
    for (const id of ids.slice(0, 2)) await house.scim("DELETE", `/Users/${id}`);
    const { status } = await house.scim("DELETE", `/Users/${ids[2]}`);
    expect(status).toBe(503);
    await decide(house, (await holds(house))[0]!.id, "approved");
    await eventually(async () => (await house.scim("GET", `/Users/${ids[2]}`)).status === 404);
    await eventually(() => house.vendor.state().users.length === 0);
  });

  test("a password in a held push is kept nowhere", async () => {
    const house = await open();
    const ids = await many(house, 3);
    for (const id of ids.slice(0, 2)) await house.scim("PATCH", `/Users/${id}`, off);
    await house.scim("PUT", `/Users/${ids[2]}`, ada({ userName: "p2@acme.example", externalId: "p2", active: false, password: "canary-4711" }));
    const [hold] = await holds(house);
    expect(JSON.stringify([await house.house.store.heldPushes(hold!.id), await house.house.store.journal(acme, { limit: 10_000 })])).not.toContain("canary-4711");
  });
});

describe("deletions for good are counted more strictly", () => {
  const stricter = { massDeprovision: { count: 4, share: 0 } };

  test("by default half as many may go", async () => {
    const house = await open({ rails: stricter });
    const ids = await many(house, 4);
    const statuses = [];
    for (const id of ids) statuses.push((await house.scim("DELETE", `/Users/${id}`)).status);
    expect(statuses).toEqual([204, 204, 503, 503]);
    expect((await holds(house))[0]).toMatchObject({ rail: "deletions", waiting: 2 });
    // Taking the access alone is another matter.
    expect((await house.scim("PATCH", `/Users/${ids[2]}`, off)).status).toBe(503); // who waits, waits
    expect((await house.scim("PATCH", `/Users/${await join(house, "x")}`, off)).status).toBe(200);
  });

  test("where onDelete only switches off, a deletion is a denial like any other", async () => {
    const house = await open({ rails: stricter, onDelete: ["disable"] });
    const ids = await many(house, 5);
    const statuses = [];
    for (const id of ids) statuses.push((await house.scim("DELETE", `/Users/${id}`)).status);
    expect(statuses).toEqual([204, 204, 204, 204, 503]);
    expect((await holds(house))[0]).toMatchObject({ rail: "brake" });
  });

  test("deleting those who have left long ago counts as a deletion and not as a loss", async () => {
    const house = await open({ rails: { massDeprovision: { count: 100, share: 0, deletes: { count: 1, share: 0 } } } });
    const ids = await many(house, 2);
    for (const id of ids) expect((await house.scim("PATCH", `/Users/${id}`, off)).status).toBe(200);
    expect((await house.scim("DELETE", `/Users/${ids[0]}`)).status).toBe(204);
    const second = await house.scim("DELETE", `/Users/${ids[1]}`);
    expect(second.status).toBe(503);
    expect((await house.scim("PATCH", `/Users/${ids[1]}`, patch({ op: "replace", path: "title", value: "x" }))).status).toBe(200);
    await decide(house, holdIn(second).replace(/.*(h-\w{8}).*/, "$1"), "approved");
    await eventually(() => house.vendor.state().users.length === 0);
  });
});

describe("groups: a push is one unit, held whole or not at all", () => {
  const withGroup = async (count: number, connection: JsonObject = {}) => {
    const house = await open(connection);
    const ids = await Promise.all(Array.from({ length: count }, (_, n) => join(house, `p${n}`, { roles: [{ value: "nothing that is mapped" }] })));
    const { body } = await house.scim("POST", "/Groups", { displayName: "Editors", members: ids.map((value) => ({ value })) });
    const g = body.id as string;
    await eventually(async () => house.vendor.state().users.every((user) => user.role === "Editor") && (await house.house.store.openWork(acme, 10)).length === 0);
    return { house, ids, group: g };
  };
  const members = async ({ scim }: Opened, g: string) => ((await scim("GET", `/Groups/${g}`)).body?.members ?? []).length as number;

  type Spell = readonly [what: string, push: (g: string, ids: readonly string[]) => readonly [string, string, unknown?], after: number];
  const spellings: readonly Spell[] = [
    ["PATCH that removes members one by one", (g, ids) => ["PATCH", `/Groups/${g}`, patch(...ids.map((id) => ({ op: "remove", path: `members[value eq "${id}"]` })))], 0],
    ["Entra's PATCH with a list", (g, ids) => ["PATCH", `/Groups/${g}`, patch({ op: "Remove", path: "members", value: ids.map((value) => ({ value })) })], 0],
    ["PATCH that removes all members", (g) => ["PATCH", `/Groups/${g}`, patch({ op: "remove", path: "members" })], 0],
    ["PATCH that replaces them by nobody we know", (g) => ["PATCH", `/Groups/${g}`, patch({ op: "replace", path: "members", value: [{ value: "nobody" }] })], 1],
    ["PUT with one member left", (g, ids) => ["PUT", `/Groups/${g}`, { displayName: "Editors", members: [{ value: ids[0] }] }], 1],
    ["PATCH that renames it", (g) => ["PATCH", `/Groups/${g}`, patch({ op: "replace", path: "displayName", value: "Former editors" })], 4],
    ["DELETE", (g) => ["DELETE", `/Groups/${g}`], 0],
  ];
  test.each(spellings)("%s", async (_, spell, after) => {
    const { house, ids, group } = await withGroup(4);
    const answer = await house.scim(...spell(group, ids));
    expect(answer.status).toBe(503);
    const hold = holdIn(answer);
    expect((await house.scim("GET", `/Groups/${group}`)).body).toMatchObject({ displayName: "Editors", meta: { version: 'W/"1"' } });
    expect([await members(house, group), active(house).length, (await house.house.store.openWork(acme, 10)).length]).toEqual([4, 4, 0]);
    expect(holdIn(await house.scim(...spell(group, ids)))).toBe(hold);
    await decide(house, hold, "approved");
    await eventually(() => active(house).length === (after === 1 && _.startsWith("PUT") ? 1 : 0));
    await settled(house);
    expect(await members(house, group)).toBe(after);
    expect(await holds(house)).toEqual([]);
  });

  test("what stays within the limit passes at once, and counts", async () => {
    const { house, ids, group } = await withGroup(4);
    const leave = (...who: readonly (string | undefined)[]) => house.scim("PATCH", `/Groups/${group}`, patch(...who.map((id) => ({ op: "remove", path: `members[value eq "${id}"]` }))));
    expect((await leave(ids[0], ids[1])).status).toBe(200);
    expect((await leave(ids[2])).status).toBe(503);
    expect(active(house)).toEqual(["p2", "p3"]);
  });

  test("those who keep another mapped role do not count", async () => {
    const { house, ids, group } = await withGroup(4);
    for (const id of ids.slice(1)) await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: "Everyone" }] }));
    expect((await house.scim("DELETE", `/Groups/${group}`)).status).toBe(204);
    await eventually(() => active(house).join() === "p1,p2,p3");
  });

  test("a rejected push leaves the group and everybody in it", async () => {
    const { house, group } = await withGroup(4);
    await decide(house, holdIn(await house.scim("DELETE", `/Groups/${group}`)), "rejected");
    expect([await members(house, group), active(house).length]).toEqual([4, 4]);
  });

  test("pushes of one group add up, and members who are added again meanwhile stay", async () => {
    const { house, ids, group } = await withGroup(8);
    const leave = (who: readonly string[]) => house.scim("PATCH", `/Groups/${group}`, patch({ op: "Remove", path: "members", value: who.map((value) => ({ value })) }));
    const hold = holdIn(await leave(ids.slice(0, 3)));
    expect(holdIn(await leave(ids.slice(3, 6)))).toBe(hold);
    expect((await house.scim("PATCH", `/Groups/${group}`, patch({ op: "add", path: "members", value: [{ value: ids[1] }] }))).status).toBe(200);
    await decide(house, hold, "approved");
    await eventually(() => active(house).join() === "p1,p6,p7");
    expect(await members(house, group)).toBe(3);
  });

  test("the whole membership pushed again ends what waited", async () => {
    const { house, ids, group } = await withGroup(4);
    await house.scim("PATCH", `/Groups/${group}`, patch({ op: "remove", path: "members" }));
    expect((await house.scim("PUT", `/Groups/${group}`, { displayName: "Editors", members: ids.map((value) => ({ value })) })).status).toBe(200);
    expect(await holds(house)).toEqual([]);
    expect(active(house)).toHaveLength(4);
  });

  test("one person of a group's push can be let go at once", async () => {
    const { house, ids, group } = await withGroup(4);
    const hold = holdIn(await house.scim("PATCH", `/Groups/${group}`, patch({ op: "remove", path: "members" })));
    expect(await decide(house, hold, "approved", ids[2])).toEqual({ resources: [ids[2]], closed: false });
    await eventually(() => active(house).join() === "p0,p1,p3");
    expect([await members(house, group), (await holds(house))[0]?.waiting]).toEqual([3, 1]);
    await decide(house, hold, "rejected");
    expect(active(house)).toEqual(["p0", "p1", "p3"]);
  });
});

describe("protected accounts", () => {
  const protects = { roles, rails: { protected: ["break-glass@acme.example"] } };
  const breakGlass = async (house: Opened) => join(house, "break-glass", { roles: [{ value: "Editors" }] });

  test.each<readonly [string, (id: string) => readonly [string, string, unknown?]]>([
    ["switching off", (id) => ["PATCH", `/Users/${id}`, off]],
    ["deleting", (id) => ["DELETE", `/Users/${id}`]],
    ["a lower role", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: "Everyone" }] })]],
    ["renamed and switched off in one push", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", value: { userName: "x@acme.example", active: false } })]],
  ])("%s is held, and carried out only when approved", async (_, spell) => {
    const house = await open({ ...protects, onEmailChange: "keepLogin" });
    const id = await breakGlass(house);
    const calls = house.vendor.journal().length;
    const answer = await house.scim(...spell(id));
    expect(answer.status).toBe(503);
    expect(house.vendor.journal()).toHaveLength(calls);
    expect((await holds(house))[0]).toMatchObject({ rail: "protected", waiting: 1 });
    await decide(house, holdIn(answer), "approved");
    await eventually(() => house.vendor.journal().length > calls);
    await settled(house);
  });

  test("through a group's push too, which is held whole", async () => {
    const house = await open({ ...protects, roles: { ...roles, fallback: "User" } });
    const ids = [await join(house, "break-glass", { roles: [] }), await join(house, "p1", { roles: [] })];
    const { body } = await house.scim("POST", "/Groups", { displayName: "Editors", members: ids.map((value) => ({ value })) });
    await eventually(async () => (await house.house.store.openWork(acme, 10)).length === 0);
    expect((await house.scim("DELETE", `/Groups/${body.id}`)).status).toBe(503);
    expect((await holds(house))[0]).toMatchObject({ rail: "protected" });
    expect(house.vendor.state().users.map(({ role }) => role)).toEqual(["Editor", "Editor"]);
  });

  test("an account that is listed by the vendor's id, such as the credential's own, is held whatever the IdP calls its owner, by a group's push too", async () => {
    const house = await open({ roles: { map: roles.map.slice(1), fallback: "User" }, rails: { protectedAccounts: ["usr-own"] }, onEmailChange: "keepLogin" });
    house.vendor.seed({ users: [{ id: "usr-own", email: "robot@acme.example", role: "Editor" }] });
    const own = await join(house, "robot", { roles: [{ value: "Editors" }] });
    await join(house, "p1", { roles: [{ value: "Editors" }] });
    expect((await house.scim("PATCH", `/Users/${own}`, patch({ op: "replace", path: "userName", value: "somebody@acme.example" }))).status).toBe(200); // the login stays
    for (const spell of [["PATCH", `/Users/${own}`, off], ["DELETE", `/Users/${own}`], ["PATCH", `/Users/${own}`, patch({ op: "remove", path: "roles" })]] as [string, string, unknown?][]) expect((await house.scim(...spell)).status).toBe(503);
    expect(await holds(house)).toMatchObject([{ rail: "protected", waiting: 1 }]);
    expect(house.vendor.state().users.map(({ role, is_enabled }) => `${role} ${is_enabled}`)).toEqual(["Editor true", "Editor true"]);
    const { body } = await house.scim("POST", "/Groups", { displayName: "Editors", members: [{ value: own }] });
    await house.scim("PATCH", `/Users/${own}`, patch({ op: "replace", path: "roles", value: [{ value: "Everyone" }, { value: "Editors" }] }));
    await house.scim("PATCH", `/Users/${own}`, patch({ op: "replace", path: "roles", value: [{ value: "Everyone" }] }));
    expect(await holds(house)).toEqual([]); // they are wanted as they are, and the group keeps the role
    expect((await house.scim("DELETE", `/Groups/${body.id}`)).status).toBe(503);
  });

  test("other changes pass", async () => {
    const house = await open(protects);
    const id = await breakGlass(house);
    expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: "Break" }))).status).toBe(200);
  });
});

describe("the last administrator", () => {
  const admin = (house: Opened, name: string) => join(house, name, { roles: [{ value: "Admins" }] });

  test("is not denied and not demoted; the last but one is", async () => {
    const house = await open({ rails: { massDeprovision: { count: 100 } } });
    const [first, second] = [await admin(house, "one"), await admin(house, "two")];
    expect((await house.scim("PATCH", `/Users/${first}`, off)).status).toBe(200);
    expect((await house.scim("PATCH", `/Users/${second}`, off)).status).toBe(503);
    expect((await house.scim("PATCH", `/Users/${second}`, patch({ op: "replace", path: "roles", value: [{ value: "Everyone" }] }))).status).toBe(503);
    expect((await house.scim("DELETE", `/Users/${second}`)).status).toBe(503);
    expect((await holds(house))[0]).toMatchObject({ rail: "lastAdministrator", waiting: 1 });
    await admin(house, "three");
    await decide(house, (await holds(house))[0]!.id, "approved");
    await eventually(() => active(house).join() === "three");
  });

  test("a denial that is on its way counts as done, and so does one that is held", async () => {
    const house = await open({ rails: { massDeprovision: { count: 1, share: 0 } }, delivery: { deadline: "300ms", settle: "700ms" }, vendor: { timeout: "250ms" } });
    const [one, two, three] = [await admin(house, "one"), await admin(house, "two"), await admin(house, "three")];
    await house.vendor.setSwitches({ down: "on" });
    expect((await house.scim("PATCH", `/Users/${one}`, off)).status).toBe(200); // pending: the account is active still
    expect(holdIn(await house.scim("PATCH", `/Users/${two}`, off))).toMatch(/^h-/); // held by the brake
    expect((await house.scim("PATCH", `/Users/${three}`, off)).status).toBe(503);
    expect((await holds(house)).map(({ rail }) => rail)).toEqual(["brake", "lastAdministrator"]);
    await house.vendor.setSwitches({ down: "off" });
  });

  test("a group's push that would leave none is held whole", async () => {
    const house = await open({ roles: { ...roles, fallback: "User" } });
    const ids = [await join(house, "p0", { roles: [] }), await join(house, "p1", { roles: [] })];
    const { body } = await house.scim("POST", "/Groups", { displayName: "Admins", members: ids.map((value) => ({ value })) });
    await eventually(async () => (await house.house.store.openWork(acme, 10)).length === 0);
    const leave = (id: string | undefined) => house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "remove", path: `members[value eq "${id}"]` }));
    expect((await house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "remove", path: "members" }))).status).toBe(503);
    expect((await leave(ids[0])).status).toBe(503); // the push that waits would take the other one
    await decide(house, (await holds(house))[0]!.id, "rejected");
    expect((await leave(ids[0])).status).toBe(200);
    expect((await leave(ids[1])).status).toBe(503);
    expect(house.vendor.state().users.map(({ role }) => role)).toEqual(["User", "Admin"]);
  });
});
