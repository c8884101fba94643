/**
 * `drawbridge timeline`: whom it finds, what it tells, and that the reason of every role is in it.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { showTimeline } from "../../src/command/timeline.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import { type Beside, openBeside } from "../support/command.ts";
import { ada, eventually, patch } from "../support/house.ts";

interface Entry {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly resource: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly [name: string]: any;
}

const set = (path: string, value: unknown) => patch({ op: "replace", path, value });
const reasonsIn = (entries: readonly Entry[]): readonly string[] => entries.flatMap(({ kind, operations = [] }) => (kind === "intent" ? (operations as { reason?: string }[]).map(({ reason }) => reason ?? "none") : []));

describe("in front of PeopleLens", () => {
  let beside: Beside;
  let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
  const key = () => vendor.apiKey;
  beforeAll(async () => {
    vendor = await startPeopleLens();
    beside = await openBeside({
      connector: "peoplelens", settings: { baseUrl: vendor.url, apiKey: key(), password: "scim" },
      roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" },
      rails: { massDeprovision: { count: 1000 } }, budget: { requestsPerSecond: 1000, burst: 1000 },
    });
  });
  afterAll(async () => {
    await beside.stop();
    await vendor.stop();
  });
  const scim = (method: string, path: string, body?: unknown) => beside.house.scim(method, path, body);
  /** In this process, which is quicker. */
  const timeline = async (person: string) => {
    const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
    try {
      await showTimeline(person, { config: beside.configFile, data: "", connection: "acme", json: true });
      // oxlint-disable-next-line typescript/no-explicit-any
      return JSON.parse(String(printed.mock.lastCall?.[0])) as any;
    } finally {
      printed.mockRestore();
    }
  };
  const join = async (userName: string, more: object = {}) => scim("POST", "/Users", ada({ userName, externalId: `ext-${userName}`, ...more }));
  const accountOf = (email: string) => String(vendor.state().users.find((user) => user.email === email)?.id);

  test("a life is told in order, each change of role with its reason: create, push, group, fallback, return", async () => {
    const email = "ann@acme.example";
    await join("root@acme.example", { roles: [{ value: "Admins" }] }); // the last administrator would be held
    const id = String((await join(email, { roles: [{ value: "Everyone" }], password: "canary-4711" })).body.id);
    await scim("PATCH", `/Users/${id}`, set("roles", [{ value: "Everyone" }, { value: "Superuser" }, { value: "Editors" }]));
    const group = await scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Admins", members: [{ value: id }] });
    await eventually(async () => vendor.state().users.find((user) => user.email === email)?.role === "Admin");
    const now = await timeline(email);
    expect(now.role).toEqual({ role: "Admin", reason: 'Admin, because "Admins" is rank 1 in roles.map (the group "Admins")', atVendor: "Admin", outranked: ["Editors", "Everyone"], ignored: ["Superuser"] });

    await scim("DELETE", `/Groups/${group.body.id}`);
    await scim("PATCH", `/Users/${id}`, set("roles", [{ value: "Editors" }]));
    await scim("PATCH", `/Users/${id}`, set("roles", [{ value: "Superuser" }]));
    await scim("PATCH", `/Users/${id}`, set("active", false));
    await scim("PATCH", `/Users/${id}`, set("active", true));

    const { person, role, entries, earlier } = await timeline(email);
    expect(person).toMatchObject({ id, connection: "acme", userName: email, active: true, deleted: false, link: { account: accountOf(email), kind: "account", origin: "created", access: "active", state: "confirmed" }, due: null, tasks: [], notHeld: ["externalId"] });
    expect(role).toMatchObject({ role: "User", ignored: ["Superuser"], atVendor: "User" });
    expect(earlier).toBe(0);
    const all = entries as readonly Entry[];
    expect(all.map((entry) => entry.id)).toEqual(all.map((entry) => entry.id).toSorted((a, b) => a - b));
    expect(reasonsIn(all)).toEqual([
      'User, because "Everyone" is rank 3 in roles.map',
      'Editor, because "Editors" is rank 2 in roles.map',
      'Admin, because "Admins" is rank 1 in roles.map',
      'Editor, because "Editors" is rank 2 in roles.map',
      "User, because the last mapped role is gone (roles.fallback)",
      "the IdP deactivated the person",
      "User, the last role, which a return restores",
    ]);
    // The group's own push names her, so it is hers to see.
    expect(all.filter(({ kind, resource }) => kind === "push" && resource === group.body.id)).toMatchObject([{ method: "POST", members: [{ kind: "add", count: 1 }] }, { membership: { joined: [id] } }, { membership: { left: [id] } }]);
    // Intent before every vendor write, outcome with its calls after it.
    for (const [at, { kind, calls = [] }] of all.entries()) if (kind === "outcome" && (calls as { method: string }[]).some(({ method }) => method !== "GET")) expect(all.slice(0, at).some((before) => before.kind === "intent"), `#${at}`).toBe(true);
    expect(all.filter(({ kind }) => kind === "outcome").length).toBe(7);

    const { out, code } = await beside.run("timeline", email, "--connection", "acme");
    expect(code).toBe(0);
    expect(out).toMatch(/^ann@acme\.example {2}\(id /);
    expect(out).toContain("role       User, ");
    expect(out).toContain("in no roles.map, never sent: Superuser");
    expect(out).toContain('active true → false');
    expect(out).toMatch(/PATCH \/api\/users\/\S+ → 200/);
    expect(out + JSON.stringify(entries)).not.toMatch(new RegExp(`canary-4711|${key()}`));
  });

  test("who was adopted keeps the account's role, and the reason is there", async () => {
    vendor.seed({ users: [{ email: "bo@acme.example", first_name: "Bo", last_name: "Lee", role: "Editor" }] });
    await join("bo@acme.example", { name: { givenName: "Bo", familyName: "Lee" }, roles: [{ value: "Everyone" }] });
    const { person, role, entries } = await timeline("bo@acme.example");
    expect(person.link).toMatchObject({ origin: "adopted" });
    expect(role).toMatchObject({ role: "Editor", atVendor: "Editor", reason: expect.stringContaining("the account's own") as string });
    expect((entries as Entry[]).flatMap(({ notes = [] }) => notes as string[]).join()).toMatch(/adopted account \S+: exact e-mail, unlinked, role Editor kept/);
  });

  test("somebody is found by userName in any case, externalId, id, account and correlation id; gone, by all of them", async () => {
    const joined = await join("cy@acme.example");
    const id = String(joined.body.id);
    const account = accountOf("cy@acme.example");
    const correlation = String(joined.headers.get("x-correlation-id"));
    for (const name of ["CY@acme.example", "ext-cy@acme.example", id, account, correlation]) expect((await timeline(name)).person.id, name).toBe(id);
    expect((await scim("DELETE", `/Users/${id}`)).status).toBe(204);
    for (const name of ["cy@acme.example", "ext-cy@acme.example", id, account, correlation]) {
      const { person, role, entries } = await timeline(name);
      expect(person, name).toMatchObject({ id, deleted: true, active: null, userName: "cy@acme.example", externalId: "ext-cy@acme.example", link: null });
      expect(role).toMatchObject({ role: null, reason: "the IdP has deleted the person" });
      expect((entries as Entry[]).filter(({ kind }) => kind === "push").map(({ method }) => method as string)).toEqual(["POST", "DELETE"]);
    }
    // Who is there goes before who was.
    const again = String((await join("cy@acme.example")).body.id);
    expect((await timeline("cy@acme.example")).person.id).toBe(again);
  });

  test("nobody, several, and a connection that is not there are said in a sentence", async () => {
    await join("eve@acme.example", { externalId: "twice" });
    await join("eva@acme.example", { externalId: "twice" });
    expect(await beside.run("timeline", "nobody@acme.example", "--connection", "acme")).toMatchObject({ code: 1, err: expect.stringMatching(/^Nobody on the connection "acme" is or was called "nobody@acme.example"/) as string });
    expect(await beside.run("timeline", "twice", "--connection", "acme")).toMatchObject({ code: 1, err: expect.stringMatching(/^Several people .* Ask for one by id\.\n$/) as string });
    expect(await beside.run("timeline", "twice", "--connection", "other")).toMatchObject({ code: 1, err: expect.stringContaining("configured: acme") as string });
    expect(await beside.run("timeline", "twice")).toMatchObject({ code: 2 });
  });

  test("what came from outside cannot steer the terminal", async () => {
    await join("fay@acme.example", { name: { givenName: "Fay", familyName: "Lee" }, nickName: "a\u{200b}b", addresses: [{ type: "work", formatted: "1 Road\nTown" }] });
    const { out } = await beside.run("timeline", "fay@acme.example", "--connection", "acme");
    expect(out).toContain("a\\u{200b}b");
    // oxlint-disable-next-line no-control-regex
    expect(out.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b]/);
  });
});

test("work, tasks and what is accepted but not confirmed stand at the top", async () => {
  const vendor = await startTransactionLink({ switches: { terminateAgain: "200" }, seed: { users: [{ email: "ada@acme.example", firstName: "Ada", lastName: "Lovelace" }] } });
  const beside = await openBeside({
    connector: "transactionlink", settings: { baseUrl: vendor.url, token: vendor.apiKey, defaultRoleId: roleIds.member }, endpoints: "seed",
    roles: { map: [{ idp: "Everyone", vendor: roleIds.member }], fallback: roleIds.member }, rails: { massDeprovision: { count: 1000 } }, budget: { requestsPerSecond: 1000, burst: 1000 },
  });
  try {
    const { body } = await beside.house.scim("POST", "/Users", ada());
    await beside.house.scim("PATCH", `/Users/${body.id}`, set("active", false));
    const { person } = await beside.json("timeline", "ada@acme.example", "--connection", "acme");
    expect(person).toMatchObject({ active: false, link: { access: "inactive", state: "accepted, not confirmed", looks: 0, nextLook: expect.any(String) as string }, due: { lane: "reconcile", failure: null } });
    const { out } = await beside.run("timeline", "ada@acme.example", "--connection", "acme");
    expect(out).toMatch(/access inactive, accepted, not confirmed; looked at again 0 times, next 20/);

    await beside.house.scim("PATCH", `/Users/${body.id}`, set("active", true));
    vendor.addFault({ kind: "status", status: 403, body: { errors: [{ code: "FORBIDDEN", message: "no" }] }, match: { times: "always" } });
    expect((await beside.house.scim("PATCH", `/Users/${body.id}`, set("active", false))).status).toBe(502);
    const after = await beside.run("timeline", "ada@acme.example", "--connection", "acme");
    expect(after.out).toMatch(/to do {6}lane deny, since .*; credentials: .*\n +TransactionLink refuses our credential, or it may not do this: drawbridge doctor acme --write names the right\n/);
    expect(after.out).toMatch(/ alarm deactivate is refused/);
  } finally {
    await beside.stop();
    await vendor.stop();
  }
});

test("what waits in a hold stands at the head, with the command that decides it; groups and people are called by their names", async () => {
  const vendor = await startPeopleLens();
  const beside = await openBeside({
    connector: "peoplelens", settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, roles: { map: [{ idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" },
    rails: { protected: ["ada@acme.example"] }, budget: { requestsPerSecond: 1000, burst: 1000 },
  });
  try {
    const { body } = await beside.house.scim("POST", "/Users", ada());
    await beside.house.scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Editors", members: [{ value: body.id }] });
    const before = await beside.run("timeline", "ada@acme.example", "--connection", "acme");
    expect(before.out).toMatch(/ push of the group "Editors" joined: ada@acme\.example /);
    expect(before.out).not.toMatch(/^ {2}held/m);
    expect((await beside.house.scim("PATCH", `/Users/${body.id}`, set("active", false))).status).toBe(503);
    const { person } = await beside.json("timeline", "ada@acme.example", "--connection", "acme");
    expect(person.holds).toMatchObject([{ id: expect.stringMatching(/^h-/) as string, rail: "protected", push: "deactivate" }]);
    const { out } = await beside.run("timeline", "ada@acme.example", "--connection", "acme");
    expect(out).toMatch(new RegExp(`^  held       deactivate, since .*\\n +drawbridge holds approve ${person.holds[0].id} --connection acme, or holds reject$`, "m"));
    expect(out).toMatch(/^ {4}kept: PATCH: active true → false$/m);
    const listed = await beside.run("audit", "list", "--connection", "acme");
    expect(listed.out).toMatch(/ push of the group "Editors" joined: ada@acme\.example /);
    expect(listed.out).toMatch(/ outcome of ada@acme\.example setRole: done /);
    await beside.run("holds", "reject", person.holds[0].id, "--connection", "acme", "--yes");
    expect((await beside.json("timeline", "ada@acme.example", "--connection", "acme")).person.holds).toEqual([]);
  } finally {
    await beside.stop();
    await vendor.stop();
  }
});
