/**
 * What a change of a group means for people: whose role may hang on it, and carrying it out for the few inside the request.
 *
 * @module
 */
import type { Outcome } from "../delivery/outcome.ts";
import { leaseMs } from "../delivery/site.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Attributes, StoredResource } from "../model/resource.ts";
import type { GroupCommit } from "../store/store.ts";
import type { Push } from "./push.ts";
import type { Rooms } from "./rooms.ts";

/** Up to so many people are converged before the IdP is answered; more are the worker's (DESIGN 3). */
const inTheRequest = 10;

/** A group counts when its name or its externalId stands in `roles.map` or `tags.map`. */
export function affects(before: StoredResource | undefined, after: Attributes | "deleted" | undefined, { site }: Pick<Rooms, "site">): GroupCommit["affects"] {
  const mapped = new Set([...site.policy.roles.map, ...site.policy.tags].map(({ idp }) => idp));
  const namesIn = (attributes: Attributes | undefined) => [attributes?.["displayName"], attributes?.["externalId"]].filter((name): name is string => typeof name === "string" && mapped.has(name));
  const was = namesIn(before?.attributes);
  const is = after === "deleted" ? [] : after === undefined ? was : namesIn(after);
  if (before && JSON.stringify(was) !== JSON.stringify(is)) return "everybody";
  return is.length > 0 ? "changed" : "nobody";
}

/**
 * @param affected those who may lose something first
 * @returns how it ended for those whom the request has waited for
 */
export async function convergeFew(push: Push, affected: readonly ResourceId[], rooms: Rooms): Promise<readonly Outcome[]> {
  if (affected.length === 0) return [];
  rooms.nudge();
  if (affected.length > inTheRequest) return [];
  const over = new AbortController();
  const waitMs = Math.min(rooms.site.policy.delivery.deadlineMs, (push.exchange.untilMs ?? Infinity) - rooms.clock.now());
  if (waitMs <= 0) return [];
  const deadline = rooms.clock.sleep(waitMs, over.signal).then((): Outcome => ({ kind: "pending", failure: undefined }));
  const outcomes = await Promise.all(affected.map((person) => Promise.race([one(push, person, rooms), deadline])));
  over.abort();
  return outcomes;
}

/** Never throws: the group is kept, and what cannot be done for a member now is the worker's. */
async function one(push: Push, person: ResourceId, rooms: Rooms): Promise<Outcome> {
  const { correlation } = push.exchange;
  const askedMs = rooms.clock.now();
  try {
    const turn = await rooms.store.take(rooms.connection, person, rooms.owner, leaseMs(rooms.site.policy));
    return turn ? await rooms.converge({ ...turn, askedMs, correlation, asked: true }) : { kind: "pending", failure: undefined };
  } catch (thrown) {
    rooms.log.error("a member is left to the worker", { connection: rooms.connection, resource: person, correlation, error: String(thrown) });
    return { kind: "pending", failure: undefined };
  }
}
