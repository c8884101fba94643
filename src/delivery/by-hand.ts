/**
 * What only a person can do at the vendor: the task, its title, and the rule that a closed task is the proof that it was done.
 *
 * @module
 */
import type { Capability } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Operation } from "../model/operation.ts";
import type { Store } from "../store/store.ts";
import type { Site } from "./site.ts";

const words: { readonly [K in Operation["kind"]]: string } = {
  create: "create an account",
  updateProfile: "change a profile",
  setRole: "change a role",
  setTags: "change tags",
  deactivate: "take access away",
  reactivate: "give access back",
  delete: "remove an account",
};

/** The same for the same need, so that a repeated push finds the task that it has already led to. */
export function titleOf(operation: Operation, { vendor }: Site): string {
  const detail = operation.kind === "create" ? ` (${operation.email})` : operation.kind === "setRole" ? ` (${operation.role})` : "";
  return `${vendor.title}: ${words[operation.kind]} by hand${detail}`;
}

/** No call for it exists, or none that the operator allows. */
export function unsupported(operation: Operation, link: Link | undefined, { vendor }: Site): Fault {
  const capability: Capability = operation.kind;
  const role = operation.kind === "setRole" || operation.kind === "create" ? operation.role : link?.applied.role;
  const steps = vendor.steps(capability, { email: operation.kind === "create" ? operation.email : link?.login, name: undefined, role });
  const why = vendor.missing(capability);
  return new Fault({ kind: "unsupported", capability, steps, detail: `${vendor.title} offers no way to ${words[operation.kind]}${why ? ` (${why})` : ""}. A person must do it there: ${steps}` });
}

/** The steps of a task, with the values that are wanted: whoever does it has nothing else to look at. */
export function exactSteps(steps: string, operation: Operation | undefined): string {
  const wanted = operation && wantedOf(operation);
  return wanted === undefined || steps.includes(wanted) ? steps : `${steps} ${wanted}`.trim();
}

function wantedOf(operation: Operation): string | undefined {
  switch (operation.kind) {
    case "updateProfile": {
      const values = Object.entries(operation.changes).map(([part, value]) => (value === null ? `${part} empty` : `${part} "${value}"`));
      return `Wanted: ${values.join(", ")}.`;
    }
    case "setTags":
      return operation.tags.length === 0 ? "Wanted: none of the mapped tags." : `Wanted of the mapped tags: ${operation.tags.join(", ")}, and no other.`;
    case "setRole":
      return `Wanted: the role ${operation.role}.`;
    case "create":
    case "reactivate":
    case "deactivate":
    case "delete":
      return undefined;
  }
}

/** A person has closed the task for exactly this, and no later push has opened it again. */
export async function doneByHand(operation: Operation, resource: ResourceId, site: Site, store: Store): Promise<boolean> {
  const title = titleOf(operation, site);
  const of = (tasks: Awaited<ReturnType<Store["tasks"]>>) => tasks.filter((task) => task.resource === resource && task.title === title);
  if (of(await store.tasks(site.connection, { open: true })).length > 0) return false;
  return of(await store.tasks(site.connection, { open: false })).some(({ doneMs }) => doneMs !== undefined);
}
