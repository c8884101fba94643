/**
 * Reconciliation in the store: who has a run, what it has seen and found, and what of it is handed to the worker.
 *
 * @module
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Drift, RunCounts } from "../../src/model/drift.ts";
import { accountId, connectionId, findingId, roleId } from "../../src/model/ids.ts";
import type { ConnectionId, ResourceId } from "../../src/model/ids.ts";
import type { Link } from "../../src/model/link.ts";
import type { Account } from "../../src/model/person.ts";
import type { RepairOrder, RunTaken } from "../../src/store/reconcile-contract.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { deny, entry, grant, keep, linkTo, user } from "./people.ts";

const counts: RunCounts = { listed: 1, fenced: {}, linked: 1, equal: 0, moving: 0, unseen: { role: 0, access: 0 }, looks: 0, findings: {}, repairs: 0, parts: ["title"], remarks: [] };
const rails = { brake: { windowMs: 3_600_000, count: 10, share: 0.1, deletes: { count: 5, share: 0.05 } }, privileged: [roleId("Admin")] };

const account = (id: string, email = `${id}@acme.example`, more: Partial<Account> = {}): Account => ({ id: accountId(id), kind: "account", email, role: roleId("User"), active: true, profile: {}, ...more });
const seen = (one: Account) => ({ account: one, apart: undefined, isFenced: false });
const drift = (id: string, more: Partial<Drift> = {}): Drift => ({ id: findingId(id), kind: "disabled", resource: undefined, name: "ann", account: undefined, email: undefined, attribute: "access", from: "active", to: "inactive", detail: "It is off.", repair: { by: "look", lane: "reconcile", does: "give it back" }, ...more });

describe.each(engines)("on $name", (engine) => {
  let store: Store;
  let here: ConnectionId;
  let count = 0;
  beforeAll(async () => void (store = await engine.open()));
  afterAll(() => store.close());
  beforeEach(() => void (here = connectionId(`reconcile-${++count}`)));

  async function begin(owner = "one"): Promise<RunTaken> {
    await store.askForReconciliation(here, { by: "ann" });
    const run = await store.takeReconciliation(here, owner, 60_000);
    if (!run) throw new Error("the run was not to be had");
    return run;
  }
  const isDue = async () => (await store.dueReconciliations()).includes(here);
  /** A person with a link, at rest. */
  async function linked(name: string, more: Partial<Link["applied"]> = {}, link: Partial<Link> = {}): Promise<ResourceId> {
    const { id } = await keep(store, user(name), { connection: here, due: grant() });
    const job = await store.take(here, id, "w", 60_000);
    if (!job) throw new Error("the person was not to be had");
    const its = linkTo(`acc-${name}`);
    await store.record(job.lease, { journal: [], link: { ...its, login: `${name}@acme.example`, ...link, applied: { ...its.applied, access: "active", role: roleId("User"), ...more } }, due: { kind: "done", version: job.held.version } });
    return id;
  }

  test("a run is planned once, waits for its time, and is taken by one", async () => {
    expect(await isDue()).toBe(false);
    await store.planReconciliation(here, 86_400_000);
    await store.planReconciliation(here, 86_400_000);
    expect(await store.reconciliations(here, 10)).toMatchObject([{ state: "planned", askedBy: undefined }]);
    expect(await isDue()).toBe(false);
    expect(await store.takeReconciliation(here, "one", 60_000)).toBeUndefined();
    const { run, isNew } = await store.askForReconciliation(here, { by: "ann", policy: "repair", mostMissing: 50 });
    expect([isNew, run]).toMatchObject([true, { state: "planned", askedBy: "ann", policy: "repair", mostMissing: 50 }]);
    expect(await isDue()).toBe(true);
    const taken = await Promise.all(["one", "two", "three"].map((owner) => store.takeReconciliation(here, owner, 60_000)));
    expect(taken.filter(Boolean)).toMatchObject([{ id: run.id, state: "running", policy: "repair", mostMissing: 50 }]);
    expect(await isDue()).toBe(false);
    expect(await store.askForReconciliation(here, { by: "bo" })).toMatchObject({ isNew: false, run: { id: run.id, state: "running", askedBy: "ann" } });
  });

  test("a shorter interval brings the planned run forward, a longer one does not put it off, and `off` takes its time away", async () => {
    const due = async () => (await store.reconciliations(here, 1))[0]?.dueMs;
    const now = await store.now();
    await store.planReconciliation(here, 3_600_000);
    expect(Math.abs(((await due()) ?? 0) - now - 3_600_000)).toBeLessThan(60_000);
    await store.planReconciliation(here, 600_000);
    expect(Math.abs(((await due()) ?? 0) - now - 600_000)).toBeLessThan(60_000);
    await store.planReconciliation(here, 86_400_000);
    expect(Math.abs(((await due()) ?? 0) - now - 600_000)).toBeLessThan(60_000);
    await store.planReconciliation(here, undefined);
    expect(await due()).toBeUndefined();
    await store.askForReconciliation(here, { by: "ann" });
    await store.planReconciliation(here, undefined);
    expect(await isDue()).toBe(true); // somebody waits for it
  });

  test("a run whose holder is gone is taken over, and its former holder writes nothing any more", async () => {
    await store.askForReconciliation(here, { by: "ann" });
    const first = (await store.takeReconciliation(here, "one", -1)) as RunTaken;
    expect(await isDue()).toBe(true);
    const second = (await store.takeReconciliation(here, "two", 60_000)) as RunTaken;
    expect(second).toMatchObject({ run: first.run, epoch: first.epoch + 1, state: "running" });
    expect(await store.renewReconciliation(first, 60_000)).toBe(false);
    expect(await store.sight(first, [seen(account("a"))])).toBe(false);
    expect(await store.draft(first, [drift("d")])).toBe(false);
    expect(await store.claim(first, [])).toBe(false);
    expect(await store.publish(first, counts)).toBe(false);
    expect(await store.told(first, [], [], [entry("decision")])).toBe(false);
    expect(await store.forgetFormer(first, [], [entry("decision")])).toBe(false);
    expect(await store.endReconciliation(first, { counts, failure: undefined, journal: () => [entry("decision")], nextInMs: () => 1 })).toBe(false);
    expect(await store.putBackReconciliation(first, 0, [entry("decision")])).toBe(false);
    expect(await store.journal(here, { limit: 10 })).toEqual([]);
    expect(await store.unclaimed(second, undefined, 10)).toEqual([]);
    expect(await store.renewReconciliation(second, 60_000)).toBe(true);
  });

  test("the only process on an embedded file takes its dead predecessor's run over at once", async () => {
    const run = await begin();
    expect(await isDue()).toBe(false);
    await store.breakLeases();
    expect(await isDue()).toBe(true);
    expect(await store.takeReconciliation(here, "two", 60_000)).toMatchObject({ run: run.run, state: "running" });
  });

  test("what an earlier attempt has left is forgotten in steps; what it had published is kept", async () => {
    const run = await begin();
    await store.sight(run, ["a", "b", "c"].map((id) => seen(account(id))));
    await store.draft(run, [drift("d1"), drift("d2")]);
    expect(await store.forgetAttempt(run, 2)).toBe(4);
    expect(await store.forgetAttempt(run, 2)).toBe(1);
    expect(await store.forgetAttempt(run, 2)).toBe(0);
    await store.draft(run, [drift("d1")]);
    await store.publish(run, counts);
    expect(await store.forgetAttempt(run, 10)).toBe(0);
    expect(await store.untold(run, 10)).toMatchObject([{ id: "d1", isNew: true }]);
  });

  test("a run that is put back begins anew; one that was telling goes on telling", async () => {
    const run = await begin();
    expect(await store.putBackReconciliation(run, 0, [entry("decision")])).toBe(true);
    const again = (await store.takeReconciliation(here, "two", 60_000)) as RunTaken;
    expect(again).toMatchObject({ run: run.run, state: "running", askedBy: "ann" });
    await store.publish(again, counts);
    await store.putBackReconciliation(again, 0, []);
    expect(await isDue()).toBe(true);
    expect(await store.takeReconciliation(here, "three", 60_000)).toMatchObject({ run: run.run, state: "telling", counts: { parts: ["title"] } });
  });

  test("failures are counted in a row, and a run that ends plans the next one", async () => {
    const failure = { reason: "incomplete", detail: "a page is missing" } as const;
    for (const failures of [1, 2, 3]) {
      const run = await begin();
      await store.endReconciliation(run, { counts: undefined, failure, journal: (count) => [entry("decision", undefined, { count })], nextInMs: (failed) => failed * 60_000 });
      expect(await store.reconciliation(run.id)).toMatchObject({ state: "failed", failure, failures });
      expect((await store.journal(here, { limit: 10 })).at(-1)).toMatchObject({ data: { count: failures } });
      expect(await store.reconciliations(here, 1)).toMatchObject([{ state: "planned" }]);
    }
    expect(await store.driftReading(here)).toMatchObject({ failures: 3, completeMs: undefined });
    await store.endReconciliation(await begin(), { counts, failure: undefined, journal: () => [], nextInMs: () => undefined });
    expect(await store.driftReading(here)).toMatchObject({ failures: 0, completeMs: expect.any(Number) });
    expect(await store.reconciliations(here, 1)).toMatchObject([{ state: "planned", dueMs: undefined }]);
    expect(await store.lastCounts(here)).toEqual(counts);
  });

  test("a page is seen once however often it is shown, in its last form, and found by its address in any letter case", async () => {
    const run = await begin();
    const ann = await linked("ann");
    await store.sight(run, [seen(account("acc-ann", "Ann@acme.example")), seen(account("b", "bo@acme.example")), seen(account("b2", "BO@acme.example")), seen(account("none", undefined as never, { email: undefined }))]);
    await store.sight(run, [{ ...seen(account("b", "bo@acme.example", { active: false, role: undefined, tags: ["t"] })), apart: "protected" }]);
    const found = await store.seenAt(run, ["ann@ACME.example", "bo@acme.example", "nobody@acme.example"], 5);
    expect([...found.keys()].toSorted()).toEqual(["ann@ACME.example", "bo@acme.example"]);
    expect(found.get("ann@ACME.example")).toMatchObject([{ account: { id: "acc-ann" }, holder: ann }]);
    expect(found.get("bo@acme.example")).toEqual([
      { account: { ...account("b", "bo@acme.example", { active: false, tags: ["t"] }), role: undefined }, apart: "protected", isFenced: false, holder: undefined },
      { ...seen(account("b2", "BO@acme.example")), holder: undefined },
    ]);
    expect((await store.seenAt(run, ["bo@acme.example"], 1)).get("bo@acme.example")).toHaveLength(1);
    expect((await store.unclaimed(run, undefined, 10)).map(({ account: { id } }) => id)).toEqual(["b", "b2", "none"]);
    await store.claim(run, [accountId("b2")]);
    expect((await store.unclaimed(run, undefined, 10)).map(({ account: { id } }) => id)).toEqual(["b", "none"]);
    expect((await store.unclaimed(run, accountId("b"), 10)).map(({ account: { id } }) => id)).toEqual(["none"]);
  });

  test("people stand beside what was seen of them; who moved since the run began, has no access or is gone is not missed", async () => {
    const [ann, bo, cy] = [await linked("ann"), await linked("bo"), await linked("cy", { access: "inactive" })];
    const di = await linked("di");
    await store.append(here, [entry("push", di)]);
    const run = await begin();
    const ed = await linked("ed");
    await store.append(here, [entry("outcome", ed)]);
    await store.sight(run, [seen(account("acc-ann"))]);
    expect(await store.withAccess(here)).toBe(4);
    expect(await store.unseen(run, undefined, 10)).toEqual({ people: [bo, di].toSorted(), compared: 4, next: undefined });
    const one = await store.unseen(run, undefined, 3);
    expect([...one.people, ...(await store.unseen(run, one.next, 3)).people]).toEqual([bo, di].toSorted());
    const people = [...(await store.peopleSeen(run, undefined, 3)), ...(await store.peopleSeen(run, [ann, bo, cy, di, ed].toSorted()[2], 3))];
    expect(people.map(({ held }) => held.id)).toEqual([ann, bo, cy, di, ed].toSorted());
    expect(people.find(({ held }) => held.id === ann)).toMatchObject({ moved: false, sighting: { account: { id: "acc-ann" } }, held: { link: { account: "acc-ann" } } });
    expect(people.find(({ held }) => held.id === ed)).toMatchObject({ moved: true, sighting: undefined });
  });

  test("findings are the connection's once published, keep the time of their first sight, and end with the run that does not find them", async () => {
    const ann = await linked("ann");
    const first = await begin();
    await store.draft(first, [drift("same", { resource: ann }), drift("old", { kind: "orphan" }), drift("same", { resource: ann })]);
    expect(await store.findings(here, { limit: 10 })).toEqual([]);
    await store.publish(first, counts);
    expect((await store.findings(here, { limit: 10 })).map(({ id }) => id)).toEqual(["same", "old"]);
    await store.told(first, [findingId("same")], [findingId("same")], [entry("decision", ann)]);
    expect(await store.untold(first, 10)).toMatchObject([{ id: "old" }]);
    const [{ sinceMs } = { sinceMs: 0 }] = await store.findings(here, { limit: 1 });
    await store.endReconciliation(first, { counts, failure: undefined, journal: () => [], nextInMs: () => 0 });

    const second = await begin();
    await store.draft(second, [drift("same", { resource: ann, to: "otherwise" }), drift("new", { kind: "reenabled" })]);
    expect((await store.findings(here, { limit: 10 })).map(({ id }) => id)).toEqual(["same", "old"]);
    await store.publish(second, counts);
    expect(await store.findings(here, { limit: 10 })).toMatchObject([{ id: "new", situation: "backFromTheDead", severity: "alarm" }, { id: "same", sinceMs, to: "otherwise", run: second.id }]);
    expect(await store.untold(second, 10)).toMatchObject([{ id: "same", alarmedMs: expect.any(Number) }, { id: "new", isNew: true, alarmedMs: undefined }]);
    const former = await store.former(second, 10);
    expect(former.map(({ id, isOver }) => [id, isOver])).toEqual([["same", false], ["old", true]]);
    await store.forgetFormer(second, former.map(({ seq }) => seq), []);
    expect(await store.former(second, 10)).toEqual([]);
    expect((await store.findings(here, { limit: 10, situations: ["orphan"] }))).toEqual([]);
    expect(await store.findings(here, { limit: 10, resource: ann })).toMatchObject([{ id: "same" }]);
    expect(await store.finding(here, findingId("new"))).toMatchObject({ id: "new" });
    expect(await store.finding(connectionId("another"), findingId("new"))).toBeUndefined();
    expect(await store.driftReading(here)).toMatchObject({ findings: { backFromTheDead: 1, drifted: 1, orphan: 0 } });
  });

  test("a failed run leaves the findings of the last complete one", async () => {
    const first = await begin();
    await store.draft(first, [drift("d")]);
    await store.publish(first, counts);
    await store.endReconciliation(first, { counts, failure: undefined, journal: () => [], nextInMs: () => 0 });
    const second = await begin();
    await store.draft(second, [drift("e")]);
    await store.endReconciliation(second, { counts: undefined, failure: { reason: "vendor", detail: "away" }, journal: () => [], nextInMs: () => 0 });
    expect((await store.findings(here, { limit: 10 })).map(({ id }) => id)).toEqual(["d"]);
  });

  describe("a repair", () => {
    const order = (resource: ResourceId, more: Partial<RepairOrder> = {}): RepairOrder => ({ connection: here, resource, account: accountId("acc-ann"), findings: [findingId("d")], by: "look", lane: "deny", administrator: false, rails, journal: [entry("decision", resource)], ...more });

    test("makes the person due and the link suspect, and is read off the worker's row from then on", async () => {
      const ann = await linked("ann", { access: "inactive" });
      const run = await begin();
      await store.draft(run, [drift("d", { resource: ann, account: accountId("acc-ann") })]);
      await store.publish(run, counts);
      expect((await store.repairable(run, 0, 10)).map(({ id }) => id)).toEqual(["d"]);
      const before = (await store.journalHead(here)).seq;
      expect(await store.orderRepair(order(ann))).toBe("ordered");
      expect((await store.journalHead(here)).seq).toBe(before + 1);
      expect(await store.hold(here, ann)).toMatchObject({ due: { lane: "deny" }, link: { verifyAt: expect.any(Number) } });
      expect(await store.mode(here, ann)).toMatchObject({ owned: true });
      expect(await store.repairable(run, 0, 10)).toEqual([]);
      const state = async () => (await store.finding(here, findingId("d")))?.state;
      expect(await state()).toBe("repairing");
      const job = await store.take(here, ann, "w", 60_000);
      if (!job) throw new Error("nobody is due");
      await store.record(job.lease, { journal: [], due: { kind: "failed", failure: { kind: "held", hold: "h" as never, detail: "" } } });
      expect(await state()).toBe("held");
      expect(await store.orderRepair(order(ann))).toBe("ordered"); // what was given up can be ordered anew
      const again = await store.take(here, ann, "w", 60_000);
      if (!again) throw new Error("nobody is due");
      await store.record(again.lease, { journal: [], link: { ...linkTo("acc-ann"), verifyAt: undefined }, due: { kind: "done", version: again.held.version } });
      expect(await state()).toBe("repaired");
    });

    test.each([
      { what: "another account", link: {}, more: { account: accountId("other") }, answer: "moved" },
      { what: "nobody else in a privileged role", link: { role: roleId("Admin") }, more: { administrator: true }, answer: "lastAdministrator" },
    ])("does nothing where there is $what: $answer", async ({ link, more, answer }) => {
      const ann = await linked("ann", link);
      const before = await store.journalHead(here);
      expect(await store.orderRepair(order(ann, more))).toBe(answer);
      expect(await store.journalHead(here)).toEqual(before);
      expect(await store.hold(here, ann)).toMatchObject({ due: undefined, link: { verifyAt: undefined } });
    });

    test("is not ordered while somebody is at the person, the connection is frozen or observes, or the person is gone", async () => {
      const ann = await linked("ann");
      await keep(store, user("ann", { title: "t" }), { connection: here, id: ann, readAt: 1, due: deny() });
      expect(await store.orderRepair(order(ann))).toBe("busy");
      await store.freeze(here, { by: "ann", reason: "r" });
      expect(await store.orderRepair(order(ann))).toBe("frozen");
      await store.unfreeze(here, { by: "ann", reason: "r" });
      await store.observe(here, { by: "ann", reason: "r", again: true });
      expect(await store.orderRepair(order(ann))).toBe("observes");
      await store.promote(here, { by: "ann", hash: "h", pushesUntilSeq: Number.MAX_SAFE_INTEGER, people: [] });
      await keep(store, undefined, { connection: here, id: ann, readAt: 2, due: deny() });
      expect(await store.orderRepair(order(ann))).toBe("moved");
    });

    test("of a privileged person is ordered while another administrator remains, by what was found last", async () => {
      const ann = await linked("ann");
      const boss = await linked("boss", { role: roleId("Admin") });
      const run = await begin();
      await store.draft(run, [drift("lost", { kind: "privilegeLost", resource: boss })]);
      expect(await store.orderRepair(order(ann, { administrator: true }))).toBe("lastAdministrator");
      await store.forgetAttempt(run, 10);
      expect(await store.orderRepair(order(ann, { administrator: true }))).toBe("ordered");
    });

    test("of somebody who was made an administrator behind our back is ordered where the connection has none of its own", async () => {
      expect(await store.orderRepair(order(await linked("ann"), { administrator: true }))).toBe("ordered");
    });
  });
});
