/**
 * The whole house in front of a simulated Applivery: what the IdP is told, what the vendor then holds, and which task is left.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import type { AppliveryState } from "../../src/connectors/applivery/simulated/state.ts";
import { startApplivery } from "../../src/connectors/applivery/simulator.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { connectionId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { ada, eventually, openTestHouse, patch } from "../support/house.ts";
import type { TestHouse } from "../support/house.ts";

interface Opened extends TestHouse {
  readonly vendor: RunningSimulator<AppliveryState>;
}
let opened: Opened | undefined;
afterEach(async () => {
  await opened?.stop();
  opened = undefined;
});

async function open(switches: Record<string, string> = {}, connection: JsonObject = {}): Promise<Opened> {
  const vendor = await startApplivery({ seed: "traps", switches });
  const roles = { map: [{ idp: "Admins", vendor: "admin", privileged: true }, { idp: "Editors", vendor: "editor" }, { idp: "Everyone", vendor: "viewer" }], fallback: "viewer" };
  const test = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: { connector: "applivery", settings: { baseUrl: vendor.url, apiKey: vendor.apiKey, organizationId: "acme" }, roles, ...connection } });
  opened = {
    ...test,
    vendor,
    async stop() {
      await test.stop();
      await vendor.stop();
    },
  };
  return opened;
}

const acme = connectionId("acme");
const both = { putCollaborator: "on", deleteCollaborator: "on" };
const off = patch({ op: "replace", path: "active", value: false });
const on = patch({ op: "replace", path: "active", value: true });
const tasks = ({ house }: Opened) => house.store.tasks(acme, { open: true });
const held = ({ vendor }: Opened, email: string) => {
  const { accounts, collaborators } = vendor.state();
  return collaborators.find(({ account }) => accounts.find(({ id }) => id === account)?.email === email);
};
const calls = ({ vendor }: Opened, from = 0) => vendor.journal().slice(from).map(({ method, path }) => `${method} ${decodeURIComponent(path).replace("/v1/organizations/acme/", "").replace(/[0-9a-f]{24}/, "*").replace(/[?&]page=1&limit=100/, "")}`);
const search = "GET collaborators/?email=ada@acme.example";

async function joined(house: Opened, more: object = {}): Promise<string> {
  const { status, body } = await house.scim("POST", "/Users", ada(more));
  expect(status).toBe(201);
  return String(body.id);
}

describe("calls per push", () => {
  test("a create is one lookup and one create; a push that changes nothing is none", async () => {
    const house = await open(both, { endpoints: "observed" });
    const id = await joined(house, { roles: [{ value: "Everyone" }] });
    expect(calls(house)).toEqual([search, "POST oem/users"]);
    expect((await house.scim("PUT", `/Users/${id}`, ada({ roles: [{ value: "Everyone" }] }))).status).toBe(200);
    expect(calls(house)).toHaveLength(2);
  });

  test("a role is one read, one write, one read-back", async () => {
    const house = await open(both, { endpoints: "observed" });
    const id = await joined(house, { roles: [{ value: "Everyone" }] });
    const before = calls(house).length;
    expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: "Editors" }] }))).status).toBe(200);
    expect(calls(house, before)).toEqual([search, "PUT collaborators/*", search]);
    expect(held(house, "ada@acme.example")?.role).toBe("editor");
  });
});

describe("a leaver", () => {
  test("is removed by default where the call exists, and the segment permissions have nobody to let in", async () => {
    const house = await open(both);
    const id = await joined(house);
    house.vendor.seed({ permissions: [{ emails: ["ada@acme.example"] }] });
    expect(await house.scim("PATCH", `/Users/${id}`, off)).toMatchObject({ status: 200, body: { active: false } });
    expect(held(house, "ada@acme.example")).toBeUndefined();
    expect(house.vendor.state().access.map(({ email }) => email)).not.toContain("ada@acme.example");
  });

  test("where neither call exists: 501 with the steps, a task, and still active", async () => {
    const house = await open();
    const id = await joined(house);
    const { status, body } = await house.scim("PATCH", `/Users/${id}`, off);
    expect(status).toBe(501);
    expect(body.detail).toContain("Applivery");
    expect(await tasks(house)).toMatchObject([{ resource: id, steps: expect.stringContaining("take the address out of every segment permission") as string }]);
    expect((await house.scim("GET", `/Users/${id}`)).body.active).toBe(true);
    expect(held(house, "ada@acme.example")?.role).toBe("viewer");
  });

  test("where denials may use nothing weak: 501 without a single call", async () => {
    const house = await open(both, { denyEndpoints: "public" });
    const id = await joined(house);
    const before = calls(house).length;
    expect((await house.scim("PATCH", `/Users/${id}`, off)).status).toBe(501);
    expect(calls(house, before)).toEqual([]);
    expect(await tasks(house)).toHaveLength(1);
  });

  test("who is unassigned: 501 that names the permissions, a task that does too, and active until a person confirms", async () => {
    const house = await open({ putCollaborator: "on" });
    const id = await joined(house);
    house.vendor.seed({ permissions: [{ id: "65c0000000000000000000d1", name: "Kiosk", emails: ["ADA@acme.example"] }, { id: "65c0000000000000000000d2", name: "Other", emails: ["bea@acme.example"] }] });
    const { status, body } = await house.scim("PATCH", `/Users/${id}`, off);
    expect([status, body.detail]).toEqual([501, expect.stringContaining('65c0000000000000000000d1 ("Kiosk")')]);
    expect(body.detail).not.toContain("65c0000000000000000000d2");
    expect(held(house, "ada@acme.example")).toMatchObject({ role: "unassigned", tags: [] });
    expect((await house.scim("GET", `/Users/${id}`)).body.active).toBe(true);
    const [task] = await tasks(house);
    expect(task?.steps).toContain("65c0000000000000000000d1");
    const again = await house.scim("PATCH", `/Users/${id}`, off);
    expect([again.status, (await tasks(house)).length]).toEqual([501, 1]);
  });

  test("whom a removal that lied still shows: 502, an open denial, and removed when the vendor comes to its senses", async () => {
    const house = await open(both);
    const id = await joined(house);
    house.vendor.addFault({ kind: "status", status: 200, body: { status: true }, match: { method: "DELETE" } });
    expect((await house.scim("PATCH", `/Users/${id}`, off)).status).toBe(502);
    expect(await house.house.store.openWork(acme, 10)).toHaveLength(1);
    await eventually(() => held(house, "ada@acme.example") === undefined, 20_000);
  });

  test("the owner is never touched: 502, and an open denial", async () => {
    const house = await open(both, { roles: { map: [{ idp: "Owners", vendor: "owner" }] } });
    const { status, body } = await house.scim("POST", "/Users", ada({ userName: "olga@acme.example" }));
    expect(status).toBe(201); // adopted, with her role
    expect((await house.scim("PATCH", `/Users/${body.id}`, off)).status).toBe(502);
    expect(held(house, "olga@acme.example")?.role).toBe("owner");
    expect(calls(house).every((one) => one.startsWith("GET"))).toBe(true);
  });
});

describe("a joiner", () => {
  test("with an account elsewhere on the platform: 409, a task, nothing kept", async () => {
    const house = await open();
    const { status, body } = await house.scim("POST", "/Users", ada({ userName: "elsewhere@acme.example" }));
    expect([status, body.scimType]).toEqual([409, "uniqueness"]);
    expect(await tasks(house)).toHaveLength(1);
    expect((await house.scim("GET", '/Users?filter=userName eq "elsewhere@acme.example"')).body.totalResults).toBe(0);
  });

  test("where OEM users are switched off: 501, a task, nothing kept", async () => {
    const house = await open();
    house.vendor.seed({ oem: false });
    const { status, body } = await house.scim("POST", "/Users", ada());
    expect([status, body.detail]).toEqual([501, expect.stringContaining("OEM provisioning is off")]);
    expect(await tasks(house)).toMatchObject([{ steps: expect.stringContaining("add Ada Lovelace <ada@acme.example>") as string }]);
    expect((await house.scim("GET", '/Users?filter=userName eq "ada@acme.example"')).body.totalResults).toBe(0);
  });

  test("a service account with the address is nobody: 4009, so 409 and never adopted", async () => {
    const house = await open();
    expect((await house.scim("POST", "/Users", ada({ userName: "robot@acme.example" }))).status).toBe(409);
    expect(held(house, "robot@acme.example")?.role).toBe("admin");
  });

  test("whose answer is lost is found after the settle time: one account, one link", async () => {
    const house = await open(both, { delivery: { deadline: "300ms", settle: "500ms" }, vendor: { timeout: "200ms" } });
    house.vendor.addFault({ kind: "resetAfter", match: { method: "POST" } });
    const id = await joined(house);
    await eventually(async () => (await house.house.store.openWork(acme, 10)).length === 0);
    expect(house.vendor.journal().filter(({ method }) => method === "POST")).toHaveLength(1);
    expect(await house.scim("PATCH", `/Users/${id}`, off)).toMatchObject({ status: 200 });
    expect(held(house, "ada@acme.example")).toBeUndefined();
  });

  test("brings a secret along that stands nowhere afterwards", async () => {
    const house = await open(both);
    const id = await joined(house);
    const secret = house.vendor.state().accounts.at(-1)?.oemSecret ?? "none";
    const journal = JSON.stringify(await house.house.store.journal(acme, { limit: 100 }));
    expect(secret).toHaveLength(32);
    expect(JSON.stringify((await house.scim("GET", `/Users/${id}`)).body) + journal).not.toContain(secret);
    expect(journal).toContain("oem/users");
  });
});

describe("a mover", () => {
  test("under the default evidence a role change is 501 with the steps, and the role is as it was", async () => {
    const house = await open(both);
    const id = await joined(house, { roles: [{ value: "Everyone" }] });
    const { status } = await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: "Editors" }] }));
    expect(status).toBe(501);
    expect(await tasks(house)).toMatchObject([{ steps: expect.stringContaining("the role editor") as string }]);
    expect(held(house, "ada@acme.example")?.role).toBe("viewer");
  });

  test("tags survive a role change", async () => {
    const house = await open(both, { endpoints: "observed" });
    const { body } = await house.scim("POST", "/Users", ada({ userName: "joann@acme.example", roles: [{ value: "Everyone" }] }));
    expect((await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "roles", value: [{ value: "Editors" }] }))).status).toBe(200);
    expect(held(house, "joann@acme.example")).toMatchObject({ role: "editor", tags: ["field"] });
  });
});

describe("tags", () => {
  const mapped = { endpoints: "observed", tags: { map: [{ idp: "Field staff", vendor: "field" }, { idp: "Kiosks", vendor: "kiosk" }] } };
  const roles = (...values: readonly string[]) => patch({ op: "replace", path: "roles", value: values.map((value) => ({ value })) });

  test("come and go with what the map names; those that nobody has mapped stay, and so does the role", async () => {
    const house = await open(both, mapped);
    const { body } = await house.scim("POST", "/Users", ada({ userName: "ann@acme.example", roles: [{ value: "Editors" }] }));
    for (const [values, tags] of [[["Editors", "Kiosks"], ["emea", "kiosk"]], [["Editors", "Kiosks", "Field staff"], ["emea", "field", "kiosk"]], [["Editors"], ["emea"]]] as const) {
      expect((await house.scim("PATCH", `/Users/${body.id}`, roles(...values))).status).toBe(200);
      expect(held(house, "ann@acme.example")?.tags.toSorted()).toEqual(tags);
      expect(held(house, "ann@acme.example")?.role).toBe("editor");
    }
    expect((await house.scim("PATCH", `/Users/${body.id}`, roles("Everyone"))).status).toBe(200);
    expect(held(house, "ann@acme.example")).toMatchObject({ role: "viewer", tags: ["emea"] });
  });

  test("are 501 with the steps where the evidence does not allow a change", async () => {
    const house = await open(both, { ...mapped, endpoints: "public" });
    const id = await joined(house, { roles: [{ value: "Everyone" }] });
    expect((await house.scim("PATCH", `/Users/${id}`, roles("Everyone", "Kiosks"))).status).toBe(501);
    expect(await tasks(house)).toMatchObject([{ steps: expect.stringContaining("correct the tags of") as string }]);
  });
});

describe("one who returns", () => {
  test("after having been removed is created again, where the vendor lets her", async () => {
    const house = await open({ ...both, createAfterRemove: "200" }, { endpoints: "observed" });
    const id = await joined(house);
    await house.scim("PATCH", `/Users/${id}`, off);
    const { status, body } = await house.scim("PATCH", `/Users/${id}`, on);
    expect([status, body.active]).toEqual([200, true]);
    expect(held(house, "ada@acme.example")?.role).toBe("viewer");
    expect(await house.scim("PATCH", `/Users/${id}`, off)).toMatchObject({ status: 200 });
    expect(held(house, "ada@acme.example")).toBeUndefined();
  });

  test("after having been removed, and the vendor does not let her: 409 and a task", async () => {
    const house = await open(both, { endpoints: "observed" });
    const id = await joined(house);
    await house.scim("PATCH", `/Users/${id}`, off);
    expect((await house.scim("PATCH", `/Users/${id}`, on)).status).toBe(409);
    expect(await tasks(house)).toHaveLength(1);
  });

  test("after having been unassigned gets the role and keeps the tags", async () => {
    const house = await open({ putCollaborator: "on" }, { endpoints: "observed" });
    const { body } = await house.scim("POST", "/Users", ada({ userName: "joann@acme.example", roles: [{ value: "Everyone" }] }));
    await house.scim("PATCH", `/Users/${body.id}`, off);
    expect((await house.scim("PATCH", `/Users/${body.id}`, on)).status).toBe(200);
    expect(held(house, "joann@acme.example")?.role).toBe("viewer");
  });
});

describe("a role that the vendor chose", () => {
  test("is set right at once where a role change is allowed", async () => {
    const house = await open({ ...both, newRole: "admin" }, { endpoints: "observed" });
    await joined(house, { roles: [{ value: "Everyone" }] });
    await eventually(() => held(house, "ada@acme.example")?.role === "viewer");
  });

  test("is 201 with an alarm and a task where it is not", async () => {
    const house = await open({ ...both, newRole: "admin" });
    const id = await joined(house, { roles: [{ value: "Everyone" }] });
    expect(await tasks(house)).toMatchObject([{ resource: id, steps: expect.stringContaining("role viewer") as string }]);
  });

  test("unassigned is nobody's access: a role is given at once where that is allowed, else asked of a person", async () => {
    const allowed = await open({ ...both, newRole: "unassigned" }, { endpoints: "observed" });
    await joined(allowed, { roles: [{ value: "Everyone" }] });
    await eventually(() => held(allowed, "ada@acme.example")?.role === "viewer");
    await allowed.stop();
    const house = await open({ ...both, newRole: "unassigned" });
    await joined(house, { roles: [{ value: "Everyone" }] });
    expect(await tasks(house)).toHaveLength(1);
  });
});
