/**
 * A privileged role is given while somebody asks for it, or not at all: never queued, never hours later (DESIGN 3).
 *
 * @module
 */
import type { Failure } from "../model/failure.ts";
import type { Operation } from "../model/operation.ts";
import { isPrivileged } from "../plan/plan-roles.ts";
import type { Outcome } from "./outcome.ts";
import type { Run } from "./run.ts";

/** A group's push may affect more people than its request waits for; what it asked for is still being asked for so long. */
const askedForMs = 60_000;

export function givesPrivilege({ site }: Run, operation: Operation): boolean {
  if (operation.kind === "setRole") return operation.direction === "up" && isPrivileged(operation.role, site.policy.roles);
  return operation.kind === "reactivate" && isPrivileged(operation.role, site.policy.roles);
}

/** The push is refused where it still can be; else what it asked for is given up, with an alarm, and a later push may ask again. */
export async function notNow(run: Run, operation: Operation, failure: Failure): Promise<Outcome> {
  const { request, held } = run.job;
  if (request && !request.acknowledged() && held.attributes && !run.opened) return run.undo(operation, failure);
  await run.alarm(`${operation.kind} to a privileged role was not given: ${failure.detail} It is given at once or not at all; push it again.`, { kind: "failed", failure });
  return { kind: "failed", failure };
}

/** Nobody has asked for it lately: the process was down, or the vendor was. */
export async function isLate(run: Run, operation: Operation): Promise<boolean> {
  const { due } = run.job.held;
  if (run.job.pushed || !givesPrivilege(run, operation) || !due) return false;
  return (await run.works.store.now()) - due.sinceMs > askedForMs;
}

export const tooLate: Failure = { kind: "unreachable", detail: "The push that asked for it is too long ago." };
