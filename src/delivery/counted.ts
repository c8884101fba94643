/**
 * No denial passes the brake unseen: one that no push was counted for (the role policy has changed since, the vendor was found to have
 * undone it) is counted before it is carried out, and waits for a person when it is one too many.
 *
 * @module
 */
import type { Operation } from "../model/operation.ts";
import { railsOf } from "../rails/rails-of.ts";
import { takingOf } from "../rails/taking.ts";
import { holdAlarm } from "../rails/words.ts";
import type { Outcome } from "./outcome.ts";
import { LeaseLost, type Run } from "./run.ts";

/** @returns how the run ends, if a rail stops it: the work is parked, and its approval lets it go on */
export async function stopUncounted(run: Run, operation: Operation): Promise<Outcome | undefined> {
  // Whom this very run has let in loses nothing that they had: a joiner without a mapped role, where `fallback` is `deactivate`.
  if (run.counted || run.opened || (operation.kind !== "deactivate" && operation.kind !== "delete")) return undefined;
  const { site, works, job, link } = run;
  const { attributes, groups, due } = job.held;
  const { policy, vendor, connection } = site;
  // Of somebody whose create had no clear answer nobody knows that they have no access.
  const taking = takingOf(undefined, { attributes, groups, policy }, { link, due: link?.unknownAt === undefined ? undefined : due }, vendor, [operation]);
  if (!taking.access && !taking.record) return undefined;
  run.counted = await works.store.wasCounted(connection, job.held.id, policy.brake.windowMs);
  if (run.counted) return undefined;
  const answer = await works.store.countLoss(job.lease, railsOf(policy), taking, job.correlation);
  if (answer.kind === "leaseLost") throw new LeaseLost();
  if (answer.kind === "counted") {
    run.counted = true;
    return undefined;
  }
  const { hold, rail, detail, opened } = answer;
  if (opened) works.log.alarm(holdAlarm(hold, rail, detail), { connection });
  return { kind: "pending", failure: { kind: "held", hold, detail } };
}
