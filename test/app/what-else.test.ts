/**
 * Failures of docs/failure-semantics.md that belong to no suite of their own: each in a house with a simulated PeopleLens behind it.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { openRig } from "../reconcile/support/rig.ts";
import { clonePeople } from "../support/clones.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse, token } from "../support/house.ts";
import { startLenientVendor } from "../support/lenient-vendor.ts";
import { engines, type TestPlace } from "../support/stores.ts";

const acme = connectionId("acme");
const quick = { delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } };
const roles = { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" };

const rotatedKey = "plk_admin_of_the_next_year";

type Vendor = Awaited<ReturnType<typeof startPeopleLens>>;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
async function placeOn(name: "sqlite" | "postgres"): Promise<TestPlace> {
  const place = await engines.find((engine) => engine.name === name)!.place();
  ends.push(() => place.remove());
  return place;
}
async function open(connection: JsonObject = {}, { place, vendor, others }: { readonly place?: TestPlace; readonly vendor?: Vendor; readonly others?: JsonObject } = {}) {
  const own = vendor ?? (await startPeopleLens());
  if (!vendor) ends.push(() => own.stop());
  const house = await openTestHouse({ vendorUrl: own.url, apiKey: own.apiKey, connection: { roles, ...quick, ...connection }, ...(place && { store: place.url }), ...(others && { others }) });
  ends.push(() => house.stop());
  return { vendor: own, ...house };
}
const replace = (path: string, value: unknown) => ({ op: "replace", path, value });
const off = patch(replace("active", false));
const person = (name: string, more: object = {}) => ada({ userName: `${name}@acme.example`, externalId: name, ...more });
const join = async (house: TestHouse, name: string, more: object = {}) => String((await house.scim("POST", "/Users", person(name, more))).body.id);
const account = (vendor: Vendor, name: string) => vendor.state().users.find(({ email }) => email === `${name}@acme.example`);
const atRest = (house: TestHouse, forMs = 10_000) => eventually(async () => (await house.house.store.openWork(acme, 10)).length === 0, forMs);

describe("a create whose answer the IdP never gets", () => {
  /** Sends the request and goes away before it can be answered. */
  const goingAway = (house: TestHouse, body: object) =>
    new Promise<void>((resolve) => {
      const { port, host, pathname } = new URL(`${house.base}/Users`);
      const text = JSON.stringify(body);
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write(`POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`, () => setTimeout(() => {
          socket.resetAndDestroy();
          resolve();
        }, 100));
      });
    });

  test("is answered 201 with the same id when the equal create comes again; another one of that name, and the third after a delivered 201, is 409", async () => {
    const house = await open();
    house.vendor.addFault({ kind: "delay", ms: 200, match: { method: "POST" } });
    await goingAway(house, person("ann"));
    await eventually(() => account(house.vendor, "ann") !== undefined);
    await atRest(house);
    const found = await house.scim("GET", `/Users?filter=${encodeURIComponent('userName eq "ann@acme.example"')}`);
    expect((await house.scim("POST", "/Users", person("ann", { title: "another" }))).status).toBe(409);
    const again = await house.scim("POST", "/Users", person("ann"));
    expect([again.status, again.body.id]).toEqual([201, found.body.Resources[0].id]);
    expect((await house.scim("POST", "/Users", person("ann"))).status).toBe(409);
    expect(house.vendor.state().users).toHaveLength(1);
  });
});

describe("two servers on one PostgreSQL", () => {
  test("that change different attributes of one person at once lose none of them, here or at the vendor", async () => {
    const place = await placeOn("postgres");
    const one = await open({ delivery: {}, vendor: {} }, { place });
    const two = await open({ delivery: {}, vendor: {} }, { place, vendor: one.vendor });
    const id = await join(one, "ann");
    const changes = [["name.givenName", "Augusta"], ["name.familyName", "King"], ["title", "Countess"], ["nickName", "A"], ["displayName", "AK"], ["userType", "x"], ["locale", "en-GB"], ["timezone", "Europe/London"]] as const;
    const answers = await Promise.all(changes.map(([path, value], n) => [one, two][n % 2]!.scim("PATCH", `/Users/${id}`, patch(replace(path, value)))));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    expect((await two.scim("GET", `/Users/${id}`)).body).toMatchObject({ name: { givenName: "Augusta", familyName: "King" }, title: "Countess", nickName: "A", displayName: "AK", userType: "x", locale: "en-GB", timezone: "Europe/London", active: true });
    await atRest(one);
    expect(account(one.vendor, "ann")).toMatchObject({ first_name: "Augusta", last_name: "King" });
  });
});

describe("somebody leaves a group and the company at the same moment", () => {
  test.each(["group first", "person first", "at once"])("%s: without access and without the role in the end, whoever was faster", async (order) => {
    const house = await open();
    await join(house, "root", { roles: [{ value: "Admins" }] });
    for (let n = 0; n < 5; n++) {
      const id = await join(house, `ann${n}`);
      const group = String((await house.scim("POST", "/Groups", { displayName: "Editors", externalId: `g${n}`, members: [{ value: id }] })).body.id);
      expect(account(house.vendor, `ann${n}`)?.role).toBe("Editor");
      const pushes = [() => house.scim("PATCH", `/Groups/${group}`, patch({ op: "remove", path: `members[value eq "${id}"]` })), () => house.scim("PATCH", `/Users/${id}`, off)];
      if (order === "at once") await Promise.all(pushes.map((push) => push()));
      else for (const push of order === "group first" ? pushes : pushes.toReversed()) await push();
      await atRest(house);
      expect(account(house.vendor, `ann${n}`)?.is_enabled).toBe(false);
      expect((await house.scim("GET", `/Users/${id}`)).body).toMatchObject({ active: false });
      await house.scim("PATCH", `/Users/${id}`, patch(replace("active", true)));
      await atRest(house);
      expect(account(house.vendor, `ann${n}`)).toMatchObject({ is_enabled: true, role: "User" });
      await house.scim("DELETE", `/Groups/${group}`);
    }
  });
});

describe("the vendor's lists lag", () => {
  test("a create whose answer is lost is not made again by a look that is too early", async () => {
    const vendor = await startLenientVendor();
    ends.push(() => vendor.stop());
    const house = await open({ delivery: { deadline: "400ms", settle: "1500ms" } }, { vendor: vendor as unknown as Vendor });
    vendor.addFault({ kind: "staleRead", ms: 900, match: { method: "GET" } });
    vendor.addFault({ kind: "resetAfter", match: { method: "POST" } });
    expect((await house.scim("POST", "/Users", person("ann"))).status).toBe(201);
    await atRest(house);
    expect(vendor.state().users).toHaveLength(1);
    expect(vendor.journal().filter(({ method }) => method === "POST")).toHaveLength(1);
  });
});

describe("an account that gets another address at the vendor", () => {
  test("is found by its id, and whoever got the address is not touched", async () => {
    const rig = await openRig("enlivy");
    ends.push(() => rig.stop());
    const { id, account: mine } = await rig.join("ann");
    await rig.behind("PUT", `/organizations/org_1/users/${mine}`, { email: "renamed@acme.example" });
    rig.vendor.seed({ users: [{ id: "org_user_other", email: "ann@acme.example", first_name: "Somebody", last_name: "Else", organization_user_role_id: "org_userrole_employee" }] });
    const held = (account: string) => (rig.vendor.state() as { users: { id: string; last_name: string; organization_user_role_id: string }[] }).users.find((user) => user.id === account);
    expect(await rig.push(id, { "name.familyName": "King" })).toBe(200);
    expect(await rig.push(id, { active: false })).toBe(200);
    expect(held(mine)).toMatchObject({ last_name: "King", organization_user_role_id: "org_userrole_leaver" });
    expect(held("org_user_other")).toMatchObject({ last_name: "Else", organization_user_role_id: "org_userrole_employee" });
  });
});

describe("a joiner who leaves before the account is there", () => {
  test.each([["switched off", "PATCH", off], ["deleted", "DELETE", undefined]] as const)("%s while the vendor is down: nobody has access afterwards", async (_, method, body) => {
    const house = await open();
    await house.vendor.setSwitches({ down: "on" });
    const id = await join(house, "ann");
    expect([200, 204]).toContain((await house.scim(method, `/Users/${id}`, body)).status);
    await house.vendor.setSwitches({ down: "off" });
    await atRest(house, 20_000);
    expect(account(house.vendor, "ann")?.is_enabled ?? false).toBe(false);
  });
  test("switched off while the create is under way: made and switched off", async () => {
    const house = await open({ delivery: { deadline: "5s", settle: "7s" }, vendor: { timeout: "3s" } });
    house.vendor.addFault({ kind: "delay", ms: 400, match: { method: "POST" } });
    const joining = house.scim("POST", "/Users", person("ann"));
    const held = await eventually(async () => (await house.scim("GET", `/Users?filter=${encodeURIComponent('userName eq "ann@acme.example"')}`)).body.Resources?.[0]);
    expect((await house.scim("PATCH", `/Users/${held.id}`, off)).status).toBe(200);
    expect((await joining).status).toBe(201);
    await atRest(house);
    expect(account(house.vendor, "ann")?.is_enabled).toBe(false);
  });
});

describe("the vendor's credential is changed", () => {
  test("what meets the old one is 502 and kept; a reload with the new one carries it out, and pushes meanwhile are never told 401 or 403", async () => {
    const house = await open();
    const ids = [await join(house, "ann"), await join(house, "bo"), await join(house, "cy")];
    house.vendor.addFault({ kind: "status", status: 401, body: { error: "revoked" }, match: { times: "always" } });
    const answers = await Promise.all([house.scim("PATCH", `/Users/${ids[0]}`, off), house.scim("DELETE", `/Users/${ids[1]}`), house.scim("PATCH", `/Users/${ids[2]}`, patch(replace("name.givenName", "Cyan"))), house.scim("POST", "/Users", person("di"))]);
    expect(answers.map(({ status }) => status)).toEqual([502, 502, 502, 502]);
    await house.vendor.clearFaults();
    const next = await startPeopleLens({ apiKeys: { admin: rotatedKey, member: "plk_member" } });
    ends.push(() => next.stop());
    next.seed({ users: house.vendor.state().users.map(({ id, email, first_name, last_name, is_enabled, role }) => ({ id, email, first_name, last_name, is_enabled, role })) });
    const document = JSON.parse(await readFile(house.file, "utf8")) as { connections: { acme: { settings: JsonObject } } };
    const rotated = { ...document, connections: { acme: { ...document.connections.acme, settings: { baseUrl: next.url, apiKey: rotatedKey } } } };
    await house.house.reload(await readConfig("test.yaml", { env: {}, readFile: async () => JSON.stringify(rotated) }));
    await atRest(house, 20_000);
    expect(next.state().users.filter(({ is_enabled }) => is_enabled).map(({ email }) => email)).toEqual(["cy@acme.example"]);
    expect((await house.scim("POST", "/Users", person("di"))).status).toBe(201);
  });
});

describe("addresses are swapped", () => {
  test("between two people: the first push is 409 and nothing is merged; by way of a third name both end as the IdP wants them, each on their own account", async () => {
    const house = await open({ onEmailChange: "keepLogin", identity: "workEmail" });
    const [ann, bo] = [await join(house, "ann", { name: { givenName: "Ann", familyName: "A" } }), await join(house, "bo", { name: { givenName: "Bo", familyName: "B" } })];
    const rename = (id: string, name: string) => house.scim("PATCH", `/Users/${id}`, patch(replace("userName", `${name}@acme.example`)));
    expect((await rename(ann, "bo")).status).toBe(409);
    expect((await rename(bo, "ann")).status).toBe(409);
    expect((await rename(ann, "between")).status).toBe(200);
    expect((await rename(bo, "ann")).status).toBe(200);
    expect((await rename(ann, "bo")).status).toBe(200);
    await atRest(house);
    expect([(await house.scim("GET", `/Users/${ann}`)).body.userName, (await house.scim("GET", `/Users/${bo}`)).body.userName]).toEqual(["bo@acme.example", "ann@acme.example"]);
    expect((await house.scim("PATCH", `/Users/${ann}`, off)).status).toBe(200);
    expect(house.vendor.state().users.map(({ first_name, is_enabled }) => `${first_name} ${is_enabled ? "on" : "off"}`)).toEqual(["Ann off", "Bo on"]);
  });
});

describe("another IdP takes over", () => {
  test("finds everybody by userName, writes its own externalId, and takes nothing from anybody by what it does not send", async () => {
    const house = await open();
    const ids = [await join(house, "ann", { roles: [{ value: "Editors" }], title: "Countess" }), await join(house, "bo")];
    const group = String((await house.scim("POST", "/Groups", { displayName: "Editors", members: [{ value: ids[1] }] })).body.id);
    const before = house.vendor.state();
    const calls = house.vendor.journal().length;
    for (const [n, name] of ["ann", "bo"].entries()) {
      const found = await house.scim("GET", `/Users?filter=${encodeURIComponent(`userName eq "${name.toUpperCase()}@acme.example"`)}`);
      expect(found.body.Resources.map(({ id }: { id: string }) => id)).toEqual([ids[n]]);
      const { externalId: _, roles: __, ...theirs } = found.body.Resources[0];
      expect((await house.scim("PATCH", `/Users/${ids[n]}`, patch(replace("externalId", `new-${name}`)))).status).toBe(200);
      expect((await house.scim("PUT", `/Users/${ids[n]}`, { ...theirs, externalId: `new-${name}` })).status).toBe(200);
    }
    expect((await house.scim("PATCH", `/Groups/${group}`, patch(replace("externalId", "new-group")))).status).toBe(200);
    expect((await house.scim("PUT", `/Groups/${group}`, { displayName: "Editors", externalId: "new-group" })).status).toBe(200);
    expect(house.vendor.state()).toEqual(before);
    expect(house.vendor.journal().length).toBe(calls);
    expect((await house.scim("GET", "/Users")).body.totalResults).toBe(2);
    expect((await house.scim("GET", `/Users/${ids[0]}`)).body).toMatchObject({ externalId: "new-ann", active: true, roles: [{ value: "Editors" }] });
    expect((await house.scim("GET", `/Groups/${group}`)).body.members).toHaveLength(1);
  });
});

describe("a first cycle is played again", () => {
  test("1,000 people are looked up and put as they are: no call, and nobody has another version", async () => {
    const place = await placeOn("sqlite");
    const house = await open({}, { place });
    const first = await join(house, "p-0");
    await atRest(house);
    const clones = await clonePeople(place, { id: first, name: "p-0", account: String(account(house.vendor, "p-0")?.id) }, Array.from({ length: 999 }, (_, n) => `p-${n + 1}`));
    house.vendor.seed({ users: clones.map(({ name, account: id }) => ({ id, email: `${name}@acme.example`, first_name: "Ada", last_name: "Lovelace", role: "User" })) });
    const calls = house.vendor.journal().length;
    const rows = async () => (await house.house.store.journalHead(acme)).seq;
    const before = await rows();
    const names = ["p-0", ...clones.map(({ name }) => name)];
    let next = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let name = names[next++]; name !== undefined; name = names[next++]) {
        const found = await house.scim("GET", `/Users?filter=${encodeURIComponent(`userName eq "${name}@acme.example"`)}`);
        const [resource] = found.body.Resources;
        const { status, body } = await house.scim("PUT", `/Users/${resource.id}`, person(name));
        expect([status, body.meta.version, body.meta.lastModified]).toEqual([200, resource.meta.version, resource.meta.lastModified]);
      }
    }));
    expect(house.vendor.journal().length).toBe(calls);
    expect(await rows()).toBe(before);
  });
});
