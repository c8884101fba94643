/**
 * A first load that is only observed, looked at, and promoted by the hash of what was looked at.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { documentOf, operator } from "../support/operator.ts";

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

const acme = connectionId("acme");
const observing = { delivery: { mode: "observe", deadline: "2s", settle: "1600ms" }, vendor: { timeout: "1500ms" } };
const off = patch({ op: "replace", path: "active", value: false });
const email = (name: string) => `${name}@acme.example`;
const person = (name: string, more: object = {}) => ada({ userName: email(name), externalId: name, ...more });

let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let house: TestHouse;
beforeEach(async () => void (vendor = await startPeopleLens()));
afterEach(async () => {
  await house.stop();
  await vendor.stop();
});
const open = async (connection: object = observing, store?: string) => (house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: connection as never, ...(store !== undefined && { store }) }));
const users = () => (vendor.state() as { users: { email: string; is_enabled: boolean; role: string }[] }).users;
const writes = () => vendor.journal().filter(({ method }) => method !== "GET");
const status = async () => documentOf(await operator(house.file)("observe", "status", "--connection", "acme", "--json"));
const promote = (hash: string) => operator(house.file)("observe", "promote", hash, "--connection", "acme", "--by", "ann", "--json");

test("twenty people are accepted and nothing is written, until the plan that was looked at is promoted; another plan is refused", async () => {
  vendor.seed({ users: [{ email: email("p3"), first_name: "Old", last_name: "Hand", role: "User" }, { email: email("p4"), first_name: "Chief", last_name: "Hand", role: "Admin" }] });
  await open();
  const joined = await Promise.all(Array.from({ length: 20 }, (_, n) => house.scim("POST", "/Users", person(`p${n}`))));
  expect(joined.map(({ status: told }) => told)).toEqual(Array(20).fill(201));
  expect((await house.scim("PATCH", `/Users/${joined[0]!.body.id}`, patch({ op: "replace", path: "name.givenName", value: "Adele" }))).status).toBe(200);
  // Nobody who was only wanted has access to lose.
  expect((await house.scim("PATCH", `/Users/${joined[19]!.body.id}`, off)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1_200));

  const first = await status();
  expect(first.counts).toMatchObject({ create: 17, adopt: 1, conflict: 1, deactivate: 0, delete: 0 });
  expect([first.affected, first.people.create.length, first.people.adopt[0].userName]).toEqual([19, 17, email("p3")]);
  expect((await status()).hash).toBe(first.hash);
  expect(writes()).toEqual([]);

  await house.scim("POST", "/Users", person("late"));
  const refused = await promote(first.hash);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("The plan has changed since")]);
  expect(writes()).toEqual([]);
  expect((await house.house.store.mode(acme)).observes).toBe(true);

  const second = await status();
  expect(second.hash).not.toBe(first.hash);
  expect(documentOf(await promote(second.hash))).toMatchObject({ promoted: second.hash, affected: 20 });
  await eventually(() => users().length === 20, 15_000);
  await eventually(async () => (await house.house.store.openWork(acme, 50)).every(({ due }) => due.dueAtMs === undefined), 15_000);
  expect(users().find(({ email: its }) => its === email("p4"))).toMatchObject({ role: "Admin" });
  expect(users().some(({ email: its }) => its === email("p19"))).toBe(false);
  expect((await house.scim("POST", "/Users", person("after"))).status).toBe(201);
  expect(users()).toHaveLength(21);
  expect(await house.house.store.firstBrokenRow(acme)).toBeUndefined();
});

describe("a leaver on a connection that observes", () => {
  async function linkedLeaver() {
    await open({ ...observing, delivery: { ...observing.delivery, mode: "deliver" } });
    const { body } = await house.scim("POST", "/Users", person("leaver"));
    await house.house.store.observe(acme, { by: "ann", reason: "a new IdP", again: true });
    return String(body.id);
  }

  test("who has access is 503 that says so, again and again, is kept as wanted, and loses it once the plan is promoted", async () => {
    const id = await linkedLeaver();
    const before = writes().length;
    for (let n = 0; n < 2; n++) {
      const { status: told, headers, body } = await house.scim("PATCH", `/Users/${id}`, off);
      expect([told, headers.get("retry-after"), body.detail]).toEqual([503, "3600", expect.stringContaining("observe mode: the access in PeopleLens AI has not been taken away")]);
    }
    expect((await house.scim("GET", `/Users/${id}`)).body.active).toBe(false);
    expect(await house.house.store.oldestDenialMs()).toBeUndefined();
    expect([writes().length, users()[0]?.is_enabled]).toEqual([before, true]);

    const plan = await status();
    expect(plan.counts).toMatchObject({ deactivate: 1 });
    documentOf(await promote(plan.hash));
    await eventually(() => users()[0]?.is_enabled === false);
    expect((await house.scim("PATCH", `/Users/${id}`, off)).status).toBe(200);
    const approved = (await house.house.store.journal(acme, { limit: 100 })).flatMap(({ data }) => (data as { approved?: string[] }).approved ?? []);
    expect(approved).toEqual([id]);
  });

  test("four leavers are more than the brake lets pass; whoever promotes the plan has approved them, but for one who is protected by now", async () => {
    const names = ["una", "vic", "wim", "boss"];
    const folder = await mkdtemp(join(tmpdir(), "drawbridge-observe-"));
    const store = `file:${join(folder, "observe.db")}`;
    const strict = { massDeprovision: { count: 1, share: 0 } };
    await open({ ...observing, delivery: { ...observing.delivery, mode: "deliver" }, rails: strict }, store);
    const ids: string[] = [];
    for (const name of names) ids.push((await house.scim("POST", "/Users", person(name))).body.id);
    await house.house.store.observe(acme, { by: "ann", reason: "a look", again: true });
    for (const id of ids) expect((await house.scim("PATCH", `/Users/${id}`, off)).status).toBe(503);
    await house.stop();
    await open({ ...observing, rails: { ...strict, protected: [email("boss")] } }, store);
    const plan = await status();
    expect(plan.counts).toMatchObject({ deactivate: 4 });
    documentOf(await promote(plan.hash));
    await eventually(async () => (await house.house.store.holds(acme, { open: true })).length === 1);
    await eventually(() => users().filter(({ is_enabled }) => !is_enabled).length === 3);
    expect(users().flatMap(({ email: its, is_enabled }) => (is_enabled ? [its] : []))).toEqual([email("boss")]);
    expect((await house.house.store.holds(acme, { open: true })).map(({ rail }) => rail)).toEqual(["protected"]);
    // Approved losses do not count: the next leaver is the first.
    const next = (await house.scim("POST", "/Users", person("next"))).body.id;
    expect((await house.scim("PATCH", `/Users/${next}`, off)).status).toBe(200);
    await house.stop();
    await rm(folder, { recursive: true });
  });

  test("a deletion is 503 too, and 503 when it is repeated: never 404 while the access is there", async () => {
    const id = await linkedLeaver();
    for (let n = 0; n < 2; n++) expect((await house.scim("DELETE", `/Users/${id}`)).status).toBe(503);
    expect((await house.scim("GET", `/Users/${id}`)).body.active).toBe(false);
    documentOf(await promote((await status()).hash));
    await eventually(() => users()[0]?.is_enabled === false);
    expect((await house.scim("DELETE", `/Users/${id}`)).status).toBe(204);
    expect((await house.scim("GET", `/Users/${id}`)).status).toBe(404);
  });

  test("whoever comes back before anything was promoted was never away", async () => {
    const id = await linkedLeaver();
    const before = writes().length;
    await house.scim("PATCH", `/Users/${id}`, off);
    expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }))).status).toBe(200);
    expect((await status()).affected).toBe(0);
    expect(writes()).toHaveLength(before);
  });

  test("a membership that access hangs on is kept, and told as 503", async () => {
    await open({ ...observing, delivery: { ...observing.delivery, mode: "deliver" }, roles: { map: [{ idp: "Staff", vendor: "User" }], fallback: "deactivate" } });
    const { body } = await house.scim("POST", "/Users", person("member"));
    const group = await house.scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Staff", members: [{ value: body.id }] });
    await eventually(async () => (await house.house.store.openWork(acme, 10)).length === 0);
    await house.house.store.observe(acme, { by: "ann", reason: "r", again: true });
    expect((await house.scim("PATCH", `/Groups/${group.body.id}`, patch({ op: "remove", path: "members" }))).status).toBe(503);
    expect((await status()).counts).toMatchObject({ deactivate: 1 });
    expect(users()[0]?.is_enabled).toBe(true);
  });

  test("a denial that was accepted before the connection observed is carried out all the same", async () => {
    await open({ ...observing, delivery: { ...observing.delivery, mode: "deliver" } });
    const { body } = await house.scim("POST", "/Users", person("leaver"));
    await vendor.setSwitches({ down: "on" });
    expect((await house.scim("PATCH", `/Users/${body.id}`, off)).status).toBe(200);
    await house.house.store.observe(acme, { by: "ann", reason: "r", again: true });
    await vendor.setSwitches({ down: "off" });
    await eventually(() => users()[0]?.is_enabled === false, 15_000);
  });
});

test("an IdP's look-up adopts while the connection observes, and writes nothing", async () => {
  vendor.seed({ users: [{ email: email("old"), first_name: "Old", last_name: "Hand", role: "User" }] });
  await open();
  const found = await house.scim("GET", `/Users?filter=${encodeURIComponent(`userName eq "${email("old")}"`)}`);
  expect(found.body.totalResults).toBe(1);
  expect((await house.house.store.hold(acme, found.body.Resources[0].id))?.link).toMatchObject({ origin: "adopted" });
  expect(writes()).toEqual([]);
});

test("a restart keeps the mode, and the configuration does not send back who was promoted", async () => {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-observe-"));
  const store = `file:${join(folder, "store.db")}`;
  const restart = async () => {
    await house.stop();
    await open(observing, store);
  };
  try {
    await open(observing, store);
    expect((await house.scim("POST", "/Users", person("ann"))).status).toBe(201);
    await restart();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(writes()).toEqual([]);
    documentOf(await promote((await status()).hash));
    await eventually(() => users().length === 1);
    await restart();
    expect((await house.scim("POST", "/Users", person("bo"))).status).toBe(201);
    expect(users()).toHaveLength(2);
    await operator(house.file)("observe", "start", "--connection", "acme");
    expect((await house.scim("POST", "/Users", person("cy"))).status).toBe(201);
    expect(users()).toHaveLength(2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
