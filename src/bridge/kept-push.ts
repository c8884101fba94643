/**
 * A user's push as a hold keeps it, and what becomes of it when it is carried out later: the person may have changed meanwhile, and
 * what other pushes have said since stands.
 *
 * @module
 */
import type { KeptPush, KeptUser } from "../model/hold.ts";
import type { Json } from "../model/json.ts";
import { sameJson } from "../model/json.ts";
import type { Attributes } from "../model/resource.ts";
import { differences } from "./differences.ts";

export const keptUser = (method: string, before: Attributes | undefined, after: Attributes | undefined): KeptUser =>
  after === undefined ? { type: "User", method: "DELETE", deleted: true, before: {}, after: {} } : { type: "User", method: method === "PUT" ? "PUT" : "PATCH", deleted: false, ...differences(before, after) };

/**
 * The person after the kept push: attributes that somebody else has changed since it came in stay as they are, `active: false` excepted.
 *
 * @returns `undefined` = deleted
 */
export function withKept(kept: KeptPush, current: Attributes | undefined): Attributes | undefined {
  if (kept.type !== "User" || !current) return current;
  if (kept.deleted) return undefined;
  const merged: Record<string, Json> = { ...current };
  for (const name of new Set([...Object.keys(kept.before), ...Object.keys(kept.after)])) {
    const to = kept.after[name];
    if (!sameJson(current[name], kept.before[name]) && !(name === "active" && to === false)) continue;
    if (to === undefined) delete merged[name];
    else merged[name] = to;
  }
  return merged;
}
