/**
 * A vendor that can be listed and nothing else: no second look is possible, so what the journal tells of since the run began is left alone.
 *
 * @module
 */
import { expect, test } from "vitest";
import { postOf } from "../../src/bridge/post.ts";
import type { Connector } from "../../src/connectors/connector.ts";
import { callFor } from "../../src/delivery/call.ts";
import { openBudget } from "../../src/delivery/budget.ts";
import { rememberLooks } from "../../src/delivery/recent-looks.ts";
import { openSite } from "../../src/delivery/site.ts";
import { accountId, correlationId, roleId } from "../../src/model/ids.ts";
import { reconcile } from "../../src/reconcile/reconcile.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { RunTaken } from "../../src/store/reconcile-contract.ts";
import { fastVendor } from "../delivery/support/fast-vendor.ts";
import { policyOf } from "../delivery/support/works.ts";
import { acme, deny, done, entry, grant, keep, linkTo, user } from "../store/people.ts";

const budget = () => openBudget({ requestsPerSecond: 1e6, burst: 1e6 }, systemClock);

test.each([
  { meanwhile: false, kinds: ["deletedActive"] },
  { meanwhile: true, kinds: [] },
])("the account of somebody who was deleted has access; deleted while the list was read: $meanwhile", async ({ meanwhile, kinds }) => {
  const store = await openStore({ url: "file::memory:", clock: systemClock });
  const { id } = await keep(store, user("bo@acme.example"), { due: grant() });
  const job = (await store.take(acme, id, "w", 60_000))!;
  await store.record(job.lease, { journal: [], link: linkTo("acc-bo"), due: { kind: "done", version: 1 } });
  await keep(store, undefined, { id, readAt: 1, due: deny() });
  const last = (await store.take(acme, id, "w", 60_000))!;
  await store.record(last.lease, done(last.held.version, { link: "none" }));

  const { get: _get, ...rest } = fastVendor(systemClock).connector;
  const connector: Connector = {
    ...rest,
    check: async () => {},
    async *list() {
      if (meanwhile) await store.append(acme, [entry("outcome", id)]);
      yield { id: accountId("acc-bo"), kind: "account", email: "bo@acme.example", role: roleId("User"), active: true, profile: {} };
    },
  };
  const site = openSite(acme, connector, policyOf(acme), budget(), rememberLooks(systemClock));
  await store.askForReconciliation(acme, { by: "ann" });
  const run = (await store.takeReconciliation(acme, "one", 60_000)) as RunTaken;
  expect(await reconcile(run, postOf(site, { store, clock: systemClock }), { store, clock: systemClock, log: silentLog, owner: "one" }, new AbortController().signal)).toBe("complete");
  expect((await store.findings(acme, { limit: 10 })).map(({ kind }) => kind)).toEqual(kinds);
  await store.close();
});

test("a list is never in the middle of anything: each of its pages waits for its turn, and for the vendor's rest, as if it were the first", async () => {
  const asked: unknown[] = [];
  const plain = budget();
  const site = openSite(acme, fastVendor(systemClock).connector, policyOf(acme), { ...plain, take: (lane, wish) => (asked.push([lane, wish?.begun]), plain.take(lane, wish)) }, rememberLooks(systemClock));
  for (const isReconciliation of [true, false]) {
    const call = callFor(undefined, { correlation: correlationId("c"), exchanges: [], isReconciliation }, site);
    await call.admit?.({ write: false });
    await call.admit?.({ write: false });
    call.end();
  }
  expect(asked).toEqual([["reconcile", false], ["reconcile", false], ["other", false], ["other", true]]);
});
