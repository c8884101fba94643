/**
 * `drawbridge doctor` as a process: exit codes, JSON, and what it never prints.
 *
 * @module
 */
import { type ChildProcess, execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { eventually, openTestHouse, type TestHouse, token } from "../support/house.ts";
import { freePort } from "../support/process.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
let folder: string;
let vendor: RunningSimulator;
let house: TestHouse;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "drawbridge-doctor-command-"));
  vendor = await startPeopleLens();
  house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: `file:${join(folder, "store.db")}` });
  port = Number(new URL(house.base).port);
});
afterAll(async () => {
  await house.stop();
  await vendor.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Other {
  readonly settings?: object;
  readonly more?: object;
}

const run = (args: readonly string[], other: Other = {}, input = ""): Promise<Ran> => start(args, other, input).ran;

function start(args: readonly string[], { settings = {}, more = {} }: Other = {}, input = ""): { readonly child: ChildProcess; readonly ran: Promise<Ran> } {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  const document = {
    listen: { host: "127.0.0.1", port }, publicUrl: `http://127.0.0.1:${port}`, store: `file:${join(folder, "store.db")}`, egress: { allow: ["127.0.0.1"] },
    connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token: "${DOCTOR_SCIM}" }] }, settings: { baseUrl: vendor.url, apiKey: "${DOCTOR_KEY}", ...settings }, roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }], fallback: "User" } } },
    ...more,
  };
  writeFileSync(file, JSON.stringify(document));
  const told = Promise.withResolvers<Ran>();
  const child = execFile(process.execPath, [main, "doctor", ...args, "--config", file], { env: { ...process.env, DOCTOR_KEY: vendor.apiKey, DOCTOR_SCIM: token } }, (error, out, err) => told.resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }));
  child.stdin?.end(input);
  return { child, ran: told.promise };
}

describe("drawbridge doctor", () => {
  test("says nothing is wrong with exit code 0, and tries nobody without being told to", async () => {
    const { code, out } = await run([]);
    // A machine that is busy with other tests may have a slow disk: then that is said, and nothing else.
    const slow = out.includes("store.pace") ? 1 : 0;
    expect([code, out]).toEqual([slow, expect.stringMatching(slow ? /1 warning, 0 failures, 1 not looked at\.\n$/ : /0 warnings, 0 failures, 1 not looked at\.\n$/)]);
    expect(out).toMatch(/trial +No throw-away person was tried/);
  });

  test("plays a throw-away person when it is told to, as one document for scripts", async () => {
    const { code, out } = await run(["acme", "--write", "--json"]);
    const document = JSON.parse(out) as { outcome: string; findings: { id: number; check: string; connection: string | null; outcome: string }[] };
    const slow = document.findings.some(({ check }) => check === "store.pace");
    expect([code, document.outcome]).toEqual(slow ? [1, "warning"] : [0, "ok"]);
    expect(document.findings.filter(({ check, outcome }) => outcome === "warning" && check !== "store.pace")).toEqual([]);
    expect(document.findings.filter(({ check }) => check === "trial.deactivate")).toMatchObject([{ connection: "acme", outcome: "ok" }]);
    expect((vendor.state() as { users: unknown[] }).users).toEqual([]);
  });

  test("a warning alone is exit code 1, a failure 2", async () => {
    const warned = await run([], { more: { egress: { allow: ["127.0.0.1"] }, publicUrl: `http://127.0.0.1:${port}`, connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token: "${DOCTOR_SCIM}" }] }, settings: { baseUrl: vendor.url, apiKey: "${DOCTOR_KEY}" }, roles: { map: [{ idp: "Admins", vendor: "Admin" }] } } } } });
    expect([warned.code, warned.out]).toEqual([1, expect.stringContaining("WARN  roles.privileged")]);
    const failed = await run([], { settings: { apiKey: "plk_wrong_canary_4711" } });
    expect([failed.code, failed.out]).toEqual([2, expect.stringMatching(/FAIL {2}vendor\.credential +PeopleLens AI refuses the credential \(401\)\.\n +→ Put a valid API key of an administrator into settings\.apiKey\./)]);
    expect(failed.out + failed.err).not.toContain("canary_4711");
  });

  test("a configuration with mistakes is told whole, and nothing else is looked at", async () => {
    const { code, out } = await run(["--json"], { settings: { apiKey: "${NOT_SET_ANYWHERE}" }, more: { publicUrl: "ftp://x" } });
    const { findings } = JSON.parse(out) as { findings: { check: string; says: string }[] };
    expect([code, [...new Set(findings.map(({ check }) => check))]]).toEqual([2, ["configuration"]]);
    expect(findings.map(({ says }) => says).join("\n")).toMatch(/NOT_SET_ANYWHERE is not set\.\npublicUrl: must be a URL/);
  });

  test("an unknown connection and a wrong number are the command line's fault", async () => {
    expect(await run(["globex"])).toMatchObject({ code: 2, err: expect.stringContaining('There is no connection "globex"; configured: acme.') as string });
    expect(await run(["--timeout", "soon"])).toMatchObject({ code: 2, err: expect.stringContaining("--timeout") as string });
  });

  test("what was pasted into an IdP is judged and never printed", async () => {
    const right = await run(["--token-file", "-", "--json"], {}, `${token}\n`);
    expect(JSON.parse(right.out)).toMatchObject({ findings: expect.arrayContaining([expect.objectContaining({ check: "token.pasted", outcome: "ok" })]) as unknown });
    const wrong = await run(["--token-file", "-"], {}, `Bearer ${token}`);
    expect([wrong.code, wrong.out]).toEqual([2, expect.stringContaining("The word Bearer was pasted along")]);
    for (const { out, err } of [right, wrong]) expect(out + err).not.toContain(token);
  });

  test("Ctrl-C in the middle takes back what was begun", async () => {
    vendor.addFault({ kind: "delay", ms: 1_500, match: { method: "PATCH", times: 1 } });
    const created = () => vendor.journal().filter(({ method }) => method === "POST").length;
    const before = created();
    const running = start(["acme", "--write", "--json"]);
    await eventually(() => created() > before, 50_000); // a busy machine takes its time to start a process
    running.child.kill("SIGINT");
    expect((await running.ran).code).toBe(130);
    expect((vendor.state() as { users: unknown[] }).users).toEqual([]);
    expect((await house.house.store.tokens()).map(({ name }) => name)).toEqual([]);
    await vendor.clearFaults();
  });

  test("no secret, whatever is wrong", async () => {
    const { out, err } = await run(["--json"], { more: { listen: { host: "127.0.0.1", port: await freePort() } } });
    for (const secret of [vendor.apiKey, token]) expect(out + err).not.toContain(secret);
  });
});
