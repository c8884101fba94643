/**
 * Members of a group, and how a push changes them.
 *
 * @module
 */
import type { JsonObject } from "./json.ts";

/** `value`, and whatever else the client wrote into the element (`display`, `type`, `$ref`), exactly. */
export interface Member {
  readonly value: string;
  readonly rest: JsonObject;
}

/** One step of a group's PATCH, applied to rows in order; the rest of the group is never read. */
export type MemberChange =
  | { readonly kind: "add"; readonly members: readonly Member[] }
  | { readonly kind: "remove"; readonly values: readonly string[] }
  | { readonly kind: "replace"; readonly members: readonly Member[] }
  /** Remove without a value: the attribute itself goes. */
  | { readonly kind: "clear" };
