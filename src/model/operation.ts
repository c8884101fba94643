/**
 * Operations: what must become true at a vendor, in words every connector understands.
 *
 * An operation names the end, never the HTTP call that reaches it. Plans are made of operations, the journal keeps them
 * exactly as written here, and only connectors translate them.
 *
 * @module
 */
import type { RoleId } from "./ids.ts";
import type { Profile, ProfileChange } from "./person.ts";

export type Operation =
  | { readonly kind: "create"; readonly email: string; readonly profile: Profile; readonly role: RoleId | undefined; readonly reason: string }
  | { readonly kind: "updateProfile"; readonly changes: ProfileChange }
  | { readonly kind: "setRole"; readonly role: RoleId; readonly direction: "up" | "down"; readonly reason: string }
  /** `tags`: what the person is to have of the mapped ones; others at the vendor stay. */
  | { readonly kind: "setTags"; readonly tags: readonly string[]; readonly direction: "up" | "down" }
  | { readonly kind: "deactivate"; readonly reason: string }
  | { readonly kind: "reactivate"; readonly role: RoleId | undefined; readonly reason: string }
  | { readonly kind: "delete" };

export type Plan = readonly Operation[];

/** Priority of due work, strongest first. */
export type Lane = "deny" | "grant" | "profile" | "reconcile";

/** A lane is what an operation means, not a setting. Denials may be repeated blindly; grants may not. */
export function laneOf(operation: Operation): Lane {
  switch (operation.kind) {
    case "deactivate":
    case "delete":
      return "deny";
    case "setRole":
    case "setTags":
      return operation.direction === "down" ? "deny" : "grant";
    case "create":
    case "reactivate":
      return "grant";
    case "updateProfile":
      return "profile";
  }
}

/** Denials first, then what the person is called, then what is granted. */
export const order: readonly Lane[] = ["deny", "profile", "grant", "reconcile"];
/** The strongest lane of a plan decides how soon its resource is due. */
export const urgency: readonly Lane[] = ["deny", "grant", "profile", "reconcile"];

export const strongestLane = (plan: Plan): Lane | undefined => urgency.find((lane) => plan.some((operation) => laneOf(operation) === lane));
