/**
 * One server under watch, in a process of its own, and one client of it that waits for each answer.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";
import type { Turns } from "../servers/turns.ts";
import type { WatchedBegun, WatchedWish } from "../servers/watched.ts";
import { token } from "../token.ts";

export interface Asked {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the connection's base. */
  readonly path: string;
  /** An object, or its JSON. */
  readonly body?: object | string;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

export interface Site {
  readonly people: readonly string[];
  readonly groups: readonly string[];
  /** One answer, read to its end. @throws Error where the status is another */
  ask(asked: Asked, expected: number): Promise<Answered>;
  /** How long the server's event loop was kept since this was asked last. */
  turns(): Promise<Turns>;
  end(): Promise<void>;
}

export const scim = "/scim/acme/v2";

export async function openSite(wish: WatchedWish): Promise<Site> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("../servers/watched.ts", import.meta.url)), JSON.stringify(wish)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const { port, people, groups } = await heard<WatchedBegun>(child);
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1, headersTimeout: 600_000, bodyTimeout: 600_000 });
  return {
    people,
    groups,
    async ask({ method, path, body }, expected) {
      const text = typeof body === "object" ? JSON.stringify(body) : body;
      const sentMs = performance.now();
      const answer = await pool.request({ method, path: scim + path, headers: { authorization: `Bearer ${token}`, ...(text !== undefined && { "content-type": "application/scim+json" }) }, ...(text !== undefined && { body: text }) });
      const answered = { status: answer.statusCode, text: await answer.body.text(), ms: performance.now() - sentMs };
      if (answered.status !== expected) throw new Error(`${method} ${path.slice(0, 200)} was answered ${answered.status}, not ${expected}: ${answered.text.slice(0, 300)}`);
      return answered;
    },
    turns() {
      const told = heard<Turns>(child);
      child.send("turns");
      return told;
    },
    async end() {
      await pool.destroy();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

export function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a server has ended (${code})`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as T);
    });
  });
}
