import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connector, NewAccount, Target } from "../../src/connectors/connector.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import type { EnlivyState } from "../../src/connectors/enlivy/simulated/state.ts";
import { startEnlivy } from "../../src/connectors/enlivy/simulator.ts";
import { checkSetup, manifestOf, openConnector } from "../../src/connectors/registry.ts";
import type { ConnectorSetup } from "../../src/connectors/setup.ts";
import { failureOf } from "../../src/model/failure.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import { Secret } from "../../src/runtime/secret.ts";
import { aCall } from "./support/vendor.ts";

let vendor: RunningSimulator<EnlivyState>;
let connector: Connector;

const setup = (settings: Readonly<Record<string, unknown>> = {}, more: Partial<ConnectorSetup> = {}): ConnectorSetup => ({
  connector: "enlivy",
  settings: { baseUrl: vendor.url, token: new Secret(vendor.apiKey), organizationId: "org_1", defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO", ...settings },
  endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 1_000,
  ...more,
});

beforeEach(async () => {
  vendor = await startEnlivy({ seed: "traps" });
  connector = await openConnector(setup());
});
afterEach(() => vendor.stop());

const ada: NewAccount = { email: "ada@acme.example", profile: { "name.givenName": "Ada", "name.familyName": "Lovelace" }, role: roleId("org_userrole_lead"), password: undefined };
const person = (email: string) => {
  const user = vendor.state().users.find((one) => one.email === email);
  if (!user) throw new Error(`nobody is called ${email}`);
  return user;
};
const target = (email: string): Target => ({ account: accountId(person(email).id), kind: "account", email });
const requests = () => vendor.journal().map(({ method, path, body }) => ({ method, path: decodeURIComponent(path).replace(/org_user_[0-9a-f]+/, "*"), body }));
const failing = async (run: Promise<unknown> | undefined) => (run ?? Promise.resolve()).then(() => expect.fail("it did not fail"), failureOf);

describe("settings", () => {
  test("a whole setup has no mistakes, and the vendor's own address is the default", async () => {
    expect(await checkSetup(setup())).toEqual([]);
    expect(await checkSetup(setup({ baseUrl: undefined }, { egressAllow: [] }))).toEqual([]);
  });

  test.each([
    ["an organisation that is none", { organizationId: "acme" }, "settings.organizationId"], ["no default role", { defaultRoleId: undefined }, "settings.defaultRoleId"], ["no default country", { defaultCountry: undefined }, "settings.defaultCountry"],
    ["a country's name", { defaultCountry: "Romania" }, "settings.defaultCountry"], ["the scheme inside the token", { token: new Secret("Bearer 1|abc") }, "settings.token"], ["one managed role where a list is due", { managedRoleIds: "org_userrole_lead" }, "settings.managedRoleIds"],
    ["an address with a path", { baseUrl: "https://api.enlivy.com/v1" }, "settings.baseUrl"],
  ])("%s is found, without showing the value", async (_name, settings, path) => {
    const problems = await checkSetup(setup(settings));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(JSON.stringify(problems)).not.toContain("1|abc");
  });

  test("without a role for leavers they are deleted; with that as the only strategy there is no deactivation, and it says why", async () => {
    await (await openConnector(setup({ noAccessRoleId: undefined }))).deactivate?.(target("joann@acme.example"), aCall());
    expect(person("joann@acme.example").deleted_at).not.toBeNull();
    const none = await openConnector(setup({ noAccessRoleId: undefined }, { onDeactivate: ["noAccessRole"] }));
    expect(none.deactivate).toBeUndefined();
    expect(none.traits.missing("deactivate")).toContain("noAccessRoleId");
  });
});

describe("exact requests", () => {
  test("a look is one search over everybody, trash included, and both names of the page size", async () => {
    await connector.find?.("joann@acme.example", aCall());
    expect(requests()).toEqual([{ method: "GET", path: "/organizations/org_1/users?email=joann@acme.example&deleted=-1&include=user_role&page=1&limit=50&per_page=50", body: null }]);
  });

  test("a create sends what is there and nothing else", async () => {
    await connector.create?.(ada, aCall());
    expect(requests()).toEqual([{ method: "POST", path: "/organizations/org_1/users", body: { organization_user_role_id: "org_userrole_lead", email: "ada@acme.example", first_name: "Ada", last_name: "Lovelace", country_code: "RO" } }]);
  });

  test("a leaver is one edit and one look; a removal one call and one look", async () => {
    await connector.deactivate?.(target("joann@acme.example"), aCall());
    await connector.delete?.(target("joann@acme.example"), aCall());
    const one = { path: "/organizations/org_1/users/*?include=tag_ids,user_role", body: null };
    expect(requests()).toEqual([
      { method: "PUT", path: "/organizations/org_1/users/*", body: { organization_user_role_id: "org_userrole_leaver" } }, { method: "GET", ...one },
      { method: "DELETE", path: "/organizations/org_1/users/*", body: null }, { method: "GET", ...one },
    ]);
  });

  test("a new address, and a city that is emptied, are one edit", async () => {
    await connector.updateProfile?.(target("ioana@acme.example"), { email: "ioana.s@acme.example", "address.locality": null }, aCall());
    expect(requests()).toEqual([{ method: "PUT", path: "/organizations/org_1/users/*", body: { email: "ioana.s@acme.example", address_city: null } }]);
    expect(person("ioana.s@acme.example")).toMatchObject({ address_city: null, address_line_1: "Str. 1" });
  });

  test("a list of 53 is two pages, whoever is added meanwhile", async () => {
    const seen: string[] = [];
    for await (const { id } of connector.list?.(aCall()) ?? []) {
      if (seen.length === 10) vendor.seed({ users: [{ email: "new@acme.example" }] });
      seen.push(id);
    }
    expect(seen).toHaveLength(53);
    expect(new Set(seen).size).toBe(53);
    expect(requests()).toHaveLength(2);
  });
});

describe("the traps", () => {
  test.each([
    ["ann@acme.example", "org_userrole_customer"], ["boss@acme.example", "org_userrole_admin"], ["left@acme.example", "org_userrole_leaver"], ["office@supplier.example", "org_userrole_company"],
  ])("%s is shown with the role by which the fence tells", async (email, role) => {
    expect(await connector.find?.(email, aCall())).toMatchObject([{ email, role }]);
  });

  test("names with apostrophes and commas below are read and written as they are", async () => {
    expect(await connector.find?.("conan@acme.example", aCall())).toMatchObject([{ profile: { "name.familyName": "O'Brien" } }]);
    await connector.updateProfile?.(target("conan@acme.example"), { "name.familyName": "Ștefănescu-O’Brien" }, aCall());
    expect(person("conan@acme.example").last_name).toBe("Ștefănescu-O’Brien");
  });

  test("a person is shown in our words: region by code, street in lines", async () => {
    expect((await connector.get?.(target("ioana@acme.example"), aCall()))?.profile).toMatchObject({ "address.country": "RO", "address.region": "RO-B", "address.locality": "SECTOR1", "address.streetAddress": "Str. 1", locale: "ro", timezone: "Europe/Bucharest" });
  });

  test.each([
    ["a telephone number that is none", { phone: "four" }, "phone"], ["a country's name", { "address.country": "Romania" }, "address.country"], ["a time zone that is none", { timezone: "Mars/Olympus" }, "timezone"],
  ])("%s is refused before anything is sent", async (_name, profile, field) => {
    expect(await failing(connector.create?.({ ...ada, profile: { ...ada.profile, ...profile } }, aCall()))).toMatchObject({ kind: "invalid", field });
    expect(requests()).toEqual([]);
  });
});

test("the list's end is what the answer says of its pages; an answer without them is no list", async () => {
  vendor.addFault({ kind: "garbage200", body: { data: [] } });
  const all = async () => {
    for await (const _ of connector.list?.(aCall()) ?? []);
  };
  expect(await failing(all())).toMatchObject({ kind: "protocol", detail: expect.stringContaining("meta.pagination.total_pages") as string });
});

test("a 405 says that the vendor has no such call: unsupported, with the steps for a person", async () => {
  vendor.addFault({ kind: "status", status: 405, body: { message: "The PUT method is not supported for this route." }, match: { method: "PUT" } });
  expect(await failing(connector.setRole?.(target("joann@acme.example"), roleId("org_userrole_lead"), aCall()))).toMatchObject({ kind: "unsupported", capability: "setRole", steps: expect.stringContaining("joann@acme.example") as string });
});

test("a denial that the edit cannot do goes on to the next strategy", async () => {
  vendor.addFault({ kind: "status", status: 405, body: { message: "The PUT method is not supported for this route." }, match: { method: "PUT" } });
  expect(await connector.deactivate?.(target("joann@acme.example"), aCall())).toMatchObject({ confirmed: true, by: "delete" });
  expect(person("joann@acme.example").deleted_at).not.toBeNull();
});

test("FACTS.md names every call of the manifest with its request, evidence and repeat-safety", async () => {
  const facts = readFileSync(new URL("../../src/connectors/enlivy/FACTS.md", import.meta.url), "utf8");
  const rows = [...facts.matchAll(/^\| `(\w+)` \| `(\w+) ([^?`]+)[^`]*` \| `(\w+)` \| (\w+) \|/gm)].map(([, name, method, path, evidence, repeat]) => ({ name, method, path, evidence, repeat }));
  const { calls } = await manifestOf({ connector: "enlivy" });
  const wanted = Object.entries(calls).map(([name, { method, path, evidence, repeat }]) => ({ name, method, path: path.replace("/organizations/{organizationId}", "O"), evidence, repeat }));
  const byName = (a: { readonly name: string | undefined }, b: { readonly name: string | undefined }) => String(a.name).localeCompare(String(b.name));
  expect(rows.toSorted(byName)).toEqual(wanted.toSorted(byName));
});
