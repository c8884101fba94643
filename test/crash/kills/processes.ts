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
  /** Resolves once it answers. */
  start(): Promise<void>;
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
  /** What it has written to its standard streams over all its lives. */
  output(): string;
}

/** `drawbridge serve` on a port of its own. */
export const server = (name: string, config: string, port: number): Killable =>
  killable(name, [path("../../../bin/drawbridge.mjs"), "serve", "--config", config], () => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false));

export const vendor = (ports: { readonly port: number; readonly controlPort: number }, stateFile: string): Killable =>
  killable("vendor", [path("vendor.ts"), String(ports.port), String(ports.controlPort), stateFile], () => fetch(`http://127.0.0.1:${ports.controlPort}/options`).then(({ ok }) => ok, () => false));

function killable(name: string, words: readonly string[], answers: () => Promise<boolean>): Killable {
  let child: ChildProcess | undefined;
  let gone: Promise<unknown> = Promise.resolve();
  const printed: string[] = [];
  return {
    name,
    async start() {
      const started = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
      child = started;
      gone = once(started, "exit");
      for (const stream of [started.stdout, started.stderr]) stream.on("data", (chunk) => printed.push(String(chunk)));
      for (const untilMs = Date.now() + readyWithinMs; !(await answers()); await pause(15)) {
        if (started.exitCode !== null) throw new Error(`${name} ended at once: ${printed.slice(-5).join("")}`);
        if (Date.now() > untilMs) throw new Error(`${name} did not become ready: ${printed.slice(-5).join("")}`);
      }
    },
    async kill9() {
      child?.kill("SIGKILL");
      await gone;
    },
    output: () => printed.join(""),
  };
}
