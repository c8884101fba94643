/**
 * The house closes while work is under way.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { watchUnderWay } from "../../src/delivery/under-way.ts";
import { connectionId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { openStore } from "../../src/store/open-store.ts";
import { grant, keep, takeDue, user } from "../store/people.ts";
import { ada, eventually, patch, token } from "../support/house.ts";
import { temporaryFolder } from "../support/postgres.ts";

const acme = connectionId("acme");
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function open(drainMs: number) {
  const vendor = await startPeopleLens();
  ends.push(() => vendor.stop());
  const folder = temporaryFolder();
  ends.push(() => folder.remove());
  const document = {
    listen: { host: "127.0.0.1", port: 0 }, publicUrl: "http://scim.test", store: `file:${folder.path}/test.db`, egress: { allow: ["127.0.0.1"] },
    connections: {
      acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token }] }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, budget: { requestsPerSecond: 100, burst: 100 }, vendor: { timeout: "60s" }, delivery: { deadline: "300ms", settle: "90s" } },
    },
  };
  const config = await readConfig("test.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
  const house = await openHouse(config, { log: silentLog, drainMs });
  const { port } = await house.door.listen("127.0.0.1", 0);
  const scim = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${port}/scim/acme/v2${path}`, { method, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" }, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as { id: string } };
  };
  return { vendor, house, scim, url: document.store };
}

describe("when the house closes", () => {
  test("a call that hangs does not hold it: it ends without a clear answer, which is written down, and its lease is given back", async () => {
    const { vendor, house, scim, url } = await open(300);
    const { body } = await scim("POST", "/Users", ada());
    vendor.addFault({ kind: "timeout", match: { method: "PATCH", times: "always" } });
    const off = patch({ op: "replace", path: "active", value: false });
    expect((await scim("PATCH", `/Users/${body.id}`, off)).status).toBe(200); // its deadline is over, its call is not
    const began = performance.now();
    await house.stop();
    expect(performance.now() - began).toBeLessThan(5_000);

    const store = await openStore({ url, clock: systemClock });
    ends.push(() => store.close());
    const held = await store.hold(acme, body.id as never);
    expect(held).toMatchObject({ due: { lane: "deny", failure: { kind: "uncertain" } }, link: { verifyAt: expect.any(Number) as number } });
    const turn = await store.take(acme, body.id as never, "next", 1_000);
    expect(turn).toMatchObject({ abandoned: false });
    const rows = await store.journal(acme, { resource: body.id as never, limit: 100 });
    expect(rows.at(-1)).toMatchObject({ kind: "outcome", data: { operation: "deactivate", result: "uncertain" } });
  });

  test("an operation that has begun is let end: the look after a denial is made, and nobody is told twice", async () => {
    const { vendor, house, scim, url } = await open(10_000);
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) ids.push((await scim("POST", "/Users", ada({ userName: `n${n}@acme.example`, externalId: `n${n}` }))).body.id);
    vendor.addFault({ kind: "slowBody", match: { method: "PATCH", times: "always" }, ms: 2, bytes: 1 });
    const before = vendor.journal().length;
    const off = patch({ op: "replace", path: "active", value: false });
    const answers = ids.map((id) => scim("PATCH", `/Users/${id}`, off));
    const version = async (id: string) => (await house.store.read(acme, "User", id as never, { groups: false, members: false }))?.version;
    await eventually(async () => (await Promise.all(ids.map(version))).every((now) => now === 2));
    await house.stop();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(ids.map(() => 200));
    const store = await openStore({ url, clock: systemClock });
    ends.push(() => store.close());
    const calls = vendor.journal().slice(before).map(({ method }) => method);
    const asked = calls.filter((method) => method === "PATCH").length;
    expect(calls.filter((method) => method === "GET")).toHaveLength(asked);
    expect(await store.openWork(acme, 10)).toHaveLength(ids.length - asked);
  });

  test("who is inside is answered first, and nothing of theirs stays leased", async () => {
    const { house, scim, url } = await open(5_000);
    const { body } = await scim("POST", "/Users", ada());
    const off = scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }));
    const inside = Array.from({ length: 10 }, (_, n) => scim("POST", "/Users", ada({ userName: `n${n}@acme.example`, externalId: `n${n}` })));
    const kept = async () => (await house.store.list(acme, "User", { filter: undefined, sort: undefined, offset: 0, limit: 1, groups: false, members: false })).total === 11 && (await house.store.read(acme, "User", body.id as never, { groups: false, members: false }))?.version === 2;
    await eventually(kept);
    await house.stop();
    expect((await Promise.all([...inside, off])).map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 201), 200]);
    const store = await openStore({ url, clock: systemClock });
    ends.push(() => store.close());
    for (const { resource } of await store.openWork(acme, 100)) expect(await store.take(acme, resource, "next", 1_000)).toBeDefined();
  });

  test("a lease that cannot be given back in good order runs out at once, and whoever takes it over knows", async () => {
    const store = await openStore({ url: "file::memory:", clock: systemClock });
    ends.push(() => store.close());
    const { id, lease } = await keep(store, user("stuck"), { due: grant("us") });
    const underWay = watchUnderWay(() => new Promise(() => {}), { store, clock: systemClock });
    void underWay.converge({ lease: lease!, held: (await store.hold(acme, id))!, abandoned: false, correlation: "c" as never });
    await underWay.ended(20);
    expect(await takeDue(store, "next", 1_000, 1, [])).toEqual([]);
    await underWay.abandon();
    expect(await takeDue(store, "next", 1_000, 1, [])).toMatchObject([{ abandoned: true, held: { id } }]);
  });
});
