/**
 * A changed role policy (`roles.map`, `roles.fallback`, `adopt`) is planned over everybody who has access and counted by the rails
 * before it takes effect (reliability: dry run). What is in force is remembered, so a change is noticed over a restart too.
 *
 * @module
 */
import { takesAnything, type Taking } from "../model/hold.ts";
import type { ConnectionId, ResourceId, RoleId } from "../model/ids.ts";
import { roleId } from "../model/ids.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { isObject, sameJson } from "../model/json.ts";
import type { Policy } from "../model/policy.ts";
import type { Vendor } from "../plan/vendor.ts";
import { railsOf } from "../rails/rails-of.ts";
import { deniesAnew, takingOf } from "../rails/taking.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Log } from "../runtime/log.ts";
import { holdAlarm } from "../rails/words.ts";
import type { PolicyTaking, StoppedByRail } from "../store/rail-contract.ts";
import type { Store } from "../store/store.ts";

const pageSize = 500;

/** What has to be taken over on one connection. */
export interface PolicyChange {
  readonly next: Policy;
  /** The policy as it was, in everything else the next one; the next one itself where nothing changes. */
  readonly former: Policy;
  readonly taking: Omit<PolicyTaking, "dry">;
}

export async function changeOf(store: Store, connection: ConnectionId, vendor: Vendor, next: Policy): Promise<PolicyChange> {
  const policy = written(next);
  const stored = await store.rolePolicy(connection);
  const former = stored === undefined || sameJson(stored, policy) ? next : asBefore(stored, next);
  const { taken, affected } = former === next ? { taken: [], affected: [] } : await planned(store, connection, vendor, former, next);
  return { next, former, taking: { connection, policy, taken, affected, rails: railsOf(next), correlation: newCorrelationId() } };
}

async function planned(store: Store, connection: ConnectionId, vendor: Vendor, former: Policy, next: Policy) {
  const taken: (readonly [ResourceId, Taking])[] = [];
  const affected: ResourceId[] = [];
  for (let after: ResourceId | undefined; ; ) {
    const people = await store.peopleWithAccess(connection, after, pageSize);
    for (const person of people) {
      const { attributes, groups } = person;
      const [before, then] = [{ attributes, groups, policy: former }, { attributes, groups, policy: next }];
      const taking = takingOf(before, then, person, vendor);
      if (takesAnything(taking)) taken.push([person.id, taking]);
      if (deniesAnew(before, then, person, vendor)) affected.push(person.id);
    }
    after = people.at(-1)?.id;
    if (people.length < pageSize) return { taken, affected };
  }
}

/** @param dry only ask */
export async function take({ taking }: PolicyChange, store: Store, log: Log, { dry }: { readonly dry: boolean }): Promise<StoppedByRail | undefined> {
  const answer = await store.takePolicy({ ...taking, dry });
  if (answer.kind === "taken") return undefined;
  if (answer.opened) log.alarm(holdAlarm(answer.hold, answer.rail, answer.detail), { connection: taking.connection });
  return answer;
}

/** As it is remembered. */
const written = ({ adopt, roles }: Policy): JsonObject => ({ adopt, fallback: roles.fallback ?? null, map: roles.map.map(({ idp, vendor, privileged }) => ({ idp, vendor, privileged })), ...(roles.serveAsEntitlements && { entitlements: true }) });

function asBefore(stored: JsonObject, next: Policy): Policy {
  const { adopt, fallback, map } = stored;
  const entries: readonly Json[] = Array.isArray(map) ? map : [];
  return {
    ...next,
    adopt: adopt === "never" ? "never" : "byEmail",
    roles: {
      ...next.roles,
      serveAsEntitlements: stored["entitlements"] === true,
      fallback: fallback === null || fallback === undefined ? undefined : (fallback as RoleId | "deactivate"),
      map: entries.filter(isObject).map((entry) => ({ idp: String(entry["idp"] as string), vendor: roleId(entry["vendor"] as string), privileged: entry["privileged"] === true })),
    },
  };
}
