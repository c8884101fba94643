/**
 * The promise: desired state, version, journalled intent and due row in one transaction. From here the push cannot be lost.
 *
 * @module
 */
import { hash } from "node:crypto";
import { leaseMs } from "../delivery/site.ts";
import { intended } from "../delivery/entries.ts";
import { lapsesAfterMs } from "../delivery/lapse.ts";
import type { Json } from "../model/json.ts";
import { inOrder, isObject } from "../model/json.ts";
import { type Plan, strongestLane } from "../model/operation.ts";
import type { JournalEntry } from "../model/resource.ts";
import { planUser } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import { railsOf } from "../rails/rails-of.ts";
import type { StoppedByRail, UserRail } from "../store/rail-contract.ts";
import type { NewDue } from "../store/store.ts";
import { differences } from "./differences.ts";
import { frozen } from "./halted.ts";
import { keptUser } from "./kept-push.ts";
import { keysFor } from "./keys.ts";
import type { Change, Kept, Push, Taken } from "./push.ts";
import type { Rooms } from "./rooms.ts";

export async function commitUser(push: Push, change: Change, rooms: Rooms): Promise<Kept | Taken | StoppedByRail | { readonly kind: "moved" }> {
  const { attributes, held, planned, id, wanted } = change;
  const { connection, owner, site, store } = rooms;
  const isInvited = attributes !== undefined && held?.link?.kind === "invitation";
  // Whoever is still invited is looked at on every push: the invitation may have become an account.
  // Whoever is at the person just now may be changing what this plan was made from, so that there is something to do after all; and a
  // denial is owed even where there is nothing to deny yet.
  const isUnderWay = held?.due !== undefined;
  const lane = strongestLane(planned.plan) ?? (isUnderWay ? (wanted?.active ? "profile" : "deny") : planned.waitsFor.length > 0 ? "grant" : isInvited ? "profile" : planned.nowMapped ? "reconcile" : undefined);
  const digest = push.method === "POST" ? digestOf(push.body) : undefined;
  // Once more after its person was renamed, a create finds the name free; it would make them a second time (I1).
  const twin = digest === undefined || held ? undefined : await store.twin(connection, digest);
  if (twin) return { kind: "taken", attribute: "userName", holder: twin, digest, id };
  const askedMs = rooms.clock.now();
  const committed = await store.commit({
    connection,
    type: "User",
    id,
    readAt: held?.version,
    attributes,
    keys: attributes && keysFor(attributes, rooms),
    bodyDigest: digest,
    journal: journalOf(push, change),
    // Whoever comes after a deleted person, under the same address, must know that an account may be on its way.
    awaited: isUnderWay && !attributes && !held.link && held.attributes ? wantedOf(held.attributes, site.policy.identity).email : undefined,
    // What nobody waits for is the worker's, in its lane and within the vendor's budget.
    due: lane && { lane, lease: push.released || isLate(push, rooms) ? undefined : { owner, forMs: leaseMs(site.policy) }, grants: grantsOf(change, rooms) },
    // What is kept of a deletion depends on it.
    ...(push.method === "DELETE" && { observing: change.observed }),
    ...(held && { rail: railOf(push, change, rooms) }),
  });
  if (committed.kind === "taken") return { ...committed, digest, id };
  if (committed.kind === "moved" || committed.kind === "held") return committed;
  if (committed.kind === "frozen") throw frozen(committed.mode);
  const { version, createdMs, modifiedMs, lease } = committed;
  const former = held?.attributes && { attributes: held.attributes, keys: keysFor(held.attributes, rooms), version: held.version, modifiedMs: held.modifiedMs };
  // Under the lease nobody else changes the link; until then somebody may have.
  const link = lease && isUnderWay ? (await store.hold(connection, id))?.link : held?.link;
  return {
    kind: "kept",
    held: { type: "User", id, version, createdMs, modifiedMs, attributes, groups: held?.groups ?? [], link, due: held?.due },
    former,
    change,
    lease,
    askedMs,
    journalled: planned.plan.length > 0 && !isUnderWay,
    hasWork: lane !== undefined,
    observed: committed.observed ?? false,
  };
}

/** A Bulk request whose time is over: what is left of it is the worker's. */
const isLate = ({ exchange: { untilMs } }: Push, { clock }: Rooms): boolean => untilMs !== undefined && clock.now() >= untilMs;

const railOf = (push: Push, { held, attributes, taking, cancels }: Change, { site }: Rooms): UserRail => ({
  rails: railsOf(site.policy),
  taking,
  waiting: held?.waiting,
  cancels,
  carriesOut: push.released !== undefined,
  kept: keptUser(push.method, held?.attributes, attributes),
  correlation: push.exchange.correlation,
});

/** Whether the push asks for something that runs out if it is not given in time, or an earlier one has and it still waits. */
function grantsOf({ planned, held }: Change, { site }: Rooms): NonNullable<NewDue["grants"]> {
  const { policy, vendor } = site;
  const lapsing = (plan: Plan) => JSON.stringify(plan.filter((operation) => lapsesAfterMs(operation, policy) !== undefined));
  const now = lapsing(planned.plan);
  if (now === "[]") return "none";
  if (!held?.due || !held.attributes) return "new";
  try {
    return lapsing(planUser(wantedOf(held.attributes, policy.identity, held.groups), held.link, vendor, policy).plan) === now ? "same" : "new";
  } catch {
    return "new"; // what it was before cannot even be planned
  }
}

function journalOf(push: Push, { held, attributes, planned, ignored, dropped, id, cancels }: Change): readonly JournalEntry[] {
  const { correlation } = push.exchange;
  const data: Record<string, Json> = { method: push.method, ...differences(held?.attributes, attributes) };
  if (!attributes && held && held.groups.length > 0) data["groups"] = held.groups.map(({ value }) => value);
  if (push.released) data["approved"] = push.released.hold;
  if (push.quirks.length > 0) data["quirks"] = [...push.quirks];
  if (ignored.length > 0) data["ignored"] = ignored.slice(0, 50);
  if (dropped.length > 0) data["dropped"] = [...dropped];
  if (planned.notes.length > 0) data["notes"] = [...planned.notes];
  const pushed: JournalEntry = { kind: "push", resource: id, correlation, data };
  const { waiting } = held ?? {};
  const freed = cancels && waiting ? [{ kind: "hold" as const, resource: id, correlation, data: { hold: waiting.hold, notes: ["over: this push wants the opposite of the one that waited"] } }] : [];
  return [pushed, ...freed, ...(planned.plan.length > 0 ? [intended(id, correlation, planned.plan)] : [])];
}

/** By this the same create is known again; the password, which may be a fresh random one each time, does not count. */
function digestOf(body: unknown): string | undefined {
  if (!isObject(body) || typeof body["externalId"] !== "string" || body["externalId"] === "") return undefined;
  const { password: _password, ...rest } = body;
  return hash("sha256", JSON.stringify(inOrder(rest)));
}
