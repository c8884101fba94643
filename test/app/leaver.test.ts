import { test } from "vitest";
import { conditions, leave, trials } from "../support/leaver.ts";
test("explore", async () => {
  const t0 = Date.now();
  const all = await Promise.all(Object.entries(trials).flatMap(([name, trial]) => conditions.map(async (c) => [name, c, await leave(trial, c).catch(String), Date.now() - t0])));
  console.log(JSON.stringify(all, null, 1));
}, 60000);
