/**
 * `drawbridge reconcile`, `drift` and `orphans` beside a running server, and without one.
 *
 * @module
 */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/house.ts";
import { documentOf, operator } from "../support/operator.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { acme, openRig, type Rig } from "../reconcile/support/rig.ts";

const folder = temporaryFolder();
const file = join(folder.path, "drawbridge.json");
let rig: Rig;
let bo: { readonly id: string; readonly account: string };
let drawbridge: ReturnType<typeof operator>;

beforeAll(async () => {
  rig = await openRig("peoplelens", { store: `file:${join(folder.path, "store.db")}` });
  await copyFile(rig.house.file, file);
  drawbridge = operator(file);
  bo = await rig.join("bo");
  await rig.join("cat");
  await rig.push(bo.id, { active: false });
  await rig.behind("PATCH", `/api/users/${bo.account}`, { is_enabled: true });
  rig.vendor.seed({ users: [{ id: "usr-orphan", email: "\u001b[31morphan@acme.example" }] });
}, 180_000);
afterAll(async () => {
  await rig.vendor.stop();
  folder.remove();
});

test("before the first run there is nothing to tell, and that is said", async () => {
  expect((await drawbridge("drift", "list", "--connection", "acme")).out).toContain("No reconciliation of acme is complete yet: drawbridge reconcile acme");
  expect((await drawbridge("drift", "runs", "--connection", "acme")).out).toMatch(/planned, when somebody asks/);
}, 180_000);

test("reconcile has the running server do it, and prints what was found: a table for people, one document for scripts", async () => {
  const words = await drawbridge("reconcile", "acme", "--by", "ann");
  expect([words.code, words.err]).toEqual([0, ""]);
  expect(words.out).toMatch(/^r-\w{8} {2}acme {2}complete, begun .* by ann\n {2}3 accounts listed; \d looked at one by one\n {2}2 people linked, 1 as they should be\n {2}found: orphan 1, reenabled 1/m);
  expect(words.out).toMatch(/^!! d-\w{10} {2}backFromTheDead reenabled +bo@acme.example {2}Access that was taken away was given back there: access inactive → active\.$/m);
  expect(words.out).not.toContain("\u001b[31m");
  const document = documentOf(await drawbridge("reconcile", "--connection", "acme", "--json"));
  expect(document).toMatchObject({ id: expect.stringMatching(/^r-/), state: "complete", counts: { listed: 3, linked: 2, equal: 1, findings: { reenabled: 1, orphan: 1 } }, failure: null });
  expect(document.findings.map(({ kind }: { kind: string }) => kind)).toEqual(["reenabled", "orphan"]);
  expect(documentOf(await drawbridge("drift", "runs", "--connection", "acme", "--json")).map(({ state }: { state: string }) => state)).toEqual(["planned", "complete", "complete"]);
}, 180_000);

test("drift list and show, orphans apart; one person's; unknown names are refused", async () => {
  const [finding, ...others] = documentOf(await drawbridge("drift", "list", "--connection", "acme", "--json"));
  expect([finding.kind, finding.name, finding.state, others]).toEqual(["reenabled", "bo@acme.example", "open", []]);
  expect(documentOf(await drawbridge("orphans", "--connection", "acme", "--json"))).toMatchObject([{ kind: "orphan", account: "usr-orphan" }]);
  expect(documentOf(await drawbridge("drift", "list", "--connection", "acme", "--situation", "orphan,drifted", "--json"))).toHaveLength(1);
  expect(documentOf(await drawbridge("drift", "list", "--connection", "acme", "--person", "cat@acme.example", "--json"))).toEqual([]);
  expect((await drawbridge("drift", "show", finding.id, "--connection", "acme")).out).toContain(`would take the access away (lane deny): drawbridge drift repair ${finding.id} --connection acme`);
  expect(await drawbridge("drift", "list", "--connection", "acme", "--situation", "lost")).toMatchObject({ code: 2, err: expect.stringContaining('no situation "lost"') });
  expect(await drawbridge("drift", "show", "d-0", "--connection", "acme")).toMatchObject({ code: 1, err: expect.stringContaining("no finding") });
  expect((await drawbridge("reconcile")).code).toBe(2);
  expect((await drawbridge("reconcile", "acme", "--repair", "--denials")).code).toBe(2);
  expect((await drawbridge("reconcile", "acme", "--missing", "many")).code).toBe(2);
  expect((await drawbridge("reconcile", "nobody")).err).toContain('no connection "nobody"');
}, 180_000);

test("the person's timeline has what was found, in words and as a document", async () => {
  const line = documentOf(await drawbridge("timeline", "bo@acme.example", "--connection", "acme", "--json"));
  expect(line.person.drift).toMatchObject([{ kind: "reenabled", state: "open" }]);
  expect(line.entries.some(({ drift }: { drift?: string }) => drift === "reenabled")).toBe(true);
  expect((await drawbridge("timeline", "bo@acme.example", "--connection", "acme")).out).toMatch(/^ {2}drift {6}Access that was taken away was given back there/m);
}, 180_000);

test("drift repair asks first, has the worker do it, and refuses what only a person can do", async () => {
  const [finding] = documentOf(await drawbridge("drift", "list", "--connection", "acme", "--json"));
  expect(await drawbridge("drift", "repair", finding.id, "--connection", "acme")).toMatchObject({ code: 2, err: expect.stringContaining("say --yes") });
  const [orphan] = documentOf(await drawbridge("orphans", "--connection", "acme", "--json"));
  expect(await drawbridge("drift", "repair", orphan.id, "--connection", "acme", "--yes")).toMatchObject({ code: 1, err: expect.stringContaining("only linked accounts are touched") });
  expect(await drawbridge("drift", "repair", finding.id, "--connection", "acme", "--yes", "--by", "ann")).toMatchObject({ code: 0, out: expect.stringContaining("The worker has it.") });
  await eventually(async () => (await rig.findings()).find(({ id }) => id === finding.id)?.state === "repaired");
  expect(documentOf(await drawbridge("reconcile", "acme", "--json")).counts.findings).toEqual({ orphan: 1 });
}, 180_000);

test("a run that fails is exit code 1 and says why, and that nothing was believed", async () => {
  rig.vendor.addFault({ kind: "garbage200", match: { path: "/api/users", times: "always" } });
  const { code, out } = await drawbridge("reconcile", "acme");
  await rig.vendor.clearFaults();
  expect(code).toBe(1);
  expect(out).toMatch(/FAILED \(vendor\), 1 in a row: .*\n {2}Nothing that was seen is believed/);
  expect(await rig.findings()).toHaveLength(1);
}, 180_000);

test("without a server the command does it itself, and what is to be repaired waits for the next one", async () => {
  await rig.house.house.store.markUp(acme);
  await rig.behind("PATCH", `/api/users/${bo.account}`, { is_enabled: true });
  await rig.house.stop();
  const { code, out, err } = await drawbridge("reconcile", "acme", "--repair");
  expect([code, err.split("\n")[0]]).toEqual([0, "No server has taken it up, so it is done here."]);
  expect(out).toContain("handed to the worker: 1 people");
  expect(documentOf(await drawbridge("drift", "list", "--connection", "acme", "--json"))).toMatchObject([{ kind: "reenabled", state: "repairing" }]);
}, 180_000);
