/**
 * The journal rows that delivery writes: intent before, outcome after; alarms have `alarm.ts`.
 *
 * @module
 */
import type { Exchanged } from "../connectors/connector.ts";
import type { Failure } from "../model/failure.ts";
import type { CorrelationId, ResourceId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import type { Operation, Plan } from "../model/operation.ts";
import type { JournalEntry } from "../model/resource.ts";

export const intended = (resource: ResourceId, correlation: CorrelationId, plan: Plan): JournalEntry => ({ kind: "intent", resource, correlation, data: { operations: plan as unknown as Json } });

/** @param result `"done"`, or what went wrong */
export function outcomeOf(resource: ResourceId, correlation: CorrelationId, operation: Operation, result: "done" | Failure, calls: readonly Exchanged[], notes: readonly string[]): JournalEntry {
  const ended = result === "done" ? { result } : { result: result.kind, detail: result.detail };
  return { kind: "outcome", resource, correlation, data: plain({ operation: operation.kind, ...ended, calls, ...(notes.length > 0 && { notes }) }) };
}

/** What was intended and never begun. `unneeded` stands first: by it the row is found again. */
export const unneeded = (resource: ResourceId, correlation: CorrelationId, kinds: readonly Operation["kind"][]): JournalEntry => ({
  kind: "decision",
  resource,
  correlation,
  data: { unneeded: [...kinds], notes: ["the vendor was not called for it: when its turn came, nothing was left to do"] },
});

/** A look on the way to an operation, that failed before the operation was begun. */
export const looked = (resource: ResourceId, correlation: CorrelationId, operation: Operation, failure: Failure, calls: readonly Exchanged[]): JournalEntry => ({
  kind: "decision",
  resource,
  correlation,
  data: plain({ waits: operation.kind, result: failure.kind, detail: failure.detail, calls }),
});

/** Drops `undefined`, which JSON does not have. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
