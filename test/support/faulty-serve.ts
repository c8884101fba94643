/**
 * The server as a process that meets trouble at a fault point: `faulty-serve.ts CONFIG`, with `FAULT="crash call.create.sent"` in its
 * environment (`crash`, `throw` or `hang`, and the point). It happens once, the first time that the point is reached after a push has come in.
 *
 * This, and nothing in `src/`, is what reads that variable.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { type FaultPoint, faultPoints } from "../../src/runtime/fault.ts";
import { openLog } from "../../src/runtime/log.ts";

const [mode, wanted] = (process.env["FAULT"] ?? "").split(" ");
const point = faultPoints.find((one) => one === wanted);
if (point === undefined || !["crash", "throw", "hang"].includes(mode ?? "")) throw new Error('FAULT must be "crash", "throw" or "hang", and a point');

let pushed = false;
let left = 1;

async function fault(reached: FaultPoint): Promise<void> {
  pushed ||= reached === "write.parsed";
  if (!pushed || reached !== point || left-- <= 0) return;
  if (mode === "crash") process.kill(process.pid, "SIGKILL");
  if (mode === "throw") throw new Error(`planted at ${reached}`);
  await new Promise(() => {});
}

const config = await readConfig(process.argv[2] ?? "", { env: process.env, readFile: (path) => readFile(path, "utf8") });
const house = await openHouse(config, { log: openLog(), fault });
await house.door.listen(config.listen.host, config.listen.port);
