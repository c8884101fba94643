/**
 * Plays compliance suites against fresh connections and prints the scores.
 *
 *   npm run compliance [-- SUITE …]          all suites, or those whose names begin with one of the words
 *   UPDATE=1 npm run compliance              writes docs/compliance.md
 *   VERBOSE=1 npm run compliance             prints waived failures, too
 *
 * What a suite needs is installed from the registries that this machine is set up for, into a folder that is kept (COMPLIANCE_CACHE). A
 * suite that cannot be had is reported as not run. Ends with 1 if a failure is not waived, or a waiver covers nothing any more.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { hasTrouble, line, type Report, trouble, writePage } from "./report.ts";
import { openStage } from "./stage.ts";
import { NotRun, type Outcome, type Suite } from "./suite.ts";
import { suites } from "./suites/all.ts";
import { judge } from "./waivers.ts";

const { positionals: words } = parseArgs({ allowPositionals: true });
const chosen = suites.filter(({ id }) => words.length === 0 || words.some((word) => id.startsWith(word)));
if (chosen.length === 0) {
  console.error(`No suite is called that; there are ${suites.map(({ id }) => id).join(", ")}.`);
  process.exit(2);
}

const reports: Report[] = [];
for (const suite of chosen) {
  const outcome = await play(suite);
  const report: Report = outcome.kind === "ran" ? { suite, outcome, verdict: judge(suite.id, outcome.checks) } : { suite, outcome };
  reports.push(report);
  console.log(line(report));
  for (const text of trouble(report, process.env.VERBOSE === "1")) console.log(`  ${text}`);
}
if (process.env.UPDATE === "1") await writePage(reports);
process.exit(reports.some(hasTrouble) ? 1 : 0);

async function play(suite: Suite): Promise<Outcome> {
  const stage = await openStage(suite);
  try {
    return await suite.run(stage);
  } catch (thrown) {
    if (thrown instanceof NotRun) return { kind: "not run", reason: thrown.message };
    throw thrown;
  } finally {
    await stage.stop();
  }
}
