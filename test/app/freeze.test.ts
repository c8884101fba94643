/**
 * Stopping a connection: by an operator, and by Drawbridge itself where something is found that must never be.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteFile from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse, token } from "../support/house.ts";
import { documentOf, operator } from "../support/operator.ts";
import { engines } from "../support/stores.ts";

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

const acme = connectionId("acme");
const why = { by: "ann", reason: "the IdP has lost its mind" };
const off = patch({ op: "replace", path: "active", value: false });
const quick = { delivery: { deadline: "600ms", settle: "900ms" }, vendor: { timeout: "400ms" } };
const postgres = engines.find(({ name }) => name === "postgres")!;

let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let folder: string;
const open: TestHouse[] = [];
beforeEach(async () => {
  vendor = await startPeopleLens();
  folder = await mkdtemp(join(tmpdir(), "drawbridge-freeze-"));
});
afterEach(async () => {
  for (const house of open.splice(0)) await house.stop();
  await vendor.stop();
  await rm(folder, { recursive: true, force: true });
});

async function house(more: object = {}): Promise<TestHouse> {
  const opened = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: quick, store: `file:${join(folder, "store.db")}`, ...more });
  open.push(opened);
  return opened;
}
async function close(one: TestHouse): Promise<void> {
  open.splice(open.indexOf(one), 1);
  await one.stop();
}
const file = () => join(folder, "store.db");
const person = (name: string) => ada({ userName: `${name}@acme.example`, externalId: name });
const enabled = (name: string) => (vendor.state() as { users: { email: string; is_enabled: boolean }[] }).users.find(({ email }) => email === `${name}@acme.example`)?.is_enabled;
const calls = () => vendor.journal().length;
const writes = () => vendor.journal().filter(({ method }) => method !== "GET").length;
const readyz = async ({ base }: TestHouse) => (await fetch(new URL("/readyz", base))).json() as Promise<{ ok: boolean; detail: { frozen?: string[] } }>;

describe("a frozen connection", () => {
  test("answers every push with 503 that says why, changes nothing, calls nobody, and still answers reads", async () => {
    const one = await house();
    const { body } = await one.scim("POST", "/Users", person("ann"));
    await one.house.store.freeze(acme, why);
    const before = [calls(), await one.house.store.journalHead(acme)];
    const refused = await Promise.all([
      one.scim("POST", "/Users", person("bo")),
      one.scim("PATCH", `/Users/${body.id}`, off),
      one.scim("DELETE", `/Users/${body.id}`),
      one.scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Everyone" }),
    ]);
    for (const { status, headers, body: told } of refused) {
      expect([status, headers.get("retry-after")]).toEqual([503, "300"]);
      expect(told.detail).toContain("frozen by an operator: the IdP has lost its mind.");
    }
    expect([calls(), await one.house.store.journalHead(acme)]).toEqual(before);
    expect((await one.scim("GET", `/Users/${body.id}`)).body.active).toBe(true);
    expect(await readyz(one)).toMatchObject({ ok: true, detail: { frozen: ["acme"] } });
    // A push that would change nothing is refused as well, once the process has noticed.
    await eventually(async () => (await one.scim("PUT", `/Users/${body.id}`, person("ann"))).status === 503);
    await one.house.store.unfreeze(acme, why);
    expect((await one.scim("PATCH", `/Users/${body.id}`, off)).status).toBe(200);
    expect((await readyz(one)).detail.frozen).toBeUndefined();
  });

  test("carries out the denials that it owns, and lets a grant wait until it is thawed, over a restart", async () => {
    const first = await house();
    const { body: leaver } = await first.scim("POST", "/Users", person("leaver"));
    await vendor.setSwitches({ down: "on" });
    expect((await first.scim("PATCH", `/Users/${leaver.id}`, off)).status).toBe(200);
    expect((await first.scim("POST", "/Users", person("joiner"))).status).toBe(201);
    await first.house.store.freeze(acme, why);
    await close(first);

    const second = await house();
    await vendor.setSwitches({ down: "off" });
    await eventually(() => enabled("leaver") === false, 15_000);
    expect(enabled("joiner")).toBeUndefined();
    expect((await second.scim("POST", "/Users", person("late"))).status).toBe(503);
    await second.house.store.unfreeze(acme, why);
    await eventually(() => enabled("joiner"), 15_000);
  });

  test("an operator freezes a running server from the command line, and thaws it", async () => {
    const one = await house();
    const run = operator(one.file);
    const said = documentOf(await run("freeze", "--connection", "acme", "--reason", "look first", "--by", "ann", "--json"));
    expect(said).toMatchObject({ connection: "acme", new: true, by: "ann" });
    expect((await one.scim("POST", "/Users", person("bo"))).status).toBe(503);
    expect((await run("freeze", "--connection", "nobody", "--reason", "x")).err).toContain("There is no connection");
    expect(documentOf(await run("unfreeze", "--connection", "acme", "--by", "ann", "--json"))).toMatchObject({ frozen: false });
    expect((await one.scim("POST", "/Users", person("bo"))).status).toBe(201);
    expect((await run("unfreeze", "--connection", "acme")).err).toContain("is not frozen");
  });
});

describe("two servers on one PostgreSQL", () => {
  test("a freeze at one counts for the very next vendor call of the other: what waits for the budget is not sent", async () => {
    const place = await postgres.place();
    const slow = { ...quick, budget: { requestsPerSecond: 4, burst: 1 } };
    const [one, other] = [await house({ store: place.url }), await house({ store: place.url, connection: slow })];
    try {
      await Promise.all(Array.from({ length: 12 }, (_, n) => other.scim("POST", "/Users", person(`p${n}`))));
      await eventually(() => writes() > 0);
      await one.house.store.freeze(acme, why);
      const [before, beforeWrites] = [calls(), writes()];
      const unread = beforeWrites - vendor.journal().filter(({ method, path }) => method === "GET" && !path.includes("search=")).length;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      // An operation that has begun to write ends: at most its reading back may follow. Between a look and its create the create is
      // marked, so a second look may have gone out, and a second create.
      expect([calls() - before <= unread + 1, writes() - beforeWrites <= 1]).toEqual([true, true]);
      expect(writes()).toBeLessThan(12);
      expect((await other.scim("POST", "/Users", person("late"))).status).toBe(503);
      await other.house.store.unfreeze(acme, why);
      await eventually(() => writes() >= 12, 30_000);
      expect(await one.house.store.firstBrokenRow(acme)).toBeUndefined();
    } finally {
      for (const each of [one, other]) await close(each);
      await place.remove();
    }
  });
});

describe("a journal that is not what was written", () => {
  const flip = (connection: string, seq: number) => {
    const database = new SqliteFile(file());
    const { changes } = database.prepare("update journal set data = replace(data, 'POST', 'PO5T') where connection = ? and seq = ?").run(connection, seq);
    database.close();
    expect(changes).toBe(1);
  };
  const rival = () => ({ rival: { connector: "peoplelens", auth: { bearer: [{ name: "test", token: `${token}-rival` }] }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, ...quick } });
  const rivalPush = ({ base }: TestHouse, name: string) =>
    fetch(`${base.replace("/acme/", "/rival/")}/Users`, { method: "POST", headers: { Authorization: `Bearer ${token}-rival`, "Content-Type": "application/scim+json" }, body: JSON.stringify(person(name)) });

  test("freezes its connection at the check, names the row, and leaves the neighbour alone; owned denials go on", async () => {
    const one = await house({ others: rival() });
    const { body: leaver } = await one.scim("POST", "/Users", person("leaver"));
    expect((await rivalPush(one, "neighbour")).status).toBe(201);
    await vendor.setSwitches({ down: "on" });
    expect((await one.scim("PATCH", `/Users/${leaver.id}`, off)).status).toBe(200);
    await one.house.checkJournals();
    expect((await readyz(one)).detail.frozen).toBeUndefined();

    flip("acme", 1);
    await one.house.checkJournals();
    expect((await readyz(one)).detail.frozen).toEqual(["acme"]);
    const refused = await one.scim("POST", "/Users", person("bo"));
    expect([refused.status, refused.body.detail]).toEqual([503, expect.stringContaining("frozen by Drawbridge itself: the journal is not what was written: the row was changed after it was written (row 1)")]);
    await vendor.setSwitches({ down: "off" });
    expect((await rivalPush(one, "another")).status).toBe(201);
    await eventually(() => enabled("leaver") === false, 15_000);

    const verified = await operator(one.file)("audit", "verify", "--json");
    expect([verified.code, JSON.parse(verified.out)]).toMatchObject([1, [{ id: "acme", whole: false, brokenRow: 1 }, { id: "rival", whole: true, brokenRow: null }]]);
  });

  test("freezes its connection at the start", async () => {
    const first = await house();
    await first.scim("POST", "/Users", person("ann"));
    await close(first);
    flip("acme", 1);
    const second = await house();
    await eventually(async () => (await second.house.store.mode(acme)).frozen);
    expect((await second.scim("POST", "/Users", person("bo"))).status).toBe(503);
  });

  test("a tail that is cut off between two checks is noticed, though the rest is a chain", async () => {
    const first = await house();
    await first.scim("POST", "/Users", person("ann"));
    await close(first);
    const one = await house(); // it has committed none of these rows itself
    await one.house.checkJournals();
    const database = new SqliteFile(file());
    database.prepare("delete from journal where seq = (select max(seq) from journal)").run();
    database.close();
    expect(await one.house.store.firstBrokenRow(acme)).toBeUndefined();
    await one.house.checkJournals();
    expect((await one.house.store.mode(acme)).reason).toContain("which was there before, is gone");
  });

  test("is thawed only by somebody who says that they know of the break, and then stays thawed", async () => {
    const one = await house();
    await one.scim("POST", "/Users", person("ann"));
    flip("acme", 1);
    await one.house.checkJournals();
    const run = operator(one.file);
    expect((await run("unfreeze", "--connection", "acme")).err).toContain("broken at row 1");
    expect(documentOf(await run("unfreeze", "--connection", "acme", "--accept-break", "--by", "ann", "--reason", "restored by hand", "--json"))).toMatchObject({ frozen: false, accepted: [1] });
    await one.house.checkJournals();
    expect((await one.scim("POST", "/Users", person("bo"))).status).toBe(201);
  });
});

test("whoever dies in the middle of a call leaves an intent; the next one accounts for it as uncertain before it calls", async () => {
  const first = await house();
  const { body } = await first.scim("POST", "/Users", person("ann"));
  await vendor.setSwitches({ down: "on" });
  await first.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "name.givenName", value: "Anna" }));
  await close(first);
  // As a process leaves it that ended between the call and its result: a lease, an intent, and nothing after it.
  const database = new SqliteFile(file());
  database.prepare("update due set lease_owner = 'dead', lease_until = 9999999999999 where resource = ?").run(body.id);
  const last = database.prepare("select seq, kind from journal order by seq desc limit 1").get() as { seq: number; kind: string };
  if (last.kind === "outcome") database.prepare("delete from journal where seq = ?").run(last.seq);
  database.close();
  await vendor.setSwitches({ down: "off" });

  const second = await house();
  const outcomes = async () => (await second.house.store.journal(acme, { resource: body.id, limit: 100 })).filter(({ kind, seq }) => seq >= last.seq && (kind === "intent" || kind === "outcome"));
  const rows = await eventually(async () => ((await outcomes()).length >= 3 ? outcomes() : undefined), 15_000);
  expect(rows.slice(0, 3).map(({ kind, data }) => [kind, (data as { result?: string }).result])).toEqual([["outcome", "uncertain"], ["intent", undefined], ["outcome", "done"]]);
  expect(await second.house.store.firstBrokenRow(acme)).toBeUndefined();
});

test("a vendor that gives a new person somebody else's account freezes the connection, and the first person keeps theirs", async () => {
  const one = await house();
  const { body } = await one.scim("POST", "/Users", person("ann"));
  const account = (await one.house.store.hold(acme, body.id))?.link?.account;
  const record = { id: account, first_name: "Ada", last_name: "Lovelace", email: "bo@acme.example", is_enabled: true, user_preferences: [{ role: "User" }] };
  vendor.addFault({ kind: "status", status: 200, body: { success: true, user: record }, match: { method: "POST" } }, { kind: "status", status: 200, body: { user: record }, match: { method: "GET", path: `/api/users/${account}` } });
  const second = await one.scim("POST", "/Users", person("bo"));
  expect(second.status).toBe(409);
  expect(await one.house.store.mode(acme)).toMatchObject({ frozen: true, by: "drawbridge", reason: "The vendor's account is linked to another user already." });
  expect(await one.house.store.linkedTo(acme, account!)).toBe(body.id);
  expect((await one.scim("PATCH", `/Users/${body.id}`, off)).status).toBe(503);
  expect(await one.house.store.firstBrokenRow(acme)).toBeUndefined();
});

test("two who were deleted while their creates were in doubt find one account between them: it is denied, and nothing freezes", async () => {
  const one = await house({ connection: { ...quick, delivery: { deadline: "600ms", settle: "60s" } } });
  vendor.addFault({ kind: "resetAfter", match: { method: "POST" } });
  for (let nth = 0; nth < 2; nth++) {
    const { status, body } = await one.scim("POST", "/Users", person("ann"));
    expect(status).toBe(201);
    expect((await one.scim("DELETE", `/Users/${body.id}`)).status).toBe(204);
  }
  expect(enabled("ann")).toBe(true);
  // The settle time is over for both at once, and the vendor takes its time.
  vendor.addFault({ kind: "delay", ms: 150, match: { method: "PATCH", times: "always" } });
  const database = new SqliteFile(file());
  database.exec("update links set unknown_at = 1; update due set due_at = 1 where lane is not null");
  database.close();
  await eventually(async () => (await one.house.store.openWork(acme, 10)).length === 0, 30_000);
  expect(enabled("ann")).toBeUndefined();
  expect(await one.house.store.mode(acme)).toMatchObject({ frozen: false });
  expect(vendor.journal().filter(({ method }) => method === "PATCH").length).toBeGreaterThanOrEqual(2); // they did meet
  const alarms = (await one.house.store.journal(acme, { limit: 100 })).filter(({ kind }) => kind === "alarm");
  expect(alarms).toEqual([]);
  expect(await one.house.store.firstBrokenRow(acme)).toBeUndefined();
});
