/**
 * A call of the doctor's to a vendor: outside the server's budget, because there are a handful.
 *
 * @module
 */
import type { Call, Exchanged } from "../connectors/connector.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Ward } from "./ward.ts";

/** Its exchanges are kept, so that a failure can name the one that failed. */
export interface Looking extends Call {
  readonly exchanges: Exchanged[];
}

export function callOf({ signal }: Pick<Ward, "signal">, correlation = newCorrelationId()): Looking {
  const exchanges: Exchanged[] = [];
  return { signal, correlation, exchanges, record: (exchanged) => void exchanges.push(exchanged) };
}
