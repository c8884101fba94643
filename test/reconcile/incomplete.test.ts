/**
 * Lists that are not all there is, or that nobody can read: whatever is wrong with one, nothing is believed of it. The vendor is not written
 * to, nobody is due, no link changes, and what the last complete run has found stays as it is; though everything would be repaired.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { VendorFault } from "../../src/connectors/kit/simulator/faults.ts";
import type { RunFailure } from "../../src/model/drift.ts";
import { resourceId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { acme, hastyClock, openRig, type Rig, type VendorName } from "./support/rig.ts";

interface Broken {
  readonly title: string;
  readonly reason: RunFailure["reason"];
  readonly says: RegExp;
  readonly faults: (rig: Rig) => Promise<readonly VendorFault[]>;
}

const always = { times: "always" } as const;
const answers = (path: string, body: unknown, match: object = always): VendorFault => ({ kind: "status", status: 200, body, match: { method: "GET", path, ...match } });
const plainly = (fault: VendorFault) => async (): Promise<readonly VendorFault[]> => [fault];
const failing = (path: string, status: number): VendorFault => ({ kind: "status", status, body: {}, match: { method: "GET", path, ...always } });
type Row = Record<string, never>;

// ------------------------------------------------------------------------------------- PeopleLens: one page, no total
const list = "/api/users";
const usersOf = (rig: Rig) => (rig.vendor.state() as { readonly users: readonly (JsonObject & { readonly email: string })[] }).users;
const without = (rig: Rig, count: number) => usersOf(rig).slice(count).map(({ id, email, first_name, last_name, is_enabled }) => ({ id, email, first_name, last_name, is_enabled }) as JsonObject);
const peoplelens: readonly Broken[] = [
  { title: "an empty 200", reason: "shrunken", says: /More than 10 people with access are missing/, faults: plainly(answers(list, { users: [] })) },
  { title: "a body without the list", reason: "vendor", says: /without the list/, faults: plainly(answers(list, { users: null })) },
  { title: "an empty body", reason: "vendor", says: /./, faults: plainly({ kind: "emptyBody200", match: { path: list, ...always } }) },
  { title: "a login page with 200", reason: "vendor", says: /./, faults: plainly({ kind: "garbage200", match: { path: list, ...always } }) },
  { title: "a body that breaks off", reason: "vendor", says: /./, faults: plainly({ kind: "truncate", match: { path: list, ...always } }) },
  { title: "a body that ends too early", reason: "vendor", says: /./, faults: plainly({ kind: "truncate", clean: true, match: { path: list, ...always } }) },
  { title: "500, again and again", reason: "vendor", says: /./, faults: plainly(failing(list, 500)) },
  { title: "404 for the list", reason: "vendor", says: /404/, faults: plainly(failing(list, 404)) },
  { title: "a redirect to somewhere else", reason: "vendor", says: /./, faults: plainly({ kind: "redirect", to: "http://127.0.0.1:9/", match: { path: list, ...always } }) },
  { title: "a credential that was revoked", reason: "credentials", says: /401/, faults: plainly(failing(list, 401)) },
  { title: "a credential with fewer rights, to which addresses and status are not shown", reason: "credentials", says: /administrator/, faults: async (rig) => [answers(list, { users: usersOf(rig).map(({ id, first_name }) => ({ id, first_name }) as JsonObject) })] },
  { title: "another tenant's people", reason: "shrunken", says: /missing from the list/, faults: plainly(answers(list, { users: [{ id: "usr-other", email: "o@other.example", first_name: "O", last_name: "T", is_enabled: true }] })) },
  { title: "most of them missing", reason: "shrunken", says: /More than 10 people/, faults: async (rig) => [answers(list, { users: without(rig, 11) })] },
  { title: "a few missing who are there by id", reason: "incomplete", says: /leaves out 3 people with access/, faults: async (rig) => [answers(list, { users: without(rig, 3) })] },
  { title: "somebody without a usable id", reason: "vendor", says: /usable id/, faults: async (rig) => [answers(list, { users: [...without(rig, 0), { id: "../x", email: "x@acme.example", is_enabled: true }] })] },
  { title: "one missing whom nobody can look for", reason: "vendor", says: /./, faults: async (rig) => [answers(list, { users: without(rig, 1) }), failing(`${list}/.+`, 500)] },
  { title: "one missing, unknown by id, in a tenant that cannot be listed any more", reason: "vendor", says: /./, faults: async (rig) => [answers(list, { users: without(rig, 1) }, { times: 2 }), failing(`${list}/.+`, 404), { kind: "status", status: 404, body: {}, match: { method: "GET", path: list, nth: 3, ...always } }] },
  { title: "every page turned away with 429", reason: "vendor", says: /./, faults: plainly({ kind: "retryAfter", after: 1, match: { path: list, nth: 2, ...always } }) },
];

// --------------------------------------------------------------------------------------- TransactionLink: pages from 0
const members = (page: number) => `^/organizations/users\\?page=${page}&`;
const shown = async (rig: Rig, page: number) => rig.behind("GET", `/organizations/users?page=${page}&size=100`);
const changed = (page: number, change: (body: JsonObject, rig: Rig) => JsonObject | Promise<JsonObject>) => async (rig: Rig) => [answers(members(page), await change(await shown(rig, page), rig))];
const transactionlink: readonly Broken[] = [
  { title: "a page missing", reason: "incomplete", says: /lists 212 accounts, and showed 112/, faults: changed(1, (body) => ({ ...body, content: [] })) },
  { title: "half a page missing", reason: "incomplete", says: /showed 162/, faults: changed(1, (body) => ({ ...body, content: (body["content"] as Row[]).slice(50) })) },
  { title: "a total that is more than is listed", reason: "incomplete", says: /lists 217 accounts, and showed 212/, faults: changed(2, (body) => ({ ...body, totalElements: 217 })) },
  { title: "the first page in the place of the last", reason: "incomplete", says: /lists 212 accounts, and showed 200/, faults: changed(2, async (body, rig) => ({ ...body, content: (await shown(rig, 0))["content"] as JsonObject[] })) },
  { title: "the first page again in the place of the second", reason: "vendor", says: /same entries/, faults: changed(1, async (body, rig) => ({ ...body, content: (await shown(rig, 0))["content"] as JsonObject[] })) },
  { title: "an end that comes too early", reason: "incomplete", says: /lists 212 accounts, and showed 100/, faults: changed(0, (body) => ({ ...body, totalPages: 1 })) },
  { title: "no word about whether more follows", reason: "vendor", says: /not known whether more people follow/, faults: changed(1, (body) => Object.fromEntries(Object.entries(body).filter(([name]) => name !== "totalPages"))) },
  { title: "500 in the middle, again and again", reason: "vendor", says: /./, faults: plainly(failing(members(1), 500)) },
  { title: "a page in the middle that breaks off", reason: "vendor", says: /./, faults: plainly({ kind: "truncate", match: { path: members(1), ...always } }) },
  { title: "404 in the middle", reason: "vendor", says: /404/, faults: plainly(failing(members(1), 404)) },
  { title: "403, because the token may not see people any more", reason: "credentials", says: /can_manage_users/, faults: plainly(failing("^/organizations/users", 403)) },
  { title: "nobody at all, and totals that agree", reason: "shrunken", says: /More than 10 people/, faults: plainly(answers(members(0), { content: [], totalElements: 0, totalPages: 0, size: 100, number: 0 })) },
];

// ------------------------------------------------------------------------------------------------------------- Enlivy
const enlivyPage = async (rig: Rig, page: number) => rig.behind("GET", `/organizations/org_1/users?include=user_role&page=${page}&limit=50&per_page=50`);
const enlivyPath = (page: number) => `^/organizations/org_1/users\\?.*page=${page}&`;
const pagination = (body: JsonObject) => (body["meta"] as JsonObject)["pagination"] as JsonObject;
const enlivy: readonly Broken[] = [
  { title: "pages that end too early", reason: "incomplete", says: /lists 112 accounts, and showed 50/, faults: async (rig) => {
    const body = await enlivyPage(rig, 1);
    return [answers(enlivyPath(1), { ...body, meta: { pagination: { ...pagination(body), total_pages: 1 } } })];
  } },
  { title: "a page of nobody in the middle", reason: "incomplete", says: /lists 112 accounts, and showed 62/, faults: async (rig) => [answers(enlivyPath(2), { ...(await enlivyPage(rig, 2)), data: [] })] },
];

// ---------------------------------------------------------------------------------------------------------- Applivery
const applivery: readonly Broken[] = [
  { title: "no next page, and more than it shows", reason: "incomplete", says: /lists 112 accounts, and showed 100/, faults: async (rig) => {
    const body = await rig.behind("GET", "/v1/organizations/acme/collaborators/?onlyUsers=true&page=1&limit=100");
    return [answers("collaborators/\\?.*page=1", { ...body, data: { ...(body["data"] as JsonObject), hasNextPage: false } })];
  } },
];

/** Strangers beside the twelve who are ours, so that there are pages. */
const crowd: Readonly<Record<VendorName, number>> = { peoplelens: 0, transactionlink: 200, enlivy: 100, applivery: 100 };
const names = ["ann", "bo", "cat", "dan", "eve", "fay", "gus", "hal", "ida", "joe", "kim", "lea"];

describe.each([
  { name: "peoplelens", broken: peoplelens },
  { name: "transactionlink", broken: transactionlink },
  { name: "enlivy", broken: enlivy },
  { name: "applivery", broken: applivery },
] as const)("a list of $name's with", ({ name, broken }) => {
  let rig: Rig;
  const ids: string[] = [];

  /** Everything that must stay as it is. */
  const snapshot = async () => ({
    links: await Promise.all(ids.map(async (id) => (await rig.house.house.store.hold(acme, resourceId(id)))?.link)),
    due: await rig.house.house.store.openWork(acme, 100),
    findings: await rig.findings(),
    tasks: await rig.house.house.store.tasks(acme, { open: true }),
    writes: rig.vendor.journal().filter(({ method }) => method !== "GET").length,
  });

  beforeAll(async () => {
    rig = await openRig(name, { clock: hastyClock(50), connection: { reconcile: { every: "off", policy: "repair" } } });
    const invites = name === "transactionlink";
    if (invites) rig.vendor.seed({ users: names.map((who) => ({ email: `${who}@acme.example`, firstName: who.charAt(0).toUpperCase() + who.slice(1), lastName: "Lee" })) });
    for (const who of names) ids.push((await rig.join(who)).id);
    if (crowd[name] > 0) rig.vendor.seed({ count: crowd[name] });
    if (name === "peoplelens") rig.vendor.seed({ users: [{ id: "usr-orphan", email: "orphan@acme.example" }] });
    expect(await rig.reconcile()).toMatchObject({ state: "complete" });
    expect((await rig.findings()).length).toBe(name === "peoplelens" ? 1 : crowd[name]);
  }, 60_000);
  afterAll(() => rig?.stop());

  test.each(broken)("$title fails the run and changes nothing", async ({ reason, says, faults }) => {
    const before = await snapshot();
    const { seq } = await rig.house.house.store.journalHead(acme);
    const planted = await faults(rig);
    rig.vendor.addFault(...planted);
    const run = await rig.reconcile();
    await rig.vendor.clearFaults();
    expect(run).toMatchObject({ state: "failed", failure: { reason } });
    expect(run.failure?.detail).toMatch(says);
    expect(await snapshot()).toEqual(before);
    const rows = await rig.house.house.store.journal(acme, { afterSeq: seq, limit: 100 });
    expect(rows.filter(({ resource }) => resource !== undefined)).toEqual([]);
    expect(rows.filter(({ kind }) => kind === "decision").map(({ data }) => (data as JsonObject)["is"])).toEqual(["begun", "failed"]);
    await rig.house.house.store.markUp(acme);
  }, 30_000);

  test("nothing wrong with it is complete again, and the failures are over", async () => {
    expect(await rig.reconcile()).toMatchObject({ state: "complete", failures: 0, counts: { linked: 12, equal: 12 } });
  }, 30_000);
});

test("a list that shows those with access only is whole as far as it goes: whoever it leaves out is looked for by id, and nobody is taken for removed", async () => {
  const rig = await openRig("peoplelens", { connection: { reconcile: { every: "off", policy: "repair" } } });
  try {
    for (const who of names.slice(0, 4)) {
      const { id } = await rig.join(who);
      if (who !== "ann") await rig.push(id, { active: false });
    }
    await rig.vendor.setSwitches({ listDisabled: "false" });
    const run = await rig.reconcile();
    expect(run).toMatchObject({ state: "complete", counts: { listed: 1, linked: 4, equal: 4, findings: {} } });
    expect(run.counts?.remarks).toEqual(["the list leaves out people without access; each of them was looked at by id"]);
  } finally {
    await rig.stop();
  }
});

test("a list that is cut off without a word is found out by those who are missing", async () => {
  const rig = await openRig("peoplelens", { connection: { reconcile: { every: "off", policy: "repair" } } });
  try {
    rig.vendor.seed({ count: 45 });
    for (const who of names) await rig.join(who);
    await rig.vendor.setSwitches({ listCap: "50" });
    const run = await rig.reconcile();
    expect(run).toMatchObject({ state: "failed", failure: { reason: "incomplete", detail: expect.stringContaining("leaves out 7 people with access") } });
    expect(await rig.findings()).toEqual([]);
  } finally {
    await rig.stop();
  }
}, 30_000);

test("removals that are meant are believed once, by the word of whoever asks; and the last one who is missing is not believed without it", async () => {
  const rig = await openRig("peoplelens");
  try {
    for (const who of names) {
      const { account } = await rig.join(who);
      if (who !== "ann") await rig.behind("DELETE", `/api/users/${account}`);
    }
    expect(await rig.reconcile()).toMatchObject({ state: "failed", failure: { reason: "shrunken" } });
    expect(await rig.reconcile({ mostMissing: 10 })).toMatchObject({ state: "failed", failure: { reason: "shrunken" } });
    expect(await rig.reconcile({ mostMissing: 11 })).toMatchObject({ state: "complete", counts: { findings: { removed: 11 } } });
    const alone = await openRig("peoplelens");
    const { account } = await alone.join("ann");
    await alone.behind("DELETE", `/api/users/${account}`);
    expect(await alone.reconcile()).toMatchObject({ state: "failed", failure: { reason: "shrunken", detail: expect.stringContaining("None of the 1 people with access is in the list") } });
    expect(await alone.reconcile({ mostMissing: 1 })).toMatchObject({ state: "complete", counts: { findings: { removed: 1 } } });
    await alone.stop();
  } finally {
    await rig.stop();
  }
}, 30_000);
