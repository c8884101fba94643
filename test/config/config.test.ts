/**
 * A correct configuration: defaults, units, and what each room receives.
 *
 * @module
 */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { readConfig, setupOf } from "../../src/config.ts";
import { Secret } from "../../src/runtime/secret.ts";
import { acme, examine, file, longToken, read, warningsOf } from "./read.ts";

describe("given a file that says only what it must", () => {
  test("the top level has its defaults", async () => {
    const { connections, warnings, ...top } = await read(file());
    expect(top).toEqual({ listen: { host: "0.0.0.0", port: 8080, trustedProxies: [] }, publicUrl: "https://scim.example.com", store: "file:./data/drawbridge.db", egressAllow: [], alarms: { webhook: undefined, denialAfterMs: 60_000, pageAfterMs: 300_000 }, operator: { bearer: [] } });
    expect(connections.map(({ id }) => id)).toEqual(["acme"]);
    expect(warnings).toEqual([]);
  });

  test("the policy is the design's", async () => {
    expect((await acme()).policy).toEqual({
      connection: "acme",
      bulk: true,
      cursors: true,
      adopt: "byEmail",
      identity: "auto",
      roles: { map: [], fallback: undefined, serveAsGroups: false, serveAsEntitlements: false },
      tags: [],
      onEmailChange: "refuse",
      onIncomplete: "wait",
      endpoints: "public",
      denyEndpoints: "inferred",
      delivery: { deadlineMs: 10_000, settleMs: 30_000, vendorTimeoutMs: 10_000, onOutage: "accept" },
      strict: false,
      limits: { userBodyBytes: 1_048_576, groupBodyBytes: 8_388_608, operations: 1_000, filterLength: 4_096, page: 1_000 },
      domains: [],
      protectedEmails: [],
      protectedAccounts: [],
      brake: { windowMs: 3_600_000, count: 10, share: 0.1, deletes: { count: 5, share: 0.05 } },
      reconcile: { everyMs: 86_400_000, policy: "report", detail: "full", limit: { count: 10, share: 0.1 } },
    });
  });

  test("what is the connector's to decide stays open", async () => {
    const { onDeactivate, onDelete, budget } = await acme();
    expect({ onDeactivate, onDelete, budget }).toEqual({ onDeactivate: undefined, onDelete: undefined, budget: undefined });
  });
});

test("the ways in arrive, with their defaults", async () => {
  const auth = (await read(file("", "listen: { trustedProxies: [10.0.0.0/8] }").replace(/auth: .*/, 'auth: { oauth: { clients: [{ clientId: entra, clientSecret: "${TOKEN}" }] }, jwt: { issuer: https://i.example, audience: api://x, tenant: t, jwksUri: https://keys.example/a }, allowFrom: [203.0.113.0/24] }'))).connections[0]?.auth;
  expect(auth).toMatchObject({ basic: [], oauth: { lifetimeMs: 3_600_000 }, jwt: { issuer: "https://i.example", audience: ["api://x"], tenant: "t", subject: undefined, jwksUri: "https://keys.example/a" }, allowFrom: ["203.0.113.0/24"] });
  expect((await acme()).auth).toEqual({ basic: [], oauth: undefined, jwt: undefined, allowFrom: undefined });
});

test("everything that the design's example says arrives", async () => {
  const connection = await acme(`    endpoints: observed
    adopt: never
    identity: workEmail
    roles: { map: [{ idp: Admins, vendor: Admin, privileged: true }, { idp: Everyone, vendor: User }], fallback: User }
    onDeactivate: [disable]
    onDelete: [disable, delete]
    onEmailChange: keepLogin
    onIncomplete: refuse
    rails: { massDeprovision: { window: 2h, count: 25, share: 0.2 }, protected: [Break-Glass@acme.example], protectedAccounts: [usr-1] }
    delivery: { deadline: 500ms, settle: 1m, onOutage: reject }
    vendor: { timeout: 5s }
    budget: { requestsPerSecond: 2.5, burst: 50 }
    reconcile: { every: off, policy: denials, detail: list, limit: { count: 3, share: 0.05 } }
    strict: true
    limits: { body: { user: 512KiB, group: 4MiB }, operations: 100, filter: 1000, page: 200 }
    domains: [ACME.example]
`);
  expect(connection).toMatchObject({ onDeactivate: ["disable"], onDelete: ["disable", "delete"], budget: { requestsPerSecond: 2.5, burst: 50 } });
  expect(connection.policy).toEqual({
    connection: "acme",
    bulk: true,
    cursors: true,
    adopt: "never",
    identity: "workEmail",
    roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Everyone", vendor: "User", privileged: false }], fallback: "User", serveAsGroups: false, serveAsEntitlements: false },
    tags: [],
    onEmailChange: "keepLogin",
    onIncomplete: "refuse",
    endpoints: "observed",
    denyEndpoints: "inferred",
    delivery: { deadlineMs: 500, settleMs: 60_000, vendorTimeoutMs: 5_000, onOutage: "reject" },
    strict: true,
    limits: { userBodyBytes: 524_288, groupBodyBytes: 4_194_304, operations: 100, filterLength: 1_000, page: 200 },
    domains: ["acme.example"],
    protectedEmails: ["break-glass@acme.example"],
    protectedAccounts: ["usr-1"],
    brake: { windowMs: 7_200_000, count: 25, share: 0.2, deletes: { count: 12, share: 0.1 } },
    reconcile: { everyMs: undefined, policy: "denials", detail: "list", limit: { count: 3, share: 0.05 } },
  });
});

test.each([
  { written: "500ms", settleMs: 500 },
  { written: "30s", settleMs: 30_000 },
  { written: "10m", settleMs: 600_000 },
  { written: "24h", settleMs: 86_400_000 },
])("$written is $settleMs ms", async ({ written, settleMs }) => {
  expect((await acme(`    delivery: { settle: ${written} }\n    vendor: { timeout: 100ms }\n`)).policy.delivery.settleMs).toBe(settleMs);
});

test.each([
  { body: "2MiB", bytes: 2_097_152 },
  { body: "4096B", bytes: 4_096 },
  { body: "1048576", bytes: 1_048_576 },
])("one body limit of $body holds for every request", async ({ body, bytes }) => {
  expect((await acme(`    limits: { body: ${body} }\n`)).policy.limits).toMatchObject({ userBodyBytes: bytes, groupBodyBytes: bytes });
});

test.each([
  { lines: "    endpoints: seed", denyEndpoints: "seed" }, // nothing unproven at all
  { lines: "    endpoints: seed\n    denyEndpoints: observed", denyEndpoints: "observed" }, // said on purpose
  { lines: "    endpoints: public", denyEndpoints: "inferred" },
])("$lines leads to denials down to $denyEndpoints", async ({ lines, denyEndpoints }) => {
  expect((await acme(`${lines}\n`)).policy.denyEndpoints).toBe(denyEndpoints);
});

test("publicUrl loses the slash at its end and keeps its path", async () => {
  expect((await read(file().replace("scim.example.com", "example.com/bridge/"))).publicUrl).toBe("https://example.com/bridge");
});

test("JSON is YAML", async () => {
  const text = JSON.stringify({ publicUrl: "https://scim.example.com", connections: { acme: { connector: "enlivy", settings: { organizationId: "org_1" } } } });
  expect((await read(text)).connections[0]).toMatchObject({ id: "acme", connector: "enlivy", settings: { organizationId: "org_1" } });
});

test("a manifest's path is relative to the file", async () => {
  expect((await read(file().replace("peoplelens\n", "./own/manifest.yaml\n"))).connections[0]?.connector).toBe("/etc/drawbridge/own/manifest.yaml");
});

test("a connector is opened with its share and nothing else", async () => {
  const config = await read(file("    onDelete: [delete]\n    vendor: { timeout: 4s }\n", "egress: { allow: [127.0.0.1, 10.0.0.0/8, vendor.internal, 'fd00::/8'] }"));
  const [connection] = config.connections;
  if (!connection) throw new Error("no connection");
  const { settings, ...setup } = setupOf(connection, config);
  expect(setup).toEqual({ connector: "peoplelens", endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: ["delete"], managedRoles: [], egressAllow: ["127.0.0.1", "10.0.0.0/8", "vendor.internal", "fd00::/8"], timeoutMs: 4_000 });
  expect(settings["baseUrl"]).toBe("https://acme.peoplelens.example");
  expect((settings["apiKey"] as Secret).reveal()).toBe("vendor-key");
});

describe("text from outside", () => {
  test("fills a whole value, a part of one, and what must be open", async () => {
    const config = await read(file("", 'store: "postgres://bridge:${PW}@db/drawbridge"\nlisten: { port: "${PORT}" }'), { env: { PW: "p4ss", PORT: "9001" } });
    expect(config).toMatchObject({ store: "postgres://bridge:p4ss@db/drawbridge", listen: { port: 9001 } });
  });

  test("comes from a file beside the configuration, without the line's end", async () => {
    const config = await read(file().replace('"${TOKEN}"', "{ file: secrets/okta }"), { files: { "/etc/drawbridge/secrets/okta": `${longToken}\n` } });
    expect(config.connections[0]?.bearer[0]?.token.reveal()).toBe(longToken);
  });

  test("cannot be printed, and neither can a credential that stands in the file", async () => {
    const text = file().replace('"${API_KEY}"', "written-down-key").replace("https://acme.peoplelens.example", '"https://${HOST}"');
    const config = await read(text, { env: { HOST: "hidden-host.example" } });
    for (const printed of [inspect(config, { depth: null, showHidden: true }), JSON.stringify(config), String(config.connections[0]?.bearer[0]?.token)]) {
      expect(printed).not.toMatch(new RegExp(`${longToken}|written-down-key|hidden-host`));
    }
    expect(config.connections[0]?.settings["apiKey"]).toBeInstanceOf(Secret);
  });

  test("is boxed where the webhook's stands, and its thresholds are milliseconds", async () => {
    const text = file("", 'alarms: { webhook: { url: "https://${HOST}/x", secret: "${HOOK}" }, denialAfter: 90s, pageAfter: 10m }');
    const { alarms } = await read(text, { env: { HOST: "alerts.example.com", HOOK: "canary-webhook-secret-0123456789" } });
    expect(alarms).toMatchObject({ webhook: { url: "https://alerts.example.com/x" }, denialAfterMs: 90_000, pageAfterMs: 600_000 });
    expect(inspect(alarms, { depth: null, showHidden: true }) + JSON.stringify(alarms)).not.toContain("canary");
  });

  test("is boxed where a password or a client's secret stands", async () => {
    const auth = '{ basic: [{ user: okta, password: "${PASSWORD}" }], oauth: { clients: [{ clientId: "${CLIENT}", clientSecret: "${SECRET}" }] } }';
    const config = await read(file().replace(/auth: .*/, `auth: ${auth}`), { env: { PASSWORD: "canary-password-0123456789", CLIENT: "entra", SECRET: "canary-secret-0123456789-0123456789" } });
    expect(inspect(config, { depth: null, showHidden: true }) + JSON.stringify(config)).not.toContain("canary");
    expect(config.connections[0]?.auth.oauth?.clients[0]?.clientId).toBe("entra");
  });

  test("PeopleLens' choice `password: generate` is no credential", async () => {
    expect((await read(file().replace("apiKey:", "password: generate, apiKey:"))).connections[0]?.settings["password"]).toBe("generate");
  });
});

test("a key `__proto__` pollutes nothing", async () => {
  await examine(file("    settings2: { __proto__: { polluted: yes } }\n"));
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  const { settings } = (await read(file().replace("apiKey:", "__proto__: { polluted: 1 }, apiKey:"))).connections[0] ?? { settings: {} };
  expect((settings as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test.each([
  { why: "a short token", text: file(), env: { TOKEN: "short-token" }, warning: /^line 6 {2}connections\.acme\.auth\.bearer\[0\]\.token: has 11 characters/ },
  { why: "a token in the file", text: file().replace("${TOKEN}", longToken), warning: /^line 6 {2}connections\.acme\.auth\.bearer\[0\]\.token: stands in the file itself/ },
  { why: "a vendor key in the file", text: file().replace("${API_KEY}", "abc"), warning: /^line 7 {2}connections\.acme\.settings\.apiKey: stands in the file itself/ },
  { why: "a short password", text: file().replace(/bearer: .*\] \}/, 'basic: [{ user: okta, password: "${TOKEN}" }] }'), env: { TOKEN: "hunter2" }, warning: /^line 6 {2}connections\.acme\.auth\.basic\[0\]\.password: has 7 characters; a password of fewer than 16/ },
  { why: "a short client secret", text: file().replace(/bearer: .*\] \}/, 'oauth: { clients: [{ clientId: entra, clientSecret: "${TOKEN}" }] } }'), env: { TOKEN: "short-secret" }, warning: /^line 6 {2}connections\.acme\.auth\.oauth\.clients\[0\]\.clientSecret: has 12 characters; a client secret of fewer than 32/ },
  { why: "a client secret in the file", text: file().replace(/bearer: .*\] \}/, `oauth: { clients: [{ clientId: entra, clientSecret: ${longToken} }] } }`), warning: /clientSecret: stands in the file itself/ },
  { why: "a lifetime that Entra does not take", text: file().replace(/bearer: .*\] \}/, 'oauth: { clients: [{ clientId: entra, clientSecret: "${TOKEN}" }], tokenLifetime: 30m } }'), warning: /tokenLifetime: is less than the 60m that Entra asks for/ },
  { why: "a trust that pins no subject", text: file().replace(/bearer: .*\] \}/, "jwt: { issuer: a, audience: b, tenant: c, jwksUri: https://keys.example } }"), warning: /^line 6 {2}connections\.acme\.auth\.jwt: pins no subject/ },
  { why: "a settle time below twice the vendor's", text: file("    delivery: { settle: 15s }\n"), warning: /^line 8 {2}connections\.acme\.delivery\.settle: should be at least twice vendor\.timeout \(20s\)/ },
  { why: "a long deadline", text: file("    delivery: { deadline: 1m }\n"), warning: /delivery\.deadline: is long/ },
  { why: "plain http beyond this machine", text: file().replace("https://scim", "http://scim"), warning: /^line 1 {2}publicUrl: is http/ },
  { why: "a webhook's short secret", text: file("", 'alarms: { webhook: { url: https://alerts.example.com, secret: "${HOOK}" } }'), env: { HOOK: "short" }, warning: /^line 2 {2}alarms\.webhook\.secret: has 5 characters/ },
  { why: "a webhook's secret in the file", text: file("", "alarms: { webhook: { url: https://alerts.example.com, secret: written-down-secret-of-32-chars } }"), warning: /^line 2 {2}alarms\.webhook\.secret: stands in the file itself/ },
  { why: "no publicUrl", text: file().replace("publicUrl: https://scim.example.com", ""), warning: /publicUrl is missing/ },
  { why: "no connection", text: "publicUrl: https://scim.example.com\nconnections: {}\n", warning: /^line 2 {2}connections: holds no connection/ },
])("$why is a warning, and the file is read", async ({ text, env, warning }) => {
  const given = env ? { env } : {};
  await read(text, given);
  expect(await warningsOf(text, given)).toEqual([expect.stringMatching(warning)]);
});

test("readConfig throws every mistake at once, ready to be shown", async () => {
  const text = file("    delivery: { deadline: soon, setle: 30s }\n");
  const reading = readConfig("drawbridge.yaml", { env: { TOKEN: longToken, API_KEY: "k" }, readFile: () => Promise.resolve(text) });
  await expect(reading).rejects.toMatchObject({
    name: "ConfigMistakes",
    message: `drawbridge.yaml has 2 mistakes:
  line 8  connections.acme.delivery.deadline: must be a duration such as 500ms, 30s, 10m or 24h
  line 8  connections.acme.delivery.setle: is not known here; did you mean settle?`,
  });
});
