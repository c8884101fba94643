/**
 * A canary in every slot that holds a secret; then a busy day on all four vendors with everything going wrong that makes a program
 * talkative; then a search through everything that was said or kept (I9).
 *
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApplivery } from "../../src/connectors/applivery/simulator.ts";
import { startEnlivy } from "../../src/connectors/enlivy/simulator.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import { type Canary, formsOf, hits } from "../support/canary.ts";
import { ada, patch } from "../support/house.ts";
import { freshDatabase } from "../support/postgres.ts";
import { freePort, type ServerProcess, startServer } from "../support/process.ts";

/** Letters and digits that occur nowhere else; with a sign, so that URL-encoding is another form. */
const canary = (slot: string, secret: string): Canary => ({ slot, secret });
const scimTokens = ["peoplelens", "transactionlink", "enlivy", "applivery"].map((name, n) => canary(`SCIM token of ${name}`, `scim-Kq7${n}vWz3RtY8mXb2+Jd6/Hf9Ls4${n}-${name}`));
const keys = {
  peoplelens: canary("PeopleLens' apiKey", "plk-Zr5tQ9w+Vx2/Kb7nMf4Jd8Hs3Lg6Pc"),
  transactionlink: canary("TransactionLink's token", "tot_Bn4vXc7zQa2wSx5eDc8rFv3tGb6yHn"),
  enlivy: canary("Enlivy's token", "enl|Ym6uJn9iKo2lPz4xCv7bNm3qWe5r"),
  applivery: canary("Applivery's apiKey", "apl-Tg5bYh8nUj3mIk6qOl9wAz2sXd4f"),
};
const password = canary("a pushed password", "Pw-Xe3cVr6bTn9mYu2iOp5a+Sd8/Fg1!");
const databasePassword = canary("the database's password", "Db-Hj4kLz7xCv2bNm5qWe8rTy3uIo6p");
const webhook = canary("the webhook's secret", "whs-Lp4oKm8jIn3hUb7gYv2fTc6dRx9s");
const mistyped = canary("a token that is none of ours", "who-Rf7vTg4bYh9nUj2mIk5oLp8qAz3w");

let folder: string;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let vendors: Readonly<Record<keyof typeof keys, RunningSimulator>>;
let server: ServerProcess | undefined;
let port: number;
/** What was said, by where. */
const said: Record<string, string> = {};
const saying = (place: string, text: string) => void (said[place] = `${said[place] ?? ""}\n${text}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "drawbridge-canary-"));
  database = await freshDatabase();
  const key = (name: keyof typeof keys) => ({ apiKeys: { admin: keys[name].secret } });
  vendors = {
    peoplelens: await startPeopleLens(key("peoplelens")),
    transactionlink: await startTransactionLink({ apiKeys: { [Object.keys((await firstKey(startTransactionLink)))[0]!]: keys.transactionlink.secret } }),
    enlivy: await startEnlivy({ apiKeys: { [Object.keys(await firstKey(startEnlivy))[0]!]: keys.enlivy.secret } }),
    applivery: await startApplivery({ apiKeys: { [Object.keys(await firstKey(startApplivery))[0]!]: keys.applivery.secret }, switches: { putCollaborator: "on", deleteCollaborator: "on", oemSecret: "answered" }, random: 4711 }),
  };
  port = await freePort();
}, 120_000);

/** The names under which a vendor keeps its credentials. */
async function firstKey(start: (options?: object) => Promise<RunningSimulator>): Promise<Readonly<Record<string, string>>> {
  const running = await start();
  await running.stop();
  return running.apiKeys;
}

afterAll(async () => {
  await server?.kill9();
  for (const vendor of Object.values(vendors)) await vendor.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const withPassword = (url: string, name = "postgres"): string => url.replace("postgres@", `${name}:${encodeURIComponent(databasePassword.secret)}@`);

const document = (store = withPassword(database.url)) => ({
  publicUrl: "http://scim.test",
  store,
  alarms: { webhook: { url: "http://127.0.0.1:9/alarms", secret: webhook.secret } },
  egress: { allow: ["127.0.0.1"] },
  connections: {
    peoplelens: { ...shared(0), connector: "peoplelens", settings: { baseUrl: vendors.peoplelens.url, apiKey: keys.peoplelens.secret, password: "scim" } },
    transactionlink: { ...shared(1), connector: "transactionlink", endpoints: "inferred", settings: { baseUrl: vendors.transactionlink.url, token: keys.transactionlink.secret, defaultRoleId: roleIds.member } },
    enlivy: { ...shared(2), connector: "enlivy", settings: { baseUrl: vendors.enlivy.url, token: keys.enlivy.secret, organizationId: "org_1", defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" } },
    applivery: { ...shared(3), connector: "applivery", endpoints: "inferred", settings: { baseUrl: vendors.applivery.url, apiKey: keys.applivery.secret, organizationId: "acme" } },
  },
});
const shared = (n: number) => ({ auth: { bearer: [{ name: "canary", token: scimTokens[n]!.secret }] }, delivery: { deadline: "600ms", settle: "800ms" }, vendor: { timeout: "400ms" } });

async function ask(connection: string, method: string, path: string, body?: unknown, bearer?: string): Promise<string> {
  const token = bearer ?? scimTokens.find(({ slot }) => slot.endsWith(connection))!.secret;
  const answer = await fetch(`http://127.0.0.1:${port}/scim/${connection}/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/scim+json" }) },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  saying("answers", `${answer.status} ${JSON.stringify([...answer.headers])} ${text}`);
  return text;
}

/** A vendor that says again whatever it was told. */
const echo = (said: string) => ({ message: `The key ${said} is not valid`, error: { message: `Bearer ${said}`, code: said }, errors: [{ message: `Bearer ${said}`, code: said }], fingerprint: said });
/** Its refusals, one for each form in which a secret can be said again; short enough to be quoted whole. */
const refusals = (...secrets: readonly string[]) =>
  Object.keys(formsOf("x".repeat(32))).map((form) => {
    const said = secrets.map((secret) => formsOf(secret)[form]).join(" ");
    return { kind: "status", status: 422, headers: { "x-request-id": said.split(" ")[0] ?? "", "request-id": said.split(" ")[0] ?? "" }, body: echo(said) } as const;
  });

async function day(connection: keyof typeof keys, n: number): Promise<void> {
  const vendor = vendors[connection];
  const key = keys[connection].secret;
  // Only this one is ever told a password, and only with a create.
  const both = connection === "peoplelens" ? `${key} ${password.secret}` : key;
  const person = (name: string) => ada({ userName: `${name}${n}@acme.example`, externalId: `${name}${n}`, password: password.secret, addresses: [{ type: "work", country: "RO" }] });
  await ask(connection, "GET", `/Users?filter=${encodeURIComponent(`userName eq "ann${n}@acme.example"`)}`);
  const created = await ask(connection, "POST", "/Users", person("ann"));
  const id = /"id":"([0-9a-f-]{36})"/.exec(created)?.[1] ?? `no id: ${created}`;
  expect(id).toMatch(/^[0-9a-f-]{36}$/);

  // To whom the password was never sent, nobody can say it again.
  const toldMore = connection === "peoplelens" ? refusals(key, password.secret) : refusals(key);
  for (const [at, refusal] of toldMore.entries()) {
    vendor.addFault({ ...refusal, match: { method: "POST", times: "always" } });
    await ask(connection, "POST", "/Users", person(`h${at}x`));
    await vendor.clearFaults();
    vendor.addFault({ ...refusals(key)[at]!, match: { times: "always" } });
    await ask(connection, "PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: `Form${at}` }));
    await vendor.clearFaults();
  }

  const talkative = (told: string) => [
    { kind: "status", status: 401, body: echo(told) },
    { kind: "status", status: 403, body: echo(told) },
    { kind: "status", status: 422, body: echo(told) },
    { kind: "status", status: 500, body: echo(told) },
    { kind: "status", status: 200, body: echo(told) },
    { kind: "garbage200", body: `<html>${told}` },
    { kind: "redirect", to: `http://127.0.0.1:9/?key=${encodeURIComponent(told)}` },
    { kind: "retryAfter", after: told },
    { kind: "truncate" },
  ] as const;
  for (const [at, fault] of talkative(key).entries()) {
    const told = talkative(both)[at] ?? fault;
    vendor.addFault({ ...told, match: { method: "POST", times: "always" } });
    await ask(connection, "POST", "/Users", person(`f${at}x`));
    await vendor.clearFaults();
    vendor.addFault({ ...fault, match: { times: "always" } });
    await ask(connection, "POST", "/Users", person(`g${at}x`));
    await ask(connection, "PATCH", `/Users/${id}`, patch({ op: "replace", value: { active: at % 2 === 0, password: password.secret, "name.givenName": `Ann${at}` } }));
    await vendor.clearFaults();
  }
  await ask(connection, "PUT", `/Users/${id}`, person("ann"));
  await ask(connection, "PATCH", `/Users/${id}`, patch({ op: "replace", path: "password", value: password.secret }));
  await ask(connection, "PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
  await ask(connection, "POST", "/Users", { ...person("bad"), active: password.secret });
  await ask(connection, "POST", "/Users", `{"password":"${password.secret}", `);
  await ask(connection, "GET", "/Users", undefined, mistyped.secret);
  await ask(connection, "GET", `/Users?access_token=${encodeURIComponent(mistyped.secret)}`, undefined, mistyped.secret);
  await ask(connection, "DELETE", `/Users/${id}`);
}

/** One command of the command line. */
const command = (name: string, ...words: string[]) =>
  new Promise<void>((resolve) => {
    const main = new URL("../../src/main.ts", import.meta.url).pathname;
    execFile(process.execPath, [main, ...words], { timeout: 30_000 }, (error, out, err) => {
      saying(`the command ${name}`, `${out} ${err} ${String(error?.code ?? "")}`);
      resolve();
    });
  });

async function dump(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>("select table_name as name from information_schema.tables where table_schema = current_schema()");
  for (const { name } of tables) saying(`the table ${name}`, JSON.stringify((await client.query(`select * from "${name}"`)).rows));
  await client.end();
  expect(tables.length).toBeGreaterThan(8);
}

test("no secret is in anything that is said or kept, in any form", async () => {
  const file = join(folder, "drawbridge.json");
  server = await startServer(file, document(), port);
  await Promise.all((Object.keys(keys) as (keyof typeof keys)[]).map(day));
  for (const path of ["/readyz", "/livez", "/metrics", `/scim/peoplelens/v2/Users?token=${mistyped.secret}`]) saying("answers", await fetch(`http://127.0.0.1:${port}${path}`).then((answer) => answer.text()));
  await new Promise((resolve) => setTimeout(resolve, 2_500)); // the worker has its turn with what is left

  await command("validate", "validate", "--config", file);
  await command("validate --json", "validate", "--json", "--config", file);
  await command("token list", "token", "list", "--json", "--config", file);
  await command("tasks list", "tasks", "list", "--json", "--all", "--config", file);
  for (const { slot } of scimTokens) {
    const connection = slot.split(" ").at(-1)!;
    await command(`timeline on ${connection}`, "timeline", "ann0@acme.example", "--json", "--connection", connection, "--config", file);
    await command(`audit export of ${connection}`, "audit", "export", "--connection", connection, "--config", file);
  }
  const mistakes = join(folder, "mistakes.json");
  await writeFile(mistakes, JSON.stringify({ ...document(), connections: { acme: { connector: "peoplelens", colour: "red", auth: { bearer: [{ name: "a", token: scimTokens[0]!.secret }, { name: "b", token: scimTokens[0]!.secret }] }, settings: { baseUrl: "nowhere", apiKey: `Bearer ${keys.peoplelens.secret}`, token: keys.enlivy.secret } } } }));
  await command("validate of a file with mistakes", "validate", "--config", mistakes);
  const away = join(folder, "away.json");
  await writeFile(away, JSON.stringify({ ...document(withPassword(database.url, "nobody").replace(/:(\d+)\//, `:${await freePort()}/`)), listen: { host: "127.0.0.1", port: await freePort() } }));
  await command("serve without its database", "serve", "--config", away);
  const stranger = join(folder, "stranger.json");
  await writeFile(stranger, JSON.stringify({ ...document(withPassword(database.url, "stranger")), listen: { host: "127.0.0.1", port: await freePort() } }));
  await command("serve with a role that the database does not know", "serve", "--config", stranger);

  await server.terminate();
  saying("standard output and error", server.output());
  await dump();
  expect(said["standard output and error"]).toContain("listening");
  expect(said["the table journal"]).toContain("outcome");
  expect(said["the command audit export of peoplelens"]).toContain("outcome");

  const oemSecrets = (vendors.applivery.state() as { accounts: readonly { oemSecret: string | null }[] }).accounts.flatMap(({ oemSecret }) => (oemSecret === null ? [] : [canary("Applivery's oemSecret", oemSecret)]));
  expect(oemSecrets.length).toBeGreaterThan(0);
  // The canaries did fly: the vendors heard every key, and the configuration still holds them.
  expect(hits(scimTokens, { configuration: await readFile(file, "utf8") })).not.toEqual([]);
  expect(hits([...scimTokens, ...Object.values(keys), password, databasePassword, webhook, mistyped, ...oemSecrets], said)).toEqual([]);
  // The vendors' words did get into answers, and the secrets among them were covered.
  for (const vendor of ["PeopleLens AI", "TransactionLink", "Enlivy", "Applivery"]) expect({ vendor, quoted: said["answers"]!.match(new RegExp(`${vendor} answered 422 [^)]*it says: [^)]*\\[secret\\]`, "g"))?.length ?? 0 }).toEqual({ vendor, quoted: expect.toSatisfy((count: number) => count > 0) });
}, 240_000);

test.each(Object.keys(formsOf("x".repeat(32))))("the search finds a secret that is %s", (form) => {
  const secret = "Zr5tQ9w+Vx2/Kb7nMf4Jd8Hs3Lg6Pc";
  expect(hits([canary("a key", secret)], { log: `before ${formsOf(secret)[form]} after` })).not.toEqual([]);
});

test("the search finds a secret inside a longer text that was encoded", () => {
  const secret = "Zr5tQ9w+Vx2/Kb7nMf4Jd8Hs3Lg6Pc";
  for (const before of ["", "a", "ab", "abc"]) expect(hits([canary("a key", secret)], { log: Buffer.from(`${before}${secret}and more`).toString("base64") })).not.toEqual([]);
});
