/**
 * From a push and what we hold: the new desired user, and the plan that leads there. Nothing is written here.
 *
 * @module
 */
import { takesAnything, takesNothing, type Waiting } from "../model/hold.ts";
import { takingOf } from "../rails/taking.ts";
import { withKept } from "./kept-push.ts";
import { leaseMs } from "../delivery/site.ts";
import { invalid } from "../model/failure.ts";
import { resourceId } from "../model/ids.ts";
import { sameJson } from "../model/json.ts";
import type { Attributes, Held } from "../model/resource.ts";
import { planUser } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import { newResourceId } from "../runtime/new-id.ts";
import { readCreate, readReplace } from "../scim/body.ts";
import { missing, Refusal } from "../scim/errors.ts";
import { patchUser } from "../scim/patch.ts";
import { readProjection } from "../scim/project.ts";
import { losesAccess } from "./halted.ts";
import { withoutTheImpossible } from "./impossible.ts";
import { keysFor } from "./keys.ts";
import { matchVersion } from "./precondition.ts";
import type { Decided, Push, Redeliver, Unchanged } from "./push.ts";
import type { Rooms } from "./rooms.ts";

export async function decideUser(push: Push, rooms: Rooms): Promise<Decided> {
  const { policy, vendor } = rooms.site;
  readProjection(rooms.users, push.query); // a wrong `attributes` is refused before anything is changed
  const held = push.id === undefined ? undefined : await rooms.store.hold(rooms.connection, resourceId(push.id));
  if (push.id !== undefined && (held?.type !== "User" || held.attributes === undefined)) throw missing("User");
  if (held) matchVersion(push.exchange, held.version);
  if (held?.attributes && held.link?.applied.access === "partly" && opensAgain(push, held.attributes, rooms)) {
    await letGoOfDenial(push, held, rooms);
    return decideUser(push, rooms);
  }

  const observed = push.method === "DELETE" && (await rooms.store.mode(rooms.connection)).observes;
  const written = push.released ? { attributes: withKept(push.released.kept, held?.attributes), password: undefined, ignored: [] } : interpret(push, held?.attributes, rooms);

  const { attributes, dropped } = observed && held?.attributes && losesAccess({ ...held, attributes: undefined }, rooms) ? onlyDeactivated(held.attributes) : withoutTheImpossible(written.attributes, held, push.taken, rooms);
  const wanted = attributes && wantedOf(attributes, policy.identity, held?.groups);
  const isNew = !held?.attributes || !attributes || !sameJson(attributes, held.attributes);
  const cancels = held?.waiting !== undefined && !push.released && wantsOtherwise(push, held, held.waiting, rooms);
  if (!isNew && cancels && held.waiting) return { kind: "letGo", held, waiting: held.waiting };
  if (!isNew && held.due) return repeated(held, rooms);
  const planned = planUser(wanted, held?.link, vendor, policy);
  if (!isNew && planned.plan.length === 0) return { kind: "unchanged", held };
  if (planned.waitsFor.length > 0 && policy.onIncomplete === "refuse") throw invalid("invalidValue", `${vendor.title} demands ${planned.waitsFor.join(", ")}.`);
  const taking = held ? takingOf({ attributes: held.attributes, groups: held.groups, policy }, { attributes, groups: held.groups, policy }, held, vendor, planned.plan) : takesNothing;
  return { kind: "change", id: held?.id ?? newResourceId(), held, attributes, wanted, planned, password: written.password, ignored: written.ignored, dropped, observed, taking, cancels };
}

/**
 * Whether the push ends what waits in a hold: carried out after the waiting one, it would leave nothing that a rail looks at. A new
 * title does not; `active: true` does, and so does the role that was about to be lost.
 */
function wantsOtherwise(push: Push, held: Held, { kept }: Waiting, rooms: Rooms): boolean {
  if (push.method === "DELETE" || push.method === "POST" || !held.attributes) return false;
  const { policy, vendor } = rooms.site;
  const isDeletion = kept.type === "User" && kept.deleted;
  const then = isDeletion ? { ...held.attributes, active: false } : (withKept(kept, held.attributes) ?? {});
  const { attributes } = interpret(push, then, rooms);
  if (isDeletion) return attributes?.["active"] === true;
  const { groups } = held;
  return !takesAnything(takingOf(kept.type === "Work" ? undefined : { attributes: held.attributes, groups, policy }, { attributes, groups, policy }, held, vendor));
}

interface Interpreted {
  readonly attributes: Attributes | undefined;
  readonly password: string | undefined;
  readonly ignored: readonly string[];
}

function interpret({ method, body }: Push, current: Attributes | undefined, { users, site }: Rooms): Interpreted {
  const { strict, limits, roles } = site.policy;
  const keeps = roles.serveAsEntitlements ? ["entitlements"] : [];
  switch (method) {
    case "POST":
      return born(readCreate(users, body, { strict }));
    case "PUT":
      return readReplace(users, body, current ?? {}, { strict, keeps });
    case "PATCH":
      return patchUser(users, current ?? {}, body, { strict, maxOperations: limits.operations, keeps });
    case "DELETE":
      return { attributes: undefined, password: undefined, ignored: [] };
  }
}

/** A new person is active unless the IdP says otherwise, and Okta wants to read it (idps.md 5.2). */
const born = (written: Interpreted): Interpreted => ({ ...written, attributes: { active: true, ...written.attributes } });

/** Whether the push itself says `active: true`, not just the state that it starts from. */
const opensAgain = (push: Push, current: Attributes, rooms: Rooms): boolean => push.method !== "DELETE" && interpret(push, { ...current, active: false }, rooms).attributes?.["active"] === true;

/** The IdP wants the person back: the denial that was waiting for somebody is over, and its done part is what must be undone. */
async function letGoOfDenial(push: Push, held: Held, rooms: Rooms): Promise<void> {
  const { store, connection, owner, site } = rooms;
  const { attributes, link } = held;
  if (!attributes || !link) return;
  const journal = [{ kind: "decision" as const, resource: held.id, correlation: push.exchange.correlation, data: { notes: ["the person is wanted back: the unfinished denial is over"] } }];
  const committed = await store.commit({ connection, type: "User", id: held.id, readAt: held.version, attributes, keys: keysFor(attributes, rooms), bodyDigest: undefined, journal, due: { lane: "grant", lease: { owner, forMs: leaseMs(site.policy) } } });
  if (committed.kind !== "committed" || !committed.lease) throw new Refusal({ status: 503, retryAfterSeconds: 5, detail: "This person is being changed at the moment. Try again." });
  const due = { kind: "later" as const, atMs: await store.now(), lane: "grant" as const, attempts: 0, failure: undefined };
  await store.record(committed.lease, { journal: [], link: { ...link, applied: { ...link.applied, access: "inactive" } }, due });
}

/** Nothing new is wanted, and the vendor does not have it yet: this push is one more try. */
const repeated = (held: Held, rooms: Rooms): Unchanged | Redeliver => ({ kind: laterWork(held, rooms) ? "redeliver" : "unchanged", held });

/** Work that waits for its time (a settle) or for a vendor that is down stays with the worker. */
function laterWork({ due }: Held, { site }: Rooms): boolean {
  if (!due) return false;
  return due.dueAtMs === undefined || due.lane === "deny" || due.failure === undefined || !["uncertain", "throttled"].includes(due.failure.kind) || site.policy.delivery.onOutage === "reject";
}

/** Deleted here and not there, the next push of it would be 404, and the IdP would take the leaver for gone (I8). */
const onlyDeactivated = (before: Attributes): { readonly attributes: Attributes; readonly dropped: readonly string[] } => ({
  attributes: { ...before, active: false },
  dropped: ["the deletion: while the connection observes it is kept as a deactivation"],
});
