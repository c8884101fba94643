/**
 * The soak from the command line:
 *
 *     npm run soak -- --minutes 10                   25 requests a second on four connections, PeopleLens answers 3 calls a second
 *     … --rate 25 --throttled applivery --limit 3 --seed 1 --settle 10 --json
 *
 * Exits with 1 when an answer was 429 or 5xx, when memory was not flat, or when accepted work was left undone.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { gates } from "./memory.ts";
import { soak } from "./soak.ts";

const { values: given } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, rate: { type: "string", default: "25" }, throttled: { type: "string", default: "peoplelens" }, limit: { type: "string", default: "3" }, seed: { type: "string", default: "1" }, settle: { type: "string", default: "10" }, json: { type: "boolean", default: false } },
});
const number = (name: "minutes" | "rate" | "limit" | "seed" | "settle"): number => {
  const value = Number(given[name]);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
  return value;
};
const limit = number("limit");
const { connections, heap, heapAtRestMb, resident, samples, seconds, settledSeconds, wrong } = await soak({
  minutes: number("minutes"), perSecond: number("rate"), throttled: given.throttled, limit: { perSecond: limit, burst: 2 * limit }, seed: number("seed"), settleMinutes: number("settle"),
  ...(!given.json && { told: (line: string) => console.log(line) }),
});

const rows = connections.map(({ name, traffic: { requests, statuses, reads, writes }, vendor, openAtEnd }) => ({
  connection: name, requests, perSecond: requests / seconds, statuses: Object.fromEntries(statuses), readP50Ms: reads.at(0.5), readP99Ms: reads.at(0.99), writeP50Ms: writes.at(0.5), writeP99Ms: writes.at(0.99), vendorCalls: vendor.calls, vendorSaid429: vendor.throttled, openAtEnd,
}));
process.exitCode = wrong.length === 0 ? 0 : 1;
if (given.json) console.log(JSON.stringify({ seconds, connections: rows, heap, heapAtRestMb, resident, samples, settledSeconds, wrong }));
else {
  const ms = (value: number) => value.toFixed(value < 100 ? 1 : 0);
  console.log("\n| connection | requests | a second | answers | read p50 / p99 ms | write p50 / p99 ms | vendor calls | of them 429 | open at the end |\n| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
  for (const row of rows) console.log(`| ${row.connection} | ${row.requests} | ${row.perSecond.toFixed(1)} | ${Object.entries(row.statuses).map(([status, count]) => `${status}: ${count}`).join(", ")} | ${ms(row.readP50Ms)} / ${ms(row.readP99Ms)} | ${ms(row.writeP50Ms)} / ${ms(row.writeP99Ms)} | ${row.vendorCalls} | ${row.vendorSaid429} | ${row.openAtEnd} |`);
  console.log(`heap after collection: mean ${heap.meanMb.toFixed(1)} MB under load, slope ${heap.slopeMbPerMinute.toFixed(3)} MB a minute; least ${Math.min(...samples.map(({ heapMb }) => heapMb)).toFixed(1)} MB, at rest afterwards ${heapAtRestMb.toFixed(1)} MB (gate: the least and ${gates.heap * 100} % for each minute)`);
  console.log(`resident without the young generation: mean ${resident.meanMb.toFixed(1)} MB, slope ${resident.slopeMbPerMinute.toFixed(3)} MB a minute (gate ${(gates.resident * resident.meanMb).toFixed(2)}, which is ${gates.resident * 100} % of the mean)`);
  console.log(settledSeconds === undefined ? "accepted work was left undone" : `everything that was accepted was carried out ${settledSeconds.toFixed(0)} s after the vendor throttled no more`);
  console.log(wrong.length === 0 ? "nothing is wrong" : wrong.map((one) => `WRONG ${one}`).join("\n"));
}
