/**
 * A commit that fails: kept or not, the caller is told what is so.
 *
 * @module
 */
import SqliteFile from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import type { FaultPoint } from "../../src/runtime/fault.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { startProxy } from "../support/proxy.ts";
import { engines } from "../support/stores.ts";
import { acme, entry, groupPush, member, push, user } from "./people.ts";

interface Unsure {
  readonly store: Store;
  /** The next commit is carried out and its answer lost, or is lost on the way. */
  breakNext(when: "after" | "before"): void;
  close(): Promise<void>;
}

async function onPostgres(): Promise<Unsure> {
  const place = await engines.find(({ name }) => name === "postgres")!.place();
  const { port } = new URL(place.url);
  const proxy = await startProxy(Number(port), () => true);
  const store = await openStore({ url: place.url.replace(`:${port}/`, `:${proxy.port}/`), clock: systemClock });
  return {
    store,
    breakNext: (when) => proxy.plan(when === "after" ? "reset after its body" : "reset before the request", (message) => message.startsWith("Q") && message.slice(5).startsWith("commit")),
    async close() {
      await store.close();
      await proxy.close();
      await place.remove();
    },
  };
}

async function onSqlite(): Promise<Unsure> {
  let next: FaultPoint | undefined;
  const fault = async (point: FaultPoint) => {
    if (point !== next) return;
    next = undefined;
    throw new SqliteFile.SqliteError("disk I/O error", "SQLITE_IOERR_FSYNC");
  };
  const store = await openStore({ url: "file::memory:", clock: systemClock, fault });
  return { store, breakNext: (when) => void (next = `commit.${when}`), close: () => store.close() };
}

describe.each([{ name: "sqlite", open: onSqlite }, { name: "postgres", open: onPostgres }])("$name", ({ open }) => {
  test("a commit whose answer is lost is read back: the push counts as kept, with its lease", async () => {
    const { store, breakNext, close } = await open();
    const wanted = push(user("ada"), { due: { lane: "deny", lease: { owner: "us", forMs: 60_000 } } });
    breakNext("after");
    const kept = await store.commit(wanted);
    expect(kept).toMatchObject({ kind: "committed", version: 1, lease: { owner: "us" } });
    expect(await store.hold(acme, wanted.id)).toMatchObject({ version: 1, due: { lane: "deny" } });
    const { lease } = kept as Extract<typeof kept, { kind: "committed" }>;
    expect(await store.record(lease!, { journal: [entry("outcome", wanted.id)], due: { kind: "done", version: 1 } })).toBe(true);
    expect(await store.firstBrokenRow(acme)).toBeUndefined();
    await close();
  });

  test("so is a note under a lease, the taking back of a push, and a group's", async () => {
    const { store, breakNext, close } = await open();
    const wanted = push(user("bo"), { due: { lane: "grant", lease: { owner: "us", forMs: 60_000 } } });
    const kept = await store.commit(wanted);
    if (kept.kind !== "committed" || !kept.lease) throw new Error("not kept");
    breakNext("after");
    expect(await store.record(kept.lease, { journal: [entry("outcome", wanted.id)], due: { kind: "keep" } })).toBe(true);
    breakNext("after");
    const group = groupPush({ displayName: "Team" }, { members: [{ kind: "add", members: [member(wanted.id)] }], journal: [entry("push")] });
    expect(await store.commitGroup(group)).toMatchObject({ kind: "committed", memberCount: 1 });
    breakNext("after");
    expect(await store.rollBack({ lease: kept.lease, version: 1, former: undefined, journal: [entry("decision", wanted.id)] })).toBe(true);
    expect(await store.hold(acme, wanted.id)).toBeUndefined();
    // Each once: nothing was repeated because its answer was lost.
    expect((await store.journal(acme, { limit: 10 })).map(({ kind }) => kind)).toEqual(["push", "outcome", "push", "push", "decision"]);
    await close();
  });

  test("a commit that never arrived is a store out of reach, and nothing is kept", async () => {
    const { store, breakNext, close } = await open();
    const wanted = push(user("cy"));
    breakNext("before");
    const thrown = await store.commit(wanted).catch((error: unknown) => error);
    expect(store.isAway(thrown)).toBe(true);
    expect(await store.hold(acme, wanted.id)).toBeUndefined();
    expect(await store.journal(acme, { limit: 10 })).toEqual([]);
    expect(await store.commit(wanted)).toMatchObject({ kind: "committed" });
    await close();
  });
});

test("what is wrong with a statement is no store out of reach", async () => {
  const { store, close } = await onSqlite();
  expect(store.isAway(new SqliteFile.SqliteError("no such column", "SQLITE_ERROR"))).toBe(false);
  expect(store.isAway(new Error("planted"))).toBe(false);
  await close();
});
