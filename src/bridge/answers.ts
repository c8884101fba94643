/**
 * The bridge as the SCIM side sees it. A store that is out of reach is the IdP's cue to come again, whatever it asked for.
 *
 * @module
 */
import type { Answers } from "../scim/exchange.ts";
import type { CorrelationId } from "../model/ids.ts";
import { bulk } from "./bulk.ts";
import { list, read } from "./read.ts";
import type { Rooms } from "./rooms.ts";
import { toldOf } from "./store-away.ts";
import { write } from "./write.ts";

export const answersOf = (rooms: Rooms): Answers => ({
  read: (at, exchange) => withStore(read(at, exchange, rooms), exchange.correlation, rooms),
  list: (at, exchange) => withStore(list(at, exchange, rooms), exchange.correlation, rooms),
  write: (request, exchange) => withStore(write(request, exchange, rooms), exchange.correlation, rooms),
  bulk: (body, exchange) => withStore(bulk(body, exchange, rooms), exchange.correlation, rooms),
});

/** @throws Refusal 503 when the step failed for want of the store */
async function withStore<T>(step: Promise<T>, correlation: CorrelationId, rooms: Rooms): Promise<T> {
  try {
    return await step;
  } catch (thrown) {
    throw toldOf(thrown, correlation, rooms);
  }
}
