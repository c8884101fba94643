/**
 * I6: connections never see each other. Five of them on one house, 500 requests at once, a word of its own in everything that each
 * writes: no answer and no vendor call holds another's word. And every function of the store, asked in another connection's name,
 * finds nothing and changes nothing.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type House, openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { accountId, connectionId } from "../../src/model/ids.ts";
import { silentLog } from "../../src/runtime/log.ts";
import type { Store } from "../../src/store/store.ts";
import { acme, deny, done, entry, everything, groupPush, keep, keepGroup, linkTo, member, push, rival, undoing, user } from "../store/people.ts";
import { patch } from "../support/house.ts";
import { engines } from "../support/stores.ts";

const words = ["amber", "beryl", "coral", "diamond", "emerald"] as const;
type Word = (typeof words)[number];
const tokenOf = (word: Word) => `token-of-${word}-that-is-long-enough-to-be-one`;
const foreign = (word: Word) => new RegExp(words.filter((other) => other !== word).join("|"), "i");

describe("500 requests at once on five connections", () => {
  let house: House;
  let base = "";
  let vendors: readonly (readonly [Word, Awaited<ReturnType<typeof startPeopleLens>>])[] = [];
  const answers: (readonly [Word, string])[] = [];

  async function ask(word: Word, method: string, path: string, body?: unknown) {
    const answer = await fetch(`${base}/scim/${word}/v2${path}`, { method, headers: { Authorization: `Bearer ${tokenOf(word)}`, ...(body !== undefined && { "Content-Type": "application/scim+json" }) }, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    answers.push([word, `${[...answer.headers].map((header) => header.join(": ")).join("\n")}\n${text}`]);
    return { status: answer.status, body: text === "" ? undefined : (JSON.parse(text) as { id: string; totalResults: number }) };
  }

  /** Ten requests of one person, each of which could bring something of somebody else's to light. */
  async function story(word: Word, n: number): Promise<void> {
    const userName = `person${n}@acme.example`; // the same on every connection
    const body = (given: string) => ({ userName, externalId: `ext-${n}`, name: { givenName: given, familyName: word }, title: `${word} ${n}`, roles: [{ value: "Admins" }] });
    const made = await ask(word, "POST", "/Users", body(word));
    const id = made.body?.id ?? "";
    const group = await ask(word, "POST", "/Groups", { displayName: `Team ${n}`, externalId: word, members: [{ value: id, display: word }] });
    await Promise.all([
      ask(word, "GET", `/Users/${id}`),
      ask(word, "GET", `/Users?filter=${encodeURIComponent('userName sw "person"')}&count=50`),
      ask(word, "GET", `/Groups?filter=${encodeURIComponent(`displayName eq "Team ${n}"`)}`),
      ask(word, "PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: `${word}-${n}` })),
      ask(word, "PATCH", `/Groups/${group.body?.id}`, patch({ op: "add", path: "members", value: [{ value: `${word}-guest` }] })),
    ]);
    await ask(word, "POST", "/Users", body("again")); // an error that speaks of who has the name
    for (const other of words) if (other !== word) expect((await fetch(`${base}/scim/${other}/v2/Users/${id}`, { headers: { Authorization: `Bearer ${tokenOf(word)}` } })).status).toBe(401);
    await ask(word, "PUT", `/Users/${id}`, body(`${word}-put`));
    await ask(word, "PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
  }

  beforeAll(async () => {
    vendors = await Promise.all(words.map(async (word) => [word, await startPeopleLens()] as const));
    const connections = Object.fromEntries(vendors.map(([word, { url, apiKey }]) => [word, {
      connector: "peoplelens", auth: { bearer: [{ name: "test", token: tokenOf(word) }] }, settings: { baseUrl: url, apiKey },
      roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }], fallback: "User" }, rails: { massDeprovision: { count: 1000 } }, budget: { requestsPerSecond: 1000, burst: 1000 },
    }]));
    const document = { listen: { host: "127.0.0.1", port: 0 }, publicUrl: "http://scim.test", store: "file::memory:", egress: { allow: ["127.0.0.1"] }, connections };
    house = await openHouse(await readConfig("five.yaml", { env: {}, readFile: async () => JSON.stringify(document) }), { log: silentLog });
    base = `http://127.0.0.1:${(await house.door.listen("127.0.0.1", 0)).port}`;
    await Promise.all(words.flatMap((word) => Array.from({ length: 10 }, (_, n) => story(word, n))));
  }, 60_000);
  afterAll(async () => {
    await house.stop();
    for (const [, vendor] of vendors) await vendor.stop();
  });

  test("there was enough to mix up", () => {
    expect(answers.length).toBeGreaterThanOrEqual(500);
    for (const word of words) expect(answers.some(([its, text]) => its === word && text.includes(`${word}-put`))).toBe(true);
  });

  test.each(words)("no answer to %s holds another's word", (word) => {
    expect(answers.filter(([its, text]) => its === word && foreign(word).test(text))).toEqual([]);
  });

  test.each(words)("no call to the vendor of %s holds another's word, and its people are its own", (word) => {
    const [, vendor] = vendors.find(([its]) => its === word)!;
    expect(vendor.journal().length).toBeGreaterThan(20);
    expect(JSON.stringify([vendor.journal(), vendor.state()])).not.toMatch(foreign(word));
    expect((vendor.state() as { users: unknown[] }).users).toHaveLength(10);
  });

  test.each(words)("the journal of %s is whole and its own", async (word) => {
    expect(JSON.stringify(await house.store.journal(connectionId(word), { limit: 10_000 }))).not.toMatch(foreign(word));
    expect(await house.store.firstBrokenRow(connectionId(word))).toBeUndefined();
  });
});

describe.each(engines)("the store on $name, asked in another connection's name", ({ open }) => {
  let store: Store;
  let id: Awaited<ReturnType<typeof keep>>;
  let group: Awaited<ReturnType<typeof keepGroup>>;
  beforeAll(async () => {
    store = await open();
    id = await keep(store, user("ann@acme.example"), { due: deny("w", 600_000), emailKey: "ann@acme.example" });
    group = await keepGroup(store, { displayName: "Team" }, { members: [{ kind: "add", members: [member(id.id)] }] });
    await store.record(id.lease!, { journal: [entry("outcome", id.id)], link: linkTo("acc"), due: { kind: "keep" } });
    await store.addToken(acme, { name: "t", hash: "h", expiresMs: undefined });
    await store.openTask({ connection: acme, resource: id.id, account: undefined, title: "t", steps: "s" });
  });
  afterAll(() => store.close());

  const all = { filter: undefined, sort: undefined, offset: 0, limit: 10, groups: true, members: true };
  /** Everything that acme has, through every function that reads. */
  const state = async () => [
    await store.read(acme, "User", id.id, everything), await store.read(acme, "Group", group.id, everything), await store.hold(acme, id.id), await store.list(acme, "User", all), await store.list(acme, "Group", all),
    await store.journal(acme, { limit: 100 }), await store.openWork(acme, 10), await store.tokens(acme), await store.tasks(acme, { open: true }),
  ];

  const reads: readonly [string, () => Promise<unknown>, unknown][] = [
    ["read", () => store.read(rival, "User", id.id, everything), undefined],
    ["read of a group", () => store.read(rival, "Group", group.id, everything), undefined],
    ["list", () => store.list(rival, "User", all), { total: 0, resources: [] }],
    ["list of groups", () => store.list(rival, "Group", all), { total: 0, resources: [] }],
    ["hold", () => store.hold(rival, id.id), undefined],
    ["holder by name", () => store.holder(rival, "User", { name: "ann@acme.example" }), undefined],
    ["holder by address", () => store.holder(rival, "User", { email: "ann@acme.example" }), undefined],
    ["linkedTo", () => store.linkedTo(rival, accountId("acc")), undefined],
    ["tombstone", () => store.tombstone(rival, accountId("acc")), undefined],
    ["journal", () => store.journal(rival, { limit: 10 }), []],
    ["journal of a resource", () => store.journal(rival, { resource: id.id, limit: 10 }), []],
    ["openWork", () => store.openWork(rival, 10), []],
    ["tokens", () => store.tokens(rival), []],
    ["tasks", () => store.tasks(rival, { open: false }), []],
    ["take", () => store.take(rival, id.id, "thief", 1_000), undefined],
  ];
  test.each(reads)("%s finds nothing", async (_, read, nothing) => {
    expect(await read()).toEqual(nothing);
  });

  const writes: readonly [string, () => Promise<unknown>][] = [
    ["commit of a change", () => store.commit(push(user("stolen"), { connection: rival, id: id.id, readAt: 1 }))],
    ["commit of a deletion", () => store.commit(push(undefined, { connection: rival, id: id.id, readAt: 1 }))],
    ["commitGroup", () => store.commitGroup(groupPush({ displayName: "stolen" }, { connection: rival, id: group.id, readAt: 1, members: [{ kind: "clear" }], affects: "everybody" }))],
    ["commitGroup of a deletion", () => store.commitGroup(groupPush("deleted", { connection: rival, id: group.id, readAt: 1, affects: "everybody" }))],
    ["a new group with a foreign member", () => store.commitGroup(groupPush({ displayName: "Thieves" }, { connection: rival, members: [{ kind: "add", members: [member(id.id)] }], affects: "everybody" }))],
    ["record", () => store.record({ ...id.lease!, connection: rival }, done(1, { link: "none" }))],
    ["rollBack", () => store.rollBack(undoing({ ...id.lease!, connection: rival }, 1))],
    ["markAnswered", () => store.markAnswered(rival, [id.id])],
    ["wake", () => store.wake(rival)],
    ["append", () => store.append(rival, [entry("alarm")])],
    ["revokeToken", () => store.revokeToken(rival, "t")],
    ["usedToken", () => store.usedToken(rival, "t", 1)],
    ["the same name and address", () => keep(store, user("ann@acme.example"), { connection: rival, emailKey: "ann@acme.example" })],
  ];
  test.each(writes)("%s changes nothing of acme's", async (_, write) => {
    const before = await state();
    await write().catch(() => undefined);
    expect(await state()).toEqual(before);
  });
});
