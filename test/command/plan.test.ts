/**
 * A plan is what then really happens: call by call, for a thousand people, at every vendor; and nothing happens while it is made.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { planParked } from "../../src/delivery/parked.ts";
import { openSiteOf } from "../../src/command/with-site.ts";
import { eventually } from "../support/house.ts";
import { openHouse, type House } from "../../src/app.ts";
import { readInput, type Step } from "../../src/command/plan/input.ts";
import { makePlan } from "../../src/command/plan/make-plan.ts";
import type { Plan } from "../../src/command/plan/plan.ts";
import { playStep } from "../../src/command/plan/play.ts";
import { type Config, readConfig } from "../../src/config.ts";
import { organization } from "../../src/connectors/enlivy/simulated/state.ts";
import type { RunningSimulator, SimulatorOptions } from "../../src/connectors/kit/simulator/running.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { connectionId } from "../../src/model/ids.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { simulateVendor } from "../../src/sandbox/simulate.ts";
import { engines } from "../support/stores.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const acme = connectionId("acme");
const token = "a-token-for-plans-of-more-than-32-characters";
let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "drawbridge-plan-"))));
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await rm(folder, { recursive: true, force: true });
});

interface World {
  readonly vendor: RunningSimulator;
  readonly house: House;
  readonly config: Config;
  readonly file: string;
  readonly base: string;
  plan(steps: readonly Step[] | "observed"): Promise<Plan>;
  /** Sends the steps to the real house. */
  really(steps: readonly Step[]): Promise<void>;
}

interface Kind {
  readonly vendor: string;
  readonly simulator?: SimulatorOptions;
  readonly settings: (vendor: RunningSimulator) => JsonObject;
  readonly connection?: JsonObject;
  readonly roles: { readonly everyone: string; readonly leads: string };
  /** Instead of the built-in connector. */
  readonly connector?: () => string;
}

const kinds: Readonly<Record<string, Kind>> = {
  "PeopleLens AI": { vendor: "peoplelens", settings: ({ url, apiKey }) => ({ baseUrl: url, apiKey }), roles: { everyone: "User", leads: "Admin" } },
  TransactionLink: { vendor: "transactionlink", settings: ({ url, apiKey }) => ({ baseUrl: url, token: apiKey, defaultRoleId: roleIds.member }), roles: { everyone: roleIds.member, leads: roleIds.admin } },
  Enlivy: { vendor: "enlivy", settings: ({ url, apiKey }) => ({ baseUrl: url, token: apiKey, organizationId: organization, defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" }), roles: { everyone: "org_userrole_employee", leads: "org_userrole_lead" } },
  Applivery: { vendor: "applivery", simulator: { switches: { putCollaborator: "on", deleteCollaborator: "on", createAfterRemove: "200" } }, settings: ({ url, apiKey }) => ({ baseUrl: url, apiKey, organizationId: "acme" }), connection: { endpoints: "observed" }, roles: { everyone: "viewer", leads: "editor" } },
  "a vendor of somebody's own": {
    vendor: "peoplelens",
    settings: ({ url, apiKey }) => ({ baseUrl: url, apiKey }),
    roles: { everyone: "User", leads: "Admin" },
    connector() {
      const file = join(folder, "manifest.yaml");
      writeFileSync(file, readFileSync(new URL("../../src/connectors/peoplelens/manifest.yaml", import.meta.url), "utf8").replace("connector: peoplelens", "connector: acmehr"));
      return file;
    },
  },
};

async function open(name: keyof typeof kinds, more: JsonObject = {}, store?: string): Promise<World> {
  const kind = kinds[name] as Kind;
  const vendor = await simulateVendor(kind.vendor, { ...kind.simulator, random: 7 });
  closing.push(() => vendor.stop());
  const document = {
    publicUrl: "http://scim.test", store: store ?? `file:${join(folder, "store.db")}`, egress: { allow: ["127.0.0.1"] },
    connections: { acme: { connector: kind.connector?.() ?? kind.vendor, auth: { bearer: [{ name: "test", token }] }, settings: kind.settings(vendor), roles: { map: [{ idp: "Leads", vendor: kind.roles.leads, privileged: true }, { idp: "Everyone", vendor: kind.roles.everyone }] }, rails: { massDeprovision: { count: 1000 } }, budget: { requestsPerSecond: 1000, burst: 1000 }, onEmailChange: "keepLogin", ...kind.connection, ...more } },
  };
  const file = join(folder, "drawbridge.json");
  writeFileSync(file, JSON.stringify(document));
  const config = await readConfig(file, { env: {}, readFile: async () => JSON.stringify(document) });
  const house = await openHouse(config, { log: silentLog });
  closing.push(() => house.stop());
  const { port } = await house.door.listen("127.0.0.1", 0);
  const base = `http://127.0.0.1:${port}/scim/acme/v2`;
  const connection = config.connections[0] as Config["connections"][number];
  return {
    vendor, house, config, file, base,
    plan: (steps) => makePlan(config, connection, steps),
    async really(steps) {
      for (const step of steps) await playStep(step, { base, token, store: house.store, connection: acme, planned: [] });
    },
  };
}

const letters = (n: number): string => [...String(n)].map((digit) => "abcdefghij"[Number(digit)]).join("");
const person = (n: number, more: JsonObject = {}): Step => ({ kind: "person", userName: `p${n}@acme.example`, resource: { userName: `p${n}@acme.example`, externalId: `x${n}`, name: { givenName: "Pat", familyName: `Doe${letters(n)}` }, emails: [{ value: `p${n}@acme.example`, type: "work", primary: true }], active: true, ...more } });
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, at) => from + at);

/** Part of them is here already, part only at the vendor, part nowhere; some leave, some are renamed, some lead. */
function directory(size: number): { readonly before: readonly Step[]; readonly atVendor: readonly number[]; readonly now: readonly Step[] } {
  const part = Math.floor(size / 10);
  const names = (numbers: readonly number[]) => numbers.map((n) => `p${n}@acme.example`);
  const group = (displayName: string, numbers: readonly number[]): Step => ({ kind: "group", displayName, resource: { displayName }, members: names(numbers) });
  return {
    before: [...range(0, 4 * part).map((n) => person(n)), group("Leads", range(0, part))],
    atVendor: range(4 * part, 6 * part),
    now: [
      ...range(0, part).map((n) => person(n)),
      ...range(part, 2 * part).map((n) => person(n, { name: { givenName: "Robin", familyName: `Roe${letters(n)}` } })),
      ...range(2 * part, 3 * part).map((n) => person(n, { active: false })),
      ...range(3 * part, size).map((n) => person(n)),
      group("Leads", [...range(0, Math.floor(part / 2)), ...range(7 * part, 7 * part + 3)]),
    ],
  };
}

function seedsFor(name: string, numbers: readonly number[]): JsonObject {
  const of = (record: (n: number) => JsonObject): Json => numbers.map(record) as unknown as Json;
  switch (name) {
    case "TransactionLink":
      return { users: of((n) => ({ email: `p${n}@acme.example`, firstName: "Pat", lastName: `Doe${letters(n)}` })) };
    case "Enlivy":
      return { users: of((n) => ({ email: `p${n}@acme.example`, first_name: "Pat", last_name: `Doe${letters(n)}` })) };
    case "Applivery":
      return { collaborators: of((n) => ({ email: `p${n}@acme.example`, firstName: "Pat", lastName: `Doe${letters(n)}` })) };
    default:
      return { users: of((n) => ({ email: `P${n}@acme.example`, first_name: "Pat", last_name: `Old${letters(n)}` })) };
  }
}

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** What the vendor really saw, in the plan's words: ids that were made by it stand for the address. */
function realCalls(vendor: RunningSimulator, from: number, planned: Plan): readonly Seen[] {
  const journal = vendor.journal().slice(from);
  const made = new Map<string, string>();
  const addresses = new Set(planned.calls.flatMap(({ path, body }) => [...`${path} ${JSON.stringify(body)}`.matchAll(/\{new: ([^}]+)\}/g)].map(([, address = ""]) => address)));
  const state = JSON.stringify(vendor.state());
  for (const address of addresses) for (const id of idsIn(JSON.parse(state) as Json, address)) made.set(id, address);
  const shown = (text: string) => [...made].reduce((whole, [id, address]) => whole.replaceAll(id, `{new: ${address}}`), text);
  return journal.map(({ method, path, body }) => ({ method, path: shown(path), body: body === null ? null : withoutSecrets(JSON.parse(shown(JSON.stringify(body))) as JsonObject) }));
}

/** Ids of records that hold an address, and of those that point at them. */
function idsIn(tree: Json, address: string): readonly string[] {
  const found: string[] = [];
  const walk = (value: Json): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== "object" || value === null) return;
    const record = value as JsonObject;
    if (String(record["email"]).toLowerCase() === address.toLowerCase()) found.push(...["id", "enrollmentId"].flatMap((key) => (typeof record[key] === "string" ? [record[key] as string] : [])));
    Object.values(record).forEach(walk);
  };
  walk(tree);
  const collaborators = (tree as { collaborators?: { id: string; account: string }[] }).collaborators ?? [];
  return [...found, ...collaborators.filter(({ account }) => found.includes(account)).map(({ id }) => id)];
}

const withoutSecrets = (body: JsonObject): JsonObject => ("password" in body ? { ...body, password: "[secret]" } : body);
const lineOf = ({ method, path, body }: Seen): string => `${method} ${path} ${JSON.stringify(body)}`;
/** About whom a call is, for the order of the calls of one person. */
const about = (call: Seen): string => /p\d+(@|%40)acme\.example|usr-[0-9a-f-]+|org_user_[0-9a-f]+|[0-9a-f]{24}|[0-9a-f-]{36}/i.exec(`${call.path} ${JSON.stringify(call.body)}`)?.[0]?.replace("%40", "@").toLowerCase() ?? "everybody";
const byPerson = (calls: readonly Seen[]): Readonly<Record<string, readonly string[]>> => {
  const groups: Record<string, string[]> = {};
  for (const call of calls) (groups[about(call)] ??= []).push(lineOf(call));
  return groups;
};

async function planEqualsReality(name: keyof typeof kinds, size: number): Promise<Plan> {
  const { before, atVendor, now } = directory(size);
  const world = await open(name);
  world.vendor.seed(seedsFor(name, atVendor));
  await world.really(before);
  const journal = await world.house.store.journalHead(acme);
  const from = world.vendor.journal().length;
  const plan = await world.plan(now);
  const read = world.vendor.journal().slice(from);
  expect(read.filter(({ method }) => method !== "GET")).toEqual([]);
  expect(await world.house.store.journalHead(acme)).toEqual(journal);
  const start = world.vendor.journal().length;
  await world.really(now);
  const real = realCalls(world.vendor, start, plan);
  const planned = plan.calls.map(({ method, path, body }) => ({ method, path, body }));
  expect(planned.map(lineOf).toSorted()).toEqual(real.map(lineOf).toSorted());
  expect(byPerson(planned)).toEqual(byPerson(real));
  expect(plan.counts.calls.writes).toBeGreaterThanOrEqual(size / 2);
  return plan;
}

describe("equals what is then really called, call by call:", () => {
  test("PeopleLens AI, a thousand people", async () => {
    const plan = await planEqualsReality("PeopleLens AI", 1_000);
    expect(plan.counts.operations).toMatchObject({ create: 400, deactivate: 100, updateProfile: 300 });
    expect(plan.counts.failures).toEqual({});
  }, 300_000);

  test.each(["TransactionLink", "Enlivy", "Applivery", "a vendor of somebody's own"])("%s", async (name) => {
    await planEqualsReality(name, 40);
  }, 120_000);
});

describe.each(engines)("on $name", ({ place }) => {
  test("a plan for one request, and nobody notices", async () => {
    const here = await place();
    closing.push(() => here.remove());
    const world = await open("PeopleLens AI", {}, here.url);
    await world.really([person(1)]);
    const steps = readInput(JSON.stringify({ method: "PATCH", path: "/Users/{p1@acme.example}", body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "Replace", path: "active", value: "False" }] } })).steps;
    const plan = await world.plan(steps);
    const id = (world.vendor.state() as { users: { id: string }[] }).users[0]?.id;
    expect(plan.calls).toMatchObject([{ method: "PATCH", path: `/api/users/${id}`, body: { is_enabled: false }, for: "deactivate", person: "p1@acme.example" }, { method: "GET", path: `/api/users/${id}` }]);
    expect(plan.pushes).toMatchObject([{ method: "PATCH", path: "/Users/{p1@acme.example}", status: 200, calls: 2 }]);
    expect((world.vendor.state() as { users: { is_enabled: boolean }[] }).users[0]?.is_enabled).toBe(true);
    expect(await world.house.store.tokens()).toEqual([]);
  });
});

describe("says", () => {
  test("what the rails would hold, as they then do", async () => {
    const world = await open("PeopleLens AI", { rails: { massDeprovision: { count: 2, share: 0 } } });
    await world.really(range(0, 6).map((n) => person(n)));
    const leavers = range(0, 6).map((n) => person(n, { active: false }));
    const plan = await world.plan(leavers);
    expect(plan.rails).toMatchObject([{ rail: "brake", pushes: 4 }]);
    expect(plan.counts).toMatchObject({ pushes: { 200: 2, 503: 4 }, operations: { deactivate: 2 } });
    expect(plan.pushes.at(-1)?.detail).toContain("Held by the mass-deprovisioning brake");
    expect(await world.house.store.holds(acme, { open: true })).toEqual([]);
    await world.really(leavers);
    expect(await world.house.store.holds(acme, { open: true })).toMatchObject([{ rail: "brake", waiting: 4 }]);
  });

  test("that the brake has counted already who really left", async () => {
    const world = await open("PeopleLens AI", { rails: { massDeprovision: { count: 2, share: 0 } } });
    await world.really(range(0, 6).map((n) => person(n)));
    await world.really([person(0, { active: false }), person(1, { active: false })]);
    const plan = await world.plan([person(2, { active: false })]);
    expect([plan.rails.map(({ rail, pushes }) => [rail, pushes]), plan.counts.calls.writes]).toEqual([[["brake", 1]], 0]);
    // A hold that waits already is no part of a plan about others, and of its own no more than the plan adds.
    await world.really([person(2, { active: false })]);
    expect((await world.plan([person(7)])).rails).toEqual([]);
    expect((await world.plan([person(3, { active: false })])).rails).toMatchObject([{ rail: "brake", pushes: 1 }]);
  });

  test("what the vendor would refuse, and what would be left to people", async () => {
    const world = await open("PeopleLens AI", { endpoints: "seed" });
    world.vendor.seed({ users: [{ email: "boss@acme.example", role: "Admin" }] });
    const plan = await world.plan([{ kind: "person", userName: "boss@acme.example", resource: { userName: "boss@acme.example", name: { givenName: "Bo", familyName: "Ss" }, active: true } }]);
    expect(plan.pushes.at(-1)).toMatchObject({ method: "POST", status: 409 });
    expect(plan.tasks).toHaveLength(1);
    expect(plan.counts.operations).toEqual({});
  });

  test("one request after the other, about people who exist only in the plan", async () => {
    const world = await open("PeopleLens AI");
    const plan = await world.plan(readInput(JSON.stringify([
      { method: "POST", path: "/Users", body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "zoe@acme.example", name: { givenName: "Zoe", familyName: "Zed" }, password: "canary-4711-password", active: true } },
      { method: "POST", path: "/Groups", body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Leads", members: [] } },
      { method: "PATCH", path: "/Groups/{Leads}", body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "add", path: "members", value: [{ value: "{zoe@acme.example}" }] }] } },
      { method: "DELETE", path: "/Users/{zoe@acme.example}" },
    ])).steps);
    expect(plan.calls.filter(({ method }) => method !== "GET").map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/api/users", { email: "zoe@acme.example", first_name: "Zoe", last_name: "Zed", role: "User", password: "[secret]" }],
      ["PATCH", "/api/users/{new: zoe@acme.example}", { role: "Admin" }],
    ]);
    // The one administrator there is, as far as Drawbridge knows: the rail would stop the deletion.
    expect(plan.rails).toMatchObject([{ rail: "lastAdministrator", pushes: 1 }]);
    expect(plan.pushes.map(({ status }) => status)).toEqual([201, 201, 200, 503]);
    expect(JSON.stringify(plan)).not.toContain("canary-4711");
    expect((world.vendor.state() as { users: unknown[] }).users).toEqual([]);
  });

  test("nothing, where the vendor cannot be read: half a plan would be a wrong one", async () => {
    const world = await open("PeopleLens AI");
    world.vendor.addFault({ kind: "status", status: 503, match: { method: "GET", times: "always" } });
    await expect(world.plan([person(1)])).rejects.toThrow(/PeopleLens AI could not be read, so there is no plan: .*503/);
  });

  test("what a connection that observes has been pushed: joiner, leaver and mover, call by call what is done once it is promoted", async () => {
    const world = await open("PeopleLens AI");
    await world.really([person(1), person(2)]);
    world.vendor.seed(seedsFor("PeopleLens AI", [8]));
    await world.house.store.observe(acme, { by: "ann", reason: "a look", again: true });
    const before = world.vendor.journal().length;
    // Nothing of it is carried out, so nobody waits for that.
    const idOf = async (n: number) => (await world.house.store.holder(acme, "User", { name: `p${n}@acme.example` }))?.id;
    for (const [method, path, n, more] of [["PUT", `/Users/${await idOf(1)}`, 1, { active: false }], ["PUT", `/Users/${await idOf(2)}`, 2, { name: { givenName: "Robin", familyName: "Roe" } }], ["POST", "/Users", 7, {}], ["POST", "/Users", 8, {}]] as const) {
      const step = person(n, more);
      await fetch(`${world.base}${path}`, { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" }, body: JSON.stringify({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], ...(step.kind === "person" && step.resource) }) });
    }
    const written = () => world.vendor.journal().slice(before).filter(({ method }) => method !== "GET");
    const plan = await world.plan("observed");
    expect(written()).toEqual([]);
    expect([plan.pushes.map(({ name }) => String(name).toLowerCase()).toSorted(), plan.counts.operations, plan.rails]).toEqual([[1, 2, 7, 8].map((n) => `p${n}@acme.example`), { deactivate: 1, updateProfile: 2, create: 1, adopt: 1 }, []]);
    expect(plan.pushes.every(({ calls }) => calls > 0)).toBe(true);
    const { journalSeq, losing, hash } = await planParked(await openSiteOf(world.config, acme), world.house.store);
    await world.house.store.promote(acme, { by: "ann", hash, pushesUntilSeq: journalSeq, people: losing });
    await eventually(async () => (await world.house.store.openWork(acme, 10)).length === 0);
    const shown = (calls: readonly { readonly method: string; readonly path: string; readonly body: unknown }[]) => calls.filter(({ method }) => method !== "GET").map(({ method, path, body }) => `${method} ${path} ${JSON.stringify(body, (name, value: unknown) => (name === "password" ? "[secret]" : value))}`).toSorted();
    expect(shown(plan.calls)).toEqual(shown(written()));
  });

  test("the same for a connection that observes, and that it observes", async () => {
    const world = await open("PeopleLens AI", { delivery: { mode: "observe" } });
    const plan = await world.plan([person(1)]);
    expect(plan.counts.operations).toEqual({ create: 1 });
    expect(plan.notes.join()).toContain("observe");
  });
});

describe("reads", () => {
  test.each<readonly [string, string, readonly object[]]>([
    ["one request", '{"method":"delete","path":"/scim/acme/v2/Users/x"}', [{ kind: "request", method: "DELETE", path: "/Users/x" }]],
    ["a SCIM list", '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":[{"id":"u1","userName":"a@b.example","meta":{}},{"id":"g1","displayName":"Team","members":[{"value":"u1"}]}]}', [{ kind: "person", userName: "a@b.example", resource: { userName: "a@b.example" } }, { kind: "group", displayName: "Team", members: ["a@b.example"] }]],
    ["resources without a list around them", '[{"userName":"a@b.example"}]', [{ kind: "person", userName: "a@b.example" }]],
    ["CSV of a spreadsheet", "\uFEFFLogin;First name;Last name;Enabled;Groups\r\na@b.example;\"Ann; \"\"A\"\"\";Lee;nein;x\r\n".replace("nein", "no"), [{ kind: "person", userName: "a@b.example", resource: { name: { givenName: 'Ann; "A"', familyName: "Lee" }, active: false } }, { kind: "group", displayName: "x", members: ["a@b.example"] }]],
    ["CSV with tabs and an address only", "email\tdisplay name\nA@b.example\tAnn\n", [{ kind: "person", userName: "A@b.example", resource: { displayName: "Ann", active: true, emails: [{ value: "A@b.example" }] } }]],
  ])("%s", (_, text, wanted) => {
    expect(readInput(text).steps).toMatchObject(wanted);
  });

  test.each([
    ["nothing", "[]", /holds nothing/],
    ["broken JSON", "{", /begins like JSON/],
    ["a request without a path", '{"method":"POST"}', /Request 1 must hold "method" and "path"/],
    ["an unknown method", '{"method":"BREW","path":"/Users"}', /must be one of/],
    ["columns of something else", "price,amount\n1,2\n", /userName or email among them/],
    ["a line too short", "userName,title\na@b.example\n", /Line 2 of the CSV has 1 cells/],
    ["a state that is none", "userName,status\na@b.example,perhaps\n", /neither active nor inactive/],
    ["an open quotation mark", 'userName,title\na@b.example,"x\n', /never closed/],
    ["a list of something else", '{"Resources":[{"colour":"red"}]}', /neither people/],
  ])("%s is refused", (_, text, why) => {
    expect(() => readInput(text)).toThrow(why);
  });
});

test("against another tenant there is no plan: one clear sentence, no output, nothing written there", async () => {
  const world = await open("PeopleLens AI");
  await world.really(range(0, 4).map((n) => person(n)));
  const theirs = await simulateVendor("peoplelens", { random: 4711 });
  closing.push(() => theirs.stop());
  theirs.seed({ count: 12 });
  const file = join(folder, "another-tenant.json");
  writeFileSync(file, readFileSync(world.file, "utf8").replaceAll(world.vendor.url, theirs.url).replaceAll(world.vendor.apiKey, theirs.apiKey));
  const ran = await new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile(process.execPath, [main, "plan", "-", "--connection", "acme", "--config", file], (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }));
    child.stdin?.end("userName\nzoe@acme.example\n");
  });
  expect(ran).toEqual({ code: 1, out: "", err: expect.stringMatching(/^There is no plan: PeopleLens AI knows none of the people whom this connection has linked: the credential or the address may be another tenant's\.[^\n]*\n$/) });
  expect(theirs.journal().filter(({ method }) => method !== "GET")).toEqual([]);
  expect((await world.plan([person(5)])).counts.operations).toEqual({ create: 1 }); // the right tenant has one
});

test("as a process: words for people, one document for scripts, and the vendor's credential in neither", async () => {
  const world = await open("PeopleLens AI");
  const input = join(folder, "people.csv");
  writeFileSync(input, "userName,givenName,familyName,shoe size\nada@acme.example,Ada,Lovelace,38\n");
  const run = (...args: readonly string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const child = execFile(process.execPath, [main, "plan", ...args, "--connection", "acme", "--config", world.file], (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }));
      child.stdin?.end(readFileSync(input));
    });
  const words = await run(input);
  expect([words.code, words.out]).toEqual([0, expect.stringMatching(/Nothing was executed[^]*POST \/api\/users \{"email":"ada@acme\.example"[^]*Operations {2}1 create[^]*shoe size/)]);
  const scripted = await run("-", "--json");
  expect(JSON.parse(scripted.out)).toMatchObject({ connection: "acme", calls: [{ id: 1, method: "GET" }, { id: 2, method: "POST", path: "/api/users" }, { id: 3, method: "GET", path: "/api/users/{new: ada@acme.example}" }] });
  expect(words.out + scripted.out).not.toContain(world.vendor.apiKey);
  expect((await run("does-not-exist.csv")).code).toBe(1);
});
