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
  noMark: { title: "… without the create's mark", store: withoutMark },
  noLookUp: { title: "… without the look-up", connector: (connector) => ({ ...connector, find: () => Promise.resolve([]) }) },
} as const satisfies Readonly<Record<string, Sabotage>>;

/** An update without an answer is taken for one that was not carried out, and nobody looks again. */
function withoutReassertion(store: Store): Store {
  const stripped = (change: Recorded): Recorded => (change.link === undefined || change.link === "none" ? change : { ...change, link: { ...change.link, verifyAt: undefined } });
  return { ...store, record: (lease, change) => store.record(lease, stripped(change)) };
}

/** What is committed before a create is sent is not: whoever dies in it leaves nothing to tell that an account may come to be. */
function withoutMark(store: Store): Store {
  const isMark = ({ link, due, journal }: Recorded) => journal.length === 0 && due.kind === "keep" && link !== undefined && link !== "none" && link.account === undefined && link.unknownAt !== undefined;
  return { ...store, record: (lease, { link, ...change }) => store.record(lease, link === undefined || isMark({ ...change, link }) ? change : { ...change, link }) };
}

/** Long before a call is: over at once, workers would take everything from each other without end. */
const overAfterMs = 1_000;

/** A lease keeps nobody out: whoever asks a second later has it too, is not told so, and results are written whatever has become of it. */
function withoutLease(store: Store): Store {
  const last = new Map<ResourceId, Lease>();
  const keep = (lease: Lease | undefined): Lease | undefined => {
    if (lease) last.set(lease.resource, lease);
    return lease;
  };
  return {
    ...store,
    async commit(push) {
      const { lease } = push.due ?? {};
      const committed = await store.commit(push.due && lease ? { ...push, due: { ...push.due, lease: { ...lease, forMs: overAfterMs } } } : push);
      if (committed.kind !== "committed" || !lease) return committed;
      return { ...committed, lease: keep(committed.lease) ?? last.get(push.id) };
    },
    async take(connection, id, owner) {
      const taken = await store.take(connection, id, owner, overAfterMs);
      keep(taken?.lease);
      return taken && { ...taken, abandoned: false };
    },
    async takeDue(owner, asks) {
      const taken = await store.takeDue(owner, asks.map((ask) => ({ ...ask, forMs: overAfterMs })));
      for (const { lease } of taken) keep(lease);
      return taken.map((one) => ({ ...one, abandoned: false }));
    },
    record(lease, change) {
      const { due } = change;
      return store.record(last.get(lease.resource) ?? lease, due.kind === "keep" && due.forMs !== undefined ? { ...change, due: { ...due, forMs: overAfterMs } } : change);
    },
  };
}
