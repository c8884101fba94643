/**
 * Every act once over the API: it answers what the description says, and the journal says who has done it.
 *
 * @module
 */
import { Validator } from "@seriousme/openapi-schema-validator";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectionId, resourceId } from "../../src/model/ids.ts";
import { operatorsJournal } from "../../src/model/operator.ts";
import type { World } from "../../src/operator/act.ts";
import { acts } from "../../src/operator/acts.ts";
import { approveHold } from "../../src/operator/holds.ts";
import { ada, eventually, patch } from "../support/house.ts";
import { answerOf, complaints, description } from "./described.ts";
import { type Answer, type Desk, openDesk } from "./desk.ts";

const acme = connectionId("acme");
const link = connectionId("link");

test("the description is a right OpenAPI 3.1 document, and the one that is committed (UPDATE=1 writes it)", async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(description)) as Record<string, unknown>);
  expect([valid, errors]).toEqual([true, undefined]);
  const file = new URL("../../docs/operator-api.json", import.meta.url);
  const generated = JSON.stringify(description, null, 2) + "\n";
  if (process.env["UPDATE"] === "1") await writeFile(file, generated);
  expect(await readFile(file, "utf8")).toBe(generated);
});

describe("with people, a hold, a task and work that was given up", () => {
  let desk: Desk;
  const done = new Set<string>();
  const ids: string[] = [];
  let failed = "";
  let task = "";

  /** As the approver; the answer must be 200 and what the description says of this act. */
  async function act(name: string, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer["body"]> {
    const answer = await desk.api("approver", method, path, body, headers);
    expect([name, answer.status, answer.body.detail]).toEqual([name, 200, answer.body.detail]);
    expect([name, ...complaints(answerOf(name), answer.body)]).toEqual([name]);
    expect(answer.headers.get("x-correlation-id")).toMatch(/^c-\w{12}$/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    done.add(name);
    return answer.body;
  }
  const off = (id: string | undefined) => desk.house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
  const journal = async (connection = acme) => (await desk.store.newest(connection, { among: 10_000, limit: 100 })).map(({ data }) => JSON.stringify(data));
  const by = "the approver (operator token)";

  beforeAll(async () => {
    desk = await openDesk({ rails: { massDeprovision: { count: 1, share: 0 } } });
    for (let n = 0; n < 5; n++) ids.push(String((await desk.house.scim("POST", "/Users", ada({ userName: `p${n}@acme.example`, externalId: `p${n}` }))).body.id));
    for (const id of ids.slice(0, 4)) await off(id); // the first passes, three are held
    task = (await desk.store.openTask({ connection: acme, resource: resourceId(ids[4]!), account: undefined, title: "Something by hand", steps: "1. Do it" })).id;
    // Work that was given up, without waiting for hours.
    const held = await desk.store.hold(acme, resourceId(ids[4]!));
    await desk.store.commit({ connection: acme, type: "User", id: resourceId(ids[4]!), readAt: held!.version, attributes: { ...held!.attributes, nickName: "x" }, keys: { name: "p4@acme.example", externalId: "p4", email: undefined, emails: [], active: true, search: { userName: "p4@acme.example" } }, bodyDigest: undefined, journal: [], due: { lane: "profile", lease: { owner: "test", forMs: 60_000 } } }).then(async (committed) => {
      if (committed.kind !== "committed" || !committed.lease) throw new Error(committed.kind);
      await desk.store.record(committed.lease, { journal: [], due: { kind: "failed", failure: { kind: "refused", detail: "the vendor says no to p4@acme.example", vendorStatus: 422 } } });
    });
    failed = ids[4]!;
  });
  afterAll(() => desk.stop());

  test("looking: who, how it stands, people, their timelines, what is open", async () => {
    expect(await act("whoami", "GET", "/whoami")).toEqual({ name: by, role: "approver" });
    expect(await act("status", "GET", "/status")).toMatchObject({ connections: 2, failed: 1, openHolds: 1, heldPushes: 3, openTasks: 1, frozen: [], vendorsDown: [] });
    const { items } = await act("connections.list", "GET", "/connections");
    expect(items.map(({ id, vendor, mode, credential }: Record<string, unknown>) => [id, vendor, mode, credential])).toEqual([["acme", "PeopleLens AI", "delivers", "accepted"], ["link", "TransactionLink", "delivers", "unknown"]]);
    expect(await act("connections.show", "GET", "/connections/acme")).toMatchObject({ id: "acme", baseUrl: "http://scim.test/scim/acme/v2", failed: 1, openHolds: 1, tokens: [], lastPush: expect.any(String) as string });
    expect(await act("connections.check", "POST", "/connections/acme/check")).toEqual({ connection: "acme", ok: true, failure: null });
    expect((await act("people.search", "POST", "/people/search", { name: "p1" })).items).toMatchObject([{ id: ids[1], connection: "acme", userName: "p1@acme.example", active: true }]);
    expect((await act("people.search", "POST", "/people/search", { name: "P@" })).items).toEqual([]);
    const line = await act("people.timeline", "GET", `/connections/acme/people/${ids[0]}/timeline`);
    expect(line).toMatchObject({ person: { id: ids[0], userName: "p0@acme.example", link: { access: "inactive" } }, earlier: 0 });
    expect((await act("people.timeline", "GET", `/connections/acme/people/${ids[0]}/timeline?after=${line.last}`)).entries).toEqual([]);
    const two = await act("people.timeline", "GET", `/connections/acme/people/${ids[0]}/timeline?limit=2`);
    expect([two.entries, two.earlier]).toEqual([line.entries.slice(-2), line.entries.length - 2]);
    expect((await act("people.timeline", "GET", `/connections/acme/people/${ids[0]}/timeline?limit=2&after=${line.entries[0].id}`)).entries).toEqual(line.entries.slice(1, 3));
  });

  test("operations: listed, shown with their attempts, one tried again, all tried again", async () => {
    expect((await act("operations.list", "GET", "/operations?connection=acme&state=failed")).items).toMatchObject([{ id: failed, name: "p4@acme.example", state: "failed", lane: "profile", failure: { kind: "refused" } }]);
    const all = await act("operations.list", "GET", "/operations?all=true&limit=2");
    expect([all.items.length, typeof all.next]).toEqual([2, "string"]);
    const rest = await act("operations.list", "GET", `/operations?all=true&limit=500&cursor=${all.next}`);
    expect(new Set([...all.items, ...rest.items].map(({ id }: { id: string }) => id))).toEqual(new Set(ids));
    const shown = await act("operations.show", "GET", `/connections/acme/operations/${failed}`);
    expect(shown.entries.every(({ resource }: { resource: string }) => resource === failed)).toBe(true);
    expect(await act("operations.retry", "POST", `/connections/acme/operations/${failed}/retry`)).toMatchObject({ id: failed, retried: true });
    await eventually(async () => (await desk.store.workOf(acme, resourceId(failed)))?.state === "done");
    expect(await act("operations.retry", "POST", `/connections/acme/operations/${failed}/retry`)).toMatchObject({ retried: false, state: "done" });
    expect(await act("operations.retryAll", "POST", "/connections/acme/retry", {})).toMatchObject({ connection: "acme", retried: 0 });
    expect((await journal()).filter((row) => row.includes('"operator":"retry"'))).toEqual([JSON.stringify({ operator: "retry", by })]);
  });

  test("holds: what was looked at is what is decided, twice is once, and the opposite is refused", async () => {
    const { items } = await act("holds.list", "GET", "/holds");
    expect(items).toMatchObject([{ connection: "acme", rail: "brake", waiting: 3 }]);
    const [{ id }] = items;
    const first = await desk.api("approver", "GET", `/holds/${id}`);
    expect([complaints(answerOf("holds.show"), first.body), first.headers.get("etag"), first.body.pushes.length]).toEqual([[], `"${first.body.version}"`, 3]);
    done.add("holds.show");
    await off(ids[4]); // one more comes in while somebody looks
    const stale = await desk.api("approver", "POST", `/holds/${id}/approve`, {}, { "If-Match": first.headers.get("etag")! });
    expect([stale.status, stale.body.kind, (await act("holds.list", "GET", "/holds")).items[0].waiting]).toEqual([412, "changed", 4]);
    expect(await act("holds.reject", "POST", `/holds/${id}/reject`, { person: "p3@acme.example" })).toMatchObject({ resources: [ids[3]], closed: false });
    expect(await act("holds.reject", "POST", `/holds/${id}/reject`, { person: "p3@acme.example" })).toMatchObject({ resources: [], closed: false });
    const fresh = (await desk.api("approver", "GET", `/holds/${id}`)).headers.get("etag")!;
    expect(await act("holds.approve", "POST", `/holds/${id}/approve`, {}, { "If-Match": fresh })).toMatchObject({ id, decision: "approved", by, resources: [ids[1], ids[2], ids[4]], closed: true });
    await eventually(() => desk.vendor.state().users.filter(({ is_enabled }) => is_enabled).length === 1);
    const again = await desk.api("approver", "POST", `/holds/${id}/approve`);
    expect(again.status).toBe(409); // one of them was rejected
    expect((await desk.api("approver", "POST", `/holds/${id}/reject`)).body.detail).toContain("3 approved, 1 rejected");
    expect((await act("holds.list", "GET", "/holds?all=true")).items).toMatchObject([{ id, waiting: 0, approved: 3, rejected: 1, decidedBy: by }]);
    expect(await journal()).toContain(JSON.stringify({ hold: id, decision: "approved", by }));
  });

  test("tasks: listed, shown, done once by whoever looked at these steps", async () => {
    expect((await act("tasks.list", "GET", "/tasks?connection=acme")).items).toMatchObject([{ id: task, steps: "1. Do it", done: null }]);
    const shown = await desk.api("approver", "GET", `/tasks/${task}`);
    expect(complaints(answerOf("tasks.show"), shown.body)).toEqual([]);
    done.add("tasks.show");
    await desk.store.openTask({ connection: acme, resource: resourceId(ids[4]!), account: undefined, title: "Something by hand", steps: "1. Do it otherwise" });
    expect((await desk.api("operator", "POST", `/tasks/${task}/done`, undefined, { "If-Match": shown.headers.get("etag")! })).status).toBe(412);
    const etag = (await desk.api("operator", "GET", `/tasks/${task}`)).headers.get("etag")!;
    expect(await act("tasks.done", "POST", `/tasks/${task}/done`, undefined, { "If-Match": etag })).toEqual({ id: task, done: true, new: true });
    expect(await act("tasks.done", "POST", `/tasks/${task}/done`)).toEqual({ id: task, done: true, new: false });
    expect((await act("tasks.list", "GET", "/tasks?all=true")).items).toMatchObject([{ id: task, done: expect.any(String) as string }]);
    expect(await journal()).toContain(JSON.stringify({ operator: "task done", by, task, title: "Something by hand" }));
  });

  test("modes: frozen, thawed, observed, looked at, promoted", async () => {
    expect(await act("modes.freeze", "POST", "/connections/link/freeze", { reason: "a drill" })).toMatchObject({ frozen: true, new: true, by, reason: "a drill" });
    expect(await act("modes.freeze", "POST", "/connections/link/freeze", { reason: "another" })).toMatchObject({ new: false, reason: "a drill" });
    expect((await desk.api("approver", "POST", "/connections/link/observe", {})).status).toBe(409);
    expect(await act("modes.unfreeze", "POST", "/connections/link/unfreeze")).toEqual({ connection: "link", frozen: false, observes: false, accepted: [] });
    expect((await desk.api("approver", "POST", "/connections/link/unfreeze")).status).toBe(409);
    expect(await act("modes.observe", "POST", "/connections/link/observe", {})).toEqual({ connection: "link", observes: true, new: true });
    const { hash } = await act("modes.plan", "GET", "/connections/link/observe");
    expect((await desk.api("approver", "POST", "/connections/link/promote", { hash: "0".repeat(64) })).status).toBe(412);
    expect(await act("modes.promote", "POST", "/connections/link/promote", { hash })).toEqual({ connection: "link", promoted: hash, affected: 0 });
    expect((await journal(link)).filter((row) => row.includes(by)).length).toBe(4);
  });

  test("undo: planned, written, itself undone by its correlation", async () => {
    const rename = await desk.house.scim("PATCH", `/Users/${ids[3]}`, patch({ op: "replace", path: "name.givenName", value: "Wrong" }));
    const correlation = rename.headers.get("x-correlation-id");
    const plan = await act("undo.plan", "POST", "/connections/acme/undo/plan", { correlation });
    expect(plan).toMatchObject({ steps: [{ id: ids[3], kind: "restore", attributes: ["name"] }], left: [], written: 0, correlation: null });
    expect(await act("undo.write", "POST", "/connections/acme/undo", { correlation })).toMatchObject({ written: 1, correlation: expect.stringMatching(/^c-/) as string });
    expect((await desk.house.scim("GET", `/Users/${ids[3]}`)).body.name.givenName).toBe("Ada");
    expect(await act("undo.plan", "POST", "/connections/acme/undo/plan", { correlation })).toMatchObject({ steps: [] });
    expect((await journal()).some((row) => row.includes(`an undo was begun by ${by}`))).toBe(true);
  });

  test("tokens: shown once, working, listed, revoked", async () => {
    const made = await act("tokens.create", "POST", "/connections/acme/tokens", { name: "okta", expires: "90d" });
    expect(made.token).toMatch(/^dbt_/);
    expect((await desk.api("approver", "POST", "/connections/acme/tokens", { name: "okta" })).status).toBe(409);
    await eventually(async () => (await fetch(`${desk.house.base}/Users?count=1`, { headers: { Authorization: `Bearer ${made.token}` } })).status === 200);
    const listed = await act("tokens.list", "GET", "/tokens");
    expect([listed.items.length, JSON.stringify(listed).includes(made.token)]).toEqual([1, false]);
    expect(await act("tokens.revoke", "DELETE", "/connections/acme/tokens/okta")).toEqual({ name: "okta", revoked: true });
    expect((await desk.api("approver", "DELETE", "/connections/acme/tokens/okta")).status).toBe(404);
    const rows = await journal();
    expect(rows).toContain(JSON.stringify({ operator: "token revoke", by, token: "okta" }));
    expect(rows.some((row) => row.includes('"operator":"token create"') && row.includes(by))).toBe(true);
    expect(rows.join()).not.toContain(made.token);
  });

  test("operators: shown once, working, listed, revoked at once", async () => {
    const made = await act("operators.create", "POST", "/operators", { name: "kim", role: "viewer" });
    expect([made.token.startsWith("dbo_"), Date.parse(made.expires) > Date.now() + 364 * 86_400_000]).toEqual([true, true]);
    expect((await desk.api("approver", "POST", "/operators", { name: "kim", role: "approver" })).status).toBe(409);
    await eventually(async () => (await desk.api({ token: made.token }, "GET", "/whoami")).status === 200);
    expect(JSON.stringify((await act("operators.list", "GET", "/operators")).items)).toContain('"id":"kim","role":"viewer","from":"store"');
    expect(await act("operators.revoke", "DELETE", "/operators/kim")).toEqual({ name: "kim", revoked: true });
    await eventually(async () => (await desk.api({ token: made.token }, "GET", "/whoami")).status !== 200);
    const rows = await journal(operatorsJournal);
    expect(rows.some((row) => row.includes('"operator":"operator create"') && row.includes(`"by":"${by}"`) && row.includes('"role":"viewer"'))).toBe(true);
    expect(rows.join()).not.toContain(made.token);
  });

  test("audit: every journal verifies, the operators' own among them; rows are exported and read", async () => {
    const { items } = await act("audit.verify", "GET", "/audit/verdicts");
    expect(items.map(({ id, whole }: Record<string, unknown>) => [id, whole])).toEqual([["acme", true], ["link", true], ["~operators", true]]);
    const page = await act("audit.export", "GET", "/connections/acme/audit/rows?limit=3");
    expect([page.items.map(({ seq }: { seq: number }) => seq), page.next]).toEqual([[1, 2, 3], 4]);
    expect(await act("audit.export", "GET", "/connections/acme/audit/rows?from=2&to=3")).toMatchObject({ items: [{ seq: 2 }, { seq: 3 }], next: null });
    const newest = await act("audit.list", "GET", "/connections/acme/journal?kind=push,hold&limit=5");
    expect(newest.items.every(({ kind }: { kind: string }) => kind === "push" || kind === "hold")).toBe(true);
    const older = await act("audit.list", "GET", `/connections/acme/journal?kind=push,hold&limit=5&cursor=${newest.next}`);
    expect(older.items[0].id).toBeLessThan(newest.items.at(-1).id);
    const { correlation } = newest.items[0];
    expect((await act("audit.list", "GET", `/connections/acme/journal?correlation=${correlation}`)).items.every((row: { correlation: string }) => row.correlation === correlation)).toBe(true);
  });

  test("a second factor is reset where the vendor has a call for it", async () => {
    desk.other.seed({ users: [{ email: "eve@acme.example", firstName: "Eve", lastName: "Adams" }] });
    const base = desk.house.base.replace("/acme/", "/link/");
    const joined = await fetch(`${base}/Users`, { method: "POST", headers: { Authorization: "Bearer another-token-of-more-than-thirty-two-letters", "Content-Type": "application/scim+json" }, body: JSON.stringify(ada({ userName: "eve@acme.example", externalId: "eve" })) });
    const { id } = (await joined.json()) as { id: string };
    expect(await act("people.resetMfa", "POST", `/connections/link/people/${id}/reset-mfa`)).toMatchObject({ person: id, email: "eve@acme.example", done: true });
    expect((await journal(link)).filter((row) => row.includes("resetMfa") && row.includes(by)).length).toBe(2);
    expect((await desk.api("approver", "POST", `/connections/acme/people/${ids[3]}/reset-mfa`)).body).toMatchObject({ status: 409, detail: expect.stringContaining("No call to PeopleLens AI resets a second factor") as string });
  });

  test("reconciliation: begun, followed, drift and orphans shown, and put right", async () => {
    const account = String(desk.vendor.state().users.find(({ email }) => email === "p3@acme.example")?.id);
    const behind = (method: string, path: string, body: object) => fetch(desk.vendor.url + path, { method, headers: { Authorization: `Bearer ${desk.vendor.apiKey}`, "Content-Type": "application/json" }, body: JSON.stringify(body) });
    expect((await behind("PATCH", `/api/users/${account}`, { first_name: "Mallory" })).status).toBe(200);
    desk.vendor.seed({ users: [{ email: "nobodys@acme.example", first_name: "No", last_name: "Body", role: "User" }] });
    const { id } = await act("reconcile.start", "POST", "/connections/acme/reconciliations", { policy: "report" });
    const ended = await eventually(async () => {
      const run = await act("reconcile.show", "GET", `/reconciliations/${id}`);
      return run.state === "complete" || run.state === "failed" ? run : undefined;
    }, 20_000);
    expect(ended).toMatchObject({ state: "complete", by, policy: "report", failure: null });
    expect((await act("reconcile.list", "GET", "/reconciliations?connection=acme")).items.map((run: { id: string }) => run.id)).toContain(id);
    const { items, completed } = await act("drift.list", "GET", "/connections/acme/drift");
    expect([items, typeof completed]).toMatchObject([[{ kind: "profileChanged", situation: "drifted", resource: ids[3], name: "p3@acme.example", to: "Mallory" }], "string"]);
    expect((await act("drift.list", "GET", `/connections/acme/drift?person=p3@acme.example&situation=drifted,missing&limit=1`)).next).toBeNull();
    expect((await act("drift.orphans", "GET", "/connections/acme/orphans")).items).toMatchObject([{ kind: "orphan", resource: null, email: "nobodys@acme.example" }]);
    expect(await act("drift.show", "GET", `/connections/acme/drift/${items[0].id}`)).toEqual(items[0]);
    expect((await desk.api("approver", "GET", "/connections/link/drift/d-0000000000")).status).toBe(404);
    expect(await act("drift.repair", "POST", `/connections/acme/drift/${items[0].id}/repair`)).toMatchObject({ id: items[0].id, answer: "ordered" });
    await eventually(() => !desk.vendor.state().users.some(({ first_name }) => first_name === "Mallory"));
    const orphan = (await act("drift.orphans", "GET", "/connections/acme/orphans")).items[0];
    expect((await desk.api("approver", "POST", `/connections/acme/drift/${orphan.id}/repair`)).body).toMatchObject({ status: 409, detail: expect.stringContaining("Nothing can be repaired from here") as string });
    expect((await journal()).some((row) => row.includes('"repair":["profileChanged"]') && row.includes(`"by":"${by}"`))).toBe(true);
    const masked = JSON.stringify([(await desk.api("viewer", "GET", "/connections/acme/drift")).body, (await desk.api("viewer", "GET", "/connections/acme/orphans")).body]);
    expect(masked).not.toMatch(/Mallory|nobodys|p3@/);
  });

  test("what belongs to a connection that is not configured is not there", async () => {
    const { id } = await desk.store.openTask({ connection: connectionId("elsewhere"), resource: undefined, account: undefined, title: "Foreign", steps: "1." });
    expect([(await desk.api("approver", "GET", `/tasks/${id}`)).status, (await desk.api("approver", "POST", `/tasks/${id}/done`)).status, (await desk.store.task(id))?.doneMs]).toEqual([404, 404, undefined]);
    expect(JSON.stringify((await desk.api("approver", "GET", "/tasks?all=true")).body)).not.toContain("Foreign");
    const foreign = { connections: [acme], store: { holdNamed: async () => ({ id: "h-1", connection: connectionId("elsewhere"), openedMs: 0 }) } } as unknown as World;
    await expect(approveHold.run({ id: "h-1" }, { name: "kim", role: "approver" }, foreign)).rejects.toThrow('There is no hold "h-1"');
  });

  test("and no act was left out", () => {
    expect(acts.map(({ name }) => name).filter((name) => !done.has(name))).toEqual([]);
  });
});
