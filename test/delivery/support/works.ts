/**
 * Delivery without the rest of the house: the store, the worker and any number of connections, wired as `app.ts` does.
 *
 * @module
 */
import type { Connector } from "../../../src/connectors/connector.ts";
import { memoryBucket, sharedBucket } from "../../../src/delivery/bucket.ts";
import { type Limits, openBudget } from "../../../src/delivery/budget.ts";
import { converge } from "../../../src/delivery/converge.ts";
import { listen, watchOutages } from "../../../src/delivery/outage.ts";
import { rememberLooks } from "../../../src/delivery/recent-looks.ts";
import { openSite, type Site, type Works } from "../../../src/delivery/site.ts";
import { watchUnderWay } from "../../../src/delivery/under-way.ts";
import { startWorker } from "../../../src/delivery/worker.ts";
import { type ConnectionId, connectionId, type ResourceId, roleId } from "../../../src/model/ids.ts";
import { type Link, nothingApplied } from "../../../src/model/link.ts";
import type { Policy } from "../../../src/model/policy.ts";
import type { Attributes } from "../../../src/model/resource.ts";
import type { Clock } from "../../../src/runtime/clock.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import type { NewDue, Store } from "../../../src/store/store.ts";
import { keep } from "../../store/people.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface Placed {
  readonly connection: string;
  readonly connector: Connector;
  readonly limits?: Limits;
  readonly policy?: Partial<Policy>;
}

export const policyOf = (connection: ConnectionId, more: Partial<Policy> = {}): Policy => ({
  connection, adopt: "byEmail", identity: "auto", tags: [], onEmailChange: "keepLogin", onIncomplete: "wait", endpoints: "public", denyEndpoints: "inferred",
  roles: { map: [{ idp: "Admins", vendor: roleId("Admin"), privileged: true }, { idp: "Editors", vendor: roleId("Editor"), privileged: false }], fallback: roleId("User"), serveAsGroups: false, serveAsEntitlements: false },
  delivery: { deadlineMs: 10_000, settleMs: 30_000, vendorTimeoutMs: 10_000, onOutage: "accept" },
  bulk: true, cursors: true, strict: false, domains: [], protectedEmails: [], protectedAccounts: [],
  limits: { userBodyBytes: 1e6, groupBodyBytes: 1e7, operations: 1_000, filterLength: 4_096, page: 1_000 },
  brake: { windowMs: 3_600_000, count: 1_000_000, share: 1, deletes: { count: 1_000_000, share: 1 } },
  reconcile: { everyMs: undefined, policy: "report", detail: "full", limit: { count: 10, share: 0.1 } },
  ...more,
});

export interface TestWorks {
  readonly works: Works;
  readonly alarms: string[];
  site(connection: string): Site;
  nudge(): void;
  converge: (job: Parameters<typeof converge>[0]) => ReturnType<typeof converge>;
  stop(): Promise<void>;
}

export async function openWorks({ store, clock, places, owner = "works", shared = false, random = () => 0.5 }: { readonly store: Store; readonly clock: Clock; readonly places: readonly Placed[]; readonly owner?: string; readonly shared?: boolean; readonly random?: () => number }): Promise<TestWorks> {
  const outages = watchOutages();
  outages.told(await store.outages());
  const alarms: string[] = [];
  const sites = new Map<ConnectionId, Site>();
  const log = { ...silentLog, alarm: (text: string) => void alarms.push(text) };
  const works: Works = { store, clock, log, owner, outages, random, site: (connection) => sites.get(connection) };
  for (const { connection, connector, limits = { requestsPerSecond: 1_000, burst: 1_000 }, policy } of places) {
    const id = connectionId(connection);
    const bucket = shared ? sharedBucket(id, limits, store, clock) : memoryBucket(limits, clock);
    const budget = openBudget(limits, clock, { bucket, closed: () => (outages.isDown(id) ? "The vendor does not answer at the moment." : undefined) });
    sites.set(id, openSite(id, connector, policyOf(id, policy), budget, rememberLooks(clock), { heard: listen(id, outages) }));
  }
  const underWay = watchUnderWay((job) => converge(job, works), works);
  const worker = startWorker(works, () => [...sites.values()], underWay.converge);
  return { works, alarms, site: (connection) => sites.get(connectionId(connection)) as Site, nudge: worker.nudge, converge: underWay.converge, stop: worker.stop };
}

/** Stops it in virtual time, which what is under way needs to end. */
export async function ended(works: TestWorks, clock: VirtualClock): Promise<void> {
  const stopped = works.stop();
  await clock.pass(60_000);
  await stopped;
}

/** A store whose calls belong to the moment: no time passes while one is under way. */
export function inTheMoment(store: Store, clock: VirtualClock): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = target[name as keyof Store] as (...given: unknown[]) => Promise<unknown>;
      if (typeof method !== "function") return method;
      return (...given: unknown[]) => {
        const answer: unknown = method.apply(target, given);
        return answer instanceof Promise ? clock.busy(answer) : answer; // what asks nobody answers at once
      };
    },
  });
}

/** Somebody who has an account at the vendor, as it should be; `due` = what a push has just asked for. */
export async function linked(store: Store, connection: string, account: string, { wanted = {}, applied = {}, due }: { readonly wanted?: Attributes; readonly applied?: Partial<Link["applied"]>; readonly due?: NewDue } = {}): Promise<{ readonly id: ResourceId; readonly version: number }> {
  const email = `${account}@acme.example`;
  const person = { userName: email, active: true, displayName: account };
  const id = connectionId(connection);
  const first = await keep(store, person, { connection: id, due: { lane: "reconcile", lease: { owner: "test", forMs: 60_000 } } });
  const link: Link = { account: account as Link["account"], kind: "account", origin: "created", login: email, applied: { ...nothingApplied, access: "active", confirmed: true, role: roleId("User"), wantedRole: roleId("User"), profile: { displayName: account }, ...applied }, unknownAt: undefined, verifyAt: undefined };
  if (!first.lease || !(await store.record(first.lease, { journal: [], link, due: { kind: "done", version: first.version } }))) throw new Error("the link could not be made");
  if (!due) return { id: first.id, version: first.version };
  const second = await keep(store, { ...person, ...wanted }, { connection: id, id: first.id, readAt: first.version, due });
  return { id: first.id, version: second.version };
}
