/**
 * The last look before a vendor call: does the connection's mode let it through? Asked of the row, after the wait for the budget, so
 * that a freeze counts for the very next call of every replica.
 *
 * @module
 */
import type { Call } from "../connectors/connector.ts";
import { Fault } from "../model/failure.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Mode } from "../model/mode.ts";
import { permits } from "../model/mode.ts";
import type { Operation } from "../model/operation.ts";
import { laneOf } from "../model/operation.ts";
import type { Store } from "../store/store.ts";
import type { Calling } from "./call.ts";
import type { Site } from "./site.ts";

/** Thrown in place of a call that was not made: nobody's failure, so nothing is counted and nothing is given up. */
export class Halted extends Fault {
  constructor({ frozen, reason }: Mode) {
    const why = frozen ? `the connection is frozen (${reason})` : "the connection is in observe mode";
    super({ kind: "throttled", retryAfterSeconds: 300, detail: `The vendor was not called: ${why}.` });
  }
}

/** The call of one operation, let through or not. An operation that has begun to write is let finish: half of one is worse than either. */
export function permitted(call: Calling, operation: Operation, resource: ResourceId, { connection }: Site, store: Store): Call {
  let begun = false;
  return {
    ...call,
    async admit(exchange) {
      await call.admit?.(exchange);
      if (begun) return;
      const mode = await store.mode(connection, resource);
      if (!permits(mode, { lane: laneOf(operation), write: exchange.write, owned: mode.owned })) throw new Halted(mode);
      begun = exchange.write;
      call.guard();
    },
  };
}
