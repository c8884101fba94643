/**
 * The throw-away copy of a connection: what people are comes along, what is owed does not, and what is done to it stays in it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountId, connectionId, correlationId } from "../../src/model/ids.ts";
import { nothingApplied } from "../../src/model/link.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { openCopy, openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";

const acme = connectionId("acme");
const other = connectionId("other");
const correlation = correlationId("c-000000000000");
const keysOf = (name: string) => ({ name, externalId: undefined, email: undefined, emails: [name], active: true, search: { userName: name } });
const everybody = { filter: undefined, sort: undefined, offset: 0, limit: 10_000, groups: true, members: false };

async function joined(store: Store, connection: typeof acme, name: string, owner?: string) {
  const id = newResourceId();
  const committed = await store.commit({ connection, type: "User", id, readAt: undefined, attributes: { userName: name }, keys: keysOf(name), bodyDigest: undefined, journal: [], due: owner === undefined ? undefined : { lane: "grant", lease: { owner, forMs: 60_000 } } });
  return { id, lease: committed.kind === "committed" ? committed.lease : undefined };
}

test("of a database that is not there yet there is an empty copy, and it is not made by that", async () => {
  const file = join(tmpdir(), `drawbridge-copy-${process.pid}`, "store.db");
  const copy = await openCopy(`file:${file}`, acme, systemClock);
  expect([(await copy.list(acme, "User", everybody)).total, existsSync(file)]).toEqual([0, false]);
  await copy.close();
});

describe.each(engines)("$name", ({ place }) => {
  test("people, groups, links and what was counted come along; the other connection, the journal and tokens do not", async () => {
    const here = await place();
    const store = await openStore({ url: here.url, clock: systemClock });
    try {
      const ada = await joined(store, acme, "ada", "me");
      const bob = await joined(store, acme, "bob", "me");
      await joined(store, other, "eve");
      if (ada.lease) await store.record(ada.lease, { journal: [{ kind: "decision", resource: ada.id, correlation, data: {} }], link: { account: accountId("usr-1"), kind: "account", origin: "created", login: "ada", applied: { ...nothingApplied, access: "active" }, unknownAt: undefined, verifyAt: undefined }, due: { kind: "done", version: 1 } });
      const team = newResourceId();
      await store.commitGroup({ connection: acme, id: team, readAt: undefined, attributes: { displayName: "Team" }, keys: { ...keysOf("team"), search: { displayName: "team" } }, members: [{ kind: "add", members: [{ value: ada.id, rest: {} }] }], journal: [], affects: "nobody" });
      await store.addToken(acme, { name: "okta", hash: "00", expiresMs: undefined });

      const copy = await openCopy(here.url, acme, systemClock);
      expect((await copy.list(acme, "User", everybody)).resources.map(({ attributes, groups }) => [attributes["userName"], groups.map(({ display }) => display)])).toEqual([["ada", ["Team"]], ["bob", []]]);
      expect((await copy.hold(acme, ada.id))?.link).toMatchObject({ account: "usr-1", applied: { access: "active" } });
      const owed = (await copy.hold(acme, bob.id))?.due;
      expect(owed).toMatchObject({ lane: "grant" });
      expect([await copy.wake(acme), await copy.takeDue("me", [{ connection: acme, lane: "grant", limit: 10, forMs: 1_000 }])]).toEqual([0, []]);
      expect((await copy.list(other, "User", everybody)).total).toBe(0);
      expect([await copy.tokens(), await copy.journal(acme, { limit: 10 })]).toEqual([[], []]);

      await joined(copy, acme, "zoe");
      expect((await copy.list(acme, "User", everybody)).total).toBe(3);
      expect((await store.list(acme, "User", everybody)).total).toBe(2);
      expect((await store.hold(acme, bob.id))?.due?.dueAtMs).toBeDefined();
      await copy.close();
    } finally {
      await store.close();
      await here.remove();
    }
  });

  test("somebody who writes meanwhile is not kept from it, and is not half in it", async () => {
    const here = await place();
    const store = await openStore({ url: here.url, clock: systemClock });
    try {
      for (let n = 0; n < 50; n++) await joined(store, acme, `person-${n}`);
      const writing = (async () => {
        for (let n = 50; n < 70; n++) await joined(store, acme, `person-${n}`);
      })();
      const copy = await openCopy(here.url, acme, systemClock);
      await writing;
      expect((await copy.list(acme, "User", everybody)).total).toBeGreaterThanOrEqual(50);
      await copy.close();
      expect((await store.list(acme, "User", everybody)).total).toBe(70);
    } finally {
      await store.close();
      await here.remove();
    }
  });

  test("a database of another version is not brought up to date only to be read", async () => {
    const here = await place();
    try {
      await (await openStore({ url: here.url, clock: systemClock })).close();
      await here.query("insert into migrations (step, name, at_ms) values (99, 'later', 0)");
      await expect(openCopy(here.url, acme, systemClock)).rejects.toThrow(/not of this version/);
    } finally {
      await here.remove();
    }
  });
});
