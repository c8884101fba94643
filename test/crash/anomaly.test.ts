/**
 * A part of the anomaly loop, small enough for every change; all of it is `npm run anomalies`.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { loop, type LoopWish } from "./anomaly/loop.ts";
import { pushKinds } from "./anomaly/pushes.ts";
import type { Mode } from "./anomaly/trouble.ts";

const wishes: readonly { readonly name: string; readonly modes: readonly Mode[] }[] = [
  { name: "create", modes: ["throw", "crash", "store error"] },
  { name: "deactivate", modes: ["throw", "crash", "hang"] },
  { name: "delete", modes: ["crash"] },
  { name: "reactivate", modes: ["throw"] },
  { name: "role up, privileged", modes: ["throw"] },
  { name: "group remove", modes: ["store error"] },
  { name: "create that is refused", modes: ["delay"] },
  { name: "privileged role whose answer is lost", modes: ["store full"] },
  { name: "create whose answer is lost", modes: ["crash"] },
];

describe("whichever fault point fails, and however: nobody twice, no denial lost, the journal whole", () => {
  test.concurrent.each(wishes)("$name: $modes", async ({ name, modes }) => {
    const kind = pushKinds.find((one) => one.name === name);
    if (!kind) throw new Error(`no such kind: ${name}`);
    const reports = await loop({ kind, modes } satisfies LoopWish);
    expect(reports.flatMap(({ breaches }) => breaches)).toEqual([]);
    for (const { hits } of reports) expect(hits.length).toBeGreaterThan(8);
  }, 120_000);
});
