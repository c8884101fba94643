/**
 * Taking back what an IdP has done: wrong deactivations, an emptied group, deletions, from the before-images in the journal.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId, type ResourceId } from "../../src/model/ids.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { documentOf, operator } from "../support/operator.ts";

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

const acme = connectionId("acme");
const off = patch({ op: "replace", path: "active", value: false });
const email = (name: string) => `${name}@acme.example`;
const person = (name: string, more: object = {}) => ada({ userName: email(name), externalId: name, ...more });
const group = (displayName: string, members: readonly string[] = []) => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName, members: members.map((value) => ({ value, display: "Somebody" })) });

let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let house: TestHouse;
beforeEach(async () => {
  vendor = await startPeopleLens();
  house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey });
});
afterEach(async () => {
  await house.stop();
  await vendor.stop();
});
const users = () => (vendor.state() as { users: { email: string; is_enabled: boolean; role: string; first_name: string }[] }).users;
const account = (name: string) => users().find((one) => one.email === email(name));
const settled = () => eventually(async () => (await house.house.store.openWork(acme, 100)).length === 0, 15_000);
const join = async (name: string, more: object = {}): Promise<ResourceId> => (await house.scim("POST", "/Users", person(name, more))).body.id;
/** Later than everything before, earlier than everything after. */
async function now(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const at = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return at;
}
const undo = (...words: readonly string[]) => operator(house.file)("undo", "--connection", "acme", "--by", "ann", "--json", ...words);

test("thirty wrong deactivations are shown, then taken back by a running server; a second undo finds nothing", async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => join(`p${n}`)));
  const since = await now();
  for (const id of ids) await house.scim("PATCH", `/Users/${id}`, off);
  expect(users().filter(({ is_enabled }) => is_enabled)).toHaveLength(0);

  const shown = documentOf(await undo("--since", since));
  expect([shown.steps.length, shown.written, shown.left]).toEqual([30, 0, []]);
  expect(users().filter(({ is_enabled }) => is_enabled)).toHaveLength(0);
  expect(documentOf(await undo("--since", since, "--yes", "--dry-run")).written).toBe(0);

  const done = documentOf(await undo("--since", since, "--yes"));
  expect(done.written).toBe(30);
  await eventually(() => users().every(({ is_enabled }) => is_enabled), 15_000);
  for (const id of ids.slice(0, 3)) expect((await house.scim("GET", `/Users/${id}`)).body.active).toBe(true);
  const rows = await house.house.store.journal(acme, { correlations: [done.correlation], limit: 100 });
  expect(rows[0]).toMatchObject({ kind: "decision", data: { undo: { since }, by: "ann" } });
  expect(rows.filter(({ kind, data }) => kind === "push" && (data as { method?: string }).method === "undo")).toHaveLength(30);
  await settled();
  expect(documentOf(await undo("--since", since)).steps).toEqual([]);
  expect(await house.house.store.firstBrokenRow(acme)).toBeUndefined();

  // An undo is taken back like anything else.
  expect(documentOf(await undo("--correlation", done.correlation)).steps).toHaveLength(30);
});

describe("groups", () => {
  test("an emptied group has its members again, each as it was written, and their roles; a deleted one comes back under a new id", async () => {
    const ids = await Promise.all(["a", "b", "c"].map((name) => join(name)));
    const { body: everyone } = await house.scim("POST", "/Groups", group("Everyone", ids));
    const { body: plain } = await house.scim("POST", "/Groups", group("Readers", ids.slice(0, 2)));
    await settled();
    const since = await now();
    await house.scim("PATCH", `/Groups/${everyone.id}`, patch({ op: "remove", path: "members" }));
    await house.scim("PATCH", `/Groups/${everyone.id}`, patch({ op: "replace", path: "displayName", value: "Everybody" }));
    await house.scim("DELETE", `/Groups/${plain.id}`);
    await settled();

    const done = documentOf(await undo("--since", since, "--yes"));
    expect(done.left).toEqual([]);
    const back = (await house.scim("GET", `/Groups/${everyone.id}`)).body;
    expect([back.displayName, back.members.map(({ value }: { value: string }) => value).toSorted(), back.members[0].display]).toEqual(["Everyone", [...ids].toSorted(), "Somebody"]);
    const readers = (await house.scim("GET", '/Groups?filter=displayName eq "Readers"')).body.Resources;
    expect([readers.length, readers[0].id === plain.id, readers[0].members.map(({ value }: { value: string }) => value).toSorted()]).toEqual([1, false, ids.slice(0, 2).toSorted()]);
  });

  test("members who were put in go out again, and who has moved since stays", async () => {
    const [a, b, c] = (await Promise.all(["a", "b", "c"].map((name) => join(name)))) as [ResourceId, ResourceId, ResourceId];
    const { body } = await house.scim("POST", "/Groups", group("Readers", [a]));
    const since = await now();
    await house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "add", path: "members", value: [{ value: b }, { value: c }] }));
    await house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "remove", path: `members[value eq "${a}"]` }));
    const until = await now();
    await house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "add", path: "members", value: [{ value: a }] }));
    const done = documentOf(await undo("--since", since, "--until", until, "--yes"));
    expect(done.steps).toMatchObject([{ kind: "members", add: [], remove: [b, c] }]);
    expect((await house.scim("GET", `/Groups/${body.id}`)).body.members.map(({ value }: { value: string }) => value)).toEqual([a]);
  });

  test("nobody is put back into a group that leads to a privileged role", async () => {
    await join("root", { roles: [{ value: "Admins" }] }); // the last administrator would be held
    const id = await join("chief");
    const { body } = await house.scim("POST", "/Groups", group("Admins", [id]));
    await settled();
    expect(account("chief")?.role).toBe("Admin");
    const since = await now();
    await house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "remove", path: "members" }));
    await eventually(() => account("chief")?.role === "User");
    const done = documentOf(await undo("--since", since, "--yes"));
    expect([done.steps, done.left.map(({ why }: { why: string }) => why)]).toEqual([[], [expect.stringContaining("leads to a privileged role")]]);
    expect(account("chief")?.role).toBe("User");
  });
});

describe("people", () => {
  test("who was deleted is there again under a new id, in their groups, and linked to the account that is there", async () => {
    const id = await join("gone", { name: { givenName: "Gone", familyName: "Girl" } });
    const { body: readers } = await house.scim("POST", "/Groups", group("Readers", [id]));
    const since = await now();
    await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: "Wrong" }));
    expect((await house.scim("DELETE", `/Users/${id}`)).status).toBe(204);
    await settled();
    const before = users().length;

    const done = documentOf(await undo("--since", since, "--yes"));
    expect(done.steps).toMatchObject([{ kind: "recreate", restores: id }, { kind: "members" }]);
    await settled();
    const found = (await house.scim("GET", `/Users?filter=userName eq "${email("gone")}"`)).body.Resources;
    expect([found.length, found[0].id === id, found[0].name.givenName, found[0].active]).toEqual([1, false, "Gone", true]);
    expect((await house.scim("GET", `/Groups/${readers.id}`)).body.members.map(({ value }: { value: string }) => value)).toEqual([found[0].id]);
    expect([users().length >= before, account("gone")?.is_enabled]).toEqual([true, true]);
    expect(users().filter((one) => one.email === email("gone"))).toHaveLength(1);
    expect((await house.scim("GET", `/Users/${id}`)).status).toBe(404);
  });

  test("what somebody has changed since is said and left, unless it is forced; the rest is restored", async () => {
    const id = await join("ann", { title: "Engineer" });
    const since = await now();
    await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "title", value: "Clown" }, { op: "replace", path: "active", value: false }));
    const until = await now();
    await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "title", value: "Director" }));
    const range = ["--since", since, "--until", until];
    const shown = documentOf(await undo(...range));
    expect([shown.steps[0].attributes, shown.left[0].why]).toEqual([["active"], expect.stringContaining("title has been changed since")]);
    documentOf(await undo(...range, "--yes"));
    await eventually(() => account("ann")?.is_enabled);
    expect((await house.scim("GET", `/Users/${id}`)).body).toMatchObject({ active: true, title: "Director" });
    documentOf(await undo(...range, "--yes", "--force"));
    expect((await house.scim("GET", `/Users/${id}`)).body.title).toBe("Engineer");
  });

  test("a privileged role is never given back: not by `roles`, and not by a return", async () => {
    await join("root", { roles: [{ value: "Admins" }] }); // the last administrator would be held
    const id = await join("chief", { roles: [{ value: "Admins" }] });
    expect(account("chief")?.role).toBe("Admin");
    const since = await now();
    await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: "Everyone" }] }));
    await house.scim("PATCH", `/Users/${id}`, off);
    const done = documentOf(await undo("--since", since, "--yes"));
    expect(done.left.map(({ why }: { why: string }) => why)).toContainEqual(expect.stringContaining("the privileged role Admins is not given back"));
    await eventually(() => account("chief")?.is_enabled);
    await settled();
    expect(account("chief")?.role).toBe("User");
  });

  test("a push that the vendor refused counts for nothing", async () => {
    const id = await join("ann");
    const since = await now();
    await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: "Right" }));
    vendor.addFault({ kind: "status", status: 422, body: { error: "no such name" }, match: { method: "PATCH" } });
    expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: "X" }))).status).toBe(400);
    expect(documentOf(await undo("--since", since))).toMatchObject({ steps: [{ id, attributes: ["name"] }], left: [] });
  });

  test("one person's last push, by name; who was created stays", async () => {
    const since = await now();
    const id = await join("ann");
    await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "title", value: "Boss" }));
    await house.scim("PATCH", `/Users/${id}`, off);
    const last = documentOf(await undo("--person", email("ann").toUpperCase()));
    expect(last.steps).toMatchObject([{ id, attributes: ["active"] }]);
    expect(documentOf(await undo("--since", since))).toMatchObject({ steps: [], left: [{ id, why: expect.stringContaining("was created in this range") }] });
  });

  test("on a frozen connection an undo is kept, and carried out when it is thawed", async () => {
    const id = await join("ann");
    const since = await now();
    await house.scim("PATCH", `/Users/${id}`, off);
    await house.house.store.freeze(acme, { by: "ann", reason: "r" });
    expect(documentOf(await undo("--since", since, "--yes")).written).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(account("ann")?.is_enabled).toBe(false);
    await house.house.store.unfreeze(acme, { by: "ann", reason: "" });
    await eventually(() => account("ann")?.is_enabled);
  });
});

test.each([
  [["--since", "yesterday"], "must be a time"],
  [[], "Say what is to be undone"],
  [["--since", "2026-01-01T00:00:00Z", "--correlation", "c-1"], "Say what is to be undone"],
  [["--until", "2026-01-01T00:00:00Z", "--correlation", "c-1"], "--until needs --since"],
  [["--hold", "h-1"], "No push of acme was held"],
  [["--person", "nobody@acme.example"], "There is no"],
])("undo %j is refused with a sentence", async (words, says) => {
  const { code, err } = await undo(...words);
  expect([code, err]).toEqual([says === "must be a time" ? 2 : 1, expect.stringContaining(says)]); // 2: the command line itself is wrong
});
