/**
 * A store that is out of reach is the IdP's cue to come again, whatever it asked for: 503, and nothing owned (DESIGN 3).
 *
 * @module
 */
import type { CorrelationId } from "../model/ids.ts";
import { Refusal } from "../scim/errors.ts";
import type { Rooms } from "./rooms.ts";

const retryAfterSeconds = 5;

/** What is told in place of what was thrown: a refusal where the store is out of reach, else the same. */
export function toldOf(thrown: unknown, correlation: CorrelationId, { store, log, connection }: Rooms): unknown {
  if (!store.isAway(thrown)) return thrown;
  log.error("the store is out of reach", { connection, correlation, error: String(thrown) });
  return new Refusal({ status: 503, retryAfterSeconds, detail: "Drawbridge cannot reach or write its own database at the moment, and takes nothing on. Try again." });
}
