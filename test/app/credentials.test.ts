/**
 * Every way in, through a whole house: clients of our token endpoint, issuers that are trusted, Basic, and where requests come from.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import type { LogFields } from "../../src/runtime/log.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { ada, eventually } from "../support/house.ts";

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

const secret = { old: "the-old-secret-of-entra-0123456789-abcdef", young: "the+young/secret%41of:entra-0123456789-abcdef", globex: "the-secret-of-globex-0123456789-0123456789" };
const clients = (...secrets: readonly string[]) => ({ oauth: { clients: secrets.map((clientSecret) => ({ clientId: "entra", clientSecret })) } });

interface Wish {
  readonly acme: object;
  readonly globex?: object;
  readonly listen?: object;
}

async function open(wish: Wish) {
  const vendor = await startPeopleLens();
  ended.push(() => vendor.stop());
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-credentials-"));
  ended.push(() => rm(folder, { recursive: true, force: true }));
  const connection = (auth: object) => ({ connector: "peoplelens", auth, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, budget: { requestsPerSecond: 1000, burst: 1000 } });
  const read = ({ acme, globex = clients(secret.globex), listen }: Wish) => {
    const document = { listen: { host: "127.0.0.1", port: 0, ...listen }, publicUrl: "http://scim.test", store: `file:${join(folder, "test.db")}`, egress: { allow: ["127.0.0.1"] }, connections: { acme: connection(acme), globex: connection(globex) } };
    return readConfig("test.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
  };
  const world = { aheadMs: 0, lines: [] as string[] };
  const write = (message: string, fields?: LogFields) => void world.lines.push(`${message} ${JSON.stringify(fields)}`);
  const house = await openHouse(await read(wish), { log: { info: write, warn: write, error: write, alarm: write }, clock: { now: () => Date.now() + world.aheadMs, sleep: systemClock.sleep } });
  ended.push(() => house.stop());
  const { port } = await house.door.listen("127.0.0.1", 0);
  const url = (path: string) => `http://127.0.0.1:${port}${path}`;

  async function ask(method: string, path: string, headers: Record<string, string>, body?: string) {
    const answer = await fetch(url(path), { method, headers, ...(body !== undefined && { body }) });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text === "" ? undefined : JSON.parse(text)) as Record<string, unknown> };
  }
  const form = (fields: Record<string, string>, headers: Record<string, string> = {}, connection = "acme", search = "") =>
    ask("POST", `/oauth/${connection}/token${search}`, { "content-type": "application/x-www-form-urlencoded", ...headers }, new URLSearchParams({ grant_type: "client_credentials", ...fields }).toString());
  return {
    world,
    form,
    ask,
    /** SCIM at a connection; `authorization` is the whole header. */
    scim: (authorization: string, { path = "/Users?count=1", connection = "acme", headers = {} as Record<string, string> } = {}) => ask("GET", `/scim/${connection}/v2${path}`, { authorization, ...headers }),
    async token(clientSecret: string, connection = "acme"): Promise<string> {
      const { status, body } = await form({ client_id: "entra", client_secret: clientSecret }, {}, connection);
      if (status !== 200) throw new Error(`no token: ${status}`);
      return `Bearer ${String(body["access_token"])}`;
    },
    reload: async (next: Wish) => house.reload(await read(next)),
  };
}

const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

describe("the token endpoint", () => {
  test.each([
    ["in the body", { client_id: "entra", client_secret: secret.young }, undefined],
    ["in the header, as it is", {}, basic("entra", secret.young)],
    ["in the header, form-encoded", {}, basic("entra", encodeURIComponent(secret.young))],
    ["in the header, and the name in the body", { client_id: "entra" }, basic("entra", secret.young)],
    ["in both at once", { client_id: "entra", client_secret: secret.young }, basic("entra", secret.young)],
    ["in both, encoded in the header only", { client_id: "entra", client_secret: secret.young }, basic("entra", encodeURIComponent(secret.young))],
  ])("gives a token for a secret %s, and it opens the connection", async (_where, fields, authorization) => {
    const { form, scim } = await open({ acme: clients(secret.old, secret.young) });
    const { status, headers, body } = await form(fields as Record<string, string>, authorization === undefined ? {} : { authorization });
    expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([200, "application/json;charset=UTF-8", "no-store"]);
    expect(body).toEqual({ access_token: expect.stringMatching(/^dba_[\w-]+$/), token_type: "Bearer", expires_in: 3600 });
    const got = await scim(`Bearer ${String(body["access_token"])}`);
    expect(got.status).toBe(200);
  });

  test("refuses everything else, with the error that RFC 6749 gives it, and says no secret", async () => {
    const { form, ask, world } = await open({ acme: clients(secret.old) });
    const right = { client_id: "entra", client_secret: secret.old };
    const rows: readonly (readonly [string, number, Promise<{ status: number; body: Record<string, unknown> }>])[] = [
      ["invalid_client", 401, form({ client_id: "entra", client_secret: `${secret.old}x` })],
      ["invalid_client", 401, form({ client_id: "nobody", client_secret: secret.old })],
      ["invalid_client", 401, form({ client_id: "entra", client_secret: "" })],
      ["invalid_client", 401, form({ client_id: "entra" })],
      ["invalid_client", 401, form({})],
      ["invalid_client", 401, form({ client_id: "", client_secret: "" })],
      ["invalid_client", 401, form({}, { authorization: `Bearer ${secret.old}` })],
      ["invalid_client", 401, form({}, { authorization: "Basic !!!" })],
      ["invalid_client", 401, form(right, {}, "globex")],
      ["invalid_client", 401, form(right, {}, "nobody")],
      ["invalid_client", 401, form(right, {}, "__proto__")],
      ["invalid_client", 401, form({ client_id: "entra", client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: "a.b.c" })],
      ["invalid_request", 400, form({ ...right, client_secret: secret.old }, { authorization: basic("entra", secret.globex) })],
      ["invalid_request", 400, form({ client_id: "other" }, { authorization: basic("entra", secret.old) })],
      ["invalid_request", 400, form({ client_assertion_type: "saml", client_assertion: "a.b.c" })],
      ["invalid_request", 400, form({ grant_type: "client_credentials" }, {}, "acme", `?client_id=entra&client_secret=${secret.old}`)],
      ["invalid_request", 400, form(right, {}, "acme", "?x=1")],
      ["unsupported_grant_type", 400, form({ ...right, grant_type: "password", username: "admin", password: "admin" })],
      ["invalid_scope", 400, form({ ...right, scope: 'sc"im' })],
    ];
    for (const [error, status, asked] of rows) expect(await asked).toMatchObject({ status, body: { error } });
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const twice = await ask("POST", "/oauth/acme/token", type, `grant_type=client_credentials&client_id=entra&client_id=entra&client_secret=${secret.old}`);
    expect(twice).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    expect(await ask("POST", "/oauth/acme/token", type, `client_id=entra&client_secret=${secret.old}`)).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    expect((await ask("POST", "/oauth/acme/token", { "content-type": "application/json" }, JSON.stringify(right))).status).toBe(415);
    expect((await ask("POST", "/oauth/acme/token", type, "a".repeat(20_000))).status).toBe(413);
    expect((await ask("GET", "/oauth/acme/token", {})).status).toBe(405);
    expect((await form(right)).status).toBe(200);
    expect(world.lines.join("\n")).not.toMatch(/the-old-secret|the-secret-of|dba_/);
  });

  test("a wrong secret, an unknown client and an unknown connection are told in the same words", async () => {
    const { form } = await open({ acme: clients(secret.old) });
    const faces = await Promise.all([form({ client_id: "entra", client_secret: "wrong" }), form({ client_id: "nobody", client_secret: "wrong" }), form({ client_id: "entra", client_secret: "wrong" }, {}, "nobody")]);
    const [first, ...others] = faces.map(({ status, headers, body }) => ({ status, body, names: [...headers.keys()].toSorted(), challenge: headers.get("www-authenticate") }));
    for (const other of others) expect(other).toEqual(first);
  });

  test("takes as many wrong ones in a minute as somebody at a keyboard makes, then says wait; SCIM is never told that", async () => {
    const { form, scim, token, world } = await open({ acme: clients(secret.old) });
    const access = await token(secret.old);
    for (let turn = 0; turn < 20; turn++) expect((await form({ client_id: "entra", client_secret: `wrong-${turn}` })).status).toBe(401);
    const paused = await form({ client_id: "entra", client_secret: secret.old });
    expect([paused.status, Number(paused.headers.get("retry-after"))]).toEqual([429, expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 60)]);
    expect((await form({ client_id: "entra", client_secret: secret.globex }, {}, "globex")).status).toBe(200);
    for (let turn = 0; turn < 25; turn++) expect((await scim("Bearer wrong")).status).toBe(401);
    expect((await scim(access)).status).toBe(200);
    world.aheadMs = 60_000;
    expect((await form({ client_id: "entra", client_secret: secret.old })).status).toBe(200);
  });
});

describe("an access token", () => {
  test("ends when it says", async () => {
    const { form, scim, world } = await open({ acme: { oauth: { ...clients(secret.old).oauth, tokenLifetime: "60m" } } });
    const { body } = await form({ client_id: "entra", client_secret: secret.old });
    expect(body["expires_in"]).toBe(3600);
    const access = `Bearer ${String(body["access_token"])}`;
    world.aheadMs = 3_590_000;
    expect(await eventually(async () => (await scim(access)).status === 200)).toBe(true); // the tokens are looked up once a second
    world.aheadMs = 3_601_000;
    expect((await scim(access)).status).toBe(401);
    expect(world.lines.join()).toContain("the access token of entra has expired");
  });

  test("opens its own connection only", async () => {
    const { scim, token } = await open({ acme: clients(secret.old) });
    const [ours, theirs] = [await token(secret.old), await token(secret.globex, "globex")];
    expect([(await scim(ours)).status, (await scim(theirs, { connection: "globex" })).status]).toEqual([200, 200]);
    expect([(await scim(ours, { connection: "globex" })).status, (await scim(theirs)).status]).toEqual([401, 401]);
  });

  test("dies with the secret that bought it, at the reload; that of the other live secret goes on", async () => {
    const { scim, token, reload, form } = await open({ acme: clients(secret.old) });
    const first = await token(secret.old);
    await reload({ acme: clients(secret.old, secret.young) });
    const second = await token(secret.young);
    expect([(await scim(first)).status, (await scim(second)).status]).toEqual([200, 200]);
    await reload({ acme: clients(secret.young) });
    expect([(await scim(first)).status, (await scim(second)).status]).toEqual([401, 200]);
    expect((await form({ client_id: "entra", client_secret: secret.old })).body).toEqual({ error: "invalid_client" });
    // The same secret under another name is another client.
    await reload({ acme: { oauth: { clients: [{ clientId: "other", clientSecret: secret.young }] } } });
    expect((await scim(second)).status).toBe(401);
  });
});

const tenant = "11111111-2222-3333-4444-555555555555";
const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
const audience = "api://00000000-aaaa-bbbb-cccc-dddddddddddd";
const subject = "99999999-8888-7777-6666-555555555555";
const [first, second] = [await generateKeyPair("RS256"), await generateKeyPair("RS256")];
const jwkOf = async (pair: typeof first, kid: string): Promise<JWK> => ({ ...(await exportJWK(pair.publicKey)), kid, use: "sig" });
const [jwk1, jwk2] = [await jwkOf(first, "k1"), await jwkOf(second, "k2")];

async function jwt(more: object = {}, { pair = first, kid = "k1" } = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: issuer, aud: audience, sub: subject, tid: tenant, iat: now, nbf: now, exp: now + 3900, ...more }).setProtectedHeader({ alg: "RS256", kid, typ: "JWT" }).sign(pair.privateKey);
}

/** The issuer's keys on loopback, and what asked for them. */
async function anIssuer() {
  const world = { keys: [jwk1], status: 200, headers: {} as Record<string, string>, padding: 0, asked: [] as string[] };
  const server = createServer((req, res) => {
    world.asked.push(`${req.method} ${req.url} ${req.headers.authorization ?? "-"}`);
    res.writeHead(world.status, { "content-type": "application/json", ...world.headers }).end(JSON.stringify({ keys: world.keys, padding: "x".repeat(world.padding) }));
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections()));
  ended.push(() => (server.listening ? stop() : Promise.resolve()));
  return { world, stop, start: () => listen(port), trust: (more: object = {}) => ({ jwt: { issuer, audience: `${audience}/.default`, tenant, subject, jwksUri: `http://127.0.0.1:${port}/keys?v=1`, ...more } }) };
}

const assertion = async (text: string | Promise<string>) => ({ client_id: "C1", client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: await text });

describe("an issuer that a connection trusts", () => {
  test("signs assertions that buy a token, with the scope as asked, and tokens that open the connection themselves", async () => {
    const { world, trust } = await anIssuer();
    const { form, scim } = await open({ acme: trust() });
    const { status, body } = await form({ ...(await assertion(jwt())), scope: "scim" });
    expect([status, body]).toEqual([200, { access_token: expect.stringMatching(/^dba_/), token_type: "Bearer", expires_in: 3600, scope: "scim" }]);
    expect((await scim(`Bearer ${String(body["access_token"])}`)).status).toBe(200);
    expect((await scim(`Bearer ${await jwt()}`)).status).toBe(200);
    expect(world.asked).toEqual(["GET /keys?v=1 -"]);
  });

  test.each([
    ["another tenant's", { tid: "another", iss: issuer }],
    ["another audience's", { aud: "api://another" }],
    ["another subject's", { sub: "another" }],
    ["an expired", { exp: Math.floor(Date.now() / 1000) - 120 }],
    ["a future", { nbf: Math.floor(Date.now() / 1000) + 120 }],
  ])("and %s token opens nothing, whichever way it comes, and no other connection", async (_name, more) => {
    const { trust } = await anIssuer();
    const { form, scim } = await open({ acme: trust() });
    expect(await form(await assertion(jwt(more)))).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    expect((await scim(`Bearer ${await jwt(more)}`)).status).toBe(401);
    expect((await scim(`Bearer ${await jwt()}`, { connection: "globex" })).status).toBe(401);
    expect((await form(await assertion(jwt()), {}, "globex")).status).toBe(401);
  });

  test("trusted by two connections, it opens each by a token of its own", async () => {
    const { trust } = await anIssuer();
    const { form, scim } = await open({ acme: trust(), globex: trust() });
    const access = `Bearer ${String((await form(await assertion(jwt()))).body["access_token"])}`;
    expect([(await scim(access)).status, (await scim(access, { connection: "globex" })).status]).toEqual([200, 401]);
  });

  test("an assertion beside a secret is a mistake", async () => {
    const { trust } = await anIssuer();
    const { form } = await open({ acme: { ...trust(), ...clients(secret.old) } });
    expect(await form({ ...(await assertion(jwt())), client_secret: secret.old })).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    expect(await form(await assertion(jwt()), { authorization: basic("entra", secret.old) })).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  test("what an assertion bought dies with the trust, and with any change of it", async () => {
    const { trust } = await anIssuer();
    const { form, scim, reload } = await open({ acme: trust() });
    const access = `Bearer ${String((await form(await assertion(jwt()))).body["access_token"])}`;
    await reload({ acme: { ...trust(), ...clients(secret.old) } });
    expect((await scim(access)).status).toBe(200);
    await reload({ acme: trust({ subject: "another" }) });
    expect([(await scim(access)).status, (await scim(`Bearer ${await jwt()}`)).status]).toEqual([401, 401]);
    await reload({ acme: clients(secret.old) });
    expect([(await scim(access)).status, (await scim(`Bearer ${await jwt()}`)).status]).toEqual([401, 401]);
  });

  test("its keys go on while they cannot be fetched, also over a reload; a new one is 503 and never 401, until they can", async () => {
    const { world, trust, stop, start } = await anIssuer();
    const house = await open({ acme: trust() });
    expect((await house.scim(`Bearer ${await jwt()}`)).status).toBe(200);
    await stop();
    await house.reload({ acme: { ...trust(), ...clients(secret.old) } });
    expect((await house.scim(`Bearer ${await jwt()}`)).status).toBe(200);
    world.keys = [jwk1, jwk2];
    const young = await jwt({}, { pair: second, kid: "k2" });
    house.world.aheadMs = 70_000;
    const unknown = await eventually(async () => {
      const answer = await house.scim(`Bearer ${young}`);
      return JSON.stringify(answer.body).includes("issuer's keys") && answer;
    });
    expect([unknown.status, unknown.headers.get("retry-after")]).toEqual([503, "30"]);
    expect((await house.form(await assertion(young))).status).toBe(503);
    await start();
    house.world.aheadMs += 6_000;
    expect((await house.scim(`Bearer ${young}`)).status).toBe(200);
  });

  test.each([
    ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:9/keys" } }],
    ["an error", { status: 500 }],
    ["more than 256 KiB", { padding: 300_000 }],
  ])("its keys are not taken from %s", async (_name, answer) => {
    const { world, trust } = await anIssuer();
    Object.assign(world, answer);
    const { scim } = await open({ acme: trust() });
    expect((await scim(`Bearer ${await jwt()}`)).status).toBe(503);
    expect(world.asked).toHaveLength(1);
  });

  test("a configuration whose keys may not be fetched is not taken over", async () => {
    const { trust } = await anIssuer();
    const { scim, reload } = await open({ acme: trust() });
    await expect(reload({ acme: trust({ jwksUri: "https://169.254.169.254/keys" }) })).rejects.toThrow("connections.acme.auth.jwt.jwksUri: 169.254.169.254 is not a public address");
    expect((await scim(`Bearer ${await jwt()}`)).status).toBe(200);
  });
});

describe("Basic", () => {
  const password = "a password: with blanks, colons and ümlauts";
  test("opens the connection that has it, until the reload that takes it away", async () => {
    const { scim, reload } = await open({ acme: { basic: [{ user: "okta", password }, { user: "okta", password: "another-password-0123" }] } });
    expect([(await scim(basic("okta", password))).status, (await scim(basic("okta", "another-password-0123"))).status]).toEqual([200, 200]);
    expect((await scim(basic("okta", `${password}x`))).status).toBe(401);
    expect((await scim(basic("other", password))).status).toBe(401);
    expect((await scim(basic("okta", password), { connection: "globex" })).status).toBe(401);
    expect((await scim(`Bearer ${password.replaceAll(" ", "")}`)).status).toBe(401);
    await reload({ acme: { basic: [{ user: "okta", password: "another-password-0123" }] } });
    expect([(await scim(basic("okta", password))).status, (await scim(basic("okta", "another-password-0123"))).status]).toEqual([401, 200]);
  });
});

describe("auth.allowFrom", () => {
  const auth = { ...clients(secret.old), basic: [{ user: "okta", password: "a-password-0123456789" }], allowFrom: ["203.0.113.0/24", "2001:db8::/32"] };
  const right = basic("okta", "a-password-0123456789");
  const via = (forwarded: string) => ({ headers: { "x-forwarded-for": forwarded } });

  test("without a proxy the socket counts, whatever a header says: 403 with the right credential, and its address in the log", async () => {
    const { scim, form, world, reload } = await open({ acme: auth });
    expect([(await scim(right)).status, (await scim(right, via("203.0.113.9"))).status, (await scim("Bearer wrong")).status]).toEqual([403, 403, 401]);
    expect((await form({ client_id: "entra", client_secret: secret.old })).status).toBe(403);
    expect(world.lines.join("\n")).toMatch(/"status":403,"detail":"a right credential from 127\.0\.0\.1/);
    await reload({ acme: { ...auth, allowFrom: ["127.0.0.0/8"] } });
    expect([(await scim(right)).status, (await scim(right, via("198.51.100.1"))).status]).toEqual([200, 200]);
  });

  test("behind a proxy that is trusted the last hop before it counts, and what a client has written before it does not", async () => {
    const { scim, form } = await open({ acme: auth, listen: { trustedProxies: ["127.0.0.1", "10.0.0.0/8"] } });
    expect((await scim(right, via("203.0.113.9"))).status).toBe(200);
    expect((await scim(right, via("203.0.113.9, 10.1.1.1"))).status).toBe(200);
    expect((await scim(right, via("2001:db8::5"))).status).toBe(200);
    expect((await scim(right, via("203.0.113.9, 198.51.100.1"))).status).toBe(403);
    expect((await scim(right, via("203.0.113.9, 198.51.100.1, 10.1.1.1"))).status).toBe(403);
    expect((await scim(right)).status).toBe(403);
    expect((await form({ client_id: "entra", client_secret: secret.old }, { "x-forwarded-for": "203.0.113.9" })).status).toBe(200);
  });
});

test("ServiceProviderConfig names what the connection takes, and after a reload what it takes then", async () => {
  const { trust } = await anIssuer();
  const bearer = [{ name: "a", token: "a-token-of-more-than-thirty-two-characters" }];
  const { scim, reload } = await open({ acme: { bearer, ...clients(secret.old), basic: [{ user: "okta", password: "a-password-0123456789" }] } });
  const named = async (authorization: string) => ((await scim(authorization, { path: "/ServiceProviderConfig" })).body["authenticationSchemes"] as { type: string }[]).map(({ type }) => type);
  expect(await named(`Bearer ${bearer[0]!.token}`)).toEqual(["oauthbearertoken", "oauth2", "httpbasic"]);
  await reload({ acme: { basic: [{ user: "okta", password: "a-password-0123456789" }] } });
  expect(await named(basic("okta", "a-password-0123456789"))).toEqual(["httpbasic"]);
  await reload({ acme: trust() });
  expect(await named(`Bearer ${await jwt()}`)).toEqual(["oauthbearertoken", "oauth2"]);
});

test("whoever is let in is served: a push with an access token reaches the vendor", async () => {
  const { ask, token } = await open({ acme: clients(secret.old) });
  const made = await ask("POST", "/scim/acme/v2/Users", { authorization: await token(secret.old), "content-type": "application/scim+json" }, JSON.stringify(ada()));
  expect(made.status).toBe(201);
});
