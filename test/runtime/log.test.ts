/**
 * The log of a process whose lines nobody reads: the process goes on, and says afterwards how many are missing.
 *
 * @module
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { freePort, scim } from "../support/process.ts";
import { ada, eventually, patch, token } from "../support/house.ts";

const lines = 30_000;
const log = new URL("../../src/runtime/log.ts", import.meta.url).href;
const sink = new URL("../../src/runtime/log-sink.ts", import.meta.url).href;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
const children: Child[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Its stderr is a pipe that stays full until the test reads it. */
function start(script: string): Child {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "pipe"] });
  children.push(child);
  return child;
}
const said = (child: Child): string[] => {
  const words: string[] = [];
  child.stdout.on("data", (chunk) => words.push(String(chunk)));
  return words;
};
const flood = `import { openLog } from ${JSON.stringify(log)};
import { droppedLines } from ${JSON.stringify(sink)};
const log = openLog();
const write = (count) => { for (let n = 0; n < count; n++) log.info("a push is answered", { connection: "acme", correlation: "c-" + n, detail: "x".repeat(80) }); };`;

describe("a log that nobody reads", () => {
  test("holds up nobody, is dropped beyond a limit, and afterwards says how many lines are missing", async () => {
    const child = start(`${flood}
      write(${lines});
      setTimeout(() => process.stdout.write("dropped " + droppedLines() + "\\n"), 10);
      process.stdin.on("data", () => { log.info("once more"); process.stdin.destroy(); });`);
    const words = said(child);
    const dropped = Number(/dropped (\d+)/.exec(await eventually(() => words.join("").includes("\n") && words.join("")))?.[1]);
    expect(dropped).toBeGreaterThan(1_000);
    expect(dropped).toBeLessThan(lines - 1_000);

    let text = "";
    child.stderr.on("data", (chunk) => (text += String(chunk)));
    await eventually(() => text.split("\n").length > lines - dropped);
    child.stdin.write("go on\n");
    await once(child, "close");
    const rows = text.trimEnd().split("\n").map((line) => JSON.parse(line) as { message: string; count?: number });
    expect(rows.filter(({ message }) => message === "a push is answered")).toHaveLength(lines - dropped);
    expect(rows.slice(-2)).toMatchObject([{ message: expect.stringContaining("missing") as string, count: dropped }, { message: "once more" }]);
    expect(child.exitCode).toBe(0);
  });

  test("does not keep the process from ending", async () => {
    const child = start(`${flood}\nwrite(${lines});\nsetTimeout(() => process.exit(7), 10);`);
    const [code] = await once(child, "exit");
    expect(code).toBe(7);
  });

  test("whose reader is gone ends nothing", async () => {
    const child = start(`${flood}\nprocess.stdin.on("data", () => { write(100); setTimeout(() => { write(100); process.stdout.write("alive\\n"); process.exit(0); }, 100); });`);
    const words = said(child);
    child.stderr.destroy();
    child.stdin.write("go\n");
    await once(child, "exit");
    expect([child.exitCode, words.join("")]).toEqual([0, "alive\n"]);
  });

  test("and the server goes on with pushes and denials", async () => {
    const folder = temporaryFolder();
    const vendor = await startPeopleLens();
    const port = await freePort();
    const document = { listen: { host: "127.0.0.1", port }, publicUrl: "http://scim.test", store: `file:${folder.path}/log.db`, egress: { allow: ["127.0.0.1"] }, connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token }] }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } } } };
    const at = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
    const child = start(`${flood}
      import { openHouse } from ${at("app.ts")};
      import { readConfig } from ${at("config.ts")};
      const config = await readConfig("test.json", { env: {}, readFile: async () => ${JSON.stringify(JSON.stringify(document))} });
      const house = await openHouse(config, { log });
      await house.door.listen("127.0.0.1", ${port});
      write(${lines});
      process.stdout.write("listening\\n");
      process.on("SIGTERM", () => house.stop().then(() => process.exit(0)));`);
    const words = said(child);
    try {
      await eventually(() => words.join("").includes("listening"), 20_000);
      const base = `http://127.0.0.1:${port}/scim/acme/v2`;
      const { status, body } = await scim(base, "POST", "/Users", ada());
      expect(status).toBe(201);
      await vendor.setSwitches({ down: "on" });
      expect((await scim(base, "PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }))).status).toBe(200);
      await vendor.setSwitches({ down: "off" });
      await eventually(() => vendor.state().users[0]?.is_enabled === false, 20_000);
      expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toMatch(/^drawbridge_log_lines_dropped_total [1-9]\d*$/m);
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      expect(code).toBe(0);
    } finally {
      await vendor.stop();
      folder.remove();
    }
  });
});

test("a pipe of the shell whose reader sleeps holds up nobody either", async () => {
  const script = `${flood}\nwrite(${lines});\nprocess.stdout.write("alive " + droppedLines() + "\\n");\nprocess.exit(0);`;
  const child = spawn("sh", ["-c", `"$0" --input-type=module -e "$1" 2>&1 1>&3 | sleep 60`, process.execPath, script], { stdio: ["ignore", "ignore", "ignore", "pipe"], detached: true });
  try {
    const words: string[] = [];
    child.stdio[3]?.on("data", (chunk) => words.push(String(chunk)));
    await eventually(() => /alive [1-9]\d+/.test(words.join("")));
  } finally {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  }
});

test("a log that is a file is written to at once, whole", async () => {
  const folder = temporaryFolder();
  const path = join(folder.path, "drawbridge.log");
  const child = spawn("sh", ["-c", `exec "$0" --input-type=module -e "$1" 2>"$2"`, process.execPath, `${flood}\nwrite(2_000);\nprocess.exit(0);`, path]);
  await once(child, "exit");
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(2_000);
  folder.remove();
});
