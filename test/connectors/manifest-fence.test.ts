/**
 * Whom a connection must leave alone, and what a manifest can say about lists, lookups and coming back.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import type { Connector, Target } from "../../src/connectors/connector.ts";
import type { HttpRequest } from "../../src/connectors/kit/http.ts";
import { failureOf } from "../../src/model/failure.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { acme, engine } from "./support/engine.ts";
import { aCall } from "./support/vendor.ts";

const target = (id: string): Target => ({ account: accountId(id), kind: "account", email: undefined });
const failing = async (run: Promise<unknown> | undefined) => failureOf(await Promise.resolve(run).then(() => { throw new Error("it did not fail"); }, (thrown: unknown) => thrown));
const person = (id: string, role: string | undefined, more: JsonObject = {}): JsonObject => ({ id, ...(role === undefined ? {} : { role }), tags: ["a"], user: { email: `${id}@acme.example` }, ...more });
const listed = async (connector: Connector) => {
  const ids: string[] = [];
  for await (const { id } of connector.list?.(aCall()) ?? []) ids.push(id);
  return ids;
};

describe("the fence", () => {
  const people = [person("p-1", "viewer"), person("p-2", "editor"), person("p-3", "customer"), person("p-4", "left"), person("p-5", undefined)];
  const fenced = (guard?: "lists" | "writes") =>
    acme((raw) => {
      raw.settings.managedRoleIds = { label: "roles", list: true };
      raw.roles.managed = { setting: "managedRoleIds", also: ["{noAccessRoleId}"], ...(guard && { guard }) };
      raw.operations.setTags.readFirst = "get";
    });
  const answer = ({ call, path }: HttpRequest): Json => (call === "get" ? { data: people.find(({ id }) => path.endsWith(String(id))) ?? {} } : { data: { items: people, more: false } });
  const open = (settings: Readonly<Record<string, unknown>>, managedRoles?: readonly string[], guard?: "lists" | "writes") => engine(fenced(guard), answer, { settings, ...(managedRoles && { managedRoles }) });

  test.each<{ is: string; settings: Readonly<Record<string, unknown>>; mapped: readonly string[] | undefined; roles: readonly string[] | undefined; shows: readonly string[] }>([
    { is: "drawn by the setting", settings: { managedRoleIds: ["editor"] }, mapped: ["customer"], roles: ["editor", "viewer"], shows: ["p-1", "p-2"] },
    { is: "drawn by the role policy where there is no setting", settings: {}, mapped: ["editor"], roles: ["editor", "viewer"], shows: ["p-1", "p-2"] },
    { is: "wider by what the manifest adds", settings: { noAccessRoleId: "left" }, mapped: [], roles: ["left", "viewer"], shows: ["p-1", "p-4"] },
    { is: "not drawn where nobody says anything", settings: {}, mapped: undefined, roles: undefined, shows: ["p-1", "p-2", "p-3", "p-4", "p-5"] },
  ])("is $is: lists leave everybody else out", async ({ settings, mapped, roles, shows }) => {
    const { connector } = open(settings, mapped);
    expect(await listed(connector)).toEqual(shows);
    expect(connector.traits.managedRoles && [...connector.traits.managedRoles]).toEqual(roles);
  });

  test("hides nobody from a lookup: whoever has the address stands in the way of a create", async () => {
    expect(await open({}, ["editor"]).connector.find?.("p-3@acme.example", aCall())).toMatchObject([{ id: "p-3", role: "customer" }]);
  });

  const deeds: Readonly<Record<string, (connector: Connector, id: string) => Promise<unknown> | undefined>> = {
    setRole: (connector, id) => connector.setRole?.(target(id), roleId("viewer"), aCall()),
    setTags: (connector, id) => connector.setTags?.(target(id), [], aCall()),
    updateProfile: (connector, id) => connector.updateProfile?.(target(id), { "name.givenName": "Eve" }, aCall()),
    reactivate: (connector, id) => connector.reactivate?.(target(id), roleId("viewer"), aCall()),
    deactivate: (connector, id) => connector.deactivate?.(target(id), aCall()),
    delete: (connector, id) => connector.delete?.(target(id), aCall()),
  };
  test.each(Object.keys(deeds))("nobody outside is written to: %s", async (deed) => {
    const { connector, requests } = open({}, ["editor"]);
    expect(await failing(deeds[deed]?.(connector, "p-3"))).toMatchObject({ kind: "refused", detail: 'Acme: this connection does not manage accounts in the role "customer"' });
    expect(await failing(deeds[deed]?.(connector, "p-5"))).toMatchObject({ kind: "refused", detail: expect.stringContaining("not shown") });
    expect(requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("that guards lists only costs no read before a write", async () => {
    const counted = async (guard: "lists" | "writes") => {
      const manifest = acme((raw) => {
        raw.account.protect = [];
        raw.roles.managed = { guard };
        raw.operations.setRole = { call: "put", body: { role: "{role}" }, confirm: { call: "get", at: "role", equals: "{role}" } };
      });
      const { connector, requests } = engine(manifest, answer, { managedRoles: ["editor"] });
      await connector.setRole?.(target("p-1"), roleId("viewer"), aCall());
      return requests.map(({ method }) => method);
    };
    expect(await counted("lists")).toEqual(["PUT", "GET"]);
    expect(await counted("writes")).toEqual(["GET", "PUT", "GET"]);
  });

  test.each<{ is: string; change: (raw: { [name: string]: never }) => void; says: string }>([
    { is: "a setting that is no list", change: (raw: Loose) => { raw.roles.managed = { setting: "organizationId" }; }, says: 'there is no setting "organizationId" with a list' },
    { is: "a write that could not look first", change: (raw: Loose) => { raw.roles.managed = {}; raw.account.protect = []; delete raw.operations.setTags.readFirst; raw.operations.setTags.body = { tags: "{tags}" }; }, says: "operations.setTags.readFirst somebody is protected or outside the fence" },
    { is: "a denial that could not look first", change: (raw: Loose) => { raw.denials.strategies.park.confirm = "none"; }, says: "denials.strategies.park.readFirst somebody is protected" },
  ])("$is is a mistake in the manifest", ({ change, says }) => expect(() => acme(change)).toThrow(says));
});

// oxlint-disable-next-line no-explicit-any
type Loose = any;

test("whom a setting names is protected", async () => {
  const manifest = acme((raw) => { raw.account.protect = [{ at: "user.email", in: ["{ownEmail}"], because: "this is our own account" }]; raw.settings.ownEmail = { label: "own address" }; });
  const answer = () => ({ data: { items: [person("p-1", "viewer")], more: false } });
  const deactivate = (ownEmail: string) => engine(manifest, answer, { settings: { ownEmail } }).connector.deactivate?.(target("p-1"), aCall());
  expect(await failing(deactivate("p-1@acme.example"))).toMatchObject({ kind: "refused", detail: "Acme: this is our own account" });
  expect((await failing(deactivate("p-2@acme.example"))).kind).not.toBe("refused");
});

describe("a lookup by scan", () => {
  const scanning = acme((raw) => { raw.operations.find = { scan: "list", everyItemHas: ["user.email"], otherwise: "the key is weak" }; raw.paging = { style: "none" }; });

  test("reads the list once for all who ask at once, and compares whole addresses", async () => {
    const { connector, requests } = engine(scanning, () => ({ data: { items: [person("p-1", "viewer"), person("p-11", "viewer")] } }));
    const found = await Promise.all(["P-1@acme.example", "1@acme.example", "p-11@acme.example"].map(async (email) => connector.find?.(email, aCall())));
    expect(found.map((accounts) => accounts?.map(({ id }) => String(id)))).toEqual([["p-1"], [], ["p-11"]]);
    expect(requests).toHaveLength(1);
    await connector.find?.("p-1@acme.example", aCall());
    expect(requests).toHaveLength(2);
  });

  test("a key that hides addresses is found out before everybody is a stranger", async () => {
    const { connector } = engine(scanning, () => ({ data: { items: [{ id: "p-1", role: "viewer" }] } }));
    expect(await failing(connector.find?.("p-1@acme.example", aCall()))).toMatchObject({ kind: "credentials", detail: expect.stringContaining("the key is weak") });
  });
});

describe("coming back", () => {
  const manifest = acme((raw) => {
    raw.calls.restore = { method: "POST", path: "/people/{id}/restore", evidence: "public", repeat: "same" };
    raw.operations.reactivate = { ...raw.operations.reactivate, readFirst: "get", restore: { call: "restore", when: { at: "deletedAt", isNull: false } } };
  });
  const run = async (record: JsonObject) => {
    const { connector, requests } = engine(manifest, ({ call }) => (call === "list" ? { data: { items: [{ ...record, role: "viewer", deletedAt: null }], more: false } } : { data: record }));
    const done = await connector.reactivate?.(target("p-1"), undefined, aCall()).catch(failureOf);
    return { done, calls: requests.map(({ call }) => call) };
  };

  test("who was thrown away is restored first, everybody else is not", async () => {
    expect(await run(person("p-1", "unassigned", { deletedAt: "2026-01-01" }))).toEqual({ done: { confirmed: true, complete: true }, calls: ["get", "restore", "get", "put", "list"] });
    expect((await run(person("p-1", "unassigned", { deletedAt: null }))).calls).toEqual(["get", "get", "put", "list"]);
    expect((await run(person("p-1", "unassigned"))).calls).toEqual(["get", "get", "put", "list"]);
  });

  test("who is protected is not even restored", async () => {
    expect(await run(person("p-1", "owner", { deletedAt: "2026-01-01" }))).toMatchObject({ done: { kind: "refused" }, calls: ["get", "get"] });
  });

  test("the read that decides must be named", () => {
    expect(() => acme((raw) => { raw.operations.reactivate.restore = { call: "put", when: { at: "x", isNull: false } }; })).toThrow("operations.reactivate.readFirst whether to restore");
  });
});

describe("lists", () => {
  const pages = (end: Loose, answers: readonly Json[]) => {
    const { connector, requests } = engine(acme((raw) => { raw.paging.end = end; }), ({ path }) => answers[Number(/page=(\d+)/.exec(path)?.[1]) - 1] ?? { data: { items: [], total: 3 } });
    return listed(connector).then((ids) => ({ ids, requests: requests.length }));
  };
  const page = (ids: readonly string[], total?: Json) => ({ data: { items: ids.map((id) => person(id, "viewer")), ...(total === undefined ? {} : { total }) } });

  test("end by the number of entries, also when some have gone meanwhile", async () => {
    const end = { by: "total", at: "data.total" };
    expect(await pages(end, [page(["p-1", "p-2"], 3), page(["p-3"], 3)])).toEqual({ ids: ["p-1", "p-2", "p-3"], requests: 2 });
    expect(await pages(end, [page(["p-1", "p-2"], 3)])).toEqual({ ids: ["p-1", "p-2"], requests: 2 });
    expect(await failing(pages(end, [page(["p-1", "p-2"])]))).toMatchObject({ kind: "protocol" });
  });

  test("may page otherwise, or stand elsewhere, than the others", async () => {
    const manifest = acme((raw) => { raw.calls.roles = { ...raw.calls.roles, items: ["", "content"], paging: { style: "none" } }; });
    for (const answer of [[{ id: "viewer" }], { content: [{ id: "viewer" }] }]) {
      const { connector, requests } = engine(manifest, () => answer);
      expect(await connector.listRoles?.(aCall())).toEqual([{ id: "viewer", name: "viewer" }]);
      expect(requests.map(({ path }) => path)).toEqual(["/roles"]);
    }
    expect((await failing(engine(manifest, () => ({ data: [] })).connector.listRoles?.(aCall()))).kind).toBe("protocol");
  });
});

test("tags are shown, as texts or as records, and a change of them is proven as a set", async () => {
  const manifest = acme((raw) => { raw.account.tags = "tags"; raw.operations.setTags.confirm = { call: "get", at: "tags", equals: "{tags}" }; });
  const run = (tags: Json) => engine(manifest, () => ({ data: person("p-1", "viewer", { tags }) })).connector;
  expect(await run([{ id: "x" }, { id: "y" }]).get?.(target("p-1"), aCall())).toMatchObject({ tags: ["x", "y"] });
  expect(await run(["y", "x"]).setTags?.(target("p-1"), ["x", "y"], aCall())).toEqual({ confirmed: true, complete: true });
  expect((await failing(run(["x"]).setTags?.(target("p-1"), ["x", "y"], aCall()))).kind).toBe("protocol");
  expect(await run(null).setTags?.(target("p-1"), ["x"], aCall())).toEqual({ confirmed: false, complete: true });
});

test("a call may have headers of its own, and each sending of a create a key of its own", async () => {
  const manifest = acme((raw) => { raw.calls.create.headers = { "X-For": "{email}", "X-Nothing": "{noAccessRoleId}" }; });
  const { connector, requests } = engine(manifest, () => ({ data: person("p-9", "viewer", { user: { email: "new@acme.example" } }) }));
  for (let time = 0; time < 2; time++) await connector.create?.({ email: "new@acme.example", profile: {}, role: undefined, password: undefined }, aCall());
  expect(requests[0]?.headers).toMatchObject({ "X-For": "new@acme.example" });
  expect(requests[0]?.headers).not.toHaveProperty("X-Nothing");
  const keys = requests.map(({ headers }) => headers?.["Idempotency-Key"]);
  expect(new Set(keys).size).toBe(2);
  for (const key of keys) expect(key).toMatch(/^c-test\./);
});
