import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connector, Target } from "../../src/connectors/connector.ts";
import { capabilitiesOf } from "../../src/connectors/connector.ts";
import { checkSetup, connectorBudget, openConnector } from "../../src/connectors/registry.ts";
import type { ConnectorSetup } from "../../src/connectors/setup.ts";
import type { Evidence } from "../../src/model/capability.ts";
import { failureOf } from "../../src/model/failure.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import type { Vendor } from "./support/vendor.ts";
import { aCall, json, startVendor } from "./support/vendor.ts";

// oxlint-disable-next-line no-explicit-any
type Loose = any;

let vendor: Vendor;
let people: Loose[];
/** What the vendor does otherwise than documented. */
let odd: { noPut?: boolean; noDelete?: boolean; samePage?: boolean; noFlag?: boolean; shift?: boolean };

beforeEach(async () => {
  odd = {};
  people = ["ann", "joann", "bob", "ANN", "robot"].map((name, index) => ({ id: `p-${index}`, role: "editor", tags: ["a"], country: "RO", user: { email: `${name}@acme.example`, first: name.slice(0, 3), last: "Lee", locale: "en", kind: name === "robot" ? "serviceAccount" : "user" } }));
  vendor = await startVendor(({ method, url, body }, response) => {
    const { pathname, searchParams } = new URL(url, "http://x");
    const sent: Loose = body === "" ? {} : JSON.parse(body);
    const id = /^\/people\/(p-\d+)/.exec(pathname)?.[1];
    const person = people.find((one) => one.id === id);
    if (pathname === "/org-1/people/" || pathname === "/roles") {
      const all = pathname === "/roles" ? [{ id: "editor", name: "Editor" }, { id: "viewer" }, { id: "owner", name: "Owner" }] : people.filter(({ user }) => user.email.toLowerCase().includes((searchParams.get("email") ?? "").toLowerCase()));
      const page = odd.samePage ? 1 : Number(searchParams.get("page"));
      const size = Number(searchParams.get("per_page"));
      const from = (page - 1) * size - (odd.shift && page > 1 ? 1 : 0);
      return json(response, 200, { data: { items: all.slice(from, from + size), ...(odd.noFlag ? {} : { more: odd.samePage || from + size < all.length }) } });
    }
    if (method === "POST") {
      people.push({ id: `p-${people.length}`, role: "viewer", ...sent });
      return json(response, 200, { data: people.at(-1) });
    }
    if (!person || (method === "PUT" && odd.noPut) || (method === "DELETE" && odd.noDelete)) return json(response, 404, { message: "not found" });
    if (method === "GET") return json(response, 200, { data: person });
    if (method === "DELETE") people = people.filter((one) => one !== person);
    else if (pathname.endsWith("/profile")) { person.user = { ...person.user, ...sent.user }; person.country = sent.country; }
    else Object.assign(person, sent);
    return void response.writeHead(204).end();
  });
});
afterEach(() => vendor.stop());

const setup = (endpoints: Evidence = "inferred", more: Partial<ConnectorSetup> = {}): ConnectorSetup => ({
  connector: fileURLToPath(new URL("support/acme.yaml", import.meta.url)),
  settings: { baseUrl: vendor.origin, token: "tot_123", organizationId: "org-1" },
  endpoints,
  denyEndpoints: endpoints,
  onDeactivate: undefined,
  onDelete: undefined,
  egressAllow: ["127.0.0.1"],
  timeoutMs: 1_000,
  ...more,
});
const opened = (endpoints?: Evidence, more?: Partial<ConnectorSetup>): Promise<Connector> => openConnector(setup(endpoints, more));
const target = (id: string): Target => ({ account: accountId(id), kind: "account", email: undefined });
const failing = async (run: Promise<unknown> | undefined) => failureOf(await Promise.resolve(run).then(() => { throw new Error("it did not fail"); }, (thrown: unknown) => thrown));
const collect = async (connector: Connector) => {
  const ids: string[] = [];
  for await (const { id } of connector.list?.(aCall()) ?? []) ids.push(id);
  return ids;
};

describe("a method exists when every call that it needs may be used", () => {
  test.each<{ endpoints: Evidence; deny: Evidence; has: readonly string[] }>([
    { endpoints: "seed", deny: "seed", has: ["create", "find", "get", "list"] },
    { endpoints: "public", deny: "public", has: ["create", "find", "get", "list", "listRoles", "updateProfile"] },
    { endpoints: "public", deny: "observed", has: ["create", "deactivate", "find", "get", "list", "listRoles", "updateProfile"] },
    { endpoints: "public", deny: "inferred", has: ["create", "deactivate", "delete", "find", "get", "list", "listRoles", "updateProfile"] },
    { endpoints: "observed", deny: "seed", has: ["create", "find", "get", "list", "listRoles", "reactivate", "setRole", "setTags", "updateProfile"] },
    { endpoints: "inferred", deny: "inferred", has: ["create", "deactivate", "delete", "find", "get", "list", "listRoles", "reactivate", "setRole", "setTags", "updateProfile"] },
  ])("endpoints: $endpoints, denyEndpoints: $deny", async ({ endpoints, deny, has }) => {
    const connector = await opened(endpoints, { denyEndpoints: deny });
    expect([...capabilitiesOf(connector)].toSorted()).toEqual(has);
  });

  test("what is missing says why", async () => {
    const connector = await opened("public", { denyEndpoints: "public", onDeactivate: ["remove"] });
    expect(connector.traits.missing("setRole")).toBe('the evidence for "put" is "observed", and endpoints allows "public"');
    expect(connector.traits.missing("deactivate")).toBe('the evidence for "remove" is "inferred", and denyEndpoints allows "public"');
    expect((await opened("inferred", { onDeactivate: ["park"] })).traits.missing("deactivate")).toBe('the setting "noAccessRoleId" is missing');
  });

  test("a field of weak evidence is not sent", async () => {
    const wanted = { email: "new@acme.example", profile: { locale: "en-US" }, role: undefined, password: undefined };
    const call = aCall();
    await (await opened("seed")).create?.(wanted, call);
    await (await opened("public")).create?.({ ...wanted, email: "new2@acme.example" }, call);
    expect(call.exchanges.map(({ body }) => body)).toEqual([
      { user: { email: "new@acme.example" }, country: "RO" },
      { user: { email: "new2@acme.example", locale: "en" }, country: "RO" },
    ]);
  });
});

describe("lists", () => {
  test("every page, each person once, service accounts left out", async () => {
    expect(await collect(await opened())).toEqual(["p-0", "p-1", "p-2", "p-3"]);
    expect(vendor.seen.map(({ url }) => url)).toEqual([1, 2, 3].map((page) => `/org-1/people/?onlyUsers=true&page=${page}&limit=2&per_page=2`));
  });

  test("rows that shift while paging show nobody twice", async () => {
    odd.shift = true;
    expect(await collect(await opened())).toEqual(["p-0", "p-1", "p-2", "p-3"]);
  });

  test.each(["samePage", "noFlag"] as const)("a vendor that does not page as documented is protocol: %s", async (oddity) => {
    odd[oddity] = true;
    expect((await failing(collect(await opened()))).kind).toBe("protocol");
    expect(vendor.seen.length).toBeLessThanOrEqual(2);
  });

  test("find reads every page of the search, and scans where no search may be used", async () => {
    for (const endpoints of ["public", "seed"] as const) {
      vendor.seen.length = 0;
      const found = await (await opened(endpoints)).find?.("ann@ACME.example", aCall());
      expect(found?.map(({ id }) => id)).toEqual(["p-0", "p-3"]);
      expect(vendor.seen.map(({ url }) => url.includes("email="))).toEqual(endpoints === "public" ? [true, true] : [false, false, false]);
    }
  });

  test("get by scanning the list, where nothing else may be used", async () => {
    const connector = await opened("seed");
    expect(await connector.get?.(target("p-2"), aCall())).toMatchObject({ email: "bob@acme.example", active: true });
    expect(await connector.get?.(target("p-9"), aCall())).toBeUndefined();
    expect(await connector.get?.(target("p-4"), aCall())).toBeUndefined();
  });

  test("roles come from the vendor", async () => {
    expect(await (await opened()).listRoles?.(aCall())).toEqual([{ id: "editor", name: "Editor" }, { id: "viewer", name: "viewer" }, { id: "owner", name: "Owner" }]);
  });

  test("a check stops after the first page", async () => {
    await (await opened()).check(aCall());
    expect(vendor.seen).toHaveLength(1);
  });
});

test("a raw token, a header from a setting and an idempotency key are sent", async () => {
  await (await opened()).create?.({ email: "new@acme.example", profile: {}, role: undefined, password: undefined }, aCall());
  expect(vendor.seen[0]?.headers).toMatchObject({ authorization: "tot_123", "x-organization": "org-1", "idempotency-key": expect.stringMatching(/^c-test\.\d+$/) });
});

describe("writes", () => {
  test("fields that travel together are read first and sent together", async () => {
    const call = aCall();
    expect(await (await opened()).updateProfile?.(target("p-0"), { "name.familyName": "Low", "address.country": "de", locale: "de-AT" }, call)).toEqual({ confirmed: true, complete: true });
    expect(call.exchanges.map(({ method }) => method)).toEqual(["GET", "PUT", "GET"]);
    expect(call.exchanges[1]?.body).toEqual({ user: { first: "ann", last: "Low", locale: "de" }, country: "DE" });
  });

  test("clearing follows the manifest: null, empty, or refused", async () => {
    const call = aCall();
    const connector = await opened();
    await connector.updateProfile?.(target("p-0"), { "name.givenName": null, "name.familyName": null }, call);
    expect(call.exchanges[1]?.body).toMatchObject({ user: { first: null, last: "" } });
    expect(await failing(connector.updateProfile?.(target("p-0"), { locale: null }, call))).toMatchObject({ kind: "invalid", field: "locale" });
  });

  test.each([
    { changes: { "name.givenName": "Maximilian" }, says: /at most 5/ },
    { changes: { "address.country": "Romania" }, says: /address\.country/ },
  ])("$changes does not fit and is refused before anything is sent", async ({ changes, says }) => {
    expect(await failing((await opened()).updateProfile?.(target("p-0"), changes, aCall()))).toMatchObject({ kind: "invalid", detail: expect.stringMatching(says) });
    expect(vendor.seen).toEqual([]);
  });

  test("a role keeps the tags, and tags keep the role", async () => {
    const connector = await opened();
    const call = aCall();
    expect(await connector.setRole?.(target("p-0"), roleId("admin"), call)).toEqual({ confirmed: true, complete: true });
    await connector.setTags?.(target("p-0"), ["x", "y"], call);
    expect(call.exchanges.flatMap(({ method, body }) => (method === "PUT" ? [body] : []))).toEqual([{ role: "admin", tags: ["a"] }, { role: "admin", tags: ["x", "y"] }]);
  });

  test("who comes back without a role gets the default one", async () => {
    people[0].role = "unassigned";
    expect(await (await opened()).reactivate?.(target("p-0"), undefined, aCall())).toEqual({ confirmed: true, complete: true });
    expect(people[0].role).toBe("viewer");
  });

  test("404 to a call of weak evidence means that the call is missing, if the account is still shown; else that the account is gone", async () => {
    odd.noPut = true;
    const connector = await opened();
    expect(await failing(connector.setRole?.(target("p-0"), roleId("admin"), aCall()))).toMatchObject({ kind: "unsupported", capability: "setRole" });
    expect(await failing(connector.setTags?.(target("p-0"), [], aCall()))).toMatchObject({ kind: "unsupported", capability: "setTags" });
    expect(await failing(connector.reactivate?.(target("p-0"), undefined, aCall()))).toMatchObject({ kind: "unsupported", capability: "reactivate" });
    for (const id of ["p-9", "p-8"]) expect((await failing(connector.reactivate?.(target(id), undefined, aCall()))).kind).toBe("notFound");
  });

  test.each(["setRole", "setTags", "reactivate", "deactivate", "delete"] as const)("the owner is never changed: %s", async (method) => {
    people[0].role = "owner";
    const connector = await opened();
    const run = { setRole: () => connector.setRole?.(target("p-0"), roleId("viewer"), aCall()), setTags: () => connector.setTags?.(target("p-0"), [], aCall()), reactivate: () => connector.reactivate?.(target("p-0"), undefined, aCall()), deactivate: () => connector.deactivate?.(target("p-0"), aCall()), delete: () => connector.delete?.(target("p-0"), aCall()) }[method];
    expect(await failing(run())).toMatchObject({ kind: "refused", detail: "Acme: the owner is never changed" });
    expect(vendor.seen.every((one) => one.method === "GET")).toBe(true);
  });
});

describe("denials of weak evidence", () => {
  test("the first strategy that works is used", async () => {
    expect(await (await opened()).deactivate?.(target("p-0"), aCall())).toEqual({ confirmed: true, complete: true, by: "remove", gone: true });
  });

  test("a call that is not there (404, and the account is still shown) leads to the next strategy; a partial one says what is left", async () => {
    odd.noDelete = true;
    expect(await (await opened()).deactivate?.(target("p-0"), aCall())).toEqual({ confirmed: true, complete: false, left: "segment permissions", by: "unassign" });
  });

  test("a strategy whose setting is there comes before it", async () => {
    odd.noDelete = true;
    const connector = await opened("inferred", { settings: { ...setup().settings, noAccessRoleId: "parked" } });
    expect(await connector.deactivate?.(target("p-0"), aCall())).toEqual({ confirmed: true, complete: true, by: "park" });
    expect(await connector.get?.(target("p-0"), aCall())).toMatchObject({ active: false, role: "parked" });
  });

  test("when none is there, a person is asked", async () => {
    odd.noDelete = true;
    odd.noPut = true;
    expect(await failing((await opened()).deactivate?.(target("p-0"), aCall()))).toMatchObject({ kind: "unsupported", capability: "deactivate", steps: expect.stringContaining("Acme") });
  });

  test("404 for an account that is not shown either is notFound, for the positive control", async () => {
    odd.noDelete = true;
    expect((await failing((await opened("inferred", { onDeactivate: ["unassign"] })).deactivate?.(target("p-9"), aCall()))).kind).toBe("notFound");
  });
});

describe("opening", () => {
  test("the budget comes from the manifest", async () => {
    expect(await connectorBudget(setup())).toEqual({ requestsPerSecond: 2.5, burst: 50 });
    expect(await connectorBudget({ connector: "peoplelens" })).toEqual({ requestsPerSecond: 3, burst: 6 });
  });

  test.each<{ is: string; more: Partial<ConnectorSetup>; path: string; says: RegExp }>([
    { is: "an unknown connector", more: { connector: "salesforce" }, path: "connector", says: /peoplelens/ },
    { is: "a prototype's name", more: { connector: "constructor" }, path: "connector", says: /neither/ },
    { is: "a manifest that is not there", more: { connector: "./nowhere/manifest.yaml" }, path: "connector", says: /ENOENT/ },
    { is: "an unknown strategy", more: { onDeactivate: ["disable"] }, path: "onDeactivate.0", says: /remove, park, unassign/ },
    { is: "no strategy", more: { onDelete: [] }, path: "onDelete", says: /empty/ },
    { is: "an egress entry that is none", more: { egressAllow: ["*"] }, path: "egress.allow.0", says: /host name/ },
    { is: "a private address that is not allowed", more: { egressAllow: [] }, path: "settings.baseUrl", says: /egress\.allow/ },
    { is: "an address with a path", more: { settings: { baseUrl: "https://api.acme.example/v1", token: "t", organizationId: "o" } }, path: "settings.baseUrl", says: /origin/ },
    { is: "an address with credentials", more: { settings: { baseUrl: "https://me:secret@api.acme.example", token: "t", organizationId: "o" } }, path: "settings.baseUrl", says: /origin/ },
    { is: "a setting that is missing", more: { settings: { baseUrl: "https://api.acme.example", token: "t" } }, path: "settings.organizationId", says: /missing/ },
  ])("$is is reported at $path, and it does not open", async ({ more, path, says }) => {
    const problems = await checkSetup(setup("public", more));
    expect(problems.filter((problem) => problem.path === path && says.test(problem.message)), JSON.stringify(problems)).toHaveLength(1);
    expect((await failing(opened("public", more))).kind).toBe("invalid");
    expect(vendor.connections()).toBe(0);
  });

  test("a good setup has no problems", async () => expect(await checkSetup(setup())).toEqual([]));
});
