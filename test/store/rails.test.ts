/**
 * The rails in the store, on both engines: what is counted, for how long, and that no sequence of pushes exceeds the limit unless a
 * person has approved it.
 *
 * @module
 */
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { takesNothing, type Taking, type Waiting } from "../../src/model/hold.ts";
import { correlationId, type HoldId, type ResourceId, roleId } from "../../src/model/ids.ts";
import { type Applied, nothingApplied } from "../../src/model/link.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Rails } from "../../src/store/rail-contract.ts";
import type { Committed, Store } from "../../src/store/store.ts";
import { engines, type TestPlace } from "../support/stores.ts";
import { acme, deny, done, entry, grant, handClock, keep, keepGroup, linkTo, member, push, rival, user } from "./people.ts";

const hour = 3_600_000;
const rails = (more: Partial<Rails["brake"]> = {}): Rails => ({ brake: { windowMs: hour, count: 10, share: 0.1, deletes: { count: 5, share: 0.05 }, ...more }, privileged: [roleId("Admin")] });
const access: Taking = { ...takesNothing, access: true };
const correlation = correlationId("c-test");

async function joined(store: Store, name: string, applied: Partial<Applied> = {}): Promise<ResourceId> {
  const { id, lease, version } = await keep(store, user(name, { active: true }), { due: grant("w") });
  await store.record(lease!, done(version, { link: linkTo(`account of ${id}`, { applied: { ...nothingApplied, access: "active", role: roleId("User"), ...applied } }) }));
  return id;
}

/** A denial, as the bridge would decide it on what is there now. */
async function leave(store: Store, id: ResourceId, { by = rails(), taking = access, active = false }: { readonly by?: Rails; readonly taking?: Taking; readonly active?: boolean } = {}): Promise<Committed> {
  const held = (await store.hold(acme, id))!;
  return store.commit({
    ...push(user(String(held.attributes?.["userName"]), { active }), { id, readAt: held.version, due: active ? grant() : deny(), journal: [entry("push", id)] }),
    rail: { rails: by, taking, waiting: held.waiting, cancels: active && held.waiting !== undefined, carriesOut: false, kept: { type: "User", method: "PATCH", deleted: false, before: { active: true }, after: { active: false } }, correlation },
  });
}

/** What the vendor's answer would bring. */
async function delivered(store: Store, id: ResourceId, its: "active" | "inactive"): Promise<void> {
  const turn = await store.take(acme, id, "w", 60_000);
  if (turn) await store.record(turn.lease, done(turn.held.version, { link: { ...turn.held.link!, applied: { ...turn.held.link!.applied, access: its } } }));
}

const approve = (store: Store, hold: string, resource?: ResourceId) => store.decideHold({ connection: acme, hold: hold as HoldId, resource, decision: "approved", by: "kim", correlation });

describe.each(engines)("on $name", ({ name, place }) => {
  let at: TestPlace;
  let store: Store;
  const clock = handClock();
  const open = async (): Promise<void> => {
    at = await place();
    store = await openStore({ url: at.url, clock });
  };
  afterEach(async () => {
    await store.close();
    await at.remove();
  });
  /** On PostgreSQL time is the database's own; there the rows grow older instead. */
  const pass = async (ms: number): Promise<void> => {
    if (name === "sqlite") return clock.pass(ms);
    await at.query(`update losses set at_ms = at_ms - ${ms}`);
    await at.query(`update holds set warned_ms = warned_ms - ${ms}`);
  };
  /** A few at a time, as a pool of connections would have it. */
  async function some(count: number): Promise<ResourceId[]> {
    const ids: ResourceId[] = [];
    while (ids.length < count) ids.push(...(await Promise.all(Array.from({ length: Math.min(10, count - ids.length) }, (_, n) => joined(store, `p${ids.length + n}`)))));
    return ids;
  }

  test.each([
    { people: 50, held: 11, delivers: true },
    { people: 50, held: 11, delivers: false },
    { people: 200, held: 21, delivers: true },
    { people: 200, held: 21, delivers: false },
  ])("of $people people number $held is held, whether the vendor has heard of the others or not ($delivers)", async ({ people, held, delivers }) => {
    await open();
    const ids = await some(people);
    for (const id of ids.slice(0, held - 1)) {
      expect(await leave(store, id)).toMatchObject({ kind: "committed" });
      if (delivers) await delivered(store, id, "inactive");
    }
    expect(await leave(store, ids[held - 1]!)).toMatchObject({ kind: "held", rail: "brake", opened: true });
  });

  test("a stopped push writes the hold, the row that waits and the journal, and nothing else", async () => {
    await open();
    const [id = newResourceId()] = await some(1);
    const before = await store.hold(acme, id);
    const answer = await leave(store, id, { by: rails({ count: 0, share: 0 }) });
    expect(answer).toMatchObject({ kind: "held", detail: "1 person would have lost access within 60 minutes, and the limit is 0 (rails.massDeprovision)." });
    const { waiting, ...after } = (await store.hold(acme, id))!;
    expect(after).toEqual(before);
    expect(waiting).toMatchObject({ hold: answer.kind === "held" ? answer.hold : "", approved: false });
    expect(await at.query("select * from losses")).toEqual([]);
    expect((await store.journal(acme, { limit: 100 })).slice(-2).map(({ kind }) => kind)).toEqual(["hold", "alarm"]);
    expect(await store.firstBrokenRow(acme)).toBeUndefined();
    expect(await store.holds(rival, { open: false })).toEqual([]);
  });

  test("whoever is switched off and on again and again has one row, with the newest time", async () => {
    await open();
    const by = rails({ count: 2, share: 0 });
    const [id, other] = (await some(2)) as [ResourceId, ResourceId];
    for (let round = 0; round < 5; round++) {
      expect(await leave(store, id, { by })).toMatchObject({ kind: "committed" });
      await delivered(store, id, "inactive");
      expect(await leave(store, id, { by, active: true, taking: takesNothing })).toMatchObject({ kind: "committed" });
      await delivered(store, id, "active");
      await pass(hour / 4);
    }
    expect(await at.query("select resource from losses")).toEqual([{ resource: id }]);
    expect(await store.wasCounted(acme, id, hour / 2)).toBe(true);
    expect(await leave(store, other, { by })).toMatchObject({ kind: "committed" });
    expect(await at.query("select resource from losses")).toHaveLength(2);
  });

  test("the window slides: who left an hour ago does not count any more; who waits goes on waiting all the same", async () => {
    await open();
    const by = rails({ count: 2, share: 0 });
    const ids = await some(6);
    await leave(store, ids[0]!, { by });
    await pass(hour / 2);
    await leave(store, ids[1]!, { by });
    expect(await leave(store, ids[2]!, { by })).toMatchObject({ kind: "held" });
    await pass(hour / 2 + 1_000);
    expect(await leave(store, ids[3]!, { by })).toMatchObject({ kind: "committed" });
    expect(await leave(store, ids[4]!, { by })).toMatchObject({ kind: "held", opened: false });
    await pass(10 * hour);
    expect(await leave(store, ids[2]!, { by })).toMatchObject({ kind: "held", opened: false });
    expect(await leave(store, ids[5]!, { by })).toMatchObject({ kind: "committed" });
  });

  test("of eleven denials at once on two stores ten pass", async () => {
    await open();
    const other = name === "postgres" ? await openStore({ url: at.url, clock }) : store;
    const ids = await some(20);
    const answers = await Promise.all(ids.map((id, n) => leave(n % 2 ? other : store, id)));
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual([...Array<string>(10).fill("committed"), ...Array<string>(10).fill("held")]);
    expect(new Set(answers.flatMap((answer) => (answer.kind === "held" ? [answer.hold] : []))).size).toBe(1);
    expect(answers.filter((answer) => answer.kind === "held" && answer.opened)).toHaveLength(1);
    if (other !== store) await other.close();
  });

  test("a push that was decided before a hold took in another one is decided again", async () => {
    await open();
    const [id = newResourceId()] = await some(1);
    const before = (await store.hold(acme, id))!;
    await leave(store, id, { by: rails({ count: 0, share: 0 }) });
    const late = await store.commit({
      ...push(user("p0", { active: true, title: "x" }), { id, readAt: before.version }),
      rail: { rails: rails(), taking: takesNothing, waiting: before.waiting, cancels: false, carriesOut: false, kept: { type: "Work" }, correlation },
    });
    expect(late).toEqual({ kind: "moved" });
  });

  test("an approval is carried out once, whoever tries", async () => {
    await open();
    const ids = await some(3);
    for (const id of ids) await leave(store, id, { by: rails({ count: 0, share: 0 }) });
    const [hold] = await store.holds(acme, { open: true });
    await approve(store, hold!.id);
    expect(await store.approved(10)).toHaveLength(3);
    const waiting = (await store.hold(acme, ids[0]!))!.waiting as Waiting;
    const carry = () => store.endWaiting(acme, ids[0]!, waiting, { as: "carriedOut", note: "n", correlation });
    expect((await Promise.all([carry(), carry(), carry()])).filter(Boolean)).toHaveLength(1);
    expect(await store.approved(10)).toHaveLength(2);
    expect(await leave(store, ids[1]!, { by: rails({ count: 0, share: 0 }) })).toMatchObject({ kind: "committed" }); // the IdP was faster
    expect(await store.approved(10)).toHaveLength(1);
    expect(await store.holds(acme, { open: false })).toMatchObject([{ approved: 3, waiting: 0, decidedBy: "kim" }]);
    // What was approved does not count: one more is one.
    expect(await leave(store, await joined(store, "p3"), { by: rails({ count: 1, share: 0 }) })).toMatchObject({ kind: "committed" });
  });

  test("losses are forgotten after a month, unless their denial is still open", async () => {
    await open();
    const [gone = newResourceId(), open_ = newResourceId()] = await some(2);
    await leave(store, gone);
    await delivered(store, gone, "inactive");
    await leave(store, open_);
    const month = 30 * 24 * hour;
    await store.forgetLosses(month);
    expect(await at.query("select resource from losses")).toHaveLength(2);
    await pass(month + 1_000);
    await store.forgetLosses(month);
    expect(await at.query("select resource from losses")).toEqual([{ resource: open_ }]);
  });

  test("nobody can be decided about twice, on another connection, or in a closed hold", async () => {
    await open();
    const [id = newResourceId()] = await some(1);
    await leave(store, id, { by: rails({ count: 0, share: 0 }) });
    const [hold] = await store.holds(acme, { open: true });
    expect(await store.decideHold({ connection: rival, hold: hold!.id, resource: undefined, decision: "approved", by: "x", correlation })).toBeUndefined();
    expect(await approve(store, hold!.id, newResourceId())).toEqual({ resources: [], closed: false });
    expect(await approve(store, hold!.id)).toEqual({ resources: [id], closed: true });
    expect(await approve(store, hold!.id)).toBeUndefined();
  });

  test("what was looked at is what is decided: a hold that grew, or of which somebody was let go, meanwhile is not", async () => {
    await open();
    const [first = newResourceId(), second = newResourceId(), third = newResourceId()] = await some(3);
    const none = rails({ count: 0, share: 0 });
    for (const id of [first, second]) await leave(store, id, { by: none });
    const [hold] = await store.holds(acme, { open: true });
    const looked = { waiting: hold!.waiting, lastPush: hold!.lastPush };
    expect(await store.holdNamed(hold!.id)).toEqual(hold);
    expect(await store.holdNamed("h-nothing")).toBeUndefined();
    const decide = (seen: typeof looked, resource?: ResourceId) => store.decideHold({ connection: acme, hold: hold!.id, resource, decision: "approved", seen, by: "kim", correlation });
    await leave(store, third, { by: none });
    const rows = (await store.journalHead(acme)).seq;
    expect(await decide(looked)).toEqual({ resources: [], closed: false, changed: true });
    expect([(await store.journalHead(acme)).seq, (await store.holdNamed(hold!.id))!.waiting]).toEqual([rows, 3]);
    const again = (await store.holdNamed(hold!.id))!;
    expect(await decide(again, first)).toEqual({ resources: [first], closed: false });
    expect(await decide(again)).toEqual({ resources: [], closed: false, changed: true });
    expect(await decide((await store.holdNamed(hold!.id))!)).toEqual({ resources: [second, third], closed: true });
  });

  test("an open hold is warned of every quarter of an hour, by one of several", async () => {
    await open();
    const [id = newResourceId()] = await some(1);
    await leave(store, id, { by: rails({ count: 0, share: 0 }) });
    expect(await store.holdsToWarnOf(900_000)).toEqual([]);
    await pass(900_000);
    const asked = await Promise.all([store.holdsToWarnOf(900_000), store.holdsToWarnOf(900_000)]);
    expect(asked.flat()).toMatchObject([{ rail: "brake", waiting: 1 }]);
    expect(await store.holdsToWarnOf(900_000)).toEqual([]);
    await approve(store, asked.flat()[0]!.id);
    await pass(900_000);
    expect(await store.holdsToWarnOf(900_000)).toEqual([]);
  });

  describe("what the worker counts", () => {
    const begin = async () => {
      await open();
      const id = await joined(store, "p0");
      await keep(store, user("p0", { active: true, title: "t" }), { id, readAt: 1, due: deny() });
      return { id, turn: (await store.take(acme, id, "w", 60_000))! };
    };

    test("is counted once, and not at all where the push was counted, however long ago", async () => {
      const { id, turn } = await begin();
      expect(await store.wasCounted(acme, id, hour)).toBe(false);
      expect(await store.countLoss(turn.lease, rails(), access, correlation)).toEqual({ kind: "counted" });
      expect(await store.countLoss(turn.lease, rails({ count: 0, share: 0 }), access, correlation)).toEqual({ kind: "counted" });
      await store.record(turn.lease, done(turn.held.version));
      const second = await joined(store, "p1");
      await leave(store, second);
      await pass(10 * hour);
      if (name === "postgres") await at.query(`update due set denial_since_ms = denial_since_ms - ${10 * hour}`);
      expect(await store.wasCounted(acme, second, hour)).toBe(true);
      expect(await store.wasCounted(acme, id, hour)).toBe(false);
    });

    test("is parked when it is one too many, goes on when approved, and is laid down when rejected", async () => {
      const { id, turn } = await begin();
      const by = rails({ count: 0, share: 0 });
      const answer = await store.countLoss(turn.lease, by, access, correlation);
      expect(answer).toMatchObject({ kind: "held", opened: true });
      expect((await store.hold(acme, id))!.due).toMatchObject({ lane: "deny", dueAtMs: undefined, failure: { kind: "held" } });
      expect(await store.oldestDenialMs()).toBeUndefined();
      const [hold] = await store.holds(acme, { open: true });
      await approve(store, hold!.id);
      const [approved] = await store.approved(10);
      expect(await store.resumeWork(acme, id, approved!)).toBe(true);
      expect(await store.resumeWork(acme, id, approved!)).toBe(false);
      const again = (await store.take(acme, id, "w", 60_000))!;
      expect(again.held.due).toMatchObject({ lane: "deny", failure: undefined });
      expect(await store.countLoss(again.lease, by, access, correlation)).toEqual({ kind: "counted" });
      expect(await at.query("select hold from losses")).toEqual([{ hold: hold!.id }]);

      const other = await joined(store, "p1");
      await keep(store, user("p1", { title: "t" }), { id: other, readAt: 1, due: deny() });
      await store.countLoss((await store.take(acme, other, "w", 60_000))!.lease, by, access, correlation);
      await store.decideHold({ connection: acme, hold: (await store.holds(acme, { open: true }))[0]!.id, resource: undefined, decision: "rejected", by: "kim", correlation });
      expect((await store.hold(acme, other))!.due).toBeUndefined();
    });

    test("a lost lease counts nothing", async () => {
      const { turn } = await begin();
      expect(await store.countLoss({ ...turn.lease, epoch: turn.lease.epoch + 1 }, rails({ count: 0, share: 0 }), access, correlation)).toEqual({ kind: "leaseLost" });
      expect(await store.holds(acme, { open: true })).toEqual([]);
    });
  });

  test("a group's push is judged in its own transaction, member by member, and undone whole", async () => {
    await open();
    const ids = await some(30);
    const { id } = await keepGroup(store, { displayName: "g" }, { members: [{ kind: "add", members: ids.map((each) => member(each)) }] });
    const seen: string[] = [];
    const clear = (judge: (person: ResourceId) => boolean) =>
      store.commitGroup({
        connection: acme, id, readAt: undefined, attributes: undefined, keys: undefined, members: [{ kind: "clear" }], affects: "changed", journal: [entry("push", id)],
        rail: {
          rails: rails(), correlation, kept: { type: "Group", method: "PATCH", deleted: false, members: [{ kind: "clear" }] },
          judge(person) {
            seen.push(person.id);
            expect(person.groups).toEqual([]);
            return judge(person.id) ? access : takesNothing;
          },
        },
      });
    const few = new Set<string>(ids.slice(0, 11));
    expect(await clear((person) => few.has(person))).toMatchObject({ kind: "held", opened: true });
    expect(seen).toHaveLength(30);
    expect((await store.read(acme, "Group", id, { groups: false, members: true }))?.members).toHaveLength(30);
    expect((await store.heldPushes((await store.holds(acme, { open: true }))[0]!.id))[0]?.people.toSorted()).toEqual([...few].toSorted());
    expect(await at.query("select * from losses")).toEqual([]);
  });

  test("no sequence of pushes exceeds the limit without an approval", async () => {
    await open();
    const by = rails({ count: 3, share: 0.25 });
    const people = 8;
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant("off" as const), who: fc.nat(people - 1) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("on" as const), who: fc.nat(people - 1) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("deliver" as const), who: fc.nat(people - 1) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass" as const), who: fc.nat(90) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("reject" as const), who: fc.nat(people - 1) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), who: fc.nat(1) }) },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        await pass(100 * hour);
        for (const hold of await store.holds(acme, { open: true })) await store.decideHold({ connection: acme, hold: hold.id, resource: undefined, decision: "rejected", by: "x", correlation });
        await at.query("update links set has_access = 0");
        const prefix = `r${round++}-`;
        const ids = await Promise.all(Array.from({ length: people }, (_, n) => joined(store, `${prefix}${n}`)));
        // The model: who has left when. It knows nothing of rows.
        const left = new Map<number, number>();
        const off = new Set<number>();
        let now = 0;
        for (const { kind, who } of steps) {
          const id = ids[who]!;
          if (kind === "pass") {
            now += who * 60_000;
            await pass(who * 60_000);
          } else if (kind === "restart") {
            await store.close();
            store = await openStore({ url: at.url, clock });
          } else if (kind === "deliver") await delivered(store, id, off.has(who) ? "inactive" : "active");
          else if (kind === "reject") for (const { id: hold } of await store.holds(acme, { open: true })) await store.decideHold({ connection: acme, hold, resource: id, decision: "rejected", by: "x", correlation });
          else if (kind === "on") {
            await leave(store, id, { by, active: true, taking: takesNothing });
            off.delete(who);
          } else if (!off.has(who)) {
            const answer = await leave(store, id, { by });
            if (answer.kind === "committed") {
              off.add(who);
              left.set(who, now);
            }
            const recent = [...left.values()].filter((atMs) => atMs > now - hour).length;
            expect(recent).toBeLessThanOrEqual(Math.max(3, Math.floor(0.25 * people)));
          }
        }
      }),
      { numRuns: name === "sqlite" ? 40 : 8 },
    );
  }, 120_000);
});
