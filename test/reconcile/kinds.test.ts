/**
 * Everything that may happen behind the bridge's back, at four vendors: each kind of drift is found, and called by its name.
 *
 * People join by pushes and stand still; a first reconciliation finds nothing. Then somebody changes the vendor, and the second one must say
 * of each person exactly what was done to them.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { type Drift, type DriftKind, driftRules, type Finding, type Reconciliation } from "../../src/model/drift.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { eventually, patch } from "../support/house.ts";
import { acme, openRig, type Rig, type VendorName } from "./support/rig.ts";

interface Somebody {
  readonly id: string;
  readonly account: string;
}

interface Case {
  readonly kind: DriftKind;
  /** Whom it happens to: `who@acme.example`. Absent = nobody whom the IdP knows. */
  readonly who?: string;
  /** Records that are at the vendor before they join. */
  readonly there?: JsonObject;
  readonly joins?: JsonObject;
  /** Pushed before it. */
  readonly first?: JsonObject | "delete";
  readonly change: (rig: Rig, somebody: Somebody) => Promise<unknown>;
  /** Of the finding. */
  readonly says: Partial<Omit<Drift, "repair">> & { readonly repair?: object };
}

const mapped = (value: string) => ({ roles: [{ value }] });
const off = { active: false };
const look = (lane: string, does: string) => ({ by: "look", lane, does });
const person = { by: "person" };

// ------------------------------------------------------------------------------------------------------------ PeopleLens
const user = (rig: Rig, { account }: Somebody, change: JsonObject) => rig.behind("PATCH", `/api/users/${account}`, change);
const peoplelens: readonly Case[] = [
  { kind: "reenabled", who: "bo", first: off, change: (rig, who) => user(rig, who, { is_enabled: true }), says: { attribute: "access", from: "inactive", to: "active", repair: look("deny", "take the access away") } },
  { kind: "deletedActive", who: "dee", first: "delete", change: (rig, who) => user(rig, who, { is_enabled: true }), says: { to: "active", email: "dee@acme.example", repair: person } },
  { kind: "disabled", who: "ed", change: (rig, who) => user(rig, who, { is_enabled: false }), says: { from: "active", to: "inactive", repair: look("reconcile", "give the access back as User") } },
  { kind: "privilegeGained", who: "fay", change: (rig, who) => user(rig, who, { role: "Admin" }), says: { attribute: "role", from: "User", to: "Admin", repair: { ...look("deny", "set the role User"), administrator: true } } },
  { kind: "roleRaised", who: "gus", change: (rig, who) => user(rig, who, { role: "Editor" }), says: { from: "User", to: "Editor", repair: look("deny", "set the role User") } },
  { kind: "roleLowered", who: "hal", joins: mapped("Leads"), change: (rig, who) => user(rig, who, { role: "User" }), says: { from: "Editor", to: "User", repair: look("reconcile", "set the role Editor") } },
  { kind: "privilegeLost", who: "ida", joins: mapped("Admins"), change: (rig, who) => user(rig, who, { role: "User" }), says: { from: "Admin", to: "User", repair: person } },
  { kind: "foreignRole", who: "joe", joins: mapped("Everyone"), change: (rig, who) => user(rig, who, { role: "Viewer" }), says: { from: "User", to: "Viewer", repair: look("deny", "set the role User") } },
  // Of whom the IdP says no role nobody can tell which one would be right.
  { kind: "foreignRole", who: "jon", change: (rig, who) => user(rig, who, { role: "Viewer" }), says: { from: "User", to: "Viewer", repair: person } },
  { kind: "profileChanged", who: "kim", change: (rig, who) => user(rig, who, { first_name: "Kimberly" }), says: { attribute: "name.givenName", from: "Kim", to: "Kimberly", repair: look("reconcile", "set name.givenName") } },
  { kind: "removed", who: "lea", change: (rig, { account }) => rig.behind("DELETE", `/api/users/${account}`), says: { attribute: "access", from: "active", to: "gone", repair: { by: "look", lane: "reconcile" } } },
  { kind: "leaverRemoved", who: "max", first: off, change: (rig, { account }) => rig.behind("DELETE", `/api/users/${account}`), says: { from: "inactive", to: "gone", repair: person } },
  { kind: "severalAccounts", who: "ned", change: async (rig) => rig.vendor.seed({ users: [{ id: "usr-second-ned", email: "Ned@acme.example" }] }), says: { repair: person } },
  { kind: "unlinkedLeaver", who: "ola", joins: off, change: async (rig) => rig.vendor.seed({ users: [{ id: "usr-ola", email: "ola@acme.example" }] }), says: { account: "usr-ola" as never, repair: person } },
  { kind: "orphan", change: async (rig) => rig.vendor.seed({ users: [{ id: "usr-orphan", email: "orphan@acme.example" }] }), says: { account: "usr-orphan" as never, email: "orphan@acme.example", resource: undefined, repair: person } },
  { kind: "inactiveOrphan", change: async (rig) => rig.vendor.seed({ users: [{ id: "usr-asleep", email: "asleep@acme.example", is_enabled: false }] }), says: { account: "usr-asleep" as never } },
  { kind: "protectedOrphan", change: async (rig) => rig.vendor.seed({ users: [{ id: "usr-glass", email: "Break-Glass@acme.example" }] }), says: { account: "usr-glass" as never } },
];

// ------------------------------------------------------------------------------------------------------- TransactionLink
const member = (rig: Rig, { account }: Somebody, what: string, body?: JsonObject, method = "POST") => rig.behind(method, `/organizations/users/${account}/${what}`, body);
const known = (who: string, more: JsonObject = {}) => ({ users: [{ email: `${who}@acme.example`, firstName: who.charAt(0).toUpperCase() + who.slice(1), lastName: "Lee", title: "Analyst", ...more }] });
const titled = { title: "Analyst" };
const transactionlink: readonly Case[] = [
  { kind: "reenabled", who: "bo", there: known("bo"), joins: titled, first: off, change: (rig, who) => member(rig, who, "reinstate", { roleId: roleIds.member }), says: { from: "inactive", to: "active", repair: { lane: "deny" } } },
  { kind: "disabled", who: "ed", there: known("ed"), joins: titled, change: (rig, who) => member(rig, who, "terminate"), says: { from: "active", to: "inactive", repair: { lane: "reconcile" } } },
  { kind: "privilegeGained", who: "fay", there: known("fay"), joins: titled, change: (rig, who) => member(rig, who, "role", { roleId: roleIds.admin }, "PUT"), says: { from: roleIds.member, to: roleIds.admin, repair: { lane: "deny" } } },
  // Outside the fence the list does not show it as managed; it is somebody's all the same.
  { kind: "foreignRole", who: "gus", there: known("gus"), joins: titled, change: (rig, who) => member(rig, who, "role", { roleId: roleIds.owner }, "PUT"), says: { from: roleIds.member, to: roleIds.owner } },
  { kind: "profileChanged", who: "hal", there: known("hal"), joins: titled, change: (rig, who) => member(rig, who, "profile", { firstName: "Hal", lastName: "Lee", title: "Chief" }, "PUT"), says: { attribute: "title", from: "Analyst", to: "Chief" } },
  { kind: "profileCleared", who: "ida", there: known("ida"), joins: titled, change: (rig, who) => member(rig, who, "profile", { firstName: "Ida", lastName: "Lee", title: null }, "PUT"), says: { attribute: "title", from: "Analyst", to: undefined, repair: look("reconcile", "set title") } },
  { kind: "invitationWithdrawn", who: "joe", change: (rig, { account }) => rig.behind("POST", `/organizations/enrollments/${account}/cancel`), says: { repair: { by: "deliver" } } },
  { kind: "addedAgain", who: "kim", first: off, change: async (rig) => rig.vendor.seed(known("kim", { id: "0a0a0a0a-0000-4000-8000-000000000001" })), says: { account: "0a0a0a0a-0000-4000-8000-000000000001" as never, repair: person } },
  { kind: "orphan", change: async (rig) => rig.vendor.seed(known("stranger", { id: "0a0a0a0a-0000-4000-8000-000000000002" })), says: { account: "0a0a0a0a-0000-4000-8000-000000000002" as never, to: roleIds.member } },
  { kind: "privilegedOrphan", change: async (rig) => rig.vendor.seed(known("boss", { id: "0a0a0a0a-0000-4000-8000-000000000003", role: "admin" })), says: { account: "0a0a0a0a-0000-4000-8000-000000000003" as never, to: roleIds.admin } },
];

// ---------------------------------------------------------------------------------------------------------------- Enlivy
const enlivyUser = (rig: Rig, { account }: Somebody, change: JsonObject, method = "PUT") => rig.behind(method, `/organizations/org_1/users/${account}`, change);
const enlivy: readonly Case[] = [
  { kind: "reenabled", who: "bo", first: off, change: (rig, who) => enlivyUser(rig, who, { organization_user_role_id: "org_userrole_employee" }), says: { from: "inactive", to: "active", repair: { lane: "deny" } } },
  { kind: "disabled", who: "cat", change: (rig, { account }) => rig.behind("DELETE", `/organizations/org_1/users/${account}`), says: { from: "active", to: "inactive", repair: { lane: "reconcile" } } },
  { kind: "disabled", who: "dan", change: (rig, who) => enlivyUser(rig, who, { organization_user_role_id: "org_userrole_leaver" }), says: { from: "active", to: "inactive" } },
  { kind: "roleRaised", who: "eve", change: (rig, who) => enlivyUser(rig, who, { organization_user_role_id: "org_userrole_lead" }), says: { from: "org_userrole_employee", to: "org_userrole_lead" } },
  { kind: "privilegeGained", who: "fay", change: (rig, who) => enlivyUser(rig, who, { organization_user_role_id: "org_userrole_admin" }), says: { to: "org_userrole_admin" } },
  { kind: "foreignRole", who: "gus", change: (rig, who) => enlivyUser(rig, who, { organization_user_role_id: "org_userrole_customer" }), says: { to: "org_userrole_customer" } },
  { kind: "emailChanged", who: "hal", change: (rig, who) => enlivyUser(rig, who, { email: "hal.lee@acme.example" }), says: { attribute: "email", from: "hal@acme.example", to: "hal.lee@acme.example", repair: look("reconcile", "set email") } },
  { kind: "profileChanged", who: "ida", change: (rig, who) => enlivyUser(rig, who, { last_name: "Leigh" }), says: { attribute: "name.familyName", from: "Lee", to: "Leigh" } },
  { kind: "orphan", change: async (rig) => rig.vendor.seed({ users: [{ id: "org_user_stranger", email: "stranger@acme.example" }, { id: "org_user_customer", email: "buyer@shop.example", organization_user_role_id: "org_userrole_customer" }] }), says: { account: "org_user_stranger" as never } },
];

// ------------------------------------------------------------------------------------------------------------- Applivery
const collaborator = (rig: Rig, { account }: Somebody, change: JsonObject) => rig.behind("PUT", `/v1/organizations/acme/collaborators/${account}`, change);
const groups = { Field: "field", Emea: "emea" } as const;
const applivery: readonly Case[] = [
  { kind: "tagsAdded", who: "bo", change: (rig, who) => collaborator(rig, who, { role: "viewer", tags: ["field", "own"] }), says: { attribute: "tags", from: "", to: "field", repair: look("deny", "set the tags to none") } },
  { kind: "tagsRemoved", who: "cat", change: (rig, who) => collaborator(rig, who, { role: "viewer", tags: [] }), says: { attribute: "tags", from: "field", to: "", repair: look("reconcile", "set the tags field") } },
  { kind: "privilegeGained", who: "dan", change: (rig, who) => collaborator(rig, who, { role: "admin", tags: [] }), says: { from: "viewer", to: "admin" } },
  { kind: "disabled", who: "eve", change: (rig, who) => collaborator(rig, who, { role: "unassigned", tags: [] }), says: { from: "active", to: "inactive" } },
  { kind: "removed", who: "fay", change: (rig, { account }) => rig.behind("DELETE", `/v1/organizations/acme/collaborators/${account}`), says: { from: "active", to: "gone" } },
  { kind: "addedAgain", who: "gus", first: off, change: async (rig) => rig.vendor.seed({ collaborators: [{ id: "65f000000000000000000001", email: "gus@acme.example" }] }), says: { account: "65f000000000000000000001" as never, repair: person } },
  { kind: "protectedOrphan", change: async (rig) => rig.vendor.seed({ collaborators: [{ id: "65f000000000000000000002", email: "olga@acme.example", role: "owner" }] }), says: { account: "65f000000000000000000002" as never, to: "owner" } },
];

const everybody = { peoplelens, transactionlink, enlivy, applivery } as const satisfies Readonly<Record<VendorName, readonly Case[]>>;

describe.each(Object.entries(everybody).map(([name, cases]) => ({ name: name as VendorName, cases })))("at $name", ({ name, cases }) => {
  let rig: Rig;
  let clean: Reconciliation;
  let run: Reconciliation;
  let found: readonly Finding[] = [];
  const somebodies = new Map<Case, Somebody>();

  beforeAll(async () => {
    rig = await openRig(name, { connection: { rails: { massDeprovision: { count: 1_000 }, protected: ["break-glass@acme.example"] } } });
    const unchanged = await rig.join("ann");
    for (const one of cases) {
      if (one.there) rig.vendor.seed(one.there);
      const who = one.who === undefined ? unchanged : await rig.join(one.who, one.joins);
      if (one.first === "delete") await rig.house.scim("DELETE", `/Users/${who.id}`);
      else if (one.first) await rig.push(who.id, one.first);
      somebodies.set(one, who);
    }
    if (name === "applivery") {
      const [kind] = Object.keys(groups);
      const cat = somebodies.get(cases.find(({ who }) => who === "cat")!)!;
      await rig.house.scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: kind, members: [{ value: cat.id }] });
    }
    await rig.rest();
    clean = await rig.reconcile();
    const nothing = await rig.findings();
    if (nothing.length > 0) throw new Error(`something was found before anything was done: ${JSON.stringify(nothing)}`);
    for (const one of cases) await one.change(rig, somebodies.get(one)!);
    run = await rig.reconcile();
    found = await rig.findings();
  }, 120_000);
  afterAll(() => rig?.stop());

  test("nothing is found where nothing was done, and both runs come to their end", () => {
    expect(clean).toMatchObject({ state: "complete", failure: undefined, counts: { findings: {} } });
    expect(run).toMatchObject({ state: "complete", failure: undefined });
    expect(clean.counts?.linked).toBe(clean.counts?.equal);
  });

  test.each(cases.map((one) => ({ ...one, title: `${one.who ?? "nobody"}: ${driftRules[one.kind].says}`, one })))("$title ($kind)", ({ kind, who, says, one }) => {
    const somebody = somebodies.get(one)!;
    const its = found.filter(({ resource, account }) => (who === undefined ? account === says.account : resource === somebody.id));
    expect(its.map((finding) => finding.kind)).toEqual([kind]);
    const [finding] = its;
    expect(finding).toMatchObject({ ...says, connection: acme, situation: driftRules[kind].situation, severity: driftRules[kind].severity, state: "open" });
    expect(finding?.detail.toLowerCase()).toContain(driftRules[kind].says.toLowerCase());
    if (who !== undefined && one.first !== "delete") expect(finding?.name).toBe(`${who}@acme.example`);
  });

  test("and nothing else: not of those whom nobody touched, and nothing of what stands outside the fence", () => {
    const meant = new Set(cases.map((one) => (one.who === undefined ? String(one.says.account) : somebodies.get(one)!.id)));
    expect(found.filter(({ resource, account }) => !meant.has(String(resource)) && !meant.has(String(account)))).toEqual([]);
    if (name === "enlivy") expect(run.counts?.fenced).toEqual({ org_userrole_customer: 2 });
  });

  test("each person's timeline has it", async () => {
    for (const one of cases.filter(({ who }) => who !== undefined)) {
      const rows = await rig.house.house.store.journal(acme, { resource: somebodies.get(one)!.id as never, limit: 1_000 });
      expect(rows.map(({ data }) => (data as JsonObject)["drift"]).filter(Boolean)).toEqual([one.kind]);
    }
  });
});

describe("what comes of things that went wrong before", () => {
  let rig: Rig;
  afterAll(() => rig?.stop());

  const join = (name: string, more: JsonObject = {}) => rig.house.scim("POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `${name}@acme.example`, externalId: name, name: { givenName: name, familyName: "Lee" }, active: true, ...more });
  const failed = async () => (await rig.house.house.store.openWork(acme, 100)).filter(({ due }) => due.dueAtMs === undefined).map(({ userName }) => userName);
  const named = async () => Object.fromEntries((await rig.findings()).map(({ name, account, kind }) => [name ?? account, kind]));
  const slow = { delivery: { deadline: "300ms", settle: "600ms" }, vendor: { timeout: "250ms" } };

  test("a joiner whom the vendor refused is missing; one whose account is there and may not be adopted is unlinked (missing, unlinked)", async () => {
    rig = await openRig("peoplelens", { connection: { ...slow, adopt: "never" } });
    await rig.vendor.setSwitches({ down: "on" });
    await join("bo");
    await join("cat", mapped("Leads"));
    rig.vendor.seed({ users: [{ id: "usr-bo", email: "bo@acme.example" }], roles: ["User", "Admin"] });
    await rig.vendor.setSwitches({ down: "off" });
    await eventually(async () => (await failed()).length === 2, 20_000);
    await rig.reconcile();
    expect(await named()).toEqual({ "bo@acme.example": "unlinked", "cat@acme.example": "missing" });
    expect((await rig.findings()).map(({ repair }) => repair.by)).toEqual(["person", "deliver"]);
    await rig.stop();
  }, 60_000);

  test("an account that was removed and is there again has returned; access that could not be given and was given there is regained (returned, regained)", async () => {
    rig = await openRig("peoplelens", { connection: slow });
    const [bo, cat] = [await rig.join("bo"), await rig.join("cat")];
    await rig.push(cat.id, off);
    await rig.behind("DELETE", `/api/users/${bo.account}`);
    await rig.vendor.setSwitches({ down: "on" });
    await rig.house.scim("PATCH", `/Users/${cat.id}`, patch({ op: "replace", path: "active", value: true }));
    rig.vendor.seed({ seats: 0 });
    await rig.vendor.setSwitches({ down: "off", seatLimit: "402" });
    await eventually(async () => (await failed()).length === 1, 20_000);
    rig.vendor.seed({ seats: 100 });
    await rig.join("dan");
    await user(rig, cat, { is_enabled: true });
    await rig.reconcile({ policy: "repair" });
    await rig.rest();
    expect(await named()).toEqual({ "bo@acme.example": "removed", "cat@acme.example": "regained" });
    expect((await rig.house.house.store.tasks(acme, { open: true })).map(({ resource }) => resource)).toEqual([bo.id]);
    rig.vendor.seed({ users: [{ id: bo.account, email: "bo@acme.example", first_name: "Bo", last_name: "Lee" }] });
    await rig.reconcile({ policy: "repair" });
    await rig.rest();
    expect(await named()).toEqual({ "bo@acme.example": "returned" });
    await rig.reconcile();
    expect(await named()).toEqual({});
    await rig.stop();
  }, 60_000);

  test("an account whose address became that of somebody without one is disputed (sharedAccount)", async () => {
    rig = await openRig("enlivy", { connection: slow });
    const bo = await rig.join("bo");
    await enlivyUser(rig, bo, { email: "cat@acme.example" });
    await rig.vendor.setSwitches({ down: "on" });
    await join("cat");
    await rig.vendor.setSwitches({ down: "off" });
    await eventually(async () => (await failed()).length === 1, 20_000);
    await rig.reconcile();
    expect(await named()).toEqual({ "bo@acme.example": "emailChanged", "cat@acme.example": "sharedAccount" });
    await rig.stop();
  }, 60_000);

  test("what could not be taken away from here and was taken away there is no alarm (deniedThere)", async () => {
    rig = await openRig("applivery", { connection: slow, switches: { putCollaborator: "404", deleteCollaborator: "404" } });
    const bo = await rig.join("bo");
    await rig.join("cat");
    await rig.vendor.setSwitches({ down: "on" });
    await rig.house.scim("PATCH", `/Users/${bo.id}`, patch({ op: "replace", path: "active", value: false }));
    await rig.vendor.setSwitches({ down: "off" });
    await eventually(async () => (await failed()).length === 1, 20_000);
    await rig.vendor.setSwitches({ putCollaborator: "on" });
    await collaborator(rig, bo, { role: "unassigned", tags: [] });
    await rig.reconcile();
    expect(await named()).toEqual({ "bo@acme.example": "deniedThere" });
    await rig.stop();
  }, 60_000);
});

test("docs/reconciliation.md names every kind (UPDATE=1 writes the table)", () => {
  const paper = fileURLToPath(new URL("../../docs/reconciliation.md", import.meta.url));
  const text = readFileSync(paper, "utf8");
  const rows = (Object.entries(driftRules) as [DriftKind, (typeof driftRules)[DriftKind]][]).map(([kind, { situation, severity, says }]) => `| \`${situation}\` | \`${kind}\` | ${says} | ${severity} |`);
  const table = ["| situation | kind | in words | |", "| --- | --- | --- | --- |", ...rows].join("\n");
  const right = text.replace(/(<!-- kinds: begin -->\n)[\s\S]*?(<!-- kinds: end -->)/, (_all, begin: string, end: string) => `${begin}${table}\n${end}`);
  if (process.env["UPDATE"] === "1") writeFileSync(paper, right);
  expect(readFileSync(paper, "utf8")).toBe(right);
});

test("every kind that there is is shown here", () => {
  const shown = new Set([...Object.values(everybody).flatMap((cases) => cases.map(({ kind }) => kind)), "missing", "unlinked", "returned", "regained", "sharedAccount", "deniedThere"]);
  expect(Object.keys(driftRules).filter((kind) => !shown.has(kind as DriftKind))).toEqual([]);
  expect(shown.size).toBeGreaterThanOrEqual(20);
});
