/**
 * The server as a process of its own, to be killed.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { token } from "./house.ts";

const root = new URL("../../", import.meta.url);

export interface ServerProcess {
  readonly base: string;
  readonly pid: number;
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
  /** Ends it as an orchestrator would. @returns the exit code */
  terminate(): Promise<number | null>;
  /** Everything it has printed so far. */
  output(): string;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** @param file where the configuration is written; @param document the configuration, without `listen` */
export async function startServer(file: string, document: object, port: number): Promise<ServerProcess> {
  await writeFile(file, JSON.stringify({ ...document, listen: { host: "127.0.0.1", port } }));
  const child = spawn(process.execPath, [new URL("src/main.ts", root).pathname, "serve", "--config", file], { stdio: ["ignore", "pipe", "pipe"] });
  const printed: string[] = [];
  child.stdout.on("data", (chunk) => printed.push(String(chunk)));
  child.stderr.on("data", (chunk) => printed.push(String(chunk)));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await untilReady(port, child, printed);
  return {
    base: `http://127.0.0.1:${port}/scim/acme/v2`,
    pid: child.pid ?? 0,
    async kill9() {
      child.kill("SIGKILL");
      await exited;
    },
    terminate() {
      child.kill("SIGTERM");
      return exited;
    },
    output: () => printed.join(""),
  };
}

async function untilReady(port: number, child: ChildProcess, printed: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended at once: ${printed.join("")}`);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false);
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`the server did not become ready: ${printed.join("")}`);
}

/** One SCIM request to a base address. */
export async function scim(base: string, method: string, path: string, body?: unknown) {
  const answer = await fetch(base + path, { method, headers: { Authorization: `Bearer ${token}`, ...(body !== undefined && { "Content-Type": "application/scim+json" }) }, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
}
