/**
 * What operators ask of the store: tokens of their own, work with its state, trying again, and every deed with its journal row in one
 * transaction.
 *
 * @module
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { accountId, connectionId, type ResourceId } from "../../src/model/ids.ts";
import { operatorsJournal } from "../../src/model/operator.ts";
import type { Lane } from "../../src/model/operation.ts";
import type { Failure } from "../../src/model/failure.ts";
import { newCorrelationId, newResourceId } from "../../src/runtime/new-id.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, entry, grant, keep, rival, user } from "./people.ts";

const unreachable: Failure = { kind: "unreachable", detail: "no answer" };
const held: Failure = { kind: "held", hold: "h-1" as never, detail: "Held (h-1): too many" };
const noted = (word: string) => ({ kind: "decision" as const, resource: undefined, correlation: newCorrelationId(), data: { operator: word, by: "kim" } });

describe.each(engines)("on $name", ({ open }) => {
  let store: Store;
  beforeAll(async () => void (store = await open()));
  afterAll(() => store.close());

  describe("operator tokens", () => {
    const made = (name: string) => ({ name, hash: `hash of ${name}`, role: "approver" as const, expiresMs: 5, by: "root" });

    test("are made once, listed, dated when used, and revoked; each with its row in the operators' own journal", async () => {
      expect(await store.addOperator(made("kim"), [noted("operator create")])).toBe("added");
      expect(await store.addOperator({ ...made("kim"), role: "viewer" }, [noted("never")])).toBe("exists");
      expect(await store.operators()).toMatchObject([{ ...made("kim"), lastUsedMs: undefined, createdMs: expect.any(Number) as number }]);
      await store.usedOperator("kim", 100);
      await store.usedOperator("kim", 50);
      expect((await store.operators())[0]?.lastUsedMs).toBe(100);
      expect(await store.revokeOperator("kim", [noted("operator revoke")])).toBe(true);
      expect(await store.revokeOperator("kim", [noted("never")])).toBe(false);
      expect(await store.operators()).toEqual([]);
      expect((await store.journal(operatorsJournal, { limit: 10 })).map(({ data }) => data)).toEqual([{ operator: "operator create", by: "kim" }, { operator: "operator revoke", by: "kim" }]);
      expect((await store.verifyJournal(operatorsJournal)).breaks).toEqual([]);
    });

    test("of one name, made by ten at once, are one", async () => {
      const ended = await Promise.all(Array.from({ length: 10 }, () => store.addOperator(made("ten"), [noted("operator create")])));
      expect(ended.filter((end) => end === "added")).toHaveLength(1);
      await store.revokeOperator("ten", []);
    });
  });

  test("who made and revoked a SCIM token, and who closed a task, stands in the connection's journal, and nothing where nothing was done", async () => {
    const place = connectionId("journalled");
    await store.addToken(place, { name: "okta", hash: "h", expiresMs: undefined }, [noted("token create")]);
    await store.addToken(place, { name: "okta", hash: "h", expiresMs: undefined }, [noted("never")]);
    await store.revokeToken(place, "okta", [noted("token revoke")]);
    await store.revokeToken(place, "okta", [noted("never")]);
    const task = await store.openTask({ connection: place, resource: newResourceId(), account: accountId("usr-7"), title: "By hand", steps: "1. Log in" });
    expect(await store.task(task.id)).toEqual(task);
    expect(await store.task("nobody")).toBeUndefined();
    expect(await store.closeTask(task.id, { steps: "other steps", journal: [noted("never")] })).toBe(false);
    expect(await store.closeTask(task.id, { steps: task.steps, journal: [noted("task done")] })).toBe(true);
    expect(await store.closeTask(task.id, { journal: [noted("never")] })).toBe(false);
    expect((await store.journal(place, { limit: 10 })).map(({ data }) => (data as { operator: string }).operator)).toEqual(["token create", "token revoke", "task done"]);
  });

  describe("work", () => {
    let place = connectionId("work");
    let number = 0;
    beforeEach(() => void (place = connectionId(`work-${++number}`)));

    /** A resource whose work has come to this. */
    async function work(state: "due" | "running" | "waiting" | "failed" | "held" | "done", lane: Lane = "grant"): Promise<ResourceId> {
      const { id, lease, version } = await keep(store, user(`p${++number}@acme.example`), { connection: place, due: { lane, lease: state === "due" ? undefined : { owner: "w", forMs: 600_000 } } });
      if (state === "due" || state === "running") return id;
      const due = state === "waiting" ? ({ kind: "later", atMs: (await store.now()) + 600_000, lane, attempts: 3, failure: unreachable } as const) : state === "done" ? ({ kind: "done", version } as const) : ({ kind: "failed", failure: state === "held" ? held : unreachable } as const);
      expect(await store.record(lease!, { journal: [], due })).toBe(true);
      return id;
    }
    const states = ["due", "running", "waiting", "failed", "held", "done"] as const;
    const listed = async (more: object = {}) => (await store.work({ connections: [place], limit: 100, ...more })).rows;

    test("has the state that its row says, and is done only when asked for", async () => {
      const ids: ResourceId[] = [];
      for (const state of states) ids.push(await work(state));
      expect((await listed()).map(({ resource, state }) => [resource, state])).toEqual(states.slice(0, -1).map((state, at) => [ids[at], state]));
      expect((await listed({ states })).map(({ state }) => state)).toEqual(states);
      for (const state of states) expect((await listed({ states: [state] })).map(({ resource }) => resource)).toEqual([ids[states.indexOf(state)]]);
      expect(await store.workOf(place, ids[2]!)).toMatchObject({ connection: place, type: "User", label: expect.stringContaining("@acme.example"), state: "waiting", due: { lane: "grant", attempts: 3, failure: unreachable } });
      expect(await store.workOf(place, ids[5]!)).toMatchObject({ state: "done", due: undefined });
      expect(await store.workOf(rival, ids[0]!)).toBeUndefined();
      expect(await listed({ states: [] })).toEqual([]);
      expect((await store.work({ connections: [], limit: 10 })).rows).toEqual([]);
    });

    test("is filtered by lane and age, and paged without showing anybody twice", async () => {
      const ids: ResourceId[] = [];
      for (let count = 0; count < 7; count++) ids.push(await work("waiting", count % 2 === 0 ? "deny" : "profile"));
      expect((await listed({ lane: "deny" })).map(({ resource }) => resource)).toEqual(ids.filter((_, at) => at % 2 === 0));
      expect(await listed({ olderThanMs: 60_000 })).toEqual([]);
      expect(await listed({ olderThanMs: 0 })).toHaveLength(7);
      const seen: ResourceId[] = [];
      for (let after: { sinceMs: number; seq: number } | undefined, turn = 0; turn < 10; turn++) {
        const page = await store.work({ connections: [place], limit: 3, ...(after && { after }) });
        seen.push(...page.rows.map(({ resource }) => resource));
        if (!page.next) break;
        after = page.next;
      }
      expect(seen).toEqual(ids);
    });

    test.each([
      { state: "due", ends: "retried" }, { state: "waiting", ends: "retried" }, { state: "failed", ends: "retried" },
      { state: "running", ends: "running" }, { state: "held", ends: "held" }, { state: "done", ends: "done" },
    ] as const)("what is $state and tried again: $ends", async ({ state, ends }) => {
      const id = await work(state);
      const before = await store.workOf(place, id);
      const rows = (await store.journal(place, { limit: 100 })).length;
      expect(await store.retry(place, id, [entry("decision", id, { operator: "retry", by: "kim" })])).toBe(ends);
      const after = await store.workOf(place, id);
      if (ends === "retried") {
        expect(after).toMatchObject({ state: "due", due: { attempts: 0, failure: undefined, warnedMs: undefined } });
        expect(after!.due!.sinceMs).toBe(before!.due!.sinceMs); // its age counts on
        expect((await store.journal(place, { limit: 100 })).slice(rows)).toMatchObject([{ resource: id, data: { operator: "retry", by: "kim" } }]);
      } else {
        expect(after).toEqual(before);
        expect((await store.journal(place, { limit: 100 })).length).toBe(rows);
      }
    });

    test("of a grant that lapsed is granted anew, what never was a grant is none now, and nobody else's is touched", async () => {
      const [granted, profile] = [await work("failed", "grant"), await work("failed", "deny")];
      const before = await store.hold(place, granted);
      expect(before?.due?.grantSinceMs).toBeTypeOf("number");
      await new Promise((resolve) => setTimeout(resolve, 5));
      await store.retry(place, granted, []);
      await store.retry(place, profile, []);
      await store.retry(rival, granted, []);
      expect((await store.hold(place, granted))!.due!.grantSinceMs).toBeGreaterThan(before!.due!.grantSinceMs!);
      expect((await store.hold(place, profile))?.due?.grantSinceMs).toBeUndefined();
      expect(await store.retry(rival, granted, [])).toBe("done");
    });

    test("that was given up is tried again together: the oldest first, a lane alone, a limit kept, each with a row", async () => {
      const failed = [await work("failed", "deny"), await work("failed"), await work("failed")];
      const others = await Promise.all((["held", "waiting", "running", "done"] as const).map((state) => work(state)));
      const before = await Promise.all(others.map((id) => store.workOf(place, id)));
      const row = (resource: ResourceId) => entry("decision", resource, { operator: "retry", by: "kim" });
      expect(await store.retryFailed(place, { lane: "deny", limit: 10 }, row)).toEqual([failed[0]]);
      expect(await store.retryFailed(place, { limit: 1 }, row)).toEqual([failed[1]]);
      expect(await store.retryFailed(place, { limit: 10 }, row)).toEqual([failed[2]]);
      expect(await store.retryFailed(place, { limit: 10 }, row)).toEqual([]);
      expect(await Promise.all(others.map((id) => store.workOf(place, id)))).toEqual(before);
      expect((await store.journal(place, { kinds: ["decision"], limit: 100 })).map(({ resource }) => resource)).toEqual(failed);
      expect((await listed({ states: ["due"] })).map(({ resource }) => resource)).toEqual(failed);
    });
  });

  test("the newest rows of a journal come first, by kind, person and push, and no further back than asked", async () => {
    const place = connectionId("newest");
    const one = newResourceId();
    for (let count = 1; count <= 6; count++) await store.append(place, [{ ...entry(count % 2 === 0 ? "push" : "outcome", count === 2 ? one : undefined, { count }), correlation: `c-${count}` as never }]);
    const seqs = async (wanted: object) => (await store.newest(place, { among: 100, limit: 10, ...wanted })).map(({ seq }) => seq);
    expect(await seqs({})).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await seqs({ limit: 2 })).toEqual([6, 5]);
    expect(await seqs({ beforeSeq: 5, limit: 2 })).toEqual([4, 3]);
    expect(await seqs({ kinds: ["push"] })).toEqual([6, 4, 2]);
    expect(await seqs({ resource: one })).toEqual([2]);
    expect(await seqs({ correlation: "c-3" })).toEqual([3]);
    expect(await seqs({ correlation: "c-3", among: 2 })).toEqual([]);
    expect(await store.newest(rival, { among: 100, limit: 10 })).toEqual([]);
  });

  test("since when a vendor is down, and when it is asked next", async () => {
    expect(await store.outage(acme)).toBeUndefined();
    await store.markDown(acme, 5_000);
    const { sinceMs, probeMs } = (await store.outage(acme))!;
    expect([probeMs - sinceMs, Math.abs(sinceMs - Date.now()) < 60_000]).toEqual([5_000, true]);
    await store.markUp(acme);
    expect(await store.outage(acme)).toBeUndefined();
  });

  test("a lease that ran out is nobody's: the work is due, and whoever takes it is told that it was abandoned", async () => {
    const { id, lease } = await keep(store, user("late@acme.example"), { connection: acme, due: grant("w", 1) });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(lease).toBeDefined();
    expect((await store.workOf(acme, id))?.state).toBe("due");
    expect(await store.retry(acme, id, [])).toBe("retried");
    expect((await store.take(acme, id, "next", 1_000))?.abandoned).toBe(true);
  });
});
