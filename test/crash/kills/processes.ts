/**
 * Processes that are there to be killed: servers and the vendor. Each is started again on the same ports, by the same command.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const readyWithinMs = 60_000;

export interface Killable {
  readonly name: string;
  /** Resolves once it answers. One that ends while it starts is started again, as whoever keeps servers running does. @throws Error when it cannot be started */
  start(): Promise<void>;
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
  /** What it has written to its standard streams over all its lives. */
  output(): string;
  /** How often it has ended while it started, by itself. */
  failedStarts(): number;
  /** What it wrote last before it ended by itself although it was up; nobody may. */
  ownEnds(): readonly string[];
}

/** `drawbridge serve` on a port of its own. */
export const server = (name: string, config: string, port: number): Killable =>
  killable(name, [path("../../../bin/drawbridge.mjs"), "serve", "--config", config], () => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false));

export const vendor = (ports: { readonly port: number; readonly controlPort: number }, stateFile: string): Killable =>
  killable("vendor", [path("vendor.ts"), String(ports.port), String(ports.controlPort), stateFile], () => fetch(`http://127.0.0.1:${ports.controlPort}/options`).then(({ ok }) => ok, () => false));

/** A database that is killed while a server starts takes the server with it; it is up again long before the last try. */
const mostStarts = 10;

function killable(name: string, words: readonly string[], answers: () => Promise<boolean>): Killable {
  let child: ChildProcess | undefined;
  let gone: Promise<unknown> = Promise.resolve();
  let failed = 0;
  const printed: string[] = [];
  const ends: string[] = [];
  const lately = () => printed.slice(-5).join("");
  process.once("exit", () => child?.kill("SIGKILL")); // nobody outlives whoever started them, however that ends

  /** @returns false when it ended before it answered */
  async function begun(): Promise<boolean> {
    const started = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
    child = started;
    gone = once(started, "exit");
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (chunk) => printed.push(String(chunk)));
    for (const untilMs = Date.now() + readyWithinMs; !(await answers()); await pause(15)) {
      if (started.exitCode !== null) return false;
      if (Date.now() > untilMs) throw new Error(`${name} did not become ready: ${lately()}`);
    }
    started.on("exit", (code, signal) => {
      if (signal !== "SIGKILL") ends.push(`${name} ended by itself (${code ?? signal}): ${lately()}`);
    });
    return true;
  }

  return {
    name,
    async start() {
      for (let starts = 1; !(await begun()); starts++) {
        failed += 1;
        if (starts === mostStarts) throw new Error(`${name} ended ${starts} times while it started: ${lately()}`);
        await pause(500);
      }
    },
    async kill9() {
      child?.kill("SIGKILL");
      await gone;
    },
    output: () => printed.join(""),
    failedStarts: () => failed,
    ownEnds: () => ends,
  };
}
