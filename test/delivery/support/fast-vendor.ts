/**
 * A vendor in memory, quick enough for backlogs of a hundred thousand: a `Connector` that keeps a journal of what it was called with.
 *
 * @module
 */
import type { Call, Connector, Done, Target } from "../../../src/connectors/connector.ts";
import { Fault } from "../../../src/model/failure.ts";
import type { Failure } from "../../../src/model/failure.ts";
import { accountId, roleId } from "../../../src/model/ids.ts";
import type { Account } from "../../../src/model/person.ts";
import type { Clock } from "../../../src/runtime/clock.ts";

export interface Made {
  readonly call: string;
  readonly account: string | undefined;
  readonly startedMs: number;
  endedMs: number | undefined;
}

export interface FastVendor {
  readonly connector: Connector;
  readonly journal: Made[];
  readonly accounts: Map<string, Account>;
  /** How long every call takes. */
  latencyMs: number;
  /** What a call comes to instead of being carried out. */
  fails: (call: string, account: string | undefined) => Failure | undefined;
  /** Such calls get no answer before they are given up. */
  hangs: (call: string, account: string | undefined) => boolean;
}

export const unreachable: Failure = { kind: "unreachable", detail: "nobody is there" };
export const uncertain: Failure = { kind: "uncertain", detail: "no answer" };

const done: Done = { confirmed: true, complete: true };
const user = roleId("User");

export function fastVendor(clock: Clock, timeoutMs = 10_000): FastVendor {
  const vendor: FastVendor = { connector: undefined as never, journal: [], accounts: new Map(), latencyMs: 50, fails: () => undefined, hangs: () => false };
  let made = 0;

  async function called<T>(call: Call, name: string, account: string | undefined, act: () => T): Promise<T> {
    const isRead = name === "control" || name === "get" || name === "find";
    await call.admit?.({ write: !isRead });
    const entry: Made = { call: name, account, startedMs: clock.now(), endedMs: undefined };
    vendor.journal.push(entry);
    const ends = (failure: Failure | undefined) => {
      entry.endedMs = clock.now();
      call.record({ method: isRead ? "GET" : "POST", path: `/${name}`, body: undefined, status: failure ? undefined : 200, durationMs: entry.endedMs - entry.startedMs, call: name, failure: failure?.kind });
      if (failure) throw new Fault(failure);
    };
    if (vendor.hangs(name, account)) {
      await clock.sleep(timeoutMs, call.signal);
      ends(isRead ? unreachable : uncertain);
    }
    await clock.sleep(vendor.latencyMs, call.signal);
    const failure = vendor.fails(name, account);
    if (failure) ends(failure);
    const value = act();
    ends(undefined);
    return value;
  }

  const changed = (name: string, { account }: Target, call: Call, change: (before: Account) => Account): Promise<Done> =>
    called(call, name, account, () => {
      const before = vendor.accounts.get(account);
      if (!before) throw new Fault({ kind: "notFound", detail: "no such account" });
      vendor.accounts.set(account, change(before));
      return done;
    });

  const connector: Connector = {
    traits: {
      connector: "fast", title: "Fast", emailIsKey: true, emailChange: "impossible", defaultRole: user,
      parts: [{ part: "displayName", onCreate: true, onUpdate: true, required: false, clearable: false, same: (a, b) => a === b }],
      steps: () => "by hand",
      missing: () => undefined,
    },
    check: (call) => called(call, "check", undefined, () => undefined),
    control: (call) => called(call, "control", undefined, () => undefined),
    find: (email, call) => called(call, "find", email, () => [...vendor.accounts.values()].filter((account) => account.email === email)),
    get: ({ account }, call) => called(call, "get", account, () => vendor.accounts.get(account)),
    create: ({ email, profile, role }, call) =>
      called(call, "create", email, () => {
        const account: Account = { id: accountId(`made-${++made}`), kind: "account", email, active: true, role: role ?? user, profile };
        vendor.accounts.set(account.id, account);
        return { kind: "created", account };
      }),
    updateProfile: (target, changes, call) => changed("updateProfile", target, call, (before) => ({ ...before, profile: { ...before.profile, ...(changes as Account["profile"]) } })),
    setRole: (target, role, call) => changed("setRole", target, call, (before) => ({ ...before, role })),
    deactivate: (target, call) => changed("deactivate", target, call, (before) => ({ ...before, active: false })),
    reactivate: (target, _, call) => changed("reactivate", target, call, (before) => ({ ...before, active: true })),
  };
  return Object.assign(vendor, { connector });
}
