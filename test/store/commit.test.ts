/**
 * One push, one transaction: versions, names, deletion, and taking it back.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountId } from "../../src/model/ids.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, deny, done, entry, everything, grant, groupPush, incompressible, keep, keepGroup, linkTo, member, nothing, push, rival, undoing, user, userKeys } from "./people.ts";

describe.each(engines)("on $name", ({ open }) => {
  let store: Store;
  beforeAll(async () => void (store = await open()));
  afterAll(() => store.close());

  const read = (id: Parameters<Store["read"]>[2]) => store.read(acme, "User", id, everything);

  describe("versions", () => {
    test("a new resource has version 1 and is read back exactly as written", async () => {
      const attributes = user("Version.One", { name: { familyName: "Żółć 🦄", givenName: 'a"b\\c' }, title: "x", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "R&D" } });
      const { id, version, createdMs, modifiedMs } = await keep(store, attributes);
      expect(version).toBe(1);
      expect(createdMs).toBe(modifiedMs);
      expect(await read(id)).toStrictEqual({ type: "User", id, version: 1, createdMs, modifiedMs, attributes, groups: [], members: [], emptied: false });
      expect(JSON.stringify((await read(id))?.attributes)).toBe(JSON.stringify(attributes));
    });

    test("a push on what was read last makes the next version and keeps the time of creation", async () => {
      const { id, createdMs } = await keep(store, user("version.two"));
      const second = await keep(store, user("version.two", { title: "t" }), { id, readAt: 1 });
      expect(second).toMatchObject({ version: 2, createdMs });
      expect((await read(id))?.attributes).toEqual(user("version.two", { title: "t" }));
    });

    test("a push on a stale read changes nothing", async () => {
      const { id } = await keep(store, user("version.stale"));
      await keep(store, user("version.stale", { title: "first" }), { id, readAt: 1 });
      const rows = await store.journal(acme, { limit: 10_000 });
      expect(await store.commit(push(user("version.stale", { title: "late" }), { id, readAt: 1, due: grant() }))).toEqual({ kind: "moved" });
      expect((await read(id))?.attributes.title).toBe("first");
      expect(await store.journal(acme, { limit: 10_000 })).toHaveLength(rows.length);
      expect((await store.hold(acme, id))?.due).toBeUndefined();
    });

    test("of ten pushes at once on one version exactly one is kept", async () => {
      const { id } = await keep(store, user("version.race"));
      const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => store.commit(push(user("version.race", { title: `${n}` }), { id, readAt: 1 }))));
      expect(answers.map(({ kind }) => kind).toSorted()).toEqual(["committed", ...Array<string>(9).fill("moved")]);
      expect((await read(id))?.version).toBe(2);
    });

    test("a resource that is not there cannot be changed, one that is there cannot be new", async () => {
      expect(await store.commit(push(user("version.nobody"), { readAt: 1 }))).toEqual({ kind: "moved" });
      const { id } = await keep(store, user("version.there"));
      expect(await store.commit(push(user("version.again"), { id }))).toEqual({ kind: "moved" });
    });
  });

  describe("names", () => {
    test("of ten creates of one name at once exactly one is kept, and the others learn its id", async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => store.commit(push(user("Race@acme.example")))));
      expect(answers.filter(({ kind }) => kind === "committed")).toHaveLength(1);
      const holder = await store.holder(acme, "User", { name: "race@acme.example" });
      for (const answer of answers) if (answer.kind !== "committed") expect(answer).toEqual({ kind: "taken", attribute: "userName", holder });
      expect(holder).toMatchObject({ bodyDigest: "digest", answered: false });
    });

    test("a name is taken in every letter case, for a rename too, and nothing of the push is kept", async () => {
      await keep(store, user("Taken"));
      const { id } = await keep(store, user("not.taken"));
      const rows = (await store.journal(acme, { limit: 10_000 })).length;
      expect(await store.commit(push(user("tAKEN"), { id, readAt: 1, due: deny() }))).toMatchObject({ kind: "taken", attribute: "userName" });
      expect((await read(id))?.attributes.userName).toBe("not.taken");
      expect(await store.journal(acme, { limit: 10_000 })).toHaveLength(rows);
    });

    test("an e-mail by which the vendor knows accounts is taken, one by which it does not is not", async () => {
      const { id } = await keep(store, user("mail.one"), { emailKey: "Mail@acme.example" });
      expect(await store.commit(push(user("mail.two"), { emailKey: "mail@ACME.example" }))).toMatchObject({ kind: "taken", attribute: "emails", holder: { id } });
      expect((await store.commit(push(user("mail.three", { emails: [{ value: "mail@acme.example" }] })))).kind).toBe("committed");
      expect(await store.holder(acme, "User", { email: "mail@acme.example" })).toMatchObject({ id });
    });

    test("another connection, and another type of resource, may use the same name", async () => {
      await keep(store, user("shared"));
      expect((await store.commit(push(user("shared"), { connection: rival }))).kind).toBe("committed");
      expect((await store.commitGroup(groupPush({ displayName: "shared" }))).kind).toBe("committed");
      expect(await store.commitGroup(groupPush({ displayName: "SHARED" }))).toMatchObject({ kind: "taken", attribute: "displayName" });
    });

    test("names of 64 KiB are told apart at their last character", async () => {
      const long = incompressible(65_535);
      const { id } = await keep(store, user(`${long}a`, { externalId: `${long}x` }));
      expect((await store.commit(push(user(`${long}b`)))).kind).toBe("committed");
      expect(await store.commit(push(user(`${long}A`)))).toMatchObject({ kind: "taken", holder: { id } });
      expect(await store.holder(acme, "User", { name: `${long}a` })).toMatchObject({ id });
    });

    test("an answered create is remembered as such", async () => {
      const { id } = await keep(store, user("answered"));
      await store.markAnswered(rival, [id]);
      expect(await store.holder(acme, "User", { name: "answered" })).toMatchObject({ answered: false });
      await store.markAnswered(acme, [id, newResourceId()]);
      expect(await store.holder(acme, "User", { name: "answered" })).toMatchObject({ answered: true });
    });
  });

  describe("connections", () => {
    test("no row of one is seen or changed through another", async () => {
      const { id } = await keep(store, user("mine"), { due: grant() });
      expect(await store.read(rival, "User", id, nothing)).toBeUndefined();
      expect(await store.hold(rival, id)).toBeUndefined();
      expect(await store.take(rival, id, "w", 1_000)).toBeUndefined();
      expect(await store.commit(push(user("stolen"), { connection: rival, id, readAt: 1 }))).toEqual({ kind: "moved" });
      expect(await store.journal(rival, { resource: id, limit: 10 })).toEqual([]);
      expect((await store.list(rival, "User", { filter: undefined, sort: undefined, offset: 0, limit: 1_000, ...nothing })).resources.map((one) => one.id)).not.toContain(id);
    });

    test("a user is not found as a group", async () => {
      const { id } = await keep(store, user("no.group"));
      expect(await store.read(acme, "Group", id, nothing)).toBeUndefined();
      expect(await store.commitGroup(groupPush({ displayName: "no.group" }, { id, readAt: 1 }))).toEqual({ kind: "missing" });
    });
  });

  describe("deletion", () => {
    test("a deleted user is out of sight, the name is free, and the work goes on without attributes", async () => {
      const { id } = await keep(store, user("leaver", { emails: [{ value: "leaver@acme.example" }] }), { emailKey: "leaver@acme.example" });
      const { id: group } = await keepGroup(store, { displayName: "leavers" }, { members: [{ kind: "add", members: [member(id), member("someone")] }] });
      const { version } = await keep(store, undefined, { id, readAt: 1, due: deny() });
      expect(version).toBe(2);
      expect(await read(id)).toBeUndefined();
      expect(await store.holder(acme, "User", { name: "leaver" })).toBeUndefined();
      expect(await store.holder(acme, "User", { email: "leaver@acme.example" })).toBeUndefined();
      expect(await store.hold(acme, id)).toMatchObject({ attributes: undefined, groups: [], due: { lane: "deny" } });
      expect(await store.read(acme, "Group", group, everything)).toMatchObject({ version: 2, members: [member("someone")] });
      expect(await store.commit(push(user("leaver"), { id, readAt: 2 }))).toEqual({ kind: "moved" });
      expect((await store.commit(push(user("leaver"), { emailKey: "leaver@acme.example" }))).kind).toBe("committed");
    });

    test("once the vendor was told, the resource is gone and a tombstone keeps the account", async () => {
      const { id, lease } = await keep(store, user("told", { externalId: "ext-told" }), { due: grant("w") });
      await store.record(lease!, done(1, { link: linkTo("acc-told") }));
      const gone = await keep(store, undefined, { id, readAt: 1, due: deny("w") });
      expect(await store.linkedTo(acme, accountId("acc-told"))).toBe(id);
      expect(await store.tombstone(acme, accountId("acc-told"))).toBeUndefined();
      expect(await store.record(gone.lease!, done(2))).toBe(true);
      expect(await store.hold(acme, id)).toBeUndefined();
      expect(await store.linkedTo(acme, accountId("acc-told"))).toBeUndefined();
      expect(await store.tombstone(acme, accountId("acc-told"))).toEqual({ resource: id, externalId: "ext-told" });
      expect(await store.tombstone(rival, accountId("acc-told"))).toBeUndefined();
    });

    test("a deletion that nobody has to carry out leaves a tombstone at once", async () => {
      const { id, lease } = await keep(store, user("silent"), { due: grant("w") });
      await store.record(lease!, done(1, { link: linkTo("acc-silent") }));
      await keep(store, undefined, { id, readAt: 1 });
      expect(await store.hold(acme, id)).toBeUndefined();
      expect(await store.tombstone(acme, accountId("acc-silent"))).toEqual({ resource: id, externalId: undefined });
    });

    test("while somebody is at it, even a deletion without work keeps the row for them", async () => {
      const { id, lease } = await keep(store, user("busy"), { due: grant("w") });
      await keep(store, undefined, { id, readAt: 1 });
      expect(await store.hold(acme, id)).toMatchObject({ attributes: undefined, version: 2 });
      expect(await store.record(lease!, done(1, { link: linkTo("acc-busy") }))).toBe(true);
      expect(await store.hold(acme, id)).toMatchObject({ link: { account: "acc-busy" }, due: { lane: "grant" } });
    });

    test("a stale deletion deletes nobody", async () => {
      const { id } = await keep(store, user("stays"));
      await keep(store, user("stays", { title: "t" }), { id, readAt: 1 });
      expect(await store.commit(push(undefined, { id, readAt: 1, due: deny() }))).toEqual({ kind: "moved" });
      expect(await read(id)).toBeDefined();
    });
  });

  describe("taking a push back", () => {
    test("a create that the vendor refused was never there", async () => {
      const { id, lease } = await keep(store, user("refused", { emails: [{ value: "r@acme.example" }] }), { due: grant("w") });
      expect(await store.rollBack(undoing(lease!, 1))).toBe(true);
      expect(await store.hold(acme, id)).toBeUndefined();
      expect((await store.commit(push(user("refused")))).kind).toBe("committed");
      expect((await store.journal(acme, { resource: id, limit: 10 })).map(({ kind }) => kind)).toEqual(["push", "decision"]);
    });

    test("a change that the vendor refused leaves attributes, keys, version and times as before, and nothing due", async () => {
      const before = user("before", { emails: [{ value: "before@acme.example" }], externalId: "ext-before" });
      const { id, modifiedMs } = await keep(store, before);
      const { lease } = await keep(store, user("after", { emails: [{ value: "after@acme.example" }] }), { id, readAt: 1, due: grant("w") });
      expect(await store.rollBack(undoing(lease!, 2, { attributes: before, keys: userKeys(before), version: 1, modifiedMs }))).toBe(true);
      expect(await read(id)).toMatchObject({ version: 1, modifiedMs, attributes: before });
      expect((await store.hold(acme, id))?.due).toBeUndefined();
      expect(await store.holder(acme, "User", { name: "after" })).toBeUndefined();
      const byMail = (value: string) => store.list(acme, "User", { filter: { kind: "compare", at: { path: ["emails", "value"], listAt: 0, type: "string", caseExact: false }, operator: "eq", value }, sort: undefined, offset: 0, limit: 5, ...nothing });
      expect((await byMail("before@acme.example")).total).toBe(1);
      expect((await byMail("after@acme.example")).total).toBe(0);
    });

    test("work that was there before the push stays due", async () => {
      const before = user("older.work");
      const { id, modifiedMs } = await keep(store, before, { due: deny() });
      const turn = await store.take(acme, id, "w", 60_000);
      await keep(store, user("older.work", { title: "t" }), { id, readAt: 1, due: grant() });
      expect(await store.rollBack(undoing(turn!.lease, 2, { attributes: before, keys: userKeys(before), version: 1, modifiedMs }))).toBe(true);
      expect((await store.hold(acme, id))?.due).toMatchObject({ lane: "deny", dueAtMs: expect.any(Number) as number });
    });

    test("a push whose call is in doubt leaves somebody to look, in the lane of denials", async () => {
      const before = user("doubt");
      const { id } = await keep(store, before);
      const { lease } = await keep(store, user("doubt", { title: "t" }), { id, readAt: 1, due: grant("w") });
      const later = { atMs: 1_800_000_000_000, lane: "deny" } as const;
      expect(await store.rollBack({ ...undoing(lease!, 2, { attributes: before, keys: userKeys(before), version: 1, modifiedMs: 1 }), later })).toBe(true);
      expect(await store.hold(acme, id)).toMatchObject({ version: 1, due: { lane: "deny", attempts: 0, dueAtMs: later.atMs } });
      expect(await store.take(acme, id, "next", 1_000)).toMatchObject({ abandoned: false });
    });

    test("it is too late when another push came in, when the lease is lost, or when the name went to somebody else", async () => {
      const before = user("too.late");
      const { id, modifiedMs } = await keep(store, before);
      const former = { attributes: before, keys: userKeys(before), version: 1, modifiedMs };
      const { lease } = await keep(store, user("too.late.renamed"), { id, readAt: 1, due: grant("w") });
      expect(await store.rollBack(undoing({ ...lease!, epoch: 99 }, 2, former))).toBe(false);
      const { id: other } = await keep(store, user("too.late"));
      expect(await store.rollBack(undoing(lease!, 2, former))).toBe(false);
      await keep(store, undefined, { id: other, readAt: 1 });
      await keep(store, user("too.late.renamed", { title: "t" }), { id, readAt: 2 });
      expect(await store.rollBack(undoing(lease!, 2, former))).toBe(false);
      expect(await read(id)).toMatchObject({ version: 3, attributes: { userName: "too.late.renamed" } });
    });
  });

  test("nothing of a push is kept when one part of it cannot be", async () => {
    const id = newResourceId();
    await expect(store.commit(push(user("half"), { id, journal: [entry("push", id, { text: "\0" })], due: grant() }))).rejects.toThrow(/NUL/);
    expect(await store.hold(acme, id)).toBeUndefined();
    expect(await store.holder(acme, "User", { name: "half" })).toBeUndefined();
  });
});
