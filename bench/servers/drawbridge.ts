/**
 * Drawbridge for the bench: the whole house on a fresh SQLite file with USERS linked people in it.
 *
 *     node bench/servers/drawbridge.ts USERS VENDOR_URL
 *
 * @module
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acme, benchHouse } from "./house.ts";
import { seedPeople } from "./seed.ts";

const [users = "1000", vendorUrl = ""] = process.argv.slice(2);
process.on("SIGINT", () => process.exit(0));
const house = await benchHouse({ store: `file:${join(mkdtempSync(join(tmpdir(), "drawbridge-bench-")), "bench.db")}`, vendorUrl });
const [firstId] = await seedPeople(house.store, acme, Number(users));
const { port } = await house.door.listen("127.0.0.1", 0);
console.log(JSON.stringify({ port, firstId }));
