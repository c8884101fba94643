import { afterEach, describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openWithVendor, patch } from "../support/house.ts";

type Opened = Awaited<ReturnType<typeof openWithVendor>>;
let opened: Opened | undefined;
const open = async (connection?: Parameters<typeof openWithVendor>[0]) => (opened = await openWithVendor(connection));
afterEach(async () => {
  await opened?.stop();
  opened = undefined;
});

const roles = { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "g-editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" };
const roleOf = ({ vendor }: Opened, email = "ada@acme.example") => (vendor.state() as { users: { email: string; role: string; is_enabled: boolean }[] }).users.find((user) => user.email === email)?.role;
const person = async (house: Opened, name: string) => (await house.scim("POST", "/Users", ada({ userName: `${name}@acme.example`, externalId: name }))).body.id as string;
const group = async (house: Opened, displayName: string, more: object = {}) => (await house.scim("POST", "/Groups", { displayName, ...more })).body.id as string;
/** So that nobody in a test is the last administrator, whom a rail keeps. */
const another = (house: Opened) => house.scim("POST", "/Users", ada({ userName: "root@acme.example", externalId: "root", roles: [{ value: "Admins" }] }));
const add = (...ids: string[]) => patch({ op: "add", path: "members", value: ids.map((value) => ({ value })) });
const calls = ({ vendor }: Opened, from: number) => vendor.journal().slice(from).filter(({ method }) => method !== "GET").map(({ method, body }) => `${method} ${JSON.stringify(body)}`);

describe("membership in a group that roles.map names leads to the vendor's role", () => {
  test("by name and by externalId; the first of the map wins; leaving steps down to what is left, then to the fallback", async () => {
    const house = await open({ roles });
    await another(house);
    const id = await person(house, "ada");
    const editors = await group(house, "Editors of all kinds", { externalId: "g-editors" });
    const admins = await group(house, "Admins");
    expect(roleOf(house)).toBe("User");
    await house.scim("PATCH", `/Groups/${editors}`, add(id));
    expect(roleOf(house)).toBe("Editor");
    await house.scim("PATCH", `/Groups/${admins}`, add(id));
    expect(roleOf(house)).toBe("Admin");
    await house.scim("PATCH", `/Groups/${admins}`, patch({ op: "remove", path: `members[value eq "${id}"]` }));
    expect(roleOf(house)).toBe("Editor");
    await house.scim("PATCH", `/Groups/${editors}`, patch({ op: "Remove", path: "members", value: [{ value: id }] }));
    expect(roleOf(house)).toBe("User");
    expect((await house.scim("GET", `/Users/${id}`)).body.groups).toBeUndefined();
  });

  test("replace really replaces: those who are not in the new list lose the role, the others keep it without a call", async () => {
    const house = await open({ roles });
    const ids = await Promise.all(["ada", "bo", "cy"].map((name) => person(house, name)));
    const editors = await group(house, "Editors", { externalId: "g-editors", members: ids.slice(0, 2).map((value) => ({ value })) });
    expect(["ada", "bo", "cy"].map((name) => roleOf(house, `${name}@acme.example`))).toEqual(["Editor", "Editor", "User"]);
    const before = house.vendor.journal().length;
    await house.scim("PUT", `/Groups/${editors}`, { displayName: "Editors", externalId: "g-editors", members: ids.slice(1).map((value) => ({ value })) });
    expect(["ada", "bo", "cy"].map((name) => roleOf(house, `${name}@acme.example`))).toEqual(["User", "Editor", "Editor"]);
    expect(calls(house, before).toSorted()).toEqual(['PATCH {"role":"Editor"}', 'PATCH {"role":"User"}']);
  });

  test("a group of another name costs nothing; a rename that changes nothing costs nothing; one into the map counts for everybody", async () => {
    const house = await open({ roles });
    await another(house);
    const id = await person(house, "ada");
    const team = await group(house, "Team", { members: [{ value: id }] });
    const before = house.vendor.journal().length;
    await house.scim("PATCH", `/Groups/${team}`, patch({ op: "replace", value: { id: team, displayName: "Team" } }));
    expect(house.vendor.journal().length).toBe(before);
    await house.scim("PATCH", `/Groups/${team}`, patch({ op: "replace", value: { displayName: "Admins" } }));
    expect(roleOf(house)).toBe("Admin");
    await house.scim("PATCH", `/Groups/${team}`, patch({ op: "replace", value: { displayName: "Team" } }));
    expect(roleOf(house)).toBe("User");
  });

  test("deleting the group takes the role away", async () => {
    const house = await open({ roles });
    await another(house);
    const id = await person(house, "ada");
    const admins = await group(house, "Admins", { members: [{ value: id }] });
    expect(roleOf(house)).toBe("Admin");
    expect((await house.scim("DELETE", `/Groups/${admins}`)).status).toBe(204);
    expect(roleOf(house)).toBe("User");
  });

  test("with fallback deactivate, the last mapped group gone ends the access, and coming back opens it", async () => {
    const house = await open({ roles: { ...roles, fallback: "deactivate" } });
    const id = await person(house, "ada");
    const editors = await group(house, "Editors", { externalId: "g-editors", members: [{ value: id }] });
    const enabled = () => (house.vendor.state() as { users: { is_enabled: boolean }[] }).users[0]?.is_enabled;
    await house.scim("PATCH", `/Groups/${editors}`, patch({ op: "replace", path: "members", value: [] }));
    expect(enabled()).toBe(false);
    await house.scim("PATCH", `/Groups/${editors}`, add(id));
    expect([enabled(), roleOf(house)]).toEqual([true, "Editor"]);
  });

  test("more than ten people are answered at once and done soon after", async () => {
    const house = await open({ roles });
    const ids = await Promise.all(Array.from({ length: 14 }, (_, n) => person(house, `p${n}`)));
    const editors = await group(house, "Editors", { externalId: "g-editors" });
    expect((await house.scim("PATCH", `/Groups/${editors}`, add(...ids))).status).toBe(200);
    await eventually(() => ids.every((_, n) => roleOf(house, `p${n}@acme.example`) === "Editor"));
    await eventually(async () => (await house.house.store.openWork(connectionId("acme"), 100)).length === 0);
  });

  test("members who are nobody here are kept and cause no call", async () => {
    const house = await open({ roles });
    const before = house.vendor.journal().length;
    const admins = await group(house, "Admins", { members: [{ value: "somebody-else" }] });
    expect((await house.scim("GET", `/Groups/${admins}`)).body.members).toEqual([{ value: "somebody-else" }]);
    expect(house.vendor.journal().length).toBe(before);
  });
});

test("fifty parallel PATCHes of one group lose nobody", async () => {
  const house = await open({ roles });
  const team = await group(house, "Team");
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => house.scim("PATCH", `/Groups/${team}`, add(`member-${n}`))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await house.scim("GET", `/Groups/${team}`)).body.members).toHaveLength(50);
});

test("a membership that the vendor refuses to take away is 502, kept, and done once it can be", async () => {
  const house = await open({ roles, delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } });
  await another(house);
  const id = await person(house, "ada");
  const admins = await group(house, "Admins", { members: [{ value: id }] });
  house.vendor.addFault({ kind: "status", status: 401, body: { error: "revoked" }, match: { times: "always" } } as never);
  expect((await house.scim("PATCH", `/Groups/${admins}`, patch({ op: "replace", path: "members", value: [] }))).status).toBe(502);
  expect((await house.scim("GET", `/Groups/${admins}`)).body.members).toEqual([]);
  await house.vendor.clearFaults();
  await eventually(() => roleOf(house) === "User");
});

test("roles.serveAsGroups: the names of the map can be found, linked and pushed into from the start", async () => {
  const house = await open({ roles: { ...roles, serveAsGroups: true } });
  const listed = await house.scim("GET", "/Groups");
  expect(listed.body.Resources.map(({ displayName }: { displayName: string }) => displayName)).toEqual(["Admins", "g-editors", "Everyone"]);
  const found = await house.scim("GET", `/Groups?filter=${encodeURIComponent('displayName eq "admins"')}`);
  const id = await person(house, "ada");
  await house.scim("PATCH", `/Groups/${found.body.Resources[0].id}`, add(id));
  expect(roleOf(house)).toBe("Admin");
});
