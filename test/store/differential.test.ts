/**
 * The same pushes, leases, results and questions on both engines, and the same answers byte by byte, times and hashes masked.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { accountId } from "../../src/model/ids.ts";
import type { ResourceId } from "../../src/model/ids.ts";
import type { Lane } from "../../src/model/operation.ts";
import { urgency } from "../../src/model/operation.ts";
import type { Attributes, Lease, MemberChange } from "../../src/model/resource.ts";
import { Fault } from "../../src/model/failure.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import type { NewDue, Recorded, Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, entry, everything, groupPush, linkTo, member, push, rival, user, userKeys, takeDue as takenDue } from "./people.ts";

/** One engine's side of the play: what it has given out, since leases are shown back to whoever gave them. */
interface Side {
  readonly store: Store;
  readonly users: readonly ResourceId[];
  readonly groups: readonly ResourceId[];
  readonly leases: Map<ResourceId, Lease>;
}

type Step = (side: Side) => Promise<unknown>;

const person = fc.nat(4);
const group = fc.nat(2);
const lane = fc.constantFrom<Lane>(...urgency);
/** A lease that ends before it begins is an abandoned one. */
const lease = fc.option(fc.record({ owner: fc.constantFrom("a", "b"), forMs: fc.constantFrom(60_000, -1) }), { nil: undefined });
const due: fc.Arbitrary<NewDue | undefined> = fc.option(fc.record({ lane, lease }), { nil: undefined });
const name = fc.constantFrom("Ann", "ann", "Bob", "ÄNN", "🦄");
const attributes: fc.Arbitrary<Attributes> = fc.record({ userName: name, title: fc.constantFrom("x", "Y", "ä") }).chain(({ userName, title }) =>
  fc.constantFrom(user(userName), user(userName, { title }), user(userName, { title, emails: [{ value: `${userName}@x` }, { value: "Shared@x" }], externalId: userName })),
);
const values = fc.array(fc.oneof(person.map((n) => ({ person: n })), fc.constantFrom("x", "X", "stranger")), { maxLength: 4 });
type Value = string | { readonly person: number };
const valueOf = ({ users }: Side, value: Value): string => (typeof value === "string" ? value : users[value.person]!);

const memberChange = fc.record({ kind: fc.constantFrom("add", "remove", "replace", "clear"), values, display: fc.option(fc.constantFrom("A", "B"), { nil: undefined }) });
const changeFor = (side: Side, { kind, values: named, display }: { kind: MemberChange["kind"]; values: Value[]; display: string | undefined }): MemberChange => {
  const all = named.map((value) => valueOf(side, value));
  const members = all.map((value) => member(value, display === undefined ? {} : { display }));
  return kind === "clear" ? { kind } : kind === "remove" ? { kind, values: all } : { kind, members };
};

const remember = ({ leases }: Side, given: Lease | undefined): void => void (given && leases.set(given.resource, given));

const write = fc.record({ person, attributes: fc.option(attributes, { nil: undefined, freq: 4 }), due, stale: fc.nat(9), mail: fc.boolean() }).map(({ person: n, attributes: wanted, due: asked, stale, mail }): Step => async (side) => {
  const id = side.users[n]!;
  const held = await side.store.hold(acme, id);
  const readAt = held?.attributes && stale > 0 ? held.version : undefined;
  const answer = await side.store.commit(push(wanted ?? (readAt === undefined ? user("Ann") : undefined), { id, ...(readAt !== undefined && { readAt }), ...(asked && { due: asked }), ...(mail && { emailKey: "Shared@x" }) }));
  if (answer.kind === "committed") remember(side, answer.lease);
  return answer;
});

const writeGroup = fc.record({ group, displayName: fc.option(name, { nil: undefined }), deleted: fc.nat(9), stale: fc.nat(9), changes: fc.array(memberChange, { maxLength: 3 }) }).map(({ group: n, displayName, deleted, stale, changes }): Step => async (side) => {
  const id = side.groups[n]!;
  const held = await side.store.read(acme, "Group", id, everything);
  const wanted = deleted === 0 ? "deleted" : displayName === undefined && held ? undefined : { displayName: displayName ?? "Ann" };
  return side.store.commitGroup(groupPush(wanted, { id, ...(held && stale > 0 && { readAt: held.version }), members: changes.map((change) => changeFor(side, change)), journal: [entry("push", id, { wanted: String(wanted) })] }));
});

const link = fc.constantFrom(undefined, "none" as const, linkTo("acc-1"), linkTo("acc-2", { kind: "invitation" }), linkTo(undefined, { unknownAt: 7, verifyAt: 8 }));
const outcome: fc.Arbitrary<(version: number) => Recorded["due"]> = fc.oneof(
  fc.constant((): Recorded["due"] => ({ kind: "keep" })),
  fc.nat(3).map((off) => (version: number): Recorded["due"] => ({ kind: "done", version: off === 0 ? version + 1 : version })),
  lane.map((its) => (): Recorded["due"] => ({ kind: "later", atMs: 1, lane: its, attempts: 2, failure: { kind: "unreachable", detail: "ä" } })),
  fc.constant((): Recorded["due"] => ({ kind: "failed", failure: { kind: "refused", detail: "no", vendorStatus: 422 } })),
);
const record = fc.record({ person, link, outcome }).map(({ person: n, link: its, outcome: dueFor }): Step => async (side) => {
  const known = side.leases.get(side.users[n]!);
  if (!known) return "no lease";
  const version = (await side.store.hold(acme, known.resource))?.version ?? 0;
  return side.store.record(known, { journal: [entry("outcome", known.resource)], ...(its !== undefined && { link: its }), due: dueFor(version) });
});

const rollBack = fc.record({ person, attributes: fc.option(attributes, { nil: undefined }) }).map(({ person: n, attributes: former }): Step => async (side) => {
  const known = side.leases.get(side.users[n]!);
  if (!known) return "no lease";
  const version = (await side.store.hold(acme, known.resource))?.version ?? 0;
  return side.store.rollBack({ lease: known, version, former: former && { attributes: former, keys: userKeys(former), version: Math.max(1, version - 1), modifiedMs: 1_700_000_000_000 }, journal: [entry("decision", known.resource)] });
});

const take = fc.record({ person, forMs: fc.constantFrom(60_000, -1) }).map(({ person: n, forMs }): Step => async (side) => {
  const turn = await side.store.take(acme, side.users[n]!, "taker", forMs);
  remember(side, turn?.lease);
  return turn;
});
const takeDue = fc.record({ limit: fc.constantFrom(1, 2, 10), except: fc.constantFrom([], [rival], [acme]) }).map(({ limit, except }): Step => async (side) => {
  const taken = await takenDue(side.store, "worker", 60_000, limit, except);
  for (const turn of taken) remember(side, turn.lease);
  return taken;
});
const small = fc.constantFrom<Step>(
  ({ store }) => store.wake(acme),
  ({ store }) => store.breakLeases(),
  ({ store, users }) => store.markAnswered(acme, users.slice(0, 2)),
);

const step: fc.Arbitrary<Step> = fc.oneof({ weight: 6, arbitrary: write }, { weight: 4, arbitrary: writeGroup }, { weight: 4, arbitrary: record }, { weight: 1, arbitrary: rollBack }, { weight: 2, arbitrary: take }, { weight: 2, arbitrary: takeDue }, { weight: 1, arbitrary: small });

/** Everything that can be asked. */
async function shown({ store, users, groups }: Side): Promise<unknown> {
  const list = (type: "User" | "Group", more: object) => store.list(acme, type, { filter: undefined, sort: undefined, offset: 0, limit: 100, ...everything, ...more });
  return {
    users: await list("User", {}),
    byTitle: await list("User", { sort: { path: ["title"], listAt: undefined, descending: true } }),
    byMail: await list("User", { filter: { kind: "compare", at: { path: ["emails", "value"], listAt: 0, type: "string", caseExact: false }, operator: "eq", value: "shared@x" } }),
    groups: await list("Group", {}),
    held: await Promise.all([...users, ...groups].map((id) => store.hold(acme, id))),
    holders: await Promise.all(["ann", "bob", "änn", "🦄"].flatMap((held) => [store.holder(acme, "User", { name: held }), store.holder(acme, "Group", { name: held })])),
    mail: await store.holder(acme, "User", { email: "shared@x" }),
    linked: await Promise.all(["acc-1", "acc-2"].flatMap((account) => [store.linkedTo(acme, accountId(account)), store.tombstone(acme, accountId(account))])),
    work: await store.openWork(acme, 100),
    next: await store.nextDueMs(),
    denial: await store.oldestDenialMs(),
    journal: await store.journal(acme, { limit: 1_000 }),
    broken: await store.firstBrokenRow(acme),
  };
}

const masked = (answer: unknown): string =>
  JSON.stringify(answer, (key, value: unknown) => (key === "hash" ? "#" : typeof value === "number" && value > 1_600_000_000_000 && value !== 1_700_000_000_000 ? "time" : value === undefined ? "undefined" : value), 1) ?? "undefined";

async function answered(act: Promise<unknown>): Promise<string> {
  try {
    return masked(await act);
  } catch (thrown) {
    if (thrown instanceof Fault) return masked(thrown.failure);
    throw thrown;
  }
}

test("both engines answer alike, whatever comes in whichever order", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 45, size: "max" }), async (steps) => {
      const users = Array.from({ length: 5 }, newResourceId);
      const groups = Array.from({ length: 3 }, newResourceId);
      const sides = await Promise.all(engines.map(async ({ open }): Promise<Side> => ({ store: await open(), users, groups, leases: new Map() })));
      try {
        for (const act of steps) {
          const [sqlite, postgres] = await Promise.all(sides.map((side) => answered(act(side))));
          expect(postgres).toBe(sqlite);
          seen.add(/"kind": "(\w+)"/.exec(sqlite ?? "")?.[1] ?? sqlite ?? "");
          await pause(2); // so that no two steps fall into one millisecond: what is older is taken first
        }
        const [sqlite, postgres] = await Promise.all(sides.map((side) => answered(shown(side))));
        expect(postgres).toBe(sqlite);
      } finally {
        await Promise.all(sides.map(({ store }) => store.close()));
      }
    }),
    { numRuns: 25, endOnFailure: false },
  );
  // The play must have come to every kind of end.
  expect([...seen]).toEqual(expect.arrayContaining(["committed", "moved", "taken", "missing", "true", "false"]));
}, 120_000);
