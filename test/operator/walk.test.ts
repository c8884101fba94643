/**
 * A stranger's walk: a server, an operator token made on the command line, a look around, a hold approved, work tried again, and the
 * journal says who it was. Every step is a command or a request that docs/operator-api.md shows.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { documentOf, operator } from "../support/operator.ts";
import { ada, eventually, patch, token } from "../support/house.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { freePort, scim, type ServerProcess, startServer } from "../support/process.ts";
import { type Answer, asked } from "./desk.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const folder = temporaryFolder();
const file = join(folder.path, "drawbridge.json");
let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let server: ServerProcess;
let port = 0;
const drawbridge = operator(file);
const ids: string[] = [];

beforeAll(async () => {
  vendor = await startPeopleLens();
  port = await freePort();
  const document = {
    publicUrl: "https://scim.example.com", store: `file:${join(folder.path, "drawbridge.db")}`, egress: { allow: ["127.0.0.1"] },
    connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token }] }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, roles: { map: [{ idp: "Everyone", vendor: "User" }], fallback: "User" }, rails: { massDeprovision: { count: 1, share: 0 } }, delivery: { deadline: "2s", settle: "1600ms" }, vendor: { timeout: "1500ms" }, budget: { requestsPerSecond: 1000, burst: 1000 } } },
  };
  await writeFile(file, JSON.stringify(document));
  server = await startServer(file, document, port);
  for (let n = 0; n < 4; n++) ids.push(String((await scim(server.base, "POST", "/Users", ada({ userName: `p${n}@acme.example`, externalId: `p${n}` }))).body.id));
});
afterAll(async () => {
  await server.terminate();
  await vendor.stop();
  folder.remove();
});

const active = () => vendor.state().users.filter(({ is_enabled }) => is_enabled).length;
/** An unknown token is a failed attempt, and too many of them are 429 for a minute. */
const seldom = 400;
const off = (id: string | undefined) => scim(server.base, "PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));

test("from a token on the command line to the operator's name in the journal", async () => {
  const api = (made: string, method: string, path: string, body?: unknown): Promise<Answer> => asked(`http://127.0.0.1:${port}/api/v1${path}`, made, method, body);

  // Who may come in.
  const made = documentOf(await drawbridge("operator", "create", "--name", "kim", "--role", "approver", "--by", "root", "--json")) as { token: string; role: string };
  expect(made).toMatchObject({ role: "approver", token: expect.stringMatching(/^dbo_/) as string });
  await eventually(async () => (await api(made.token, "GET", "/whoami")).status === 200, 10_000, seldom);
  const listed = await drawbridge("operator", "list");
  expect(listed.out).toMatch(/^NAME {2}ROLE {6}FROM {3}CREATED .*\nkim {3}approver {2}store .* root /);
  expect(listed.out).not.toContain(made.token);
  expect((await drawbridge("whoami", "--by", "kim")).out.trim()).toBe("kim (role approver)");

  // Three leavers; the rail lets one pass.
  for (const id of ids.slice(0, 3)) await off(id);
  expect(active()).toBe(3);
  const [hold] = (await api(made.token, "GET", "/holds")).body.items as { id: string; waiting: number }[];
  expect(hold).toMatchObject({ waiting: 2 });
  expect((await api(made.token, "POST", `/holds/${hold!.id}/approve`, {})).body).toMatchObject({ by: "kim (operator token)", closed: true });
  await eventually(() => active() === 1);

  // A vendor that is slow at first and then says no, until somebody has mended it there.
  vendor.addFault({ kind: "timeout", match: { method: "PATCH", times: 1 } }, { kind: "status", status: 422, body: { error: "first_name is not acceptable" }, match: { method: "PATCH", nth: 2, times: "always" } });
  expect((await scim(server.base, "PATCH", `/Users/${ids[3]}`, patch({ op: "replace", path: "name.givenName", value: "Adele" }))).status).toBe(200);
  const given = await eventually(async () => ((await api(made.token, "GET", "/operations?state=failed")).body.items as { id: string; failure: { detail: string } }[])[0], 20_000);
  expect(given).toMatchObject({ id: ids[3], name: "p3@acme.example", lane: "profile", operations: ["updateProfile"], failure: { kind: "invalid", detail: expect.stringContaining("first_name is not acceptable") as string } });
  const shown = await drawbridge("operations", "list", "--connection", "acme");
  expect(shown.out).toMatch(/^ID +CONNECTION +NAME +STATE +LANE +WOULD +AGE +FAILED +NEXT +WHY\n/);
  expect(shown.out).toMatch(new RegExp(`${ids[3]} +acme +p3@acme.example +failed +profile +updateProfile +.*invalid: .*first_name is not acceptable`));
  const attempts = await drawbridge("operations", "show", "p3@acme.example", "--connection", "acme");
  expect(attempts.out).toMatch(/state {6}failed, lane profile[\s\S]*plan {7}updateProfile[\s\S]*PATCH \/api\/users\/\S+ → 422/);
  await vendor.clearFaults();
  expect((await api(made.token, "POST", `/connections/acme/operations/${ids[3]}/retry`)).body).toMatchObject({ id: ids[3], retried: true });
  await eventually(() => vendor.state().users.some(({ first_name }) => first_name === "Adele"));
  expect((await drawbridge("operations", "list")).out.trim()).toBe("Nothing is open.");
  const again = await drawbridge("retry", "p3@acme.example", "--connection", "acme", "--by", "kim");
  expect([again.code, again.out.trim()]).toEqual([0, "Nothing is left to do for p3@acme.example."]);
  const refused = await Promise.all([drawbridge("retry", "--connection", "acme"), drawbridge("retry", "--all", "--connection", "acme"), drawbridge("retry", "nobody", "--connection", "acme"), drawbridge("operations", "list", "--state", "dead")]);
  expect(refused.map(({ code }) => code)).toEqual([2, 2, 1, 2]);
  expect(refused[3]?.err).toContain("state.0: Invalid option");
  expect(documentOf(await drawbridge("retry", "--all", "--connection", "acme", "--yes", "--json"))).toMatchObject({ connection: "acme", retried: 0 });
  expect(documentOf(await drawbridge("status", "--json"))).toMatchObject({ openHolds: 0, failed: 0, connections: 1 });
  expect((await drawbridge("connections", "list")).out).toMatch(/\nacme {2}PeopleLens AI {2}delivers {2}up {2}accepted /);
  expect((await drawbridge("connections", "check", "acme")).code).toBe(0);
  expect((await drawbridge("people", "p3")).out).toMatch(new RegExp(`\n${ids[3]} {2}acme +p3@acme.example {2}p3 +active +`));

  // What stands in the journal, on the command line and over the API.
  const rows = documentOf(await drawbridge("audit", "list", "--connection", "acme", "--kind", "hold", "--json")) as { decision?: string; by?: string }[];
  expect(rows.filter(({ decision, by }) => decision === "approved" && by === "kim (operator token)").length).toBeGreaterThanOrEqual(2);
  const [line] = (await api(made.token, "GET", `/connections/acme/people/${ids[1]}/timeline`)).body.entries.filter(({ decision }: { decision?: string }) => decision === "approved");
  expect(line).toMatchObject({ kind: "hold", by: "kim (operator token)" });
  const entries = (await api(made.token, "GET", `/connections/acme/people/${ids[3]}/timeline`)).body.entries as { operator?: string; by?: string }[];
  expect(entries.filter((entry) => entry.operator === "retry")).toMatchObject([{ kind: "decision", by: "kim (operator token)" }]);
  expect((await drawbridge("timeline", "p1@acme.example", "--connection", "acme")).out).toContain(`${hold!.id}: approved by kim (operator token)`);
  expect(JSON.parse((await drawbridge("audit", "list", "--connection", "~operators", "--json")).out)).toContainEqual(expect.objectContaining({ operator: "operator create", by: "root", token: "kim" }));
  expect((await drawbridge("audit", "verify")).out).toMatch(/^acme: whole, .*\n~operators: whole, /);

  expect((await drawbridge("operator", "revoke", "kim")).code).toBe(0);
  await eventually(async () => (await api(made.token, "GET", "/whoami")).status === 401, 10_000, seldom);
}, 240_000); // some twenty commands, each a process of its own

test("timeline --follow goes on with what happens, until it is interrupted", async () => {
  const child = spawn(process.execPath, [main, "timeline", ids[3]!, "--connection", "acme", "--follow", "--config", file], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    await eventually(() => out.includes("push POST"), 20_000);
    await scim(server.base, "PATCH", `/Users/${ids[3]}`, patch({ op: "replace", path: "name.givenName", value: "Ada-Anne" }));
    await eventually(() => out.includes("Ada-Anne") && out.includes("updateProfile: done"), 20_000);
    expect(out.indexOf("push POST")).toBe(out.lastIndexOf("push POST")); // nothing is told twice
  } finally {
    child.kill("SIGINT");
  }
  expect(await ended).toBe(0);
}, 120_000);
