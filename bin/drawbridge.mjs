#!/usr/bin/env node
// The command line: src/main.ts, on a Node that can run it.
import { fileURLToPath } from "node:url";

process.argv.splice(1, 1, fileURLToPath(new URL("node24.mjs", import.meta.url)), fileURLToPath(new URL("../src/main.ts", import.meta.url)));
await import("./node24.mjs");
