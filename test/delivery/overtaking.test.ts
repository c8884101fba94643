/**
 * A leaver behind a hundred thousand lesser operations, in virtual time.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectionId, type ResourceId } from "../../src/model/ids.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { keep } from "../store/people.ts";
import { fillBacklog } from "./support/backlog.ts";
import { type FastVendor, fastVendor } from "./support/fast-vendor.ts";
import { type VirtualClock, virtualClock } from "./support/virtual-clock.ts";
import { ended, inTheMoment, linked, openWorks, type TestWorks } from "./support/works.ts";

const backlog = 100_000;

let folder: ReturnType<typeof temporaryFolder>;
let clock: VirtualClock;
let raw: Store;
let store: Store;
let vendor: FastVendor;
let works: TestWorks;
let leaver: { readonly id: ResourceId; readonly version: number };

beforeEach(async () => {
  folder = temporaryFolder();
  const file = `${folder.path}/store.db`;
  clock = virtualClock();
  raw = await openStore({ url: `file:${file}`, clock });
  store = inTheMoment(raw, clock);
  vendor = fastVendor(clock);
  const add = (account: string) => vendor.accounts.set(account, { id: account as never, kind: "account", email: `${account}@acme.example`, active: true, role: "User" as never, profile: { displayName: account } });
  for (const account of ["mover", "leaver"]) add(account);
  await linked(raw, "acme", "mover", { wanted: { displayName: "renamed" }, due: { lane: "profile", lease: undefined } });
  fillBacklog(file, "acme", "mover", backlog, vendor);
  leaver = await linked(raw, "acme", "leaver");
});
afterEach(async () => {
  await ended(works, clock);
  await raw.close();
  folder.remove();
});

const open = async (limits: { requestsPerSecond: number; burst: number; concurrency?: number }) => void (works = await openWorks({ store, clock, places: [{ connection: "acme", connector: vendor.connector, limits }] }));

/** @returns vendor calls that began between the commit of the denial and its own */
async function overtaken(lease: "worker" | "request"): Promise<{ readonly between: number; readonly inFlight: number; readonly afterMs: number }> {
  const wanted = { userName: "leaver@acme.example", active: false, displayName: "leaver" };
  const committedMs = clock.now();
  const before = vendor.journal.length;
  const inFlight = vendor.journal.filter(({ endedMs }) => endedMs === undefined).length;
  const kept = await keep(store, wanted, { connection: connectionId("acme"), id: leaver.id, readAt: leaver.version, due: { lane: "deny", lease: lease === "request" ? { owner: "request", forMs: 60_000 } : undefined } });
  if (kept.lease) {
    const held = await store.hold(connectionId("acme"), leaver.id);
    void works.converge({ lease: kept.lease, held: held!, abandoned: false, correlation: "c" as never });
  } else works.nudge();
  const isIts = ({ call, account }: (typeof vendor.journal)[number]) => call === "deactivate" && account === "leaver";
  await clock.until(() => vendor.journal.some(isIts), 60_000);
  const at = vendor.journal.findIndex(isIts);
  return { between: at - before, inFlight, afterMs: vendor.journal[at]!.startedMs - committedMs };
}

describe(`behind ${backlog.toLocaleString("en")} profile updates a deactivation is called`, () => {
  test.each(["worker", "request"] as const)("after no more than the calls in flight and two, taken up by the %s", async (by) => {
    await open({ requestsPerSecond: 10, burst: 10 });
    await clock.pass(20_000);
    const underWay = vendor.journal.length;
    expect(underWay).toBeGreaterThan(190);
    const { between, inFlight } = await overtaken(by);
    expect(between).toBeLessThanOrEqual(inFlight + 2);
  });

  test("after no more than two, and at once, while every profile call hangs", async () => {
    await open({ requestsPerSecond: 1_000, burst: 1_000 });
    vendor.hangs = (call) => call === "updateProfile";
    await clock.pass(3_000);
    expect(vendor.journal.filter(({ endedMs }) => endedMs === undefined)).toHaveLength(6); // of eight places, two are kept
    const { between, afterMs } = await overtaken("worker");
    expect(between).toBeLessThanOrEqual(2);
    expect(afterMs).toBeLessThanOrEqual(100);
  });

  test("at once although the burst is used up, and the rest keeps to its rate", async () => {
    await open({ requestsPerSecond: 2, burst: 5 });
    await clock.pass(30_000);
    expect(vendor.journal.length).toBeLessThanOrEqual(5 + 2 * 30);
    expect(vendor.journal.length).toBeGreaterThanOrEqual(0.9 * 2 * 30);
    const { between, afterMs } = await overtaken("worker");
    expect([between, afterMs]).toEqual([0, 0]);
  });
});
