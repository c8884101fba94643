/**
 * A body as it may be written down: named fields covered, at any depth.
 *
 * @module
 */
import type { Json, JsonObject } from "../../model/json.ts";

export const masked = "[secret]";

export const maskBody = (body: JsonObject, neverLog: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(body).map(([name, value]) => [name, neverLog.includes(name) ? masked : deep(value, neverLog)]));

function deep(value: Json, neverLog: readonly string[]): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((element) => deep(element, neverLog));
  return typeof value === "object" && value !== null ? maskBody(value as JsonObject, neverLog) : value;
}
