/**
 * Throw-away people: what is taken from them counts for nobody.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { takesNothing } from "../../src/model/hold.ts";
import { connectionId, correlationId, resourceId } from "../../src/model/ids.ts";
import type { ResourceId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";

const connection = connectionId("acme");
const correlation = correlationId("c-000000000000");
const why = { by: "doctor", correlation };
const brake = { windowMs: 3_600_000, count: 0, share: 0, deletes: { count: 0, share: 0 } };

describe.each(engines)("$name", ({ open }) => {
  let store: Store;
  let aheadMs = 0;
  beforeEach(async () => {
    aheadMs = 0;
    store = await open({ ...systemClock, now: () => Date.now() + aheadMs });
  });
  afterEach(() => store.close());

  async function joined(name: string): Promise<ResourceId> {
    const id = newResourceId();
    const attributes = { userName: name, active: true };
    const keys = { name, externalId: undefined, email: undefined, emails: [], active: true, search: attributes };
    await store.commit({ connection, type: "User", id, readAt: undefined, attributes, keys, bodyDigest: undefined, journal: [], due: undefined });
    return id;
  }

  /** A deactivation that takes somebody's access. */
  function leaves(id: ResourceId, name: string) {
    const attributes = { userName: name, active: false };
    const keys = { name, externalId: undefined, email: undefined, emails: [], active: false, search: attributes };
    const rail = { rails: { brake, privileged: [] }, taking: { ...takesNothing, access: true, record: true }, waiting: undefined, cancels: false, carriesOut: false, kept: { type: "User" as const, method: "PATCH" as const, deleted: false, before: {}, after: {} }, correlation };
    return store.commit({ connection, type: "User", id, readAt: 1, attributes, keys, bodyDigest: undefined, journal: [], due: undefined, rail });
  }

  test("no rail stops what is taken from one, and somebody else is stopped all the same", async () => {
    const [trial, ada] = [await joined("trial"), await joined("ada")];
    expect(await store.beginTrial(connection, trial, why)).toBe(true);
    expect(await leaves(trial, "trial")).toMatchObject({ kind: "committed" });
    expect(await leaves(ada, "ada")).toMatchObject({ kind: "held", rail: "brake" });
  });

  test("after the trial the loss is not there for anybody's window", async () => {
    const one = { ...brake, count: 1, deletes: { count: 1, share: 0 } };
    const [trial, ada] = [await joined("trial"), await joined("ada")];
    await store.beginTrial(connection, trial, why);
    await leaves(trial, "trial");
    await store.endTrial(connection, trial, why);
    const keys = { name: "ada", externalId: undefined, email: undefined, emails: [], active: false, search: {} };
    const rail = { rails: { brake: one, privileged: [] }, taking: { ...takesNothing, access: true, record: true }, waiting: undefined, cancels: false, carriesOut: false, kept: { type: "User" as const, method: "PATCH" as const, deleted: false, before: {}, after: {} }, correlation };
    expect(await store.commit({ connection, type: "User", id: ada, readAt: 1, attributes: { userName: "ada", active: false }, keys, bodyDigest: undefined, journal: [], due: undefined, rail })).toMatchObject({ kind: "committed" });
  });

  test("begin and end are journalled with who did it", async () => {
    const trial = await joined("trial");
    await store.beginTrial(connection, trial, why);
    await store.endTrial(connection, trial, why);
    const rows = await store.journal(connection, { resource: trial, kinds: ["decision"], limit: 10 });
    expect(rows.map(({ data }) => data)).toMatchObject([{ trial: "begun", by: "doctor" }, { trial: "ended", by: "doctor" }]);
  });

  test("somebody who is not there is none", async () => {
    expect(await store.beginTrial(connection, resourceId("00000000-0000-4000-8000-000000000000"), why)).toBe(false);
    expect(await store.journal(connection, { limit: 10 })).toEqual([]);
  });
});

test("somebody who has been here for an hour is no throw-away person", async () => {
  const sqlite = engines[0];
  let aheadMs = 0;
  const store = await sqlite?.open({ ...systemClock, now: () => Date.now() + aheadMs });
  const id = newResourceId();
  const keys = { name: "ada", externalId: undefined, email: undefined, emails: [], active: true, search: {} };
  await store?.commit({ connection, type: "User", id, readAt: undefined, attributes: { userName: "ada" }, keys, bodyDigest: undefined, journal: [], due: undefined });
  aheadMs = 3_600_001;
  expect(await store?.beginTrial(connection, id, why)).toBe(false);
  await store?.close();
});
