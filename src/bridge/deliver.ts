/**
 * Converges inside the request until its deadline; what is not done by then belongs to the worker.
 *
 * @module
 */
import { isNeverQueued } from "../delivery/lapse.ts";
import type { Outcome } from "../delivery/outcome.ts";
import { leaseMs } from "../delivery/site.ts";
import { takesAnything } from "../model/hold.ts";
import type { Failure } from "../model/failure.ts";
import type { Plan } from "../model/operation.ts";
import { planUser } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import type { Held } from "../model/resource.ts";
import type { Taken } from "../store/store.ts";
import type { Kept, Push, Redeliver } from "./push.ts";
import type { Rooms } from "./rooms.ts";

/** What the request and whoever works for it tell each other. */
interface Ticket {
  acknowledged: boolean;
  takingBack: boolean;
}

/** A push that only changes a profile is answered sooner: nobody's access hangs on it. */
const profileDeadlineMs = 5_000;
/** How often a request looks whether another one has finished with its person. */
const lookEveryMs = 25;

/** The earlier push that this one repeats was taken back meanwhile: what this one wants is decided anew. */
export type Moved = { readonly kind: "moved" };

export async function deliver(push: Push, kept: Kept | Redeliver, rooms: Rooms): Promise<Outcome | Moved> {
  if (kept.kind === "kept" && !kept.hasWork) return { kind: "done" };
  const untilMs = Math.min(rooms.clock.now() + deadlineMs(kept.kind === "kept" ? kept.change.planned.plan : [], rooms), push.exchange.untilMs ?? Infinity);
  const ticket: Ticket = { acknowledged: false, takingBack: false };
  const run = kept.kind === "kept" && kept.lease ? begin(push, kept, { lease: kept.lease, held: kept.held, abandoned: false, askedMs: kept.askedMs }, untilMs, ticket, rooms) : waitForTurn(push, kept, untilMs, ticket, rooms);
  const over = new AbortController();
  const late = rooms.clock.sleep(untilMs - rooms.clock.now(), over.signal).then((): Outcome | Promise<Outcome | Moved> => {
    if (ticket.takingBack) return run;
    ticket.acknowledged = true; // at once, so that nobody takes back what is about to be accepted
    return { kind: "pending", failure: undefined };
  });
  const outcome = await Promise.race([run, late]);
  over.abort("answered"); // a reason of its own: the default one is an error with a stack
  if (outcome.kind === "moved") return outcome;
  if (outcome.kind === "pending" && isGivenNowOrNever(kept, rooms)) return { kind: "undone", failure: notGiven(outcome.failure, rooms) };
  ticket.acknowledged = true;
  if (outcome.kind === "pending" || outcome.kind === "owned") rooms.nudge(); // the rest is the worker's
  return outcome;
}

/** The IdP is to ask again: it is given now or taken back, whenever the call under way ends. Whoever repeats a push, or comes while another's call is under way, waits for that call. */
function isGivenNowOrNever(kept: Kept | Redeliver, { site }: Rooms): boolean {
  return isNeverQueued(kept.kind === "redeliver" ? planOf(kept.held, site) : kept.change.planned.plan, site.policy);
}

function planOf({ attributes, groups, link }: Held, { policy, vendor }: Rooms["site"]): Plan {
  try {
    return planUser(attributes && wantedOf(attributes, policy.identity, groups), link, vendor, policy).plan;
  } catch {
    return []; // no plan, so nothing is given
  }
}

/** Not taken back: the call under way had not ended, or a newer push was made on top of this one. It says so; what is granted late lapses with an alarm. */
function notGiven(failure: Failure | undefined, { site }: Rooms): Failure {
  const because: Failure = failure ?? { kind: "unreachable", detail: `${site.vendor.title} did not answer in time, and a privileged role is never given later.` };
  return { ...because, detail: `The role is kept as wanted, but it was not given: ${because.detail}` };
}

function begin(push: Push, kept: Kept | Redeliver, { lease, held, abandoned, askedMs }: Taken & Pick<Kept, "askedMs">, untilMs: number, ticket: Ticket, rooms: Rooms): Promise<Outcome> {
  const ours = kept.kind === "kept" && held.version === kept.held.version;
  return rooms.converge({
    lease,
    held,
    abandoned,
    askedMs,
    correlation: push.exchange.correlation,
    asked: !ours,
    // A push that changed nothing has nothing to take back: it only asks how its forerunner fares.
    ...(ours && {
      request: {
        counted: takesAnything(kept.change.taking),
        journalled: kept.lease !== undefined && kept.journalled,
        former: kept.former,
        password: kept.change.password,
        arrivedMs: push.arrivedMs,
        untilMs,
        acknowledged: () => ticket.acknowledged,
        takingBack: () => void (ticket.takingBack = true),
      },
    }),
  });
}

/** Never throws: the push is kept, whatever becomes of the waiting. */
async function waitForTurn(...[push, kept, untilMs, ticket, rooms]: Parameters<typeof takeTurn>): Promise<Outcome | Moved> {
  try {
    return await takeTurn(push, kept, untilMs, ticket, rooms);
  } catch (thrown) {
    rooms.log.error("a push is left to the worker", { connection: rooms.connection, resource: kept.held.id, correlation: push.exchange.correlation, error: String(thrown) });
    return { kind: "pending", failure: undefined };
  }
}

/** Somebody else is at this person: they see our state too, or leave it to us. */
async function takeTurn(push: Push, kept: Kept | Redeliver, untilMs: number, ticket: Ticket, rooms: Rooms): Promise<Outcome | Moved> {
  const { store, clock, connection, owner, site } = rooms;
  // Versions go back only where a push is taken back, or with the whole resource.
  const isTakenBack = (now: Held | undefined) => kept.kind === "redeliver" && (now === undefined || now.version < kept.held.version);
  for (;;) {
    const now: Held | undefined = await store.hold(connection, kept.held.id);
    if (isTakenBack(now)) return { kind: "moved" };
    if (!now?.due) return { kind: "done" };
    if (clock.now() >= untilMs) return { kind: "pending", failure: now.due.failure };
    const askedMs = clock.now();
    const turn = await store.take(connection, kept.held.id, owner, leaseMs(site.policy));
    if (turn) {
      const outcome = await begin(push, kept, { ...turn, askedMs }, untilMs, ticket, rooms);
      return isTakenBack(turn.held) ? { kind: "moved" } : outcome;
    }
    if (clock.now() + lookEveryMs >= untilMs) return { kind: "pending", failure: now.due.failure };
    await clock.sleep(lookEveryMs);
  }
}

function deadlineMs(plan: Plan, { site }: Rooms): number {
  const { deadlineMs: whole } = site.policy.delivery;
  return plan.length > 0 && plan.every(({ kind }) => kind === "updateProfile") ? Math.min(whole, profileDeadlineMs) : whole;
}
