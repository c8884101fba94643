/**
 * The bridge as the SCIM side sees it.
 *
 * @module
 */
import type { Answers } from "../scim/exchange.ts";
import { bulk } from "./bulk.ts";
import { list, read } from "./read.ts";
import type { Rooms } from "./rooms.ts";
import { write } from "./write.ts";

export const answersOf = (rooms: Rooms): Answers => ({
  read: (at, exchange) => read(at, exchange, rooms),
  list: (at, exchange) => list(at, exchange, rooms),
  write: (request, exchange) => write(request, exchange, rooms),
  bulk: (body, exchange) => bulk(body, exchange, rooms),
});
