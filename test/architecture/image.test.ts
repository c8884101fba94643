/**
 * The container image, as far as it can be judged without building one: what it copies exists, who it runs as, how it starts, how it is asked.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { root } from "./cruise.ts";

/** One instruction per line, continuations joined, comments gone. */
const instructions = readFileSync(`${root}Dockerfile`, "utf8").replace(/\\\n\s*/g, "").split("\n").filter((line) => /^[A-Z]/.test(line));
const all = (name: string): readonly string[] => instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
const last = (name: string): string => all(name).at(-1) ?? "";
const copied = all("COPY").filter((line) => !line.startsWith("--from")).flatMap((line) => line.split(" ").slice(0, -1));

describe("the image", () => {
  test("copies only what is there and holds something", () => {
    expect(copied).toContain("src");
    expect(copied.filter((path) => !existsSync(root + path))).toEqual([]);
    expect(copied.filter((path) => existsSync(root + path) && statSync(root + path).isDirectory() && readdirSync(root + path).length === 0)).toEqual([]);
  });

  test("is sent to the builder whole: .dockerignore lets through what is copied, and nothing else", () => {
    const letThrough = readFileSync(`${root}.dockerignore`, "utf8").split("\n").filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    expect(letThrough.toSorted()).toEqual([...new Set(copied)].toSorted());
  });

  test("runs on the Node that the project asks for, as nobody special, with its own data folder", () => {
    expect(all("FROM").map((line) => line.split(" ")[0])).toEqual(["node:24-slim", "node:24-slim"]);
    expect(last("USER")).toBe("node");
    expect(last("VOLUME")).toBe("/data");
  });

  test("installs from the lock file, without what only development needs", () => {
    expect(all("RUN").find((line) => line.startsWith("npm"))).toMatch(/^npm ci (?=.*--omit=dev)(?=.*--omit=optional)(?=.*--ignore-scripts)/);
  });

  test("starts the server itself, without a shell in between, so that SIGTERM arrives", () => {
    const command = JSON.parse(last("CMD")) as string[];
    expect(command).toEqual(["node", "src/main.ts", "serve", "--config", "/etc/drawbridge/drawbridge.yaml"]);
    expect(existsSync(root + (command[1] ?? ""))).toBe(true);
  });
});

test.each([
  { answers: 200, healthy: 0 },
  { answers: 503, healthy: 1 },
  { answers: undefined, healthy: 1 },
])("the health check of a server that answers $answers ends with $healthy", async ({ answers, healthy }) => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(answers ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const closed = () => new Promise((resolve) => server.close(resolve));
  if (answers === undefined) await closed();
  const [, ...args] = JSON.parse(/CMD (\[.*\])$/.exec(last("HEALTHCHECK"))?.[1] ?? "[]") as string[];
  const child = spawn(process.execPath, args, { env: { ...process.env, DRAWBRIDGE_PORT: String(port) }, stdio: "ignore" });
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(healthy);
  if (answers !== undefined) {
    expect(asked).toEqual(["/livez"]);
    await closed();
  }
});
