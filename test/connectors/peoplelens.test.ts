import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connector, Created, NewAccount, Target } from "../../src/connectors/connector.ts";
import { capabilitiesOf } from "../../src/connectors/connector.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import type { PeopleLensState } from "../../src/connectors/peoplelens/simulated/state.ts";
import { openConnector } from "../../src/connectors/registry.ts";
import type { ConnectorSetup } from "../../src/connectors/setup.ts";
import { failureOf } from "../../src/model/failure.ts";
import type { Failure } from "../../src/model/failure.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import type { Account } from "../../src/model/person.ts";
import { Secret } from "../../src/runtime/secret.ts";
import { aCall } from "./support/vendor.ts";

let vendor: RunningSimulator<PeopleLensState>;
let connector: Connector;

const opened = (more: Partial<ConnectorSetup> = {}, settings: Record<string, unknown> = {}): Promise<Connector> =>
  openConnector({
    connector: "peoplelens",
    settings: { baseUrl: vendor.url, apiKey: new Secret(vendor.apiKey), ...settings },
    endpoints: "public",
    denyEndpoints: "inferred",
    onDeactivate: undefined,
    onDelete: undefined,
    egressAllow: ["127.0.0.1"],
    timeoutMs: 1_000,
    ...more,
  });

beforeEach(async () => {
  vendor = await startPeopleLens({ seed: "traps" });
  connector = await opened();
});
afterEach(() => vendor.stop());

const ada: NewAccount = { email: "ada@acme.example", profile: { "name.givenName": "Ada", "name.familyName": "Lovelace" }, role: roleId("Editor"), password: undefined };
const person = (email: string) => {
  const user = vendor.state().users.find((one) => one.email === email);
  if (!user) throw new Error(`nobody is called ${email}`);
  return user;
};
const target = (email: string): Target => ({ account: accountId(person(email).id), kind: "account", email });
const stranger: Target = { account: accountId("usr-nobody"), kind: "account", email: "x@acme.example" };
const calls = () => vendor.journal().map(({ method, path }) => `${method} ${path.replace(/usr-[^/?]+/, "usr-*").replace(/=.*/, "=…")}`);

async function failing(run: Promise<unknown> | undefined): Promise<Failure> {
  try {
    await run;
  } catch (thrown) {
    return failureOf(thrown);
  }
  throw new Error("it did not fail");
}

test("it can do everything but list roles and set tags, under every value of endpoints", async () => {
  for (const endpoints of ["seed", "public", "observed", "inferred"] as const) {
    const all = capabilitiesOf(await opened({ endpoints, denyEndpoints: endpoints }));
    expect([...all].toSorted()).toEqual(["create", "deactivate", "delete", "find", "get", "list", "reactivate", "setRole", "updateProfile"]);
  }
  expect(connector.traits.missing("listRoles")).toMatch(/configuration/);
  expect(connector.traits.missing("create")).toBeUndefined();
});

test("its traits", () => {
  expect(connector.traits).toMatchObject({ connector: "peoplelens", title: "PeopleLens AI", emailIsKey: true, emailChange: "impossible", defaultRole: "User" });
  expect(connector.traits.parts.map(({ part, onCreate, onUpdate, required, clearable }) => ({ part, onCreate, onUpdate, required, clearable }))).toEqual([
    { part: "name.givenName", onCreate: true, onUpdate: true, required: true, clearable: false },
    { part: "name.familyName", onCreate: true, onUpdate: true, required: true, clearable: false },
    { part: "title", onCreate: false, onUpdate: false, required: false, clearable: false },
  ]);
  const name = connector.traits.parts[0];
  expect(name?.same(" Zoe\u0308 ", "Zo\u00eb")).toBe(true);
  expect(name?.same("Ann", "ann")).toBe(false);
  expect(connector.traits.steps("deactivate", { email: "ada@acme.example", name: "Ada Lovelace", role: undefined })).toBe(`In ${vendor.url}, switch off the access of Ada Lovelace <ada@acme.example>.`);
  expect(connector.traits.steps("setTags", { email: undefined, name: undefined, role: undefined })).toMatch(/change the tags/);
});

describe("find", () => {
  test.each<{ email: string; found: readonly string[] }>([
    { email: "ann@acme.example", found: ["ann@acme.example"] },
    { email: " ANN@acme.example ", found: ["ann@acme.example"] },
    { email: "mixed.case@acme.example", found: ["Mixed.Case@Acme.Example"] },
    { email: "grace@acme.example", found: ["grace@acme.example"] },
    { email: "nobody@acme.example", found: [] },
    { email: "nn@acme.example", found: [] },
    { email: "twin@acme.example", found: ["twin@acme.example", "Twin@acme.example"] },
    { email: "left@acme.example", found: ["left@acme.example"] },
  ])("$email finds $found", async ({ email, found }) => {
    expect((await connector.find?.(email, aCall()))?.map((account) => account.email)).toEqual(found);
  });

  test("the match comes whole, with its role", async () => {
    const [boss] = (await connector.find?.("boss@acme.example", aCall())) ?? [];
    expect(boss).toEqual<Account>({ id: accountId(person("boss@acme.example").id), kind: "account", email: "boss@acme.example", role: roleId("Admin"), active: true, profile: { "name.givenName": "Bo", "name.familyName": "Ss", title: "Head of Everything" } });
  });

  test("nobody costs one call, one match two", async () => {
    await connector.find?.("new@acme.example", aCall());
    expect(calls()).toEqual(["GET /api/users?search=…"]);
    await connector.find?.("ann@acme.example", aCall());
    expect(calls().slice(1)).toEqual(["GET /api/users?search=…", "GET /api/users/usr-*"]);
  });

  test("a key that hides addresses finds nobody, and says that it cannot know", async () => {
    const weak = await opened({}, { apiKey: vendor.apiKeys["member"] });
    expect((await failing(weak.find?.("ann@acme.example", aCall()))).kind).toBe("credentials");
  });
});

describe("create", () => {
  test("one create, one read-back; the account comes with its role", async () => {
    const call = aCall();
    const created = await connector.create?.(ada, call);
    expect(created).toEqual<Created>({ kind: "created", account: { id: accountId(person("ada@acme.example").id), kind: "account", email: "ada@acme.example", role: roleId("Editor"), active: true, profile: { "name.givenName": "Ada", "name.familyName": "Lovelace" } } });
    expect(calls()).toEqual(["POST /api/users", "GET /api/users/usr-*"]);
    expect(person("ada@acme.example").password).toEqual({ length: 32, classes: 4 });
    expect(call.exchanges[0]?.body).toMatchObject({ email: "ada@acme.example", password: "[secret]" });
  });

  test.each([
    { password: "generate", pushed: "from-the-idp", stored: { length: 32, classes: 4 }, required: "true" },
    { password: "scim", pushed: "from-the-IdP-7", stored: { length: 14, classes: 4 }, required: "true" },
    { password: "scim", pushed: undefined, stored: { length: 32, classes: 4 }, required: "true" },
    { password: "omit", pushed: "from-the-idp", stored: null, required: "false" },
  ])("password: $password, pushed: $pushed", async ({ password, pushed, stored, required }) => {
    await vendor.setSwitches({ passwordRequired: required });
    const own = await opened({}, { password });
    await own.create?.({ ...ada, password: pushed }, aCall());
    expect(person("ada@acme.example").password).toEqual(stored);
  });

  test("without a role it gets the configured default", async () => {
    const own = await opened({}, { defaultRole: "Viewer" });
    expect(await own.create?.({ ...ada, role: undefined }, aCall())).toMatchObject({ account: { role: "Viewer" } });
  });

  test("a title is not sent", async () => {
    const call = aCall();
    await connector.create?.({ ...ada, profile: { ...ada.profile, title: "Countess" } }, call);
    expect(Object.keys(call.exchanges[0]?.body ?? {}).toSorted()).toEqual(["email", "first_name", "last_name", "password", "role"]);
  });

  test.each(["409", "400", "200"])("an address that is taken, answered with %s, is exists", async (duplicate) => {
    for (const errorBody of ["{error}", "{error:{message,code}}", "{message}"]) {
      await vendor.setSwitches({ duplicate, ...(duplicate === "200" ? {} : { errorBody }) });
      expect(await connector.create?.({ ...ada, email: "ANN@acme.example" }, aCall())).toEqual({ kind: "exists" });
    }
  });

  test("a missing name is refused before anything is sent", async () => {
    expect(await failing(connector.create?.({ ...ada, profile: { "name.givenName": "Ada" } }, aCall()))).toMatchObject({ kind: "invalid", field: "name.familyName" });
    expect(calls()).toEqual([]);
  });

  test.each<{ is: string; fault: object; kind: Failure["kind"]; made: boolean }>([
    { is: "committed and then lost", fault: { kind: "resetAfter" }, kind: "uncertain", made: true },
    { is: "dropped before it was carried out", fault: { kind: "resetBefore" }, kind: "uncertain", made: false },
    { is: "answered with a login page", fault: { kind: "garbage200" }, kind: "uncertain", made: true },
    { is: "answered with half a body", fault: { kind: "truncate" }, kind: "uncertain", made: true },
    { is: "answered with half a body that ends cleanly", fault: { kind: "truncate", clean: true }, kind: "uncertain", made: true },
    { is: "answered with nothing", fault: { kind: "emptyBody200" }, kind: "uncertain", made: true },
    { is: "answered with a 500", fault: { kind: "status", status: 500 }, kind: "uncertain", made: false },
    { is: "throttled", fault: { kind: "retryAfter", after: 30 }, kind: "throttled", made: false },
    { is: "throttled by a proxy", fault: { kind: "retryAfter", after: "date", as: "proxy" }, kind: "throttled", made: false },
    { is: "redirected", fault: { kind: "redirect", to: "https://elsewhere.example/" }, kind: "protocol", made: false },
    { is: "refused by the plan", fault: { kind: "status", status: 402, body: { error: "no seats left" } }, kind: "refused", made: false },
    { is: "answered with somebody else", fault: { kind: "garbage200", body: { success: true, user: { id: "usr-other", email: "eve@acme.example" } } }, kind: "uncertain", made: true },
    { is: "answered with an id that is none", fault: { kind: "garbage200", body: { success: true, user: { id: "../admin", email: "ada@acme.example" } } }, kind: "uncertain", made: true },
  ])("a create that is $is ends $kind, after one POST", async ({ fault, kind, made }) => {
    vendor.addFault({ ...fault, match: { method: "POST" } } as never);
    expect((await failing(connector.create?.(ada, aCall()))).kind).toBe(kind);
    expect(calls().filter((one) => one.startsWith("POST"))).toHaveLength(1);
    expect(vendor.state().users.some(({ email }) => email === "ada@acme.example")).toBe(made);
  });

  test("a read-back that fails does not lose the account", async () => {
    vendor.addFault({ kind: "status", status: 500, match: { method: "GET" } });
    expect(await connector.create?.(ada, aCall())).toEqual({ kind: "created", account: { id: accountId(person("ada@acme.example").id), kind: "account", email: "ada@acme.example", role: undefined, active: undefined, profile: {} } });
  });
});

describe("changes", () => {
  test("only what changes is sent", async () => {
    const call = aCall();
    expect(await connector.updateProfile?.(target("ann@acme.example"), { "name.givenName": " Anna " }, call)).toEqual({ confirmed: false, complete: true });
    expect(call.exchanges).toMatchObject([{ method: "PATCH", body: { first_name: "Anna" } }]);
    expect(person("ann@acme.example").first_name).toBe("Anna");
  });

  test.each([
    { changes: { "name.givenName": null }, scimType: "invalidValue" },
    { changes: { "name.givenName": " " }, scimType: "invalidValue" },
    { changes: { email: "new@acme.example" }, scimType: "mutability" },
    { changes: { title: "Boss" }, scimType: "mutability" },
    { changes: { "name.givenName": "Anna", nickName: "A" }, scimType: "mutability" },
  ])("$changes is refused before anything is sent", async ({ changes, scimType }) => {
    expect(await failing(connector.updateProfile?.(target("ann@acme.example"), changes, aCall()))).toMatchObject({ kind: "invalid", scimType });
    expect(calls()).toEqual([]);
  });

  test("a role is set and read back", async () => {
    expect(await connector.setRole?.(target("ann@acme.example"), roleId("Admin"), aCall())).toEqual({ confirmed: true, complete: true });
    expect(calls()).toEqual(["PATCH /api/users/usr-*", "GET /api/users/usr-*"]);
    expect(person("ann@acme.example").role).toBe("Admin");
  });

  test("a role that the vendor does not know is invalid", async () => {
    expect((await failing(connector.setRole?.(target("ann@acme.example"), roleId("Wizard"), aCall()))).kind).toBe("invalid");
  });

  test("who comes back is switched on and read back", async () => {
    expect(await connector.reactivate?.(target("left@acme.example"), undefined, aCall())).toEqual({ confirmed: true, complete: true });
    expect(person("left@acme.example").is_enabled).toBe(true);
  });

  test("a switch-on whose read-back fails was acknowledged all the same, and is not repeated", async () => {
    vendor.addFault({ kind: "status", status: 500, match: { method: "GET" } });
    expect(await connector.reactivate?.(target("left@acme.example"), undefined, aCall())).toEqual({ confirmed: false, complete: true });
  });

  test.each(["updateProfile", "setRole", "reactivate", "deactivate", "delete"] as const)("%s for an account that is not there is notFound", async (method) => {
    const run = {
      updateProfile: () => connector.updateProfile?.(stranger, { "name.givenName": "X" }, aCall()),
      setRole: () => connector.setRole?.(stranger, roleId("User"), aCall()),
      reactivate: () => connector.reactivate?.(stranger, undefined, aCall()),
      deactivate: () => connector.deactivate?.(stranger, aCall()),
      delete: () => connector.delete?.(stranger, aCall()),
    }[method];
    expect((await failing(run())).kind).toBe("notFound");
  });
});

describe("denials", () => {
  test("switched off and read back, twice in a row", async () => {
    for (const _ of [1, 2]) expect(await connector.deactivate?.(target("ann@acme.example"), aCall())).toEqual({ confirmed: true, complete: true, by: "disable" });
    expect(person("ann@acme.example")).toMatchObject({ is_enabled: false, assignments: ["candidate-1"] });
    expect(calls()).toEqual(["PATCH /api/users/usr-*", "GET /api/users/usr-*", "PATCH /api/users/usr-*", "GET /api/users/usr-*"]);
  });

  test.each(["deactivate", "delete", "setRole", "reactivate"] as const)("a vendor that says yes and does nothing is caught: %s", async (method) => {
    await vendor.setSwitches({ liar: "success" });
    const run = {
      deactivate: () => connector.deactivate?.(target("ann@acme.example"), aCall()),
      delete: () => connector.delete?.(target("ann@acme.example"), aCall()),
      setRole: () => connector.setRole?.(target("ann@acme.example"), roleId("Admin"), aCall()),
      reactivate: () => connector.reactivate?.(target("left@acme.example"), undefined, aCall()),
    }[method];
    expect((await failing(run())).kind).toBe("protocol");
  });

  test.each(["deactivate", "delete"] as const)("%s whose read-back fails is uncertain, so that it is asserted again", async (method) => {
    for (const fault of [{ kind: "status", status: 500 }, { kind: "resetBefore" }, { kind: "retryAfter", after: 5 }, { kind: "garbage200" }] as const) {
      vendor.addFault({ ...fault, match: { method: "GET" } });
      expect((await failing(connector[method]?.(target("ann@acme.example"), aCall()))).kind).toBe("uncertain");
      await vendor.clearFaults();
      if (method === "delete") vendor.seed({ users: [{ email: "ann@acme.example" }] });
    }
  });

  test("a denial whose answer is lost is uncertain", async () => {
    vendor.addFault({ kind: "resetAfter", match: { method: "PATCH" } });
    expect((await failing(connector.deactivate?.(target("ann@acme.example"), aCall()))).kind).toBe("uncertain");
  });

  test("a key that may not deny is credentials", async () => {
    const weak = await opened({}, { apiKey: vendor.apiKeys["member"] });
    expect((await failing(weak.deactivate?.(target("ann@acme.example"), aCall()))).kind).toBe("credentials");
  });

  test("a state that the key does not show is credentials, not a success", async () => {
    const { id } = person("ann@acme.example");
    vendor.addFault({ kind: "garbage200", body: { user: { id, first_name: "Ann", last_name: "Lee" } }, match: { method: "GET" } });
    expect((await failing(connector.deactivate?.(target("ann@acme.example"), aCall()))).kind).toBe("credentials");
  });

  test("the answer about another account is no confirmation", async () => {
    vendor.addFault({ kind: "garbage200", body: { user: { id: "usr-other", email: "ann@acme.example", is_enabled: false } }, match: { method: "GET" } });
    expect((await failing(connector.deactivate?.(target("ann@acme.example"), aCall()))).kind).toBe("uncertain");
  });

  test("a removal is confirmed by a 404 after our own successful call", async () => {
    expect(await connector.delete?.(target("ann@acme.example"), aCall())).toEqual({ confirmed: true, complete: true, by: "delete", gone: true });
    expect(vendor.state().users.some(({ email }) => email === "ann@acme.example")).toBe(false);
  });

  test("a removal that only hides the account is confirmed by its being switched off; again too", async () => {
    for (const deleteTwice of ["404", "success"]) {
      await vendor.setSwitches({ delete: "soft", deleteTwice });
      expect(await connector.delete?.(target("ann@acme.example"), aCall())).toEqual({ confirmed: true, complete: true, by: "delete" });
    }
  });

  test("a removal of who is gone is done when the vendor says so", async () => {
    await vendor.setSwitches({ deleteTwice: "success" });
    expect(await connector.delete?.(stranger, aCall())).toEqual({ confirmed: true, complete: true, by: "delete", gone: true });
  });

  test("404 for an account that is still shown as active is not gone", async () => {
    vendor.addFault({ kind: "status", status: 404, match: { method: "PATCH" } });
    expect((await failing(connector.deactivate?.(target("ann@acme.example"), aCall()))).kind).toBe("protocol");
  });

  test("a refusal of what is already so is done", async () => {
    vendor.addFault({ kind: "status", status: 409, body: { error: "already disabled" }, match: { method: "PATCH" } });
    expect(await connector.deactivate?.(target("left@acme.example"), aCall())).toEqual({ confirmed: true, complete: true, by: "disable" });
    vendor.addFault({ kind: "status", status: 409, body: { error: "no" }, match: { method: "PATCH" } });
    expect((await failing(connector.deactivate?.(target("ann@acme.example"), aCall()))).kind).toBe("conflict");
  });

  test("onDelete: [disable] keeps the records", async () => {
    const own = await opened({ onDelete: ["disable"] });
    expect(await own.delete?.(target("ann@acme.example"), aCall())).toMatchObject({ confirmed: true, by: "disable" });
    expect(person("ann@acme.example").assignments).toEqual(["candidate-1"]);
  });

  test("onDeactivate: [delete] removes", async () => {
    const own = await opened({ onDeactivate: ["delete"] });
    expect(await own.deactivate?.(target("ann@acme.example"), aCall())).toMatchObject({ by: "delete", gone: true });
  });

  test("a method that is not implemented there asks for a person, with the steps", async () => {
    vendor.addFault({ kind: "status", status: 405, match: { method: "PATCH" } });
    vendor.addFault({ kind: "status", status: 405, match: { method: "POST" } });
    expect(await failing(connector.create?.(ada, aCall()))).toMatchObject({ kind: "unsupported", capability: "create", steps: `In ${vendor.url}, add Ada Lovelace <ada@acme.example> with the role Editor. The next push links the account.` });
    expect(await failing(connector.deactivate?.(target("ann@acme.example"), aCall()))).toMatchObject({ kind: "unsupported", capability: "deactivate", steps: expect.stringContaining("switch off the access of ann@acme.example") });
  });

  test("only unsupported moves on to the next strategy", async () => {
    const own = await opened({ onDeactivate: ["disable", "delete"] });
    vendor.addFault({ kind: "status", status: 405, match: { method: "PATCH" } });
    expect(await own.deactivate?.(target("ann@acme.example"), aCall())).toMatchObject({ by: "delete" });
    vendor.addFault({ kind: "status", status: 500, match: { method: "PATCH", nth: 1 } });
    expect((await failing(own.deactivate?.(target("joann@acme.example"), aCall()))).kind).toBe("uncertain");
  });
});

describe("check, control, get, list", () => {
  test("an administrator's key passes, another does not, a wrong one neither", async () => {
    await connector.check(aCall());
    const member = await opened({}, { apiKey: vendor.apiKeys["member"] });
    expect(await failing(member.check(aCall()))).toMatchObject({ kind: "credentials", detail: expect.stringContaining("not an administrator's") });
    const wrong = await opened({}, { apiKey: "plk-wrong" });
    expect((await failing(wrong.check(aCall()))).kind).toBe("credentials");
  });

  test("the control passes on a tenant that can be listed, even an empty one, and on nothing else", async () => {
    await connector.control(aCall());
    vendor.addFault({ kind: "garbage200", body: {} });
    expect((await failing(connector.control(aCall()))).kind).toBe("protocol");
    await vendor.clearFaults();
    vendor.addFault({ kind: "status", status: 404, match: { times: "always" } });
    // A tenant that is not there says nothing about a person, so none of these may look like "no such account".
    for (const run of [() => connector.control(aCall()), () => connector.check(aCall()), () => connector.find?.("ann@acme.example", aCall()), () => connector.create?.(ada, aCall())]) expect((await failing(run())).kind).toBe("protocol");
  });

  test("get shows one account, or nobody", async () => {
    expect(await connector.get?.(target("left@acme.example"), aCall())).toMatchObject({ email: "left@acme.example", active: false, role: "User" });
    expect(await connector.get?.(stranger, aCall())).toBeUndefined();
  });

  test("list shows everybody once, without roles", async () => {
    const all: Account[] = [];
    for await (const account of connector.list?.(aCall()) ?? []) all.push(account);
    expect(all.map(({ email }) => email)).toEqual(vendor.state().users.map(({ email }) => email));
    expect(all.every(({ role }) => role === undefined)).toBe(true);
  });

  test("a list of exactly a hundred is recorded as perhaps cut off", async () => {
    vendor.seed({ count: 200 });
    await vendor.setSwitches({ listCap: "100" });
    const call = aCall();
    for await (const _ of connector.list?.(call) ?? []) void _;
    expect(call.exchanges).toMatchObject([{ status: 200, failure: "perhaps cut off: exactly 100 entries" }]);
  });

  test("a list with a broken record is protocol: nobody vanishes silently", async () => {
    vendor.addFault({ kind: "garbage200", body: { users: [{ id: "a/b", email: "x@acme.example" }] } });
    expect((await failing((async () => { for await (const _ of connector.list?.(aCall()) ?? []) void _; })())).kind).toBe("protocol");
  });

  test("the vendor down is unreachable for every read", async () => {
    vendor.addFault({ kind: "down", match: { times: "always" } });
    for (const run of [() => connector.check(aCall()), () => connector.control(aCall()), () => connector.find?.("ann@acme.example", aCall()), () => connector.get?.(stranger, aCall())]) {
      expect((await failing(run())).kind).toBe("unreachable");
    }
  });
});

test("an id that is no plain segment never becomes part of a path", async () => {
  for (const id of ["..", ".", ""]) expect((await failing(connector.deactivate?.({ ...stranger, account: accountId(id) }, aCall()))).kind).toBe("internal");
  expect(await connector.get?.({ ...stranger, account: accountId("a/../../admin?x=1#y") }, aCall())).toBeUndefined();
  expect(vendor.journal().map(({ path }) => path)).toEqual(["/api/users/a%2F..%2F..%2Fadmin%3Fx%3D1%23y"]);
});

test("neither key nor password is in any error, record or result", async () => {
  const texts: string[] = [];
  const call = aCall();
  const keep = async (run: Promise<unknown> | undefined) => void texts.push(JSON.stringify(await Promise.resolve(run).catch((thrown: unknown) => failureOf(thrown)) ?? null));
  const own = await opened({}, { password: "scim" });
  for (const status of [400, 401, 403, 404, 409, 418, 429, 500]) {
    vendor.addFault({ kind: "status", status, body: { error: `${vendor.apiKey} and S3cret-from-idp` } });
    await keep(own.create?.({ ...ada, password: "S3cret-from-idp" }, call));
    await vendor.clearFaults();
  }
  await keep(own.create?.({ ...ada, password: "S3cret-from-idp" }, call));
  const all = texts.join() + JSON.stringify(call.exchanges);
  expect(texts).toHaveLength(9);
  expect(all).not.toContain(vendor.apiKey);
  expect(all).not.toContain("S3cret-from-idp");
});
