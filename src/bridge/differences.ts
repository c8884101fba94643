/**
 * Before and after of a push, for the journal: what an undo restores from.
 *
 * @module
 */
import type { JsonObject } from "../model/json.ts";
import { sameJson } from "../model/json.ts";
import type { Attributes } from "../model/resource.ts";

/** Before and after of what changed, whole attributes at a time. */
export function differences(before: Attributes | undefined, after: Attributes | undefined): { readonly before: JsonObject; readonly after: JsonObject } {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const changed = [...names].filter((name) => !sameJson(before?.[name], after?.[name]));
  const pick = (from: Attributes | undefined): JsonObject => Object.fromEntries(changed.flatMap((name) => (from?.[name] === undefined ? [] : [[name, from[name]]])));
  return { before: pick(before), after: pick(after) };
}
