import { loop } from "./loop.ts";
import { pushKinds } from "./pushes.ts";
import { modes } from "./trouble.ts";
const [name, mode, nth] = process.argv.slice(2);
const start = Date.now();
let cases = 0;
await Promise.all(pushKinds.filter((kind) => !name || name === "all" || kind.name === name).map(async (kind) => {
  const at = Date.now();
  const reports = await loop({ kind, modes: mode && mode !== "all" ? [mode as never] : modes, ...(nth && { only: Number(nth) }) });
  for (const { mode, hits, breaches } of reports) {
    cases += hits.length;
    console.log(`${kind.name} / ${mode}: ${hits.length} points, ${breaches.length} breaches ${Date.now() - at} ms`);
    if (name && name !== "all") console.log("   ", hits.join(" "));
    for (const breach of breaches) console.log(`   n=${breach.nth} ${breach.point}: ${breach.says.slice(0, 400)}`);
  }
}));
console.log(cases, "cases", Date.now() - start, "ms");
