/**
 * The simulated TransactionLink: documented paths and shapes, permissions, invitations, and every switch in every position.
 *
 * @module
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTransactionLink, transactionlink } from "../../src/connectors/transactionlink/simulator.ts";
import { invitationLifeMs, roleIds, type TransactionLinkState } from "../../src/connectors/transactionlink/simulated/state.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { simulateVendor } from "../../src/sandbox/simulate.ts";

let simulator: RunningSimulator<TransactionLinkState>;
beforeAll(async () => (simulator = await startTransactionLink()));
beforeEach(() => simulator.reset());
afterAll(() => simulator.stop());

// oxlint-disable-next-line typescript/no-explicit-any
async function ask(method: string, path: string, body?: unknown, token = simulator.apiKey): Promise<{ status: number; body: any }> {
  const answer = await fetch(`${simulator.url}/organizations${path}`, { method, headers: { authorization: token, accept: "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
}

const idOf = (email: string): string => simulator.state().users.find((user) => user.email === email)?.id ?? "nobody";
const one = (email: string) => `/users/${idOf(email)}`;
const stateOf = (email: string) => simulator.state().users.find((user) => user.email === email)!;
const ada = { email: "ada@acme.example", firstName: "Ada", lastName: "Byron", title: "Countess" };
const invite = (change: object = {}) => ask("POST", "/enrollments", { email: ada.email, roleId: roleIds.member, firstName: "Ada", ...change });
const enrollments = () => simulator.state().enrollments;

describe("members", () => {
  beforeEach(() => simulator.seed({ users: [ada, { email: "olga@acme.example", role: "owner" }] }));

  test("one is shown with exactly the documented fields, and no status", async () => {
    const { status, body } = await ask("GET", one(ada.email));
    expect(status).toBe(200);
    expect(body).toEqual({ id: idOf(ada.email), email: ada.email, idpId: expect.any(String), roleId: roleIds.member, profile: { firstName: "Ada", lastName: "Byron", title: "Countess" }, createdDateTime: expect.any(String) });
  });

  test("pages count from 0, 20 rows each unless asked otherwise; beyond the end is empty", async () => {
    await simulator.reset();
    simulator.seed("traps");
    const { body } = await ask("GET", "/users");
    expect(body).toMatchObject({ totalElements: 45, totalPages: 3, size: 20, number: 0 });
    expect(body.content).toHaveLength(20);
    expect((await ask("GET", "/users?page=2")).body.content).toHaveLength(5);
    expect((await ask("GET", "/users?page=3")).body).toEqual({ content: [], totalElements: 45, totalPages: 3, size: 20, number: 3 });
    const emails = (await Promise.all([0, 1, 2].map((page) => ask("GET", `/users?page=${page}`)))).flatMap(({ body: shown }) => shown.content.map(({ email }: { email: string }) => email));
    expect(new Set(emails).size).toBe(45);
  });

  test.each(["page=-1", "size=0", "size=-3", "page=x", "size=1.5", "page="])("%s is 400, in the documented error body", async (query) => {
    expect(await ask("GET", `/users?${query}`)).toEqual({ status: 400, body: { fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/), errors: [{ code: "BAD_REQUEST", message: expect.any(String) }] } });
  });

  test("the token is passed bare: with a scheme, another's or none at all it is 401", async () => {
    for (const token of [`Bearer ${simulator.apiKey}`, "tot_nobodys0000", "", `Basic ${simulator.apiKey}`]) expect((await ask("GET", "/users", undefined, token)).status, token).toBe(401);
  });

  test("a missing permission is 403 and changes nothing", async () => {
    const before = simulator.state();
    for (const [method, path, body] of [["GET", "/users", undefined], ["POST", `${one(ada.email)}/terminate`, undefined], ["PUT", `${one(ada.email)}/role`, { roleId: roleIds.admin }], ["POST", "/enrollments", { email: "x@y.z", roleId: roleIds.member }], ["GET", "/roles", undefined]] as const)
      expect((await ask(method, path, body, simulator.apiKeys["viewer"])).status, path).toBe(403);
    expect((await ask("POST", `${one(ada.email)}/reset-mfa`, undefined, simulator.apiKeys["people"])).status).toBe(403);
    expect((await ask("GET", "/workspaces", undefined, simulator.apiKeys["people"])).status).toBe(403);
    expect(simulator.state()).toEqual(before);
  });

  test("reset-mfa answers nothing at all", async () => {
    expect(await ask("POST", `${one(ada.email)}/reset-mfa`)).toEqual({ status: 204, body: undefined });
    expect(stateOf(ada.email).mfaResets).toBe(1);
  });

  test.each([
    ["PUT", "/role", {}], ["PUT", "/role", { roleId: "admin" }], ["PUT", "/role", { roleId: null }], ["POST", "/reinstate", {}], ["PUT", "/profile", { firstName: 5 }], ["PUT", "/profile", { title: ["x"] }],
  ] as const)("%s %s with %j is 400 and changes nothing", async (method, path, body) => {
    const before = simulator.state();
    expect((await ask(method, one(ada.email) + path, body)).status).toBe(400);
    expect(simulator.state()).toEqual(before);
  });

  test("terminate ends it, reinstate with a role brings it back in that role", async () => {
    expect(await ask("POST", `${one(ada.email)}/terminate`)).toEqual({ status: 200, body: undefined });
    expect(stateOf(ada.email).status).toBe("TERMINATED");
    expect((await ask("POST", `${one(ada.email)}/reinstate`, { roleId: roleIds.admin })).status).toBe(200);
    expect(stateOf(ada.email)).toMatchObject({ status: "ACTIVE", roleId: roleIds.admin });
  });

  test("nobody is 404 for every call", async () => {
    for (const [method, path, body] of [["GET", "", undefined], ["PUT", "/profile", {}], ["PUT", "/role", { roleId: roleIds.member }], ["POST", "/terminate", undefined], ["POST", "/reinstate", { roleId: roleIds.member }], ["POST", "/reset-mfa", undefined]] as const)
      expect((await ask(method, `/users/00000000-0000-4000-8000-000000000000${path}`, body)).status, path).toBe(404);
  });
});

describe("invitations", () => {
  test("one is made with the documented fields, is listed, accepted, and becomes an account that does not point back", async () => {
    const { status, body } = await invite();
    expect(status).toBe(200);
    expect(body).toEqual({ enrollmentId: enrollments()[0]?.enrollmentId, email: ada.email, status: "PENDING", lastInvitationSentAt: expect.any(String) });
    expect((await ask("GET", "/enrollments")).body).toMatchObject({ content: [body], totalElements: 1, totalPages: 1 });
    simulator.seed({ accept: [body.enrollmentId] });
    expect((await ask("GET", "/enrollments")).body.content).toMatchObject([{ status: "ACCEPTED" }]);
    expect(simulator.state().users).toMatchObject([{ email: ada.email, roleId: roleIds.member, status: "ACTIVE", profile: { firstName: "Ada", lastName: null, title: null } }]);
    expect(idOf(ada.email)).not.toBe(body.enrollmentId);
  });

  test("an acceptance reaches the control port too", async () => {
    await invite();
    expect((await fetch(`${simulator.controlUrl}/seed`, { method: "POST", body: JSON.stringify({ accept: [ada.email] }) })).status).toBe(200);
    expect(simulator.state().users).toMatchObject([{ email: ada.email }]);
    expect((await fetch(`${simulator.controlUrl}/seed`, { method: "POST", body: JSON.stringify({ accept: [ada.email] }) })).status).toBe(400);
  });

  test("it expires by the clock, and a second letter renews it", async () => {
    const { body } = await invite();
    const shown = async () => (await ask("GET", "/enrollments")).body.content[0].status;
    simulator.advance(invitationLifeMs - 1000);
    expect(await shown()).toBe("PENDING");
    simulator.advance(2000);
    expect(await shown()).toBe("EXPIRED");
    expect(() => simulator.seed({ accept: [ada.email] })).toThrow(/EXPIRED/);
    expect((await ask("POST", `/enrollments/${body.enrollmentId}/cancel`)).status).toBe(400);
    expect((await ask("POST", `/enrollments/${body.enrollmentId}/resend`)).status).toBe(200);
    expect(await shown()).toBe("PENDING");
  });

  test("a cancelled one is not accepted, except by who was on the way already", async () => {
    const { body } = await invite();
    expect((await ask("POST", `/enrollments/${body.enrollmentId}/cancel`)).status).toBe(200);
    expect(() => simulator.seed({ accept: [ada.email] })).toThrow(/CANCELLED/);
    simulator.seed({ acceptInFlight: [ada.email] });
    expect(simulator.state().users).toMatchObject([{ email: ada.email, status: "ACTIVE" }]);
  });

  test.each([["no address", { email: undefined }], ["an address that is none", { email: "ada" }], ["no role", { roleId: undefined }], ["a role's name", { roleId: "member" }], ["a number for a name", { lastName: 7 }]])("with %s it is 400 and nobody is invited", async (_name, change) => {
    expect((await invite(change)).status).toBe(400);
    expect(enrollments()).toEqual([]);
  });

  test("of nobody: cancel and resend are 404", async () => {
    for (const verb of ["cancel", "resend"]) expect((await ask("POST", `/enrollments/00000000-0000-4000-8000-000000000000/${verb}`)).status).toBe(404);
  });
});

describe("switches", () => {
  const standing = async (switches: Record<string, string>, seed: string | object = { users: [ada, { email: "olga@acme.example", role: "owner" }] }) => {
    await simulator.setSwitches(switches);
    simulator.seed(seed as never);
  };

  test.each<[string, object]>([["absent", {}], ["top level", { status: "TERMINATED" }], ["in profile", { profile: { status: "TERMINATED" } }]])("statusShown %s", async (position, shown) => {
    await standing({ statusShown: position });
    await ask("POST", `${one(ada.email)}/terminate`);
    const { body } = await ask("GET", one(ada.email));
    expect(body).toMatchObject(shown);
    expect(JSON.stringify(body).includes("TERMINATED")).toBe(position !== "absent");
  });

  test.each([["true", 2], ["false", 1]])("terminatedListed %s shows %i of two", async (position, count) => {
    await standing({ terminatedListed: position });
    await ask("POST", `${one(ada.email)}/terminate`);
    expect((await ask("GET", "/users")).body).toMatchObject({ totalElements: count });
  });

  test.each([["200", 200], ["404", 404]])("terminatedReadable %s; the writes still know the member", async (position, status) => {
    await standing({ terminatedReadable: position });
    await ask("POST", `${one(ada.email)}/terminate`);
    expect((await ask("GET", one(ada.email))).status).toBe(status);
    expect((await ask("POST", `${one(ada.email)}/reinstate`, { roleId: roleIds.member })).status).toBe(200);
    expect((await ask("GET", one(ada.email))).status).toBe(200);
  });

  test.each([["nulled", null], ["kept", "Byron"]])("profileOmitted %s", async (position, lastName) => {
    await standing({ profileOmitted: position });
    await ask("PUT", `${one(ada.email)}/profile`, { firstName: "Augusta", title: null });
    expect(stateOf(ada.email).profile).toEqual({ firstName: "Augusta", lastName, title: null });
  });

  test.each<[string, object]>([["three fields", { firstName: "Ada", lastName: "Byron", title: "Countess" }], ["empty", {}]])("profileShown %s", async (position, profile) => {
    await standing({ profileShown: position });
    expect((await ask("GET", one(ada.email))).body.profile).toEqual(profile);
  });

  test.each([["409", 409], ["400", 400], ["200", 200]])("terminateAgain %s", async (position, status) => {
    await standing({ terminateAgain: position });
    await ask("POST", `${one(ada.email)}/terminate`);
    expect((await ask("POST", `${one(ada.email)}/terminate`)).status).toBe(status);
  });

  test.each([["409", 409, roleIds.member], ["200", 200, roleIds.admin]])("reinstateActive %s", async (position, status, role) => {
    await standing({ reinstateActive: position });
    expect((await ask("POST", `${one(ada.email)}/reinstate`, { roleId: roleIds.admin })).status).toBe(status);
    expect(stateOf(ada.email).roleId).toBe(role);
  });

  test.each([["400", 400], ["409", 409]])("lastOwner %s: neither terminated nor made less, until there is another", async (position, status) => {
    await standing({ lastOwner: position });
    expect((await ask("POST", `${one("olga@acme.example")}/terminate`)).status).toBe(status);
    expect((await ask("PUT", `${one("olga@acme.example")}/role`, { roleId: roleIds.admin })).status).toBe(status);
    simulator.seed({ users: [{ email: "otto@acme.example", role: "owner" }] });
    expect((await ask("POST", `${one("olga@acme.example")}/terminate`)).status).toBe(200);
  });

  test.each([["400", 400], ["404", 404]])("unknownRole %s, wherever a role is named", async (position, status) => {
    await standing({ unknownRole: position });
    const roleId = "11111111-2222-4333-8444-555555555555";
    expect((await ask("PUT", `${one(ada.email)}/role`, { roleId })).status).toBe(status);
    expect((await ask("POST", `${one(ada.email)}/reinstate`, { roleId })).status).toBe(status);
    expect((await invite({ roleId, email: "new@acme.example" })).status).toBe(status);
  });

  test.each([["409", 409], ["400", 400]])("inviteMember %s, in any letter case", async (position, status) => {
    await standing({ inviteMember: position });
    expect((await invite({ email: "ADA@acme.example" })).status).toBe(status);
    expect(enrollments()).toEqual([]);
  });

  test.each([["second one", 200, 2], ["409", 409, 1]])("invitePending %s", async (position, status, count) => {
    await standing({ invitePending: position }, {});
    await invite();
    expect((await invite()).status).toBe(status);
    expect(enrollments()).toHaveLength(count);
  });

  test.each([["409", 409], ["new one", 200]])("inviteTerminated %s", async (position, status) => {
    await standing({ inviteTerminated: position });
    await ask("POST", `${one(ada.email)}/terminate`);
    expect((await invite()).status).toBe(status);
    if (status === 200) simulator.seed({ accept: [ada.email] });
    expect(stateOf(ada.email).status).toBe(status === 200 ? "ACTIVE" : "TERMINATED");
  });

  test.each([["400", 400], ["409", 409]])("cancelNotPending %s", async (position, status) => {
    await standing({ cancelNotPending: position }, { enrollments: [{ enrollmentId: "e-1", email: ada.email, status: "CANCELLED" }] });
    expect((await ask("POST", "/enrollments/e-1/cancel")).status).toBe(status);
    expect((await ask("POST", "/enrollments/e-1/resend")).status).toBe(status);
  });

  test.each([["absent", 3], ["present", 1]])("statusFilter %s shows %i of three", async (position, count) => {
    await standing({ statusFilter: position }, "traps");
    expect((await ask("GET", "/enrollments?status=PENDING")).body.content).toHaveLength(count);
  });

  test.each([["kept", 1], ["dropped", 0]])("membershipsOnReinstate %s", async (position, count) => {
    await standing({ membershipsOnReinstate: position }, { users: [{ ...ada, workspace: true }] });
    await ask("POST", `${one(ada.email)}/terminate`);
    await ask("POST", `${one(ada.email)}/reinstate`, { roleId: roleIds.member });
    const [workspace] = simulator.state().workspaces;
    expect((await ask("GET", `/workspaces/${workspace?.id}/memberships`)).body).toHaveLength(count);
  });

  test.each([["clamp 100", 200, 100], ["400", 400, undefined], ["none", 200, 120]])("maxSize %s", async (position, status, size) => {
    await standing({ maxSize: position }, { count: 120 });
    const { status: answered, body } = await ask("GET", "/users?size=120");
    expect(answered).toBe(status);
    expect(body.content?.length).toBe(size);
    expect((await ask("GET", "/users?size=100")).body.content).toHaveLength(100);
  });

  test.each<[string, (body: unknown) => unknown]>([["array", (body) => body], ["{content}", (body) => (body as { content: unknown }).content]])("rolesShape %s", async (position, unwrapped) => {
    await standing({ rolesShape: position });
    expect(unwrapped((await ask("GET", "/roles")).body)).toMatchObject([{ name: "owner" }, { name: "admin", id: roleIds.admin }, { name: "member" }]);
  });

  test.each([["unstable", "ada@acme.example"], ["stable", "zoe@acme.example"]])("order %s: after ada was written, the last of the list is %s", async (position, last) => {
    await standing({ order: position }, { users: [ada, { email: "zoe@acme.example" }] });
    await ask("PUT", `${one(ada.email)}/profile`, { firstName: "Augusta" });
    expect((await ask("GET", "/users")).body.content.at(-1).email).toBe(last);
  });

  test.each([["as invited", "ada@acme.example"], ["other case", "ADA@ACME.EXAMPLE"]])("acceptCase %s", async (position, email) => {
    await standing({ acceptCase: position }, {});
    await invite();
    simulator.seed({ accept: [ada.email] });
    expect(simulator.state().users).toMatchObject([{ email }]);
  });

  test("writeAnswer record shows the member or the invitation as it is afterwards", async () => {
    await standing({ writeAnswer: "record", statusShown: "top level" });
    expect((await ask("POST", `${one(ada.email)}/terminate`)).body).toMatchObject({ email: ada.email, status: "TERMINATED" });
    const { body } = await invite({ email: "new@acme.example" });
    expect((await ask("POST", `/enrollments/${body.enrollmentId}/cancel`)).body).toMatchObject({ status: "CANCELLED" });
  });
});

test("it can be started by name, and every switch of the specification is there", async () => {
  const named = await simulateVendor("transactionlink", { seed: "traps" });
  expect(named.vendor).toBe("transactionlink");
  await named.stop();
  const specified = ["statusShown", "terminatedListed", "terminatedReadable", "profileOmitted", "terminateAgain", "reinstateActive", "lastOwner", "unknownRole", "inviteMember", "invitePending", "inviteTerminated", "cancelNotPending", "statusFilter", "membershipsOnReinstate", "profileShown", "maxSize", "rolesShape", "order", "acceptCase"];
  expect(specified.filter((name) => !Object.hasOwn(transactionlink.switches, name))).toEqual([]);
});

test.each([[{ users: [{ email: 5 }] }], [{ users: [{ email: "a@b", role: "king" }] }], [{ strangers: [] }], [{ enrollments: [{ email: "a@b", status: "LOST" }] }], [{ accept: ["nobody@acme.example"] }]])("a seed that makes no sense is refused: %j", (seed) => {
  expect(() => simulator.seed(seed)).toThrow(/TransactionLink|seeded|invitation/);
  expect(simulator.state().users).toEqual([]);
});
