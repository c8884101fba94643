/**
 * Drawbridge for the gates: so many people and groups of so many of them, on either engine; tells its parent how long its event loop was kept.
 *
 *     node bench/servers/watched.ts '{ "store": URL, "vendorUrl": URL, "people": 1000, "groups": [500] }'
 *
 * @module
 */
import { acme, benchHouse } from "./house.ts";
import { seedGroup, seedPeople } from "./seed.ts";
import { tellTurns } from "./turns.ts";

export interface WatchedWish {
  readonly store: string;
  readonly vendorUrl: string;
  readonly people: number;
  /** How many members each has: the first of the people. */
  readonly groups: readonly number[];
}

export interface WatchedBegun {
  readonly port: number;
  /** In order of arrival. */
  readonly people: readonly string[];
  readonly groups: readonly string[];
}

const { people, groups, ...where } = JSON.parse(process.argv[2] ?? "{}") as WatchedWish;
process.on("disconnect", () => process.exit(1));
const house = await benchHouse(where);
const ids = await seedPeople(house.store, acme, people);
const made: string[] = [];
for (const [n, count] of groups.entries()) made.push(await seedGroup(house.store, acme, `Group ${n}`, ids.slice(0, count)));
const { port } = await house.door.listen("127.0.0.1", 0);
tellTurns();
process.send?.({ port, people: ids, groups: made } satisfies WatchedBegun);
