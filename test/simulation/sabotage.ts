/**
 * The real code with one of its guards taken away, from outside: what the harness must see.
 *
 * @module
 */
import type { Connector } from "../../src/connectors/connector.ts";
import type { ResourceId } from "../../src/model/ids.ts";
import type { Lease } from "../../src/model/resource.ts";
import type { Recorded, Store } from "../../src/store/store.ts";
import type { Setting } from "./real.ts";

export interface Sabotage {
  readonly title: string;
  setting?(setting: Setting): Setting;
  /** The database as every process sees it; called once in a run. */
  store?(store: Store): Store;
  connector?(connector: Connector): Connector;
}

export const sabotages = {
  none: { title: "intent + lease + converge: the real code" },
  shortSettle: { title: "… with settle shorter than a late request", setting: (setting) => ({ ...setting, settleMs: setting.callTimeoutMs + 1_000 }) },
  noSettle: { title: "… without settle", setting: (setting) => ({ ...setting, settleMs: 1 }) },
  noReassertion: { title: "… without re-asserting after an uncertain update", store: withoutReassertion },
  noLease: { title: "… without lease", store: withoutLease },
  noLookUp: { title: "… without the look-up", connector: (connector) => ({ ...connector, find: () => Promise.resolve([]) }) },
} as const satisfies Readonly<Record<string, Sabotage>>;

/** An update without an answer is taken for one that was not carried out, and nobody looks again. */
function withoutReassertion(store: Store): Store {
  const stripped = (change: Recorded): Recorded => (change.link === undefined || change.link === "none" ? change : { ...change, link: { ...change.link, verifyAt: undefined } });
  return { ...store, record: (lease, change) => store.record(lease, stripped(change)) };
}

/** Whoever asks has the lease: it is given a second time, and results are written whatever has become of it. */
function withoutLease(store: Store): Store {
  const given = new Map<ResourceId, Lease>();
  const keep = (lease: Lease | undefined): Lease | undefined => {
    if (lease) given.set(lease.resource, lease);
    return lease;
  };
  return {
    ...store,
    async commit(push) {
      const committed = await store.commit(push);
      if (committed.kind !== "committed" || !push.due?.lease) return committed;
      return { ...committed, lease: keep(committed.lease) ?? given.get(push.id) };
    },
    async take(connection, id, owner, forMs) {
      const taken = await store.take(connection, id, owner, forMs);
      if (taken) return { ...taken, lease: keep(taken.lease) ?? taken.lease, abandoned: false };
      const lease = given.get(id);
      const held = lease && (await store.hold(connection, id));
      return lease && held?.due ? { lease, held, abandoned: false } : undefined;
    },
    async takeDue(...asked) {
      const taken = await store.takeDue(...asked);
      for (const { lease } of taken) keep(lease);
      return taken.map((one) => ({ ...one, abandoned: false }));
    },
    async record(lease, change) {
      if (await store.record(lease, change)) return true;
      const last = given.get(lease.resource);
      return last !== undefined && store.record(last, change);
    },
  };
}
