/**
 * What the machine does to everybody: a process beside the server that does next to nothing, and notes how late it is and how long the
 * disk lets it wait.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { heard } from "./site.ts";

/** The longest since it was asked last. */
export interface Disturbance {
  readonly lateMs: number;
  readonly diskMs: number;
}

export interface Machine {
  ask(): Promise<Disturbance>;
  end(): void;
}

export async function openMachine(): Promise<Machine> {
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL("../servers/beside.ts", import.meta.url))], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await heard(child);
  return {
    ask() {
      const told = heard<Disturbance>(child);
      child.send("disturbance");
      return told;
    },
    end: () => void child.kill("SIGKILL"),
  };
}
