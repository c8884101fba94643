/**
 * The whole anomaly loop, printed: `npm run anomalies [-- --kind NAME] [--mode MODE] [--nth N]`.
 *
 * Exits with 1 when an invariant is broken, or when a point did not meet every mode: then the loop has not shown what it says.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { loop, type Report } from "./loop.ts";
import { unmet } from "./met.ts";
import { pushKinds } from "./pushes.ts";
import { type Mode, modes } from "./trouble.ts";

/** Most of a case is waiting: for a deadline, for a client's patience. */
const atOnce = 4;

const { values } = parseArgs({ options: { kind: { type: "string" }, mode: { type: "string" }, nth: { type: "string" } } });
const kinds = pushKinds.filter(({ name }) => values.kind === undefined || name === values.kind);
if (kinds.length === 0) throw new Error(`no such kind; possible: ${pushKinds.map(({ name }) => name).join(", ")}`);
const wanted: readonly Mode[] = values.mode === undefined ? modes : [values.mode as Mode];

const begunMs = Date.now();
const reports: Report[] = [];
const waiting = [...kinds];
await Promise.all(Array.from({ length: atOnce }, async () => {
  for (let kind = waiting.shift(); kind; kind = waiting.shift()) {
    const made = await loop({ kind, modes: wanted, ...(values.nth !== undefined && { only: Number(values.nth) }) });
    reports.push(...made);
    for (const breach of made.flatMap((report) => report.breaches)) console.log(`${breach.says}\n  at ${breach.point}\n  again: npm run anomalies -- --kind "${breach.kind}" --mode "${breach.mode}" --nth ${breach.nth}`);
    console.log(`${kind.name}: ${made.map(({ mode, hits, breaches }) => `${mode} ${hits.length}${breaches.length > 0 ? ` (${breaches.length} BREACHES)` : ""}`).join(", ")}`);
  }
}));

// The n-th point is another one when the worker was faster or slower; what was stepped over is aimed at.
if (values.kind === undefined && values.mode === undefined) {
  for (const { point, mode } of unmet(reports)) {
    const name = reports.find(({ hits }) => hits.includes(point))?.kind;
    const kind = pushKinds.find((one) => one.name === name);
    if (kind) reports.push(...(await loop({ kind, modes: [mode], only: point })));
  }
}

const breaches = reports.flatMap((report) => report.breaches);
const missing = values.kind === undefined && values.mode === undefined ? unmet(reports) : [];
for (const { point, mode } of missing) console.log(`never met: ${point} × ${mode}`);
const cases = reports.reduce((sum, { hits }) => sum + hits.length, 0);
const points = new Set(reports.flatMap(({ hits }) => hits));
console.log(`${cases} cases: ${kinds.length} kinds of push, ${points.size} points, ${wanted.length} modes, ${((Date.now() - begunMs) / 1000).toFixed(0)} s; ${breaches.length} breaches, ${missing.length} never met`);
process.exit(breaches.length + missing.length > 0 ? 1 : 0);
