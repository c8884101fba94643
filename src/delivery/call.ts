/**
 * What travels with every call to a vendor: its turn in the budget, and who hears how it ended.
 *
 * @module
 */
import type { Call, Exchanged } from "../connectors/connector.ts";
import type { CorrelationId, ResourceId } from "../model/ids.ts";
import type { Operation } from "../model/operation.ts";
import { laneOf } from "../model/operation.ts";
import type { Site } from "./site.ts";

export interface Asking {
  readonly correlation: CorrelationId;
  /** Whom it is about, where it is about one person. */
  readonly about?: ResourceId;
  /** Of the lease under which it is done, in a run of converge. */
  readonly epoch?: number;
  readonly exchanges: Exchanged[];
  /** How long its turn is waited for (ms, the clock's). */
  readonly untilMs?: number | undefined;
  /** Asked last before an exchange; throws when the lease may be over. */
  readonly guard?: (() => void) | undefined;
  /** See `Call.sinceMs`. */
  readonly sinceMs?: number | undefined;
  /** Reads for nobody in particular, when nobody else wants to. */
  readonly isReconciliation?: boolean;
  /** Goes out although the vendor counts as down, and decides whether it still does. */
  readonly isProbe?: boolean;
  /** Told before the first byte of each exchange leaves that may change anything. */
  begins?(): void;
}

export interface Calling extends Call {
  /**
   * Waits for the turn of the first exchange, so that nothing is written down about an operation that cannot begin.
   *
   * @throws NoTurn
   */
  ready(): Promise<void>;
  /** For whoever waits for anything else before an exchange. @throws LeaseLost */
  guard(): void;
  /** No exchange follows: gives back what was not used. */
  end(): void;
}

/** @param operation `undefined` = a look */
export function callFor(operation: Operation | undefined, { correlation, about, epoch, exchanges, untilMs, sinceMs, guard, isProbe = false, isReconciliation = false, begins }: Asking, site: Site): Calling {
  const lane = isReconciliation ? "reconcile" : operation && laneOf(operation) === "deny" ? "deny" : "other";
  const leaving: (() => void)[] = [];
  let kept: (() => void) | undefined;
  let begun = false;
  const turn = async () => {
    const leave = await site.budget.take(lane, { untilMs, begun, probe: isProbe });
    begun = !isReconciliation; // a list of a thousand pages is never in the middle of anything
    return leave;
  };
  return {
    signal: site.cut, // beside it, each exchange has a time limit of its own in the kit
    correlation,
    ...(sinceMs !== undefined && { sinceMs }),
    async ready() {
      kept ??= await turn();
    },
    guard() {
      guard?.();
    },
    async admit(exchange) {
      const leave = kept ?? (await turn());
      kept = undefined;
      leaving.push(leave);
      guard?.();
      if (exchange?.write !== false) begins?.();
    },
    record(exchanged) {
      exchanges.push(exchanged);
      leaving.shift()?.();
      site.exchanged?.(operation?.kind ?? (isReconciliation ? "reconcile" : "look"), exchanged, { correlation, resource: about, epoch });
      site.heard(exchanged, isProbe, about);
    },
    end() {
      for (const leave of [...leaving.splice(0), ...(kept ? [kept] : [])]) leave();
      kept = undefined;
    },
  };
}
