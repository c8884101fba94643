/**
 * TransactionLink's invitations: made once, accepted behind our back, withdrawn in time or too late.
 *
 * @module
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Call, Connector, NewAccount, Target } from "../../src/connectors/connector.ts";
import { openConnector } from "../../src/connectors/registry.ts";
import type { ConnectorSetup } from "../../src/connectors/setup.ts";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import { invitationLifeMs, roleIds, type TransactionLinkState } from "../../src/connectors/transactionlink/simulated/state.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { failureOf } from "../../src/model/failure.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import { Secret } from "../../src/runtime/secret.ts";
import { aCall } from "./support/vendor.ts";

let simulator: RunningSimulator<TransactionLinkState>;
let connector: Required<Connector>;
const open = async (change: Partial<ConnectorSetup> = {}) =>
  (await openConnector({
    connector: "transactionlink", endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 5_000,
    settings: { baseUrl: simulator.url, token: new Secret(simulator.apiKey), defaultRoleId: roleIds.member }, ...change,
  })) as Required<Connector>;
beforeAll(async () => (simulator = await startTransactionLink()));
beforeEach(async () => {
  await simulator.reset();
  connector = await open();
});
afterAll(() => simulator.stop());

const email = "ann@acme.example";
const ann = (change: Partial<NewAccount> = {}): NewAccount => ({ email, profile: { "name.givenName": "Ann", "name.familyName": "Lee", title: "Analyst" }, role: roleId(roleIds.admin), password: undefined, ...change });
const failed = async (asked: Promise<unknown>) => failureOf(await asked.then(() => expect.fail("a failure was due"), (thrown: unknown) => thrown));
const sent = () => simulator.journal().map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id").replace(/\?.*/, "")}`);
const writes = () => sent().filter((line) => !line.startsWith("GET"));
const member = () => simulator.state().users.find((user) => user.email.toLowerCase() === email);
const letter = () => simulator.state().enrollments.at(-1);
async function invited(): Promise<Target> {
  const created = await connector.create(ann(), aCall());
  if (created.kind !== "invited") return expect.fail(created.kind);
  return { account: created.account.id, kind: "invitation", email, applied: created.account.profile };
}
/** A call in whose midst something happens: right after the first exchange of this name. */
const meanwhile = (name: string, happens: () => void): Call => {
  let once = false;
  return { ...aCall(), record: ({ call }) => {
    if (call !== name || once) return;
    once = true;
    happens();
  } };
};

describe("inviting", () => {
  test("one call; the answer is an invitation with the role and the profile that were asked for", async () => {
    const created = await connector.create(ann(), aCall());
    expect(created).toEqual({ kind: "invited", account: { id: letter()?.enrollmentId, kind: "invitation", email, role: roleIds.admin, active: true, profile: ann().profile } });
    expect(letter()).toMatchObject({ roleId: roleIds.admin, profile: { firstName: "Ann", lastName: "Lee", title: "Analyst" }, status: "PENDING" });
    expect(sent()).toEqual(["POST /organizations/enrollments"]);
  });

  test("without names or role: the default role and nothing else", async () => {
    await connector.create(ann({ profile: {}, role: undefined }), aCall());
    expect(simulator.journal()[0]?.body).toEqual({ email, roleId: roleIds.member });
  });

  test.each([["409"], ["400"]])("a member (%s) exists, and so does who was invited already", async (inviteMember) => {
    await simulator.setSwitches({ inviteMember, invitePending: "409" });
    simulator.seed({ users: [{ email: "bo@acme.example" }], enrollments: [{ email }] });
    expect(await connector.create(ann({ email: "bo@acme.example" }), aCall())).toEqual({ kind: "exists" });
    const conflict = await connector.create(ann(), aCall());
    expect(conflict).toEqual({ kind: "exists" });
  });

  test("an answer that shows no invitation, or another's, leaves it uncertain", async () => {
    for (const body of [{}, { enrollmentId: 7, email }, { enrollmentId: "e-1" }, { enrollmentId: "e-1", email: "else@acme.example", status: "PENDING" }, { enrollmentId: "../x", email }]) {
      simulator.addFault({ kind: "garbage200", body, match: { method: "POST" } });
      expect((await failed(connector.create(ann(), aCall()))).kind, JSON.stringify(body)).toBe("uncertain");
      await simulator.clearFaults();
    }
  });

  test("a lost answer is uncertain; the look-up then finds the invitation, so that no second letter is sent", async () => {
    simulator.addFault({ kind: "resetAfter", match: { method: "POST" } });
    expect((await failed(connector.create(ann(), aCall()))).kind).toBe("uncertain");
    expect(await connector.find(email, aCall())).toMatchObject([{ kind: "invitation", id: letter()?.enrollmentId, active: true }]);
    expect(writes()).toHaveLength(1);
  });

  test.each([["400", "invalid"], ["404", "protocol"]])("a role that is not there (%s) is %s", async (unknownRole, kind) => {
    await simulator.setSwitches({ unknownRole });
    expect((await failed(connector.create(ann({ role: roleId("11111111-2222-4333-8444-555555555555") }), aCall()))).kind).toBe(kind);
  });
});

describe("while it is open", () => {
  test("get shows it; it expires by the vendor's clock", async () => {
    const target = await invited();
    expect(await connector.get(target, aCall())).toMatchObject({ kind: "invitation", id: target.account, active: true });
    simulator.advance(invitationLifeMs + 1000);
    expect(await connector.get(target, aCall())).toMatchObject({ kind: "invitation", id: target.account, active: false });
  });

  test.each([["as invited"], ["other case"]])("once accepted (%s), get shows the account that came of it", async (acceptCase) => {
    await simulator.setSwitches({ acceptCase });
    const target = await invited();
    simulator.seed({ accept: [email] });
    expect(await connector.get(target, aCall())).toMatchObject({ kind: "account", id: member()?.id, role: roleIds.admin, profile: ann().profile });
  });

  test("name and role wait: nothing is sent, and nobody is told that it was done", async () => {
    const target = await invited();
    for (const asked of [connector.updateProfile(target, { title: "Chief" }, aCall()), connector.setRole(target, roleId(roleIds.member), aCall())]) expect((await failed(asked)).kind).toBe("refused");
    expect(writes()).toEqual(["POST /organizations/enrollments"]);
  });

  test("name and role reach the account once there is one, and the link is told where to point", async () => {
    const target = await invited();
    simulator.seed({ accept: [email] });
    expect(await connector.updateProfile(target, { title: "Chief" }, aCall())).toMatchObject({ account: { id: member()?.id, kind: "account" } });
    expect(await connector.setRole(target, roleId(roleIds.member), aCall())).toMatchObject({ confirmed: true, account: { id: member()?.id } });
    expect(member()).toMatchObject({ roleId: roleIds.member, profile: { firstName: "Ann", lastName: "Lee", title: "Chief" } });
  });

  test("an invitation that the vendor no longer shows is nobody; one that was accepted by nobody visible is not known", async () => {
    expect(await connector.get({ account: accountId("e-gone"), kind: "invitation", email }, aCall())).toBeUndefined();
    simulator.seed({ enrollments: [{ enrollmentId: "e-2", email, status: "ACCEPTED" }] });
    expect(await connector.get({ account: accountId("e-2"), kind: "invitation", email }, aCall())).toMatchObject({ kind: "invitation", active: undefined });
  });
});

describe("the invitation race", () => {
  test("an open invitation is cancelled and read back: cancel, invitations, members", async () => {
    const target = await invited();
    expect(await connector.deactivate(target, aCall())).toMatchObject({ confirmed: true, complete: true, by: "terminate" });
    expect(letter()?.status).toBe("CANCELLED");
    expect(sent().slice(1)).toEqual(["POST /organizations/enrollments/:id/cancel", "GET /organizations/enrollments", "GET /organizations/users"]);
  });

  test.each(["400", "409"])("twice is once (%s)", async (cancelNotPending) => {
    await simulator.setSwitches({ cancelNotPending });
    const target = await invited();
    await connector.deactivate(target, aCall());
    expect(await connector.deactivate(target, aCall())).toMatchObject({ confirmed: true, complete: true });
  });

  test("an expired one is over already", async () => {
    const target = await invited();
    simulator.advance(invitationLifeMs + 1000);
    expect(await connector.deactivate(target, aCall())).toMatchObject({ confirmed: true, complete: true });
  });

  test.each<[string, boolean]>([["absent", false], ["top level", true], ["in profile", true]])("accepted before the cancellation (status %s): the account is terminated, confirmed %s, and the link moves", async (statusShown, confirmed) => {
    await simulator.setSwitches({ statusShown, acceptCase: "other case" });
    const target = await invited();
    simulator.seed({ accept: [email] });
    expect(await connector.deactivate(target, aCall())).toMatchObject({ confirmed, complete: true, account: { id: member()?.id, kind: "account" } });
    expect(member()?.status).toBe("TERMINATED");
  });

  test.each(["cancel", "enrollments"])("accepted right after %s was answered: still terminated", async (exchange) => {
    const target = await invited();
    const done = await connector.deactivate(target, meanwhile(exchange, () => simulator.seed({ acceptInFlight: [email] })));
    expect(done).toMatchObject({ complete: true, account: { id: member()?.id, kind: "account" } });
    expect(member()?.status).toBe("TERMINATED");
  });

  test("accepted after all was read: a later look shows the account, and the next denial ends it", async () => {
    const target = await invited();
    await connector.deactivate(target, aCall());
    simulator.seed({ acceptInFlight: [email] });
    expect(await connector.get(target, aCall())).toMatchObject({ kind: "account", id: member()?.id });
    await connector.deactivate(target, aCall());
    expect(member()?.status).toBe("TERMINATED");
  });

  test("a cancellation without effect is no success", async () => {
    const target = await invited();
    simulator.addFault({ kind: "garbage200", body: {}, committed: false, match: { method: "POST", path: "cancel$" } });
    expect((await failed(connector.deactivate(target, aCall()))).kind).toBe("protocol");
    simulator.addFault({ kind: "status", status: 409, body: { errors: [{ message: "Try later" }] }, match: { method: "POST", path: "cancel$", nth: 1 } });
    expect((await failed(connector.deactivate(target, aCall()))).kind).toBe("conflict");
    expect(letter()?.status).toBe("PENDING");
  });

  test("a cancellation that cannot be read back is uncertain, never unsent", async () => {
    const target = await invited();
    for (const fault of [{ kind: "status", status: 500 }, { kind: "resetBefore" }, { kind: "retryAfter", after: 5 }] as const) {
      simulator.addFault({ ...fault, match: { method: "GET" } });
      expect((await failed(connector.deactivate(target, aCall()))).kind, fault.kind).toBe("uncertain");
      await simulator.clearFaults();
    }
  });

  test("another open letter to the same address is named, not touched: the denial is partial", async () => {
    const target = await invited();
    simulator.seed({ enrollments: [{ enrollmentId: "e-other", email: email.toUpperCase() }] });
    expect(await connector.deactivate(target, aCall())).toMatchObject({ confirmed: true, complete: false, left: expect.stringContaining("e-other") });
    expect(simulator.state().enrollments.find(({ enrollmentId }) => enrollmentId === "e-other")?.status).toBe("PENDING");
  });

  test("neither invitation nor member: not found, for the caller's control", async () => {
    expect((await failed(connector.deactivate({ account: accountId("e-gone"), kind: "invitation", email }, aCall()))).kind).toBe("notFound");
  });

  test("accepted, and no member to be seen: not done", async () => {
    simulator.seed({ enrollments: [{ enrollmentId: "e-2", email, status: "ACCEPTED" }] });
    expect((await failed(connector.deactivate({ account: accountId("e-2"), kind: "invitation", email }, aCall()))).kind).toBe("protocol");
  });

  test("where cancelling is not allowed: an accepted one is terminated, an open one is work for a person", async () => {
    const target = await invited();
    const seed = await open({ endpoints: "seed", denyEndpoints: "seed" });
    const failure = await failed(seed.deactivate(target, aCall()));
    expect(failure).toMatchObject({ kind: "unsupported", capability: "deactivate", steps: expect.stringContaining("cancel every invitation") });
    simulator.seed({ accept: [email] });
    expect(await seed.deactivate(target, aCall())).toMatchObject({ complete: true });
    expect(member()?.status).toBe("TERMINATED");
  });
});

describe("coming back", () => {
  test("a withdrawn invitation is made anew, with the role and the names, and the link moves", async () => {
    const target = await invited();
    await connector.deactivate(target, aCall());
    const done = await connector.reactivate(target, roleId(roleIds.admin), aCall());
    expect(done).toMatchObject({ confirmed: true, complete: true, account: { kind: "invitation", id: letter()?.enrollmentId, active: true } });
    expect(letter()).toMatchObject({ status: "PENDING", roleId: roleIds.admin, profile: { firstName: "Ann", lastName: "Lee" } });
    expect(simulator.state().enrollments).toHaveLength(2);
  });

  test("one that is still open stays; one that became a terminated account is reinstated", async () => {
    const target = await invited();
    expect(await connector.reactivate(target, roleId(roleIds.admin), aCall())).toMatchObject({ confirmed: true });
    expect(simulator.state().enrollments).toHaveLength(1);
    simulator.seed({ accept: [email] });
    await connector.deactivate(target, aCall());
    expect(await connector.reactivate(target, roleId(roleIds.admin), aCall())).toMatchObject({ complete: true, account: { id: member()?.id } });
    expect(member()?.status).toBe("ACTIVE");
  });
});
