/**
 * Wakes every other millisecond and writes one block to the disk fifty times a second; tells its parent the longest that either has taken.
 *
 * @module
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disturbance } from "../gates/machine.ts";

const everyMs = 2;
const folder = mkdtempSync(join(tmpdir(), "drawbridge-beside-"));
const file = openSync(join(folder, "block"), "w");
rmSync(folder, { recursive: true });
const block = Buffer.alloc(4_096);
let [lateMs, diskMs] = [0, 0];
let dueMs = performance.now() + everyMs;
let woken = 0;

function wake(): void {
  lateMs = Math.max(lateMs, performance.now() - dueMs);
  if (++woken % 10 === 0) {
    const beganMs = performance.now();
    writeSync(file, block, 0, block.length, 0);
    fdatasyncSync(file);
    diskMs = Math.max(diskMs, performance.now() - beganMs);
  }
  dueMs = performance.now() + everyMs;
  setTimeout(wake, everyMs);
}

process.on("message", () => {
  process.send?.({ lateMs, diskMs } satisfies Disturbance);
  [lateMs, diskMs] = [0, 0];
});
process.on("disconnect", () => {
  closeSync(file);
  process.exit(0);
});
wake();
process.send?.("begun");
