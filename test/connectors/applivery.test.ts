/**
 * The connector for Applivery: which calls it makes, in which order, and what each answer means.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connector, NewAccount, Target } from "../../src/connectors/connector.ts";
import { capabilitiesOf } from "../../src/connectors/connector.ts";
import type { VendorFault } from "../../src/connectors/kit/simulator/faults.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { startApplivery } from "../../src/connectors/applivery/simulator.ts";
import type { AppliveryState } from "../../src/connectors/applivery/simulated/state.ts";
import { readManifest } from "../../src/connectors/manifest-read.ts";
import { checkSetup, connectorBudget, manifestOf, openConnector } from "../../src/connectors/registry.ts";
import type { ConnectorSetup } from "../../src/connectors/setup.ts";
import type { Failure } from "../../src/model/failure.ts";
import { failureOf } from "../../src/model/failure.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import { Secret } from "../../src/runtime/secret.ts";
import { aCall } from "./support/vendor.ts";

let vendor: RunningSimulator<AppliveryState>;
let connector: Connector;

const setup = (more: Partial<ConnectorSetup> = {}, settings: Record<string, unknown> = {}): ConnectorSetup => ({
  connector: "applivery",
  settings: { baseUrl: vendor.url, apiKey: new Secret(vendor.apiKey), organizationId: "acme", ...settings },
  endpoints: "inferred",
  denyEndpoints: "inferred",
  onDeactivate: undefined,
  onDelete: undefined,
  egressAllow: ["127.0.0.1"],
  timeoutMs: 1_000,
  ...more,
});
const opened = (more: Partial<ConnectorSetup> = {}): Promise<Connector> => openConnector(setup(more));

beforeEach(async () => {
  vendor = await startApplivery({ seed: "traps", switches: { putCollaborator: "on", deleteCollaborator: "on" } });
  connector = await opened();
});
afterEach(() => vendor.stop());

const ada: NewAccount = { email: "ada@acme.example", profile: { "name.givenName": "Ada", "name.familyName": "Lovelace" }, role: roleId("editor"), password: undefined };
const collaborator = (email: string) => {
  const { accounts, collaborators } = vendor.state();
  const account = accounts.find((one) => one.email === email);
  return collaborators.find((one) => one.account === account?.id);
};
const target = (email: string): Target => ({ account: accountId(collaborator(email)?.id ?? "nobody"), kind: "account", email });
const ann = () => target("ann@acme.example");
const stranger: Target = { account: accountId("65f000000000000000000000"), kind: "account", email: "x@acme.example" };
const calls = () => vendor.journal().map(({ method, path }) => `${method} ${decodeURIComponent(path).replace("/v1/organizations/acme", "O").replace(/[0-9a-f]{24}/, "*")}`);

const byAddress = (email: string) => `GET O/collaborators/?email=${email}&page=1&limit=100`;
const wholeList = "GET O/collaborators/?onlyUsers=true&page=1&limit=100";
const permissions = "GET O/segment-permissions/?page=1&limit=100";

async function failing(run: Promise<unknown> | undefined): Promise<Failure> {
  try {
    await run;
  } catch (thrown) {
    return failureOf(thrown);
  }
  throw new Error("it did not fail");
}

describe("what the evidence allows", () => {
  test.each([
    { endpoints: "seed", denyEndpoints: "seed", can: ["create", "listRoles"] },
    { endpoints: "public", denyEndpoints: "public", can: ["create", "find", "get", "list", "listRoles"] },
    { endpoints: "public", denyEndpoints: "observed", can: ["create", "deactivate", "delete", "find", "get", "list", "listRoles"] },
    { endpoints: "public", denyEndpoints: "inferred", can: ["create", "deactivate", "delete", "find", "get", "list", "listRoles"] },
    { endpoints: "observed", denyEndpoints: "inferred", can: ["create", "deactivate", "delete", "find", "get", "list", "listRoles", "reactivate", "setRole", "setTags"] },
  ] as const)("endpoints: $endpoints, denyEndpoints: $denyEndpoints", async ({ endpoints, denyEndpoints, can }) => {
    const { traits, ...methods } = await opened({ endpoints, denyEndpoints });
    expect([...capabilitiesOf({ traits, ...methods })].toSorted()).toEqual(can);
    expect(traits.missing("updateProfile")).toBe("Applivery has no call for it");
    if (endpoints === "public") expect(traits.missing("setRole")).toBe('the evidence for "update" is "observed", and endpoints allows "public"');
    if (denyEndpoints === "public") expect(traits.missing("deactivate")).toBe('the evidence for "remove" is "inferred", and denyEndpoints allows "public"');
  });

  test("where only observed calls may be used for denials, nobody is removed: the strategy is unassign alone", async () => {
    expect(await (await opened({ denyEndpoints: "observed" })).deactivate?.(ann(), aCall())).toMatchObject({ by: "unassign", complete: false });
    expect(vendor.journal().some(({ method }) => method === "DELETE")).toBe(false);
  });

  test("with the seed document alone nothing can be read, and the check says so instead of trying", async () => {
    expect(await failing((await opened({ endpoints: "seed", denyEndpoints: "seed" })).check(aCall()))).toMatchObject({ kind: "unsupported", detail: expect.stringContaining("cannot be checked") as string });
    expect(calls()).toEqual([]);
  });
});

test("its traits, roles, budget and settings", async () => {
  expect(connector.traits).toMatchObject({ connector: "applivery", title: "Applivery", emailIsKey: true, emailChange: "impossible", defaultRole: undefined });
  expect(connector.traits.parts.map(({ part, onCreate, onUpdate, required }) => [part, onCreate, onUpdate, required])).toEqual([["name.givenName", true, false, false], ["name.familyName", true, false, false]]);
  expect((await connector.listRoles?.(aCall()))?.map(({ id }) => id)).toEqual(["owner", "admin", "editor", "viewer", "unassigned"]);
  expect(await connectorBudget({ connector: "applivery" })).toEqual({ requestsPerSecond: 2.5, burst: 50 });
  expect(await checkSetup(setup({}, { baseUrl: undefined, organizationId: "65a0000000000000000000aa" }))).toEqual([]);
  expect((await checkSetup(setup({}, { organizationId: "a/../b", apiKey: new Secret("Bearer abc") }))).map(({ path }) => path)).toEqual(["settings.apiKey", "settings.organizationId"]);
});

test("the slug and the id of the workspace lead to the same place, and another one is no place", async () => {
  for (const organizationId of ["acme", "65a0000000000000000000aa"]) await (await openConnector(setup({}, { organizationId }))).check(aCall());
  const elsewhere = await openConnector(setup({}, { organizationId: "other" }));
  for (const run of [() => elsewhere.check(aCall()), () => elsewhere.control(aCall()), () => elsewhere.find?.("ann@acme.example", aCall()), () => elsewhere.create?.(ada, aCall()), () => elsewhere.deactivate?.(ann(), aCall())]) expect((await failing(run())).kind).toBe("protocol");
});

describe("reading", () => {
  test("a search is one call with the slash and the address; parts of it are nobody", async () => {
    expect(await connector.find?.("Ann@Acme.Example", aCall())).toEqual([
      { id: ann().account, kind: "account", email: "ann@acme.example", role: "editor", tags: ["emea", "field"], active: true, profile: { "name.givenName": "Ann", "name.familyName": "Lee" } },
    ]);
    expect(calls()).toEqual([byAddress("Ann@Acme.Example")]);
    expect(await connector.find?.("nn@acme.example", aCall())).toEqual([]);
  });

  test("the list goes on until the vendor says that there is no next page", async () => {
    vendor.seed({ count: 195 });
    const seen: string[] = [];
    for await (const { email } of connector.list?.(aCall()) ?? []) seen.push(email ?? "");
    expect(seen).toHaveLength(201); // 195, and of the traps all but the service account
    expect(calls()).toEqual([1, 2, 3].map((page) => wholeList.replace("page=1", `page=${page}`)));
  });

  test("one person is looked for by address, and in the whole list only if the address is not known or leads nowhere", async () => {
    vendor.seed({ count: 150 });
    expect(await connector.get?.(ann(), aCall())).toMatchObject({ email: "ann@acme.example" });
    expect(calls()).toEqual([byAddress("ann@acme.example")]);
    expect(await connector.get?.({ ...ann(), email: "former@acme.example" }, aCall())).toMatchObject({ email: "ann@acme.example" });
    expect(calls().slice(1)).toEqual([byAddress("former@acme.example"), wholeList, wholeList.replace("page=1", "page=2")]);
    expect(await connector.get?.({ ...ann(), email: undefined }, aCall())).toMatchObject({ email: "ann@acme.example" });
    expect(await connector.get?.(stranger, aCall())).toBeUndefined();
  });

  test("a row that moved to the page before while we were reading is not taken for gone", async () => {
    vendor.seed({ count: 120 });
    // The list shows an older picture, in which Ann is nowhere; her address is asked for first.
    vendor.addFault({ kind: "garbage200", body: { status: true, data: { items: [], hasNextPage: false } }, match: { path: ".*onlyUsers=true", times: "always" } });
    expect(await connector.get?.(ann(), aCall())).toMatchObject({ email: "ann@acme.example" });
  });

  test.each(["hides", "ignored"])("service accounts are nobody (onlyUsers %s): not even a write by their id gets anywhere", async (onlyUsers) => {
    await vendor.setSwitches({ onlyUsers });
    const seen: unknown[] = [];
    for await (const { email } of connector.list?.(aCall()) ?? []) seen.push(email);
    expect(seen).not.toContain("robot@acme.example");
    expect(seen).toHaveLength(6);
    expect(await connector.find?.("robot@acme.example", aCall())).toEqual([]);
    expect((await failing(connector.deactivate?.(target("robot@acme.example"), aCall()))).kind).toBe("notFound");
    expect(collaborator("robot@acme.example")?.role).toBe("admin");
  });

  test("a token that may not list is found by the check; so is one that is unknown", async () => {
    for (const apiKey of [vendor.apiKeys["viewer"] ?? "", "nobody"]) expect((await failing((await openConnector(setup({}, { apiKey: new Secret(apiKey) }))).check(aCall()))).kind).toBe("credentials");
    await connector.check(aCall());
  });

  test.each<{ is: string; body: object }>([
    { is: "says false", body: { status: false, data: { items: [], hasNextPage: false } } },
    { is: "has an error beside its yes", body: { status: true, error: { code: 1, message: "x" }, data: { items: [], hasNextPage: false } } },
    { is: "does not say whether more follow", body: { status: true, data: { items: [], totalDocs: 0 } } },
  ])("a list that $is is no list", async ({ body }) => {
    vendor.addFault({ kind: "garbage200", body, match: { times: "always" } });
    expect((await failing(connector.find?.("ann@acme.example", aCall()))).kind).toBe("protocol");
    expect((await failing(connector.deactivate?.(ann(), aCall()))).kind).toBe("protocol");
  });
});

describe("creating", () => {
  test("one POST; the answer is the whole record, so nothing is read back; the role is the vendor's choice", async () => {
    const call = aCall();
    expect(await connector.create?.({ ...ada, profile: { "name.givenName": " Ada " } }, call)).toEqual({
      kind: "created", account: { id: collaborator("ada@acme.example")?.id, kind: "account", email: "ada@acme.example", role: "viewer", tags: [], active: true, profile: { "name.givenName": "Ada" } },
    });
    expect(call.exchanges).toMatchObject([{ method: "POST", path: "/v1/organizations/acme/oem/users", body: { email: "ada@acme.example", firstName: "Ada" }, status: 200, failure: undefined }]);
    expect(Object.keys(call.exchanges[0]?.body ?? {})).toEqual(["email", "firstName"]);
  });

  test("a new user who is unassigned is shown as one who cannot get in", async () => {
    await vendor.setSwitches({ newRole: "unassigned" });
    expect(await connector.create?.(ada, aCall())).toMatchObject({ account: { role: "unassigned", active: false } });
  });

  test.each([{ email: "jörg@acme.example" }, { email: "a..b@acme.example" }, { email: `${"a".repeat(250)}@acme.example` }, { profile: { "name.givenName": "a".repeat(129) } }])("$email is refused before anything is sent", async (change) => {
    expect((await failing(connector.create?.({ ...ada, ...change }, aCall()))).kind).toBe("invalid");
    expect(calls()).toEqual([]);
  });

  const answer = (status: number, code: number | undefined, more: object = {}): VendorFault => ({ kind: "status", status, body: { status: false, error: { ...(code === undefined ? {} : { code }), message: "its words" }, ...more } });
  test.each<{ is: string; fault: VendorFault; failure: object }>([
    { is: "5187", fault: answer(400, 5187), failure: { kind: "unsupported", capability: "create", detail: 'Applivery answered 400 to "create": OEM provisioning is off in this workspace', steps: "In Applivery, under Settings > Directory, add Ada Lovelace <ada@acme.example> with the role editor. The next push links the account." } },
    { is: "5017", fault: answer(400, 5017), failure: { kind: "refused", vendorStatus: 400, detail: expect.stringContaining("the plan's limit is reached") as string } },
    { is: "5209", fault: answer(400, 5209), failure: { kind: "invalid", detail: expect.stringContaining("its words") as string } },
    { is: "another 400", fault: answer(400, 777), failure: { kind: "invalid" } },
    { is: "4002", fault: answer(401, 4002), failure: { kind: "credentials" } },
    { is: "4004, whatever its status", fault: answer(400, 4004), failure: { kind: "credentials" } },
    { is: "403 without a code", fault: answer(403, undefined), failure: { kind: "credentials" } },
    { is: "3001: the workspace is not there", fault: answer(404, 3001), failure: { kind: "protocol" } },
    { is: "429", fault: answer(429, undefined), failure: { kind: "throttled" } },
    { is: "200 with an error of no known code", fault: answer(200, 1234), failure: { kind: "refused" } },
    { is: "200 with 5187 beside status: true", fault: answer(200, 5187, { status: true }), failure: { kind: "unsupported" } },
    { is: "200 that says false", fault: { kind: "status", status: 200, body: { status: false } }, failure: { kind: "refused" } },
    { is: "200 that does not say", fault: { kind: "status", status: 200, body: { data: {} } }, failure: { kind: "uncertain" } },
    { is: "200 about somebody else", fault: { kind: "status", status: 200, body: { status: true, data: { collaborator: { id: "65d000000000000000000001", role: "viewer", user: { email: "bea@acme.example" } } } } }, failure: { kind: "uncertain" } },
  ])("$is", async ({ fault, failure }) => {
    vendor.addFault({ ...fault, match: { method: "POST" } });
    expect(await failing(connector.create?.(ada, aCall()))).toMatchObject(failure);
    expect(calls()).toEqual(["POST O/oem/users"]);
  });

  test.each([["with 403", answer(403, 4009)], ["with 200", answer(200, 4009)], ["beside status: true", answer(403, 4009, { status: true })]])("4009 %s is exists: adopting or refusing is not the connector's business", async (_name, fault) => {
    vendor.addFault({ ...fault, match: { method: "POST" } });
    expect(await connector.create?.(ada, aCall())).toEqual({ kind: "exists" });
  });

  test("4009 in both meanings: somebody here, somebody elsewhere", async () => {
    for (const email of ["ann@acme.example", "elsewhere@acme.example"]) expect(await connector.create?.({ ...ada, email }, aCall())).toEqual({ kind: "exists" });
  });

  test("oemSecret is in no result, record or error, not even of an answer that is refused", async () => {
    const call = aCall();
    const texts: string[] = [];
    texts.push(inspect(await connector.create?.(ada, call), { depth: 9 }));
    const secret = vendor.state().accounts.at(-1)?.oemSecret ?? "none";
    for (const status of [200, 400, 403, 500]) {
      vendor.addFault({ kind: "status", status, body: { status: status === 200, error: { code: 5209, message: "no" }, data: { oemSecret: secret, collaborator: { id: "x", oemSecret: secret, user: { firstName: secret } } } }, match: { method: "POST" } });
      texts.push(inspect(await connector.create?.({ ...ada, email: `b${status}@acme.example` }, call).catch((thrown: unknown) => thrown), { depth: 9 }));
    }
    expect(texts.join() + inspect(call.exchanges, { depth: 9 })).not.toContain(secret);
    expect(secret).toHaveLength(32);
  });
});

describe("role and tags", () => {
  test.each(["200", "204"])("a role is set with the tags that are there, and read back: three calls (PUT answers %s)", async (putStatus) => {
    await vendor.setSwitches({ putStatus });
    vendor.seed({ count: 300 });
    expect(await connector.setRole?.(ann(), roleId("admin"), aCall())).toEqual({ confirmed: true, complete: true });
    expect(collaborator("ann@acme.example")).toMatchObject({ role: "admin", tags: ["emea", "field"] });
    expect(calls()).toEqual([byAddress("ann@acme.example"), "PUT O/collaborators/*", byAddress("ann@acme.example")]);
    expect(vendor.journal()[1]?.body).toEqual({ role: "admin", tags: ["emea", "field"] });
  });

  test("tags are set with the role that is there, and read back as a set", async () => {
    expect(await connector.setTags?.(ann(), ["field", "board"], aCall())).toEqual({ confirmed: true, complete: true });
    expect(collaborator("ann@acme.example")).toMatchObject({ role: "editor", tags: ["field", "board"] });
    vendor.addFault({ kind: "status", status: 200, body: { status: true }, match: { method: "PUT" } });
    expect((await failing(connector.setTags?.(ann(), [], aCall()))).kind).toBe("protocol");
  });

  test.each<[string, VendorFault, string]>([
    ["a yes without effect", { kind: "status", status: 200, body: { status: true } }, "protocol"],
    ["200 with an error", { kind: "status", status: 200, body: { status: true, error: { message: "no" } } }, "refused"],
    ["200 that says false", { kind: "status", status: 200, body: { status: false } }, "refused"],
    ["200 without a body", { kind: "emptyBody200" }, "uncertain"],
    ["404 while the account is listed", { kind: "status", status: 404, body: { status: false, error: { code: 3001, message: "Entity not found" } } }, "unsupported"],
    ["405", { kind: "status", status: 405 }, "unsupported"],
  ])("%s is %s", async (_name, fault, kind) => {
    vendor.addFault({ ...fault, match: { method: "PUT" } });
    expect((await failing(connector.setRole?.(ann(), roleId("admin"), aCall()))).kind).toBe(kind);
  });

  test("the owner is never changed, and who is not there is notFound before anything is sent", async () => {
    expect(await failing(connector.setRole?.(target("olga@acme.example"), roleId("viewer"), aCall()))).toMatchObject({ kind: "refused", detail: "Applivery: the owner of the workspace is never changed" });
    expect((await failing(connector.setRole?.(stranger, roleId("viewer"), aCall()))).kind).toBe("notFound");
    expect(vendor.journal().every(({ method }) => method === "GET")).toBe(true);
  });

  test("who returns gets a role; without one, or with the one that is none, a person is asked", async () => {
    expect(await connector.reactivate?.(target("left@acme.example"), roleId("viewer"), aCall())).toEqual({ confirmed: true, complete: true });
    expect(collaborator("left@acme.example")?.role).toBe("viewer");
    for (const role of [undefined, roleId("unassigned")]) expect(await failing(connector.reactivate?.(ann(), role, aCall()))).toMatchObject({ kind: "unsupported", capability: "reactivate", steps: expect.stringContaining("ann@acme.example") as string });
    expect(collaborator("ann@acme.example")?.role).toBe("editor");
  });
});

describe("denials", () => {
  test.each(["200", "204"])("remove: looked at, removed, and not listed any more (DELETE answers %s)", async (putStatus) => {
    await vendor.setSwitches({ putStatus });
    expect(await connector.deactivate?.(ann(), aCall())).toEqual({ confirmed: true, complete: true, gone: true, by: "remove" });
    expect(collaborator("ann@acme.example")).toBeUndefined();
    expect(calls()).toEqual([byAddress("ann@acme.example"), "DELETE O/collaborators/*", byAddress("ann@acme.example"), wholeList]);
  });

  test("gone twice: the second time nothing is sent, and the caller makes its control", async () => {
    const her = ann();
    await connector.deactivate?.(her, aCall());
    expect((await failing(connector.deactivate?.(her, aCall()))).kind).toBe("notFound");
    expect((await failing(connector.delete?.(stranger, aCall()))).kind).toBe("notFound");
    await connector.control(aCall());
    expect(calls().filter((one) => one.startsWith("DELETE"))).toHaveLength(1);
  });

  test("a removal that is said and not done is caught", async () => {
    vendor.addFault({ kind: "status", status: 200, body: { status: true }, match: { method: "DELETE", times: "always" } });
    expect((await failing(connector.deactivate?.(ann(), aCall()))).kind).toBe("protocol");
    expect(collaborator("ann@acme.example")?.role).toBe("editor");
  });

  test.each<[string, VendorFault | undefined]>([["404, and she is still listed", undefined], ["405", { kind: "status", status: 405 }]])("DELETE answers %s: the next strategy", async (_name, fault) => {
    if (fault) vendor.addFault({ ...fault, match: { method: "DELETE" } });
    else await vendor.setSwitches({ deleteCollaborator: "404" });
    expect(await connector.deactivate?.(ann(), aCall())).toMatchObject({ confirmed: true, complete: false, by: "unassign" });
    expect(collaborator("ann@acme.example")).toMatchObject({ role: "unassigned", tags: [] });
  });

  test("whoever was unassigned by an earlier denial is not taken for removed: it stays partial", async () => {
    await vendor.setSwitches({ deleteCollaborator: "404" });
    for (const _ of [1, 2]) expect(await connector.deactivate?.(ann(), aCall())).toMatchObject({ complete: false, by: "unassign" });
    vendor.addFault({ kind: "status", status: 200, body: { status: true }, match: { method: "DELETE" } });
    await vendor.setSwitches({ deleteCollaborator: "on" });
    expect(await connector.delete?.(ann(), aCall())).toMatchObject({ complete: false, by: "unassign" });
  });

  test.each([["500", "uncertain"], ["429", "throttled"], ["403", "credentials"], ["400", "invalid"]])("DELETE answers %s: %s, and no other strategy is tried", async (status, kind) => {
    vendor.addFault({ kind: "status", status: Number(status), match: { method: "DELETE" } });
    expect((await failing(connector.deactivate?.(ann(), aCall()))).kind).toBe(kind);
    expect(calls().some((one) => one.startsWith("PUT"))).toBe(false);
  });

  test("neither call is there: a person is asked, with the steps, and she is as she was", async () => {
    await vendor.setSwitches({ deleteCollaborator: "404", putCollaborator: "404" });
    expect(await failing(connector.deactivate?.(ann(), aCall()))).toEqual({
      kind: "unsupported", capability: "deactivate", detail: 'Applivery answers 404 to "update" and still shows the account',
      steps: "In Applivery, under Settings > Directory, remove ann@acme.example <ann@acme.example>, and take the address out of every segment permission that lists it.",
    });
    expect(collaborator("ann@acme.example")).toMatchObject({ role: "editor", tags: ["emea", "field"] });
  });

  test("the owner is neither removed nor unassigned", async () => {
    expect((await failing(connector.deactivate?.(target("olga@acme.example"), aCall()))).kind).toBe("refused");
    expect(vendor.journal().every(({ method }) => method === "GET")).toBe(true);
  });
});

describe("unassign", () => {
  beforeEach(async () => void (connector = await opened({ onDeactivate: ["unassign"], onDelete: ["unassign"] })));
  const unassigned = async (call = aCall()) => connector.deactivate?.(ann(), call);

  test("role and tags are taken away and read back; what is left is named by id and name", async () => {
    expect(await unassigned()).toEqual({
      confirmed: true, complete: false, by: "unassign",
      left: 'the person is still a collaborator, with the role unassigned; take ann@acme.example out of the segment permission 65c000000000000000000001 ("Kiosk tablets"), and remove the person',
    });
    expect(calls()).toEqual([byAddress("ann@acme.example"), "PUT O/collaborators/*", byAddress("ann@acme.example"), byAddress("ann@acme.example"), permissions]);
    expect(vendor.state().access.find(({ email }) => email === "ann@acme.example")).toEqual({ email: "ann@acme.example", role: "unassigned", permissions: ["65c000000000000000000001"] });
  });

  test("without a permission that lists the address it is partial all the same", async () => {
    vendor.seed({ collaborators: [{ email: "zoe@acme.example", tags: ["x"] }] });
    expect(await connector.deactivate?.(target("zoe@acme.example"), aCall())).toMatchObject({ complete: false, left: "the person is still a collaborator, with the role unassigned; no segment permission lists zoe@acme.example. Remove the person" });
  });

  test("an account whose address is not known is unassigned, and a person looks through the permissions", async () => {
    expect(await connector.deactivate?.({ ...ann(), email: undefined }, aCall())).toMatchObject({ complete: false, left: expect.stringContaining("the address, which is not known here") as string });
  });

  test("tags that a vendor keeps are caught: permissions go by them", async () => {
    const row = { id: ann().account, role: "unassigned", tags: ["field"], user: { email: "ann@acme.example" } };
    vendor.addFault({ kind: "garbage200", body: { status: true, data: { items: [row], hasNextPage: false } }, match: { method: "GET", path: "/collaborators/.*", nth: 2, times: "always" } });
    expect((await failing(unassigned())).kind).toBe("protocol");
  });

  test.each<[string, VendorFault, string]>([
    ["cannot be reached", { kind: "resetBefore" }, "uncertain"], ["are throttled", { kind: "retryAfter", after: 5 }, "uncertain"], ["answer 500", { kind: "status", status: 500 }, "uncertain"],
  ])("permissions that %s leave the denial uncertain, so that it is done again", async (_name, fault, kind) => {
    vendor.addFault({ ...fault, match: { path: "/segment-permissions/.*" } });
    expect((await failing(unassigned())).kind).toBe(kind);
  });

  test.each<[string, VendorFault]>([["are not shown to us", { kind: "status", status: 403 }], ["are not there", { kind: "status", status: 404 }], ["make no sense", { kind: "garbage200", body: { status: true } }]])("permissions that %s are left to a person", async (_name, fault) => {
    vendor.addFault({ ...fault, match: { path: "/segment-permissions/.*" } });
    expect(await unassigned()).toMatchObject({ complete: false, left: expect.stringContaining("could not be listed, so look through them for ann@acme.example") as string });
  });

  test("the address counts wherever it stands in a permission, however that is printed", async () => {
    const items = [{ _id: "p1", users: ["ANN@acme.example"] }, { id: "p2", name: "two", users: { emails: { 0: " ann@acme.example " } } }, { id: "p3", name: "joann@acme.example" }, { id: "p4", users: null }, "ann@acme.example", null, 7];
    vendor.addFault({ kind: "garbage200", body: { status: true, data: { items, hasNextPage: false } }, match: { path: "/segment-permissions/.*" } });
    expect((await unassigned())?.left).toContain('out of the segment permissions p1, p2 ("two"), without an id, and');
  });

  test("a 404 for somebody who is listed is no such call; for somebody who is not, it is gone", async () => {
    await vendor.setSwitches({ putCollaborator: "404" });
    expect((await failing(unassigned())).kind).toBe("unsupported");
    expect((await failing(connector.deactivate?.(stranger, aCall()))).kind).toBe("notFound");
  });
});

test("a shortcut must be a list that is there, and as well attested as the list itself", () => {
  const text = readFileSync(new URL("../../src/connectors/applivery/manifest.yaml", import.meta.url), "utf8");
  const problems = (shortcut: string, change = (whole: string) => whole) => {
    const read = readManifest(change(text.replace("shortcut: search", `shortcut: ${shortcut}`)));
    return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`);
  };
  expect(problems("search")).toEqual([]);
  expect(problems("nowhere")).toEqual(['calls.list.shortcut: there is no call "nowhere"', "calls.list.shortcut: must be as well attested as the list itself"]);
  expect(problems("update")).toContain('calls.list.shortcut: "update" must be a read (repeat: read)');
  expect(problems("search", (whole) => whole.replace("query: { email: '{email}' }\n    evidence: public", "query: { email: '{email}' }\n    evidence: observed"))).toEqual(["calls.list.shortcut: must be as well attested as the list itself"]);
});

test("FACTS.md names every call of the manifest with the same evidence, repeat-safety and request", async () => {
  const facts = readFileSync(new URL("../../src/connectors/applivery/FACTS.md", import.meta.url), "utf8");
  const { calls: all } = await manifestOf({ connector: "applivery" });
  for (const [name, { method, path, evidence, repeat }] of Object.entries(all)) {
    const row = facts.split("\n").find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";
    expect(row, name).toContain(`\`${method} ${path.replace("/v1/organizations/{organizationId}", "O")}`);
    expect(row, name).toContain(`| \`${evidence}\` | ${repeat} |`);
  }
  expect(Object.keys(all)).toHaveLength(6);
});
