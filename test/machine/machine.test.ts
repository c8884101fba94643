/**
 * The state machine (reliability.md 9.4): the real house against a model, in virtual time.
 *
 *   npm run machine -- --runs 500 [--seed N --path P]   more of it, or one failure again
 *
 * @module
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { commands, nothingKnown, rest } from "./commands.ts";
import { Breach } from "./judge.ts";
import { Rig } from "./rig.ts";

const asked = (name: string): string | undefined => process.env[`MACHINE_${name}`];
const runs = Number(asked("RUNS") ?? 25);

test("whatever the IdP, the vendor, the network and the process do, every invariant holds after every command and at rest", { timeout: Math.max(120_000, runs * 10_000) }, async () => {
  let story = "";
  const property = fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: "max", replayPath: asked("PATH")?.split(" ")[1] ?? "" }), async (all) => {
    const rig = await Rig.open();
    const knowledge = nothingKnown();
    try {
      await fc.asyncModelRun(() => ({ model: knowledge, real: rig }), all);
      await rest(knowledge, rig);
    } catch (thrown) {
      story = [...knowledge.told, String(thrown instanceof Breach ? thrown.message : (thrown as Error).stack)].join("\n");
      throw thrown;
    } finally {
      await rig.stop();
    }
  });
  const [path] = asked("PATH")?.split(" ") ?? [];
  const details = await fc.check(property, { numRuns: runs, endOnFailure: asked("SHRINK") === undefined, ...(path && { path }) });
  const again = `npm run machine -- --seed=${details.seed} --path '${details.counterexamplePath} ${/replayPath="(.*?)"/.exec(String(details.counterexample?.[0]))?.[1] ?? ""}'`;
  expect(details.failed ? `${story}\nagain: ${again}` : "").toBe("");
});
