/**
 * A process that writes to a SQLite file until it has written enough or is killed, and says so after each commit.
 *
 *     node bin/node24.mjs test/store/writer.ts FILE PREFIX COUNT [exclusive]
 *
 * @module
 */
import { writeSync } from "node:fs";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { deny, entry, keep, user } from "./people.ts";

const [file, prefix, count, exclusive] = process.argv.slice(2);
const store = await openStore({ url: `file:${file}`, clock: systemClock, exclusive: exclusive === "exclusive" });
writeSync(1, "open\n");
for (let n = 0; n < Number(count); n++) {
  const { id } = await keep(store, user(`${prefix} ${n}`), { due: deny("writer"), journal: [entry("push", undefined, { n })] });
  writeSync(1, `${id}\n`); // at once, without a buffer that a kill would take along
}
await store.close();
