/**
 * `drawbridge holds` beside a running server.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { temporaryFolder } from "../support/postgres.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const folder = temporaryFolder();
const file = join(folder.path, "drawbridge.json");
let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let house: TestHouse;
const ids: string[] = [];

beforeAll(async () => {
  vendor = await startPeopleLens();
  const store = `file:${join(folder.path, "test.db")}`;
  house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store, connection: { rails: { massDeprovision: { count: 1, share: 0 } } } });
  const settings = { baseUrl: vendor.url, apiKey: "a-key" };
  await writeFile(file, JSON.stringify({ publicUrl: "http://scim.test", store, egress: { allow: ["127.0.0.1"] }, connections: { acme: { connector: "peoplelens", settings }, other: { connector: "peoplelens", settings } } }));
  for (let n = 0; n < 6; n++) ids.push((await house.scim("POST", "/Users", ada({ userName: `p${n}@acme.example`, externalId: `p${n}` }))).body.id as string);
  for (const id of ids) await off(id);
});
afterAll(async () => {
  await house.stop();
  await vendor.stop();
  folder.remove();
});

const off = (id: string | undefined) => house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
const active = () => vendor.state().users.filter(({ is_enabled }) => is_enabled).map(({ email }) => email.slice(0, 2)).toSorted().join();
const run = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => execFile(process.execPath, [main, "holds", ...args, "--config", file], (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err })));
const listed = async () => JSON.parse((await run("list", "--json")).out) as { id: string; waiting: number; connection: string }[];

test("list and show say what is held, for people and for scripts", async () => {
  const [hold] = await listed();
  expect(hold).toMatchObject({ connection: "acme", rail: "brake", waiting: 5, approved: 0, decided: null, detail: expect.stringContaining("the limit is 1") });
  expect((await run("list")).out).toMatch(/^h-\w{8} {2}acme {2}brake {2}open since .* {2}5 waiting/);
  const shown = JSON.parse((await run("show", hold!.id, "--json")).out) as { pushes: object[] };
  expect(shown.pushes).toHaveLength(5);
  expect(shown.pushes[0]).toMatchObject({ id: ids[1], name: "p1@acme.example", push: "deactivate", decision: null, done: null });
  expect((await run("show", hold!.id)).out).toContain("waits  p1@acme.example  deactivate");
  expect((await run("list", "--connection", "other")).out.trim()).toBe("No open holds.");
}, 60_000);

test("nothing is decided by mistake", async () => {
  const [hold] = await listed();
  const refused = await Promise.all([
    run("approve", hold!.id, "--connection", "acme"),
    run("approve", hold!.id, "--connection", "other", "--yes"),
    run("approve", hold!.id, "--connection", "nobody", "--yes"),
    run("approve", "h-00000000", "--connection", "acme", "--yes"),
    run("approve", hold!.id, "--connection", "acme", "--person", "nobody@acme.example", "--yes"),
    run("approve", hold!.id, "--connection", "acme", "--person", "p0@acme.example", "--yes"),
    run("show", "h-00000000"),
  ]);
  expect(refused.map(({ code }) => code)).toEqual([2, 1, 1, 1, 1, 1, 1]);
  expect(refused[0]?.err).toContain("--yes");
  expect(refused[4]?.err).toContain('There is no user "nobody@acme.example"');
  expect(refused[5]?.err).toContain('Nobody named "p0@acme.example" waits');
  expect((await listed())[0]).toEqual(hold);
}, 60_000);

test("one person is let go at once, another is kept, and the rest follows; who decided is on record", async () => {
  const [hold] = await listed();
  const one = await run("approve", hold!.id, "--connection", "acme", "--person", "P3@acme.example", "--by", "kim", "--yes", "--json");
  expect(JSON.parse(one.out)).toEqual([{ id: hold!.id, decision: "approved", by: "kim", resources: [ids[3]], closed: false }]);
  await eventually(() => active() === "p1,p2,p4,p5");
  expect((await run("reject", "--connection", "acme", "--person", ids[4]!, "--yes")).out).toContain("1 rejected; everybody stays as they are; the rest still waits");
  expect((await run("approve", hold!.id, "--connection", "acme", "--by", "kim", "--yes")).out).toContain("3 approved");
  await eventually(() => active() === "p4");
  expect(await listed()).toEqual([]);
  expect(JSON.parse((await run("list", "--all", "--json")).out)).toMatchObject([{ id: hold!.id, waiting: 0, approved: 4, rejected: 1, decidedBy: "kim" }]);
  expect((await off(ids[5])).status).toBe(200);
  expect((await run("approve", "--connection", "acme", "--yes")).err).toContain("has no open hold");
}, 60_000);
