/**
 * TransactionLink's connector on its simulated vendor: the raw token, pages from 0, whole profiles, unreadable statuses.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Connector, Target } from "../../src/connectors/connector.ts";
import { capabilitiesOf } from "../../src/connectors/connector.ts";
import { checkSetup, hooksOf, manifestOf, openConnector } from "../../src/connectors/registry.ts";
import type { ConnectorSetup } from "../../src/connectors/setup.ts";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import { roleIds, type TransactionLinkState } from "../../src/connectors/transactionlink/simulated/state.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { failureOf } from "../../src/model/failure.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import { Secret } from "../../src/runtime/secret.ts";
import { aCall } from "./support/vendor.ts";

let simulator: RunningSimulator<TransactionLinkState>;
let connector: Required<Connector>;
const setup = (change: Partial<ConnectorSetup> = {}): ConnectorSetup => ({
  connector: "transactionlink", endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 5_000,
  ...change,
  settings: { baseUrl: simulator.url, token: new Secret(simulator.apiKey), defaultRoleId: roleIds.member, ...change.settings },
});
const open = async (change: Partial<ConnectorSetup> = {}) => (await openConnector(setup(change))) as Required<Connector>;
beforeAll(async () => {
  simulator = await startTransactionLink();
  connector = await open();
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.stop());

const member = (email: string) => simulator.state().users.find((user) => user.email === email)!;
const of = (email: string, applied?: Target["applied"]): Target => ({ account: accountId(member(email).id), kind: "account", email, ...(applied && { applied }) });
const failed = async (asked: Promise<unknown>) => failureOf(await asked.then(() => expect.fail("a failure was due"), (thrown: unknown) => thrown));
const sent = () => simulator.journal().map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id")}`);
const ann = { email: "ann@acme.example", firstName: "Ann", lastName: "Lee", title: "Analyst" };

describe("settings", () => {
  test.each([
    ["Bearer inside the token", { token: new Secret("Bearer tot_abcdefgh") }], ["a token of another shape", { token: new Secret("pat_abcdefgh") }], ["no default role", { defaultRoleId: undefined }],
    ["a role's name for its id", { defaultRoleId: "member" }], ["a stranger", { apiKey: "x" }], ["an address with a path", { baseUrl: "https://api.transactionlink.io/v3" }],
  ])("%s is a mistake, and no value is said", async (_name, settings) => {
    const problems = await checkSetup(setup({ settings }));
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toMatch(/tot_abcdefgh|pat_abcdefgh/);
  });

  test("without baseUrl it is the vendor's own address", async () => {
    expect(await checkSetup({ ...setup({ egressAllow: [] }), settings: { token: new Secret("tot_abcdefgh"), defaultRoleId: roleIds.member } })).toEqual([]);
  });
});

describe("reading", () => {
  test("the token goes out bare; pages count from 0 and are all read, terminated members included", async () => {
    simulator.seed({ count: 230 });
    const emails: (string | undefined)[] = [];
    for await (const { email } of connector.list(aCall())) emails.push(email);
    expect(new Set(emails).size).toBe(230);
    expect(sent()).toEqual(["GET /organizations/users?page=0&size=100", "GET /organizations/users?page=1&size=100", "GET /organizations/users?page=2&size=100"]);
    expect(simulator.journal().every(({ credential }) => credential === "admin")).toBe(true);
  });

  test("a member is found by a scan, an invitation where there is no member; both compared whole, letter case apart", async () => {
    simulator.seed("traps");
    const call = aCall();
    expect(await connector.find("ANN@acme.example", call)).toMatchObject([{ id: member("ann@acme.example").id, kind: "account", role: roleIds.member, active: undefined, profile: { "name.givenName": "Ann", title: "Analyst" } }]);
    expect(await connector.find("Invited@Acme.example", call)).toMatchObject([{ kind: "invitation", id: simulator.state().enrollments[0]?.enrollmentId, active: true }]);
    expect(await connector.find("withdrawn@acme.example", call)).toEqual([]);
    expect(await connector.find("boss@acme.example", call)).toMatchObject([{ kind: "account" }]);
    expect(await connector.find("nobody@acme.example", call)).toEqual([]);
    expect(await connector.find("twin@acme.example", call)).toHaveLength(2);
  });

  test("a total that counts more than is listed costs one more reading, not an endless one", async () => {
    const person = (number: number) => ({ id: `7a1e0000-0000-4000-8000-00000000000${number}`, email: `person${number}@acme.example`, roleId: roleIds.member, profile: {} });
    for (const number of [0, 1]) simulator.addFault({ kind: "garbage200", body: { content: [person(number)], totalElements: 9, totalPages: 2 }, match: { path: `[?]page=${number}`, times: "always" } });
    const emails: (string | undefined)[] = [];
    for await (const { email } of connector.list(aCall())) emails.push(email);
    expect(emails).toEqual(["person0@acme.example", "person1@acme.example"]);
    expect(sent()).toHaveLength(4);
  });

  test("many who ask at once share one scan, and nobody is said to be nobody by an older one", async () => {
    simulator.seed({ count: 30 });
    const call = aCall();
    await Promise.all(Array.from({ length: 20 }, (_, number) => connector.find(`stranger${number}@acme.example`, call)));
    expect(sent().length).toBeLessThanOrEqual(4); // at most two scans of members and of invitations: nobody waits for an older one
    simulator.seed({ users: [ann] });
    expect(await connector.find(ann.email, call)).toHaveLength(1);
  });

  test.each<[string, boolean | undefined, boolean | undefined]>([["absent", undefined, undefined], ["top level", true, false], ["in profile", true, false]])("status %s: a member is %s, a former one %s", async (statusShown, before, after) => {
    await simulator.setSwitches({ statusShown });
    simulator.seed({ users: [ann, { email: "left@acme.example", status: "TERMINATED" }] });
    expect((await connector.get(of(ann.email), aCall()))?.active).toBe(before);
    expect((await connector.get(of("left@acme.example"), aCall()))?.active).toBe(after);
  });

  test.each([["array"], ["{content}"]])("roles are listed whether they come as %s", async (rolesShape) => {
    await simulator.setSwitches({ rolesShape });
    expect(await connector.listRoles(aCall())).toEqual([{ id: roleIds.owner, name: "owner" }, { id: roleIds.admin, name: "admin" }, { id: roleIds.member, name: "member" }]);
  });

  test("the check finds a weak token, a default role that is not there, and the owner's", async () => {
    await connector.check(aCall());
    expect((await failed((await open({ settings: { token: new Secret(simulator.apiKeys["viewer"]!) } })).check(aCall()))).kind).toBe("credentials");
    for (const defaultRoleId of ["11111111-2222-4333-8444-555555555555", roleIds.owner]) expect(await failed((await open({ settings: { defaultRoleId } })).check(aCall()))).toMatchObject({ kind: "invalid", field: "settings.defaultRoleId" });
    await (await open({ endpoints: "seed", settings: { defaultRoleId: roleIds.owner } })).check(aCall()); // roles may not be asked for
  });
});

describe("what evidence allows", () => {
  test("with endpoints: seed nobody can be invited; the reason and the steps are said", async () => {
    const seed = await open({ endpoints: "seed", denyEndpoints: "seed" });
    expect([...capabilitiesOf(seed)].toSorted()).toEqual(["deactivate", "find", "get", "list", "reactivate", "setRole", "updateProfile"]);
    expect(seed.traits.missing("create")).toContain("invite");
    expect(seed.traits.steps("create", { email: "ann@acme.example", name: "Ann Lee", role: undefined })).toBe(`In TransactionLink, invite Ann Lee <ann@acme.example> with the role ${roleIds.member}. The next push links the account.`);
    simulator.seed({ users: [ann] });
    expect(await seed.find(ann.email, aCall())).toHaveLength(1);
    expect(sent().some((line) => line.includes("enrollments"))).toBe(false);
  });

  test("nothing but the operator resets a second factor: the call stands under operatorActions and in no operation, denial or hook", async () => {
    const { calls, operations, denials, operatorActions } = await manifestOf({ connector: "transactionlink" });
    expect(calls["resetMfa"]).toMatchObject({ method: "POST", path: "/organizations/users/{id}/reset-mfa", evidence: "seed", repeat: "once" });
    expect(operatorActions.resetMfa).toMatchObject({ call: "resetMfa", permission: "can_reset_2fa" });
    expect(JSON.stringify([operations, denials, hooksOf("transactionlink")])).not.toMatch(/reset-?mfa/i);
  });
});

describe("profiles", () => {
  test.each([["nulled"], ["kept"]])("all three fields travel together (profileOmitted %s)", async (profileOmitted) => {
    await simulator.setSwitches({ profileOmitted });
    simulator.seed({ users: [ann] });
    await connector.updateProfile(of(ann.email), { "name.givenName": "Anna" }, aCall());
    expect(member(ann.email).profile).toEqual({ firstName: "Anna", lastName: "Lee", title: "Analyst" });
    await connector.updateProfile(of(ann.email), { title: null }, aCall());
    expect(member(ann.email).profile).toEqual({ firstName: "Anna", lastName: "Lee", title: null });
    expect(sent()).toEqual(["GET /organizations/users/:id", "PUT /organizations/users/:id/profile", "GET /organizations/users/:id", "PUT /organizations/users/:id/profile"]);
  });

  test("what is not shown is filled in from what was last applied", async () => {
    await simulator.setSwitches({ profileShown: "empty" });
    simulator.seed({ users: [ann] });
    await connector.updateProfile(of(ann.email, { "name.givenName": "Ann", "name.familyName": "Lee", title: "Analyst" }), { title: "Chief" }, aCall());
    expect(member(ann.email).profile).toEqual({ firstName: "Ann", lastName: "Lee", title: "Chief" });
  });

  test("an e-mail cannot change, and nothing is read or sent for it", async () => {
    simulator.seed({ users: [ann] });
    expect(await failed(connector.updateProfile(of(ann.email), { email: "anna@acme.example" }, aCall()))).toMatchObject({ kind: "invalid", scimType: "mutability" });
    expect(sent()).toEqual([]);
    expect(connector.traits.emailChange).toBe("impossible");
  });
});

describe("roles", () => {
  test("a role is put and read back", async () => {
    simulator.seed({ users: [ann] });
    expect(await connector.setRole(of(ann.email), roleId(roleIds.admin), aCall())).toEqual({ confirmed: true, complete: true });
    expect(sent()).toEqual(["PUT /organizations/users/:id/role", "GET /organizations/users/:id"]);
  });

  test.each([["400", "invalid"], ["404", "refused"]])("a role that is not there (%s) is %s: nobody takes it for a member who is gone", async (unknownRole, kind) => {
    await simulator.setSwitches({ unknownRole });
    simulator.seed({ users: [ann, { email: "left@acme.example", status: "TERMINATED" }] });
    const emperor = roleId("11111111-2222-4333-8444-555555555555");
    expect((await failed(connector.setRole(of(ann.email), emperor, aCall()))).kind).toBe(kind);
    expect((await failed(connector.reactivate(of("left@acme.example"), emperor, aCall()))).kind).toBe(kind);
    expect((await failed(connector.setRole({ account: accountId("00000000-0000-4000-8000-000000000000"), kind: "account", email: "x@y" }, roleId(roleIds.admin), aCall()))).kind).toBe("notFound");
  });
});

describe("leaving", () => {
  test.each<[string, boolean]>([["absent", false], ["top level", true], ["in profile", true]])("status %s: a leaver is terminated, confirmed %s; a refusal that names the termination confirms it too", async (statusShown, confirmed) => {
    await simulator.setSwitches({ statusShown });
    simulator.seed({ users: [ann] });
    expect(await connector.deactivate(of(ann.email), aCall())).toMatchObject({ confirmed, complete: true, by: "terminate" });
    expect(sent()).toEqual(["POST /organizations/users/:id/terminate", "GET /organizations/users/:id"]);
    for (const terminateAgain of ["409", "400", "200"]) {
      await simulator.setSwitches({ terminateAgain });
      expect(await connector.deactivate(of(ann.email), aCall()), terminateAgain).toMatchObject({ confirmed: confirmed || terminateAgain !== "200", complete: true });
    }
    expect(member(ann.email).status).toBe("TERMINATED");
  });

  test("a refusal that does not say that it was so already is no success, unreadable as the status is", async () => {
    simulator.seed({ users: [{ email: "olga@acme.example", role: "owner" }] });
    for (const [lastOwner, kind] of [["400", "invalid"], ["409", "conflict"]] as const) {
      await simulator.setSwitches({ lastOwner });
      expect((await failed(connector.deactivate(of("olga@acme.example"), aCall()))).kind).toBe(kind);
    }
    simulator.addFault({ kind: "status", status: 409, body: { errors: [{ code: "CONFLICT", message: "Another change is under way" }] } });
    simulator.seed({ users: [ann] });
    expect((await failed(connector.deactivate(of(ann.email), aCall()))).kind).toBe("conflict");
    expect(simulator.state().users.every(({ status }) => status === "ACTIVE")).toBe(true);
  });

  test("a yes without effect is no success where a status is shown", async () => {
    await simulator.setSwitches({ statusShown: "in profile" });
    simulator.seed({ users: [ann] });
    simulator.addFault({ kind: "garbage200", body: {}, committed: false, match: { method: "POST" } });
    expect((await failed(connector.deactivate(of(ann.email), aCall()))).kind).toBe("protocol");
  });

  test("a member who cannot be read once terminated is not gone: a control proves the tenant, and reinstating works", async () => {
    await simulator.setSwitches({ terminatedReadable: "404" });
    simulator.seed({ users: [ann] });
    expect(await connector.deactivate(of(ann.email), aCall())).toMatchObject({ confirmed: true, complete: true });
    expect(await connector.deactivate(of(ann.email), aCall())).toMatchObject({ confirmed: true, complete: true });
    expect((await connector.deactivate(of(ann.email), aCall())).gone).toBeUndefined();
    expect(await connector.reactivate(of(ann.email), undefined, aCall())).toMatchObject({ complete: true });
    expect(member(ann.email).status).toBe("ACTIVE");
  });

  test("there is no delete: whoever is deleted is terminated once", () => {
    expect(connector.delete).toBeUndefined();
    expect(connector.traits.missing("delete")).toMatch(/\S/);
  });

  test("onDelete: [terminate] can be asked for all the same", async () => {
    simulator.seed({ users: [ann] });
    expect(await (await open({ onDelete: ["terminate"] })).delete(of(ann.email), aCall())).toMatchObject({ complete: true, by: "terminate" });
  });
});

describe("returning", () => {
  test.each<[string, boolean]>([["absent", false], ["top level", true], ["in profile", true]])("status %s: reinstated with a role, confirmed %s", async (statusShown, confirmed) => {
    await simulator.setSwitches({ statusShown });
    simulator.seed({ users: [{ ...ann, status: "TERMINATED" }] });
    expect(await connector.reactivate(of(ann.email), roleId(roleIds.admin), aCall())).toMatchObject({ confirmed, complete: true, note: expect.stringContaining("memberships") });
    expect(member(ann.email)).toMatchObject({ status: "ACTIVE", roleId: roleIds.admin });
    expect(sent()).toEqual(["POST /organizations/users/:id/reinstate", "GET /organizations/users/:id"]);
  });

  test("without a role it is the default one, which the vendor demands", async () => {
    simulator.seed({ users: [{ ...ann, status: "TERMINATED", role: "admin" }] });
    await connector.reactivate(of(ann.email), undefined, aCall());
    expect(member(ann.email).roleId).toBe(roleIds.member);
  });

  test("who was back already is back; a reinstatement that shows another role is a lie", async () => {
    simulator.seed({ users: [ann] });
    expect(await connector.reactivate(of(ann.email), roleId(roleIds.member), aCall())).toMatchObject({ confirmed: false, complete: true });
    await simulator.setSwitches({ statusShown: "top level" });
    expect(await connector.reactivate(of(ann.email), roleId(roleIds.member), aCall())).toMatchObject({ confirmed: true, complete: true });
    simulator.addFault({ kind: "garbage200", body: {}, committed: false, match: { method: "POST" } });
    expect((await failed(connector.reactivate(of(ann.email), roleId(roleIds.admin), aCall()))).kind).toBe("protocol");
  });
});

test("FACTS.md names every call of the manifest with its request and its evidence", async () => {
  const facts = readFileSync(new URL("../../src/connectors/transactionlink/FACTS.md", import.meta.url), "utf8");
  const { calls } = await manifestOf({ connector: "transactionlink" });
  for (const [name, { method, path, evidence, repeat }] of Object.entries(calls)) {
    const row = facts.split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row, name).toContain(`\`${method} ${path}`);
    expect(row, name).toContain(`| \`${evidence}\` | ${repeat} |`);
  }
});
