import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { ada, eventually, patch, token } from "../support/house.ts";
import { freePort, scim, type ServerProcess, startServer } from "../support/process.ts";

let folder: string;
let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let server: ServerProcess | undefined;
let port: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "drawbridge-crash-"));
  vendor = await startPeopleLens();
  port = await freePort();
});
afterEach(async () => {
  await server?.kill9();
  await vendor.stop();
  await rm(folder, { recursive: true, force: true });
});

const start = async () =>
  (server = await startServer(join(folder, "drawbridge.json"), {
    publicUrl: "http://localhost:8080",
    store: `file:${join(folder, "crash.db")}`,
    egress: { allow: ["127.0.0.1"] },
    connections: {
      acme: {
        connector: "peoplelens",
        auth: { bearer: [{ name: "test", token }] },
        settings: { baseUrl: vendor.url, apiKey: vendor.apiKey },
        delivery: { deadline: "500ms", settle: "1s" },
        vendor: { timeout: "400ms" },
      },
    },
  }, port));
const users = () => (vendor.state() as { users: { is_enabled: boolean }[] }).users;

test("a deactivation accepted while the vendor was down survives kill -9, and is done within seconds of its return", async () => {
  const first = await start();
  const { body } = await scim(first.base, "POST", "/Users", ada());
  await vendor.setSwitches({ down: "on" });
  const answer = await scim(first.base, "PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }));
  expect([answer.status, answer.body.active]).toEqual([200, false]);
  await first.kill9();

  const second = await start();
  expect((await scim(second.base, "GET", `/Users/${body.id}`)).body.active).toBe(false);
  expect(users()).toMatchObject([{ is_enabled: true }]);
  await vendor.setSwitches({ down: "off" });
  await eventually(() => users()[0]?.is_enabled === false, 10_000);
});

test("kill -9 after the vendor committed a create and before we knew: one account, linked, one id", async () => {
  const first = await start();
  vendor.addFault({ kind: "slowBody", match: { method: "POST" }, ms: 100, bytes: 1 });
  const lost = scim(first.base, "POST", "/Users", ada()).catch(() => undefined);
  await eventually(() => users().length === 1);
  await first.kill9();
  await lost;
  await vendor.clearFaults();

  const second = await start();
  const again = await scim(second.base, "POST", "/Users", ada());
  expect(again.status).toBe(201);
  const found = await scim(second.base, "GET", '/Users?filter=userName%20eq%20"ada@acme.example"');
  expect(found.body.Resources.map(({ id }: { id: string }) => id)).toEqual([again.body.id]);
  expect((await scim(second.base, "PATCH", `/Users/${again.body.id}`, patch({ op: "replace", path: "active", value: false }))).status).toBe(200);
  await eventually(() => users()[0]?.is_enabled === false, 10_000);
  expect(users()).toHaveLength(1);
});

test("SIGTERM ends it with exit code 0; a second server on the same file is refused with a clear word", async () => {
  const first = await start();
  const other = await freePort();
  await expect(startServer(join(folder, "other.json"), { store: `file:${join(folder, "crash.db")}`, connections: {} }, other)).rejects.toThrow(/another Drawbridge/i);
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
  expect(await first.terminate()).toBe(0);
  server = undefined;
});
