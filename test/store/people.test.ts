/**
 * Whom a name means: those who are there, those who were, and those of whom only the journal still speaks.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { correlationId } from "../../src/model/ids.ts";
import type { ResourceId } from "../../src/model/ids.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, deny, done, entry, grant, keep, keepGroup, linkTo, rival, user } from "./people.ts";

describe.each(engines)("on $name", ({ open }) => {
  let store: Store;
  beforeEach(async () => void (store = await open()));
  afterEach(() => store.close());

  async function somebody(userName: string, account: string, externalId?: string): Promise<ResourceId> {
    const { id, lease } = await keep(store, user(userName, externalId === undefined ? {} : { externalId }), { due: grant("w"), journal: [] });
    await store.record(lease!, { ...done(1), link: linkTo(account, { login: userName }) });
    return id;
  }

  test("somebody who is there is named by id, userName in any case, externalId and account; a group by none of them", async () => {
    const ann = await somebody("Ann@acme.example", "a-1", "ext-1");
    await somebody("bob@acme.example", "a-2", "ext-2");
    const group = await keepGroup(store, { displayName: "Ann@acme.example", externalId: "ext-1" });
    for (const name of [ann, "ANN@ACME.example", "ext-1", "a-1"]) expect(await store.named(acme, name), name).toEqual([ann]);
    for (const name of ["ann", "EXT-1", "A-1", "%", "", group.id]) expect(await store.named(acme, name), name).toEqual([]);
    expect(await store.named(rival, ann)).toEqual([]);
  });

  test("an externalId that repeats names several", async () => {
    const both = [await somebody("ann", "a-1", "same"), await somebody("bob", "a-2", "same")];
    expect((await store.named(acme, "same")).toSorted()).toEqual(both.toSorted());
  });

  test("somebody who is gone is named by id, account, externalId and e-mail, and as long as the vendor must be told too", async () => {
    const ann = await somebody("Ann@acme.example", "a-1", "ext-1");
    const leaving = await keep(store, undefined, { id: ann, readAt: 1, due: deny("w"), journal: [entry("push", ann)] });
    for (const name of [ann, "a-1"]) expect(await store.formerlyNamed(acme, name), name).toEqual([ann]);
    expect(await store.named(acme, ann)).toEqual([]);
    await store.record(leaving.lease!, done(leaving.version));
    expect(await store.hold(acme, ann)).toBeUndefined();
    for (const name of [ann, "a-1", "ext-1", "ann@ACME.example"]) expect(await store.formerlyNamed(acme, name), name).toEqual([ann]);
    for (const name of ["nobody", newResourceId()]) expect(await store.formerlyNamed(acme, name), name).toEqual([]);
    expect(await store.formerlyNamed(rival, ann)).toEqual([]);
  });

  test("of whom only the journal speaks is found by correlation id and by the userName of a push, every character taken literally", async () => {
    const [ann, percent] = [newResourceId(), newResourceId()];
    const group = await keepGroup(store, { displayName: "All" });
    const c = correlationId("c-found");
    await store.append(acme, [
      { kind: "push", resource: ann, correlation: c, data: { method: "POST", before: {}, after: { userName: "Ann \"A\"_B!" } } },
      { kind: "push", resource: group.id, correlation: c, data: { method: "PATCH" } },
      { kind: "push", resource: percent, correlation: correlationId("c-other"), data: { after: { userName: "ann xaxzbz" } } },
      { kind: "decision", resource: percent, correlation: correlationId("c-other"), data: { userName: "only a decision" } },
    ]);
    expect(await store.spokenOf(acme, "c-found", 100)).toEqual([ann]);
    expect(await store.spokenOf(acme, "ANN \"a\"_b!", 100)).toEqual([ann]);
    for (const name of ["ann", "%", "Ann%", "ann xaxzb_", "only a decision", "c-foun_"]) expect(await store.spokenOf(acme, name, 100), name).toEqual([]);
    expect(await store.spokenOf(acme, "c-found", 2)).toEqual([]); // among the newest two
    expect(await store.spokenOf(rival, "c-found", 100)).toEqual([]);
  });

  test("pushes of groups that name somebody are found, their own rows and other kinds are not", async () => {
    const [ann, group] = [newResourceId(), newResourceId()];
    const members = [{ kind: "add", count: 1, values: [ann] }];
    await store.append(acme, [entry("push", group, { members }), entry("decision", group, { members }), entry("push", ann, { members }), entry("push", group, { members: [] })]);
    expect((await store.mentions(acme, ann, 100)).map(({ kind, resource }) => ({ kind, resource }))).toEqual([{ kind: "push", resource: group }]);
    expect(await store.mentions(rival, ann, 100)).toEqual([]);
  });
});
