import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountId, connectionId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { playDemo } from "../../src/sandbox/demo.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "drawbridge-command-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const run = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => execFile(process.execPath, [main, ...args], { env: { ...process.env, PEOPLELENS_TEST_KEY: "a-key" } }, (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err })));

async function config(more: object = {}, settings: object = {}): Promise<string> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  const document = { publicUrl: "https://scim.example.com", store: `file:${join(folder, "store.db")}`, connections: { acme: { connector: "peoplelens", settings: { baseUrl: "https://acme.peoplelensai.com", apiKey: "${PEOPLELENS_TEST_KEY}", ...settings }, ...more } } };
  await writeFile(file, JSON.stringify(document));
  return file;
}

describe("validate", () => {
  test("says what is right, and every mistake at once, those of the connector's settings included", async () => {
    expect(await run("validate", "--config", await config())).toMatchObject({ code: 0, out: expect.stringContaining("is valid: 1 connection") });
    const wrong = await run("validate", "--config", await config({ onDeactivate: ["vanish"], delivery: { settle: "5s" } }));
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("connections.acme.delivery.settle")]);
    const settings = await run("validate", "--json", "--config", await config({ onDeactivate: ["vanish"] }, { apiKey: "Bearer x", colour: "red" }));
    expect(settings.code).toBe(2);
    const paths = (JSON.parse(settings.out) as { problems: { path: string }[] }).problems.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["connections.acme.settings.apiKey", "connections.acme.settings.colour", "connections.acme.onDeactivate.0"]));
  });
  test("a secret is in no message", async () => {
    const { out, err } = await run("validate", "--config", await config({}, { apiKey: "Bearer canary-4711" }));
    expect(out + err).not.toContain("canary-4711");
  });
});

test("token create prints the token once, list never, revoke takes it away", async () => {
  const file = await config();
  const made = JSON.parse((await run("token", "create", "--config", file, "--connection", "acme", "--name", "okta", "--expires", "90d", "--json")).out) as { token: string; expires: string };
  expect([made.token.length > 40, Date.parse(made.expires) > Date.now()]).toEqual([true, true]);
  const again = await run("token", "create", "--config", file, "--connection", "acme", "--name", "okta");
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("already")]);
  const listed = await run("token", "list", "--config", file, "--json");
  expect(JSON.parse(listed.out)).toMatchObject([{ id: "acme/okta", lastUsed: null }]);
  expect(listed.out).not.toContain(made.token);
  expect((await run("token", "revoke", "okta", "--config", file, "--connection", "acme")).code).toBe(0);
  expect(JSON.parse((await run("token", "list", "--config", file, "--json")).out)).toEqual([]);
  expect((await run("token", "create", "--config", file, "--connection", "nobody", "--name", "x")).err).toContain("There is no connection");
});

test("a task is shown with its age, its account, its steps and how to close it", async () => {
  const file = await config();
  const store = await openStore({ url: `file:${join(folder, "store.db")}`, clock: { ...systemClock, now: () => Date.now() - 3 * 3_600_000 } });
  const { id } = await store.openTask({ connection: connectionId("acme"), resource: undefined, account: accountId("usr-7"), title: "PeopleLens AI: take access away by hand", steps: "In https://acme, switch off the access." });
  await store.close();
  const { out } = await run("tasks", "list", "--config", file);
  expect(out).toMatch(new RegExp(`^${id}  acme  open for 3 h, since .*\\n  PeopleLens AI: take access away by hand\\n  account at the vendor: usr-7\\n  In https://acme, switch off the access\\.\\n  then: drawbridge tasks done ${id}\\n$`));
  expect(JSON.parse((await run("tasks", "list", "--config", file, "--json")).out)).toMatchObject([{ id, ageSeconds: expect.toSatisfy((seconds: number) => seconds >= 10_800 && seconds < 10_900) as number, account: "usr-7" }]);
  expect((await run("tasks", "done", id, "--config", file)).code).toBe(0);
});

test("a webhook that may not be called is a mistake that validate finds", async () => {
  const file = join(folder, "hook.json");
  await writeFile(file, JSON.stringify({ publicUrl: "https://scim.example.com", alarms: { webhook: { url: "https://10.0.0.7/x", secret: "${PEOPLELENS_TEST_KEY}" } }, connections: {} }));
  const { code, err } = await run("validate", "--config", file);
  expect([code, err]).toEqual([2, expect.stringContaining("alarms.webhook.url: 10.0.0.7 is not a public address")]);
});

test("an issuer whose keys may not be fetched is a mistake that validate finds", async () => {
  const jwt = { issuer: "i", audience: "a", tenant: "t", subject: "s", jwksUri: "https://169.254.169.254/keys" };
  const { code, err } = await run("validate", "--config", await config({ auth: { jwt } }));
  expect([code, err]).toEqual([2, expect.stringContaining("connections.acme.auth.jwt.jwksUri: 169.254.169.254 is not a public address")]);
});

test("tasks of nobody, a task that is not there, an unknown command", async () => {
  const file = await config();
  expect((await run("tasks", "list", "--config", file, "--json")).out.trim()).toBe("[]");
  expect((await run("tasks", "done", "4711", "--config", file)).code).toBe(1);
  expect((await run("frobnicate")).code).toBe(2);
});

test("schema prints what is committed for editors", async () => {
  const committed = await readFile(new URL("../../docs/drawbridge.schema.json", import.meta.url), "utf8");
  expect(JSON.parse((await run("schema")).out)).toEqual(JSON.parse(committed));
});

test("connector new writes a manifest that connector test accepts, and writes over nothing", async () => {
  const file = join(folder, "acme", "manifest.yaml");
  expect((await run("connector", "new", "acme", "--out", file)).code).toBe(0);
  expect(await run("connector", "test", file)).toMatchObject({ code: 0, out: expect.stringContaining("0 broken") });
  expect((await run("connector", "new", "acme", "--out", file)).code).toBe(1);
});

test("the demo plays as expected and says so", async () => {
  const lines: string[] = [];
  expect(await playDemo({ colours: false, print: (line) => void lines.push(line) })).toBe(true);
  expect(lines.at(-1)).toMatch(/28 pushes, all as expected/);
  expect(lines.join("\n")).not.toContain("\u001b[");
});
