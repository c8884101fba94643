import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.mjs";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/fixed-seed.ts"],
    testTimeout: 60_000, // several tests start processes, and a busy machine needs its time for that
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: "100%", // one less by default, which on two cores is one; and many tests wait more than they work
    isolate: false,
    sequence: { sequencer: LongestFirst },
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/drawbridge", import.meta.url)) }, // for the many processes that tests start
  },
});
