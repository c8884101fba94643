/**
 * Mistakes in a configuration: each is found, placed and explained, and none hides another.
 *
 * @module
 */
import { expect, test } from "vitest";
import { file, longToken, problemsOf, read } from "./read.ts";
import type { Given } from "./read.ts";

interface Row {
  readonly text: string;
  readonly given?: Given;
  readonly says: string;
}

const inAcme = (line: string): string => file(`    ${line}\n`);
const at = (path: string, says: string): string => `line 8  connections.acme.${path}: ${says}`;
const second = `  beta:
    connector: enlivy
    auth: { bearer: [{ name: entra, token: "\${OTHER}" }] }
`;
const duration = "must be a duration such as 500ms, 30s, 10m or 24h";
const evidence = "must be one of seed, public, observed, inferred";

const rows: readonly Row[] = [
  // keys
  { text: inAcme("delivry: {}"), says: at("delivry", "is not known here; did you mean delivery?") },
  { text: inAcme("on_deactivate: [disable]"), says: at("on_deactivate", "is not known here; did you mean onDeactivate?") },
  { text: inAcme("rails: { massDeprovision: { windows: 1h } }"), says: at("rails.massDeprovision.windows", "is not known here; did you mean window?") },
  { text: inAcme("roles: { map: [{ idp: A, vendor: B, privilegd: true }] }"), says: at("roles.map[0].privilegd", "is not known here; did you mean privileged?") },
  { text: inAcme("vendor: { colour: red }"), says: at("vendor.colour", "is not known here; known are timeout") },
  { text: inAcme("adupt: never"), says: at("adupt", "is not known here; did you mean adopt?") },
  { text: inAcme("vendor: { __proto__: { timeout: 1s } }"), says: at("vendor.__proto__", "is not known here; known are timeout") },
  { text: file("", "stor: file:x"), says: "line 2  stor: is not known here; did you mean store?" },
  { text: file().replace("    connector: peoplelens\n", ""), says: "line 4  connections.acme.connector: is missing" },
  { text: "publicUrl: https://scim.example.com\n", says: "line 1  connections: is missing: every vendor account to be provisioned is one connection" },
  { text: file().replace("connector: peoplelens", "connector: peoplelense"), says: "line 5  connections.acme.connector: no such connector; did you mean peoplelens?" },
  { text: file().replace("connector: peoplelens", "connector: workday"), says: "line 5  connections.acme.connector: no such connector; built in are peoplelens, transactionlink, enlivy, applivery; an own one is the path of a manifest.yaml" },
  // kinds of values
  { text: inAcme("delivery: { deadline: 10 }"), says: at("delivery.deadline", duration) },
  { text: inAcme('delivery: { deadline: "10 seconds" }'), says: at("delivery.deadline", duration) },
  { text: inAcme("delivery: { deadline: 0s }"), says: at("delivery.deadline", "must lie between 100ms and 2m") },
  { text: inAcme("endpoints: guessed"), says: at("endpoints", evidence) },
  { text: inAcme("endpoints: pubilc"), says: at("endpoints", `${evidence}; did you mean public?`) },
  { text: inAcme("adopt: byemail"), says: at("adopt", "must be one of never, byEmail; did you mean byEmail?") },
  { text: inAcme("strict: yes"), says: at("strict", "must be true or false") },
  { text: inAcme("roles: Admin"), says: at("roles", "must be a section with keys") },
  { text: inAcme("roles:"), says: at("roles", "is empty; give it a value or leave the key out") },
  { text: inAcme("roles: { map: { idp: A } }"), says: at("roles.map", "must be a list") },
  { text: inAcme("roles: { map: [{ idp: 7, vendor: B }] }"), says: at("roles.map[0].idp", "must be text: put it in quotes") },
  { text: inAcme("onDeactivate: []"), says: at("onDeactivate", "names no strategy; leave the key out for the connector's own order") },
  { text: inAcme("onDeactivate: [disable, disable]"), says: at("onDeactivate", "names a strategy twice") },
  { text: inAcme("rails: { massDeprovision: { share: 10 } }"), says: at("rails.massDeprovision.share", "must be at most 1") },
  { text: inAcme("rails: { massDeprovision: { count: 1.5 } }"), says: at("rails.massDeprovision.count", "must be a whole number between 0 and 1000000") },
  { text: inAcme("rails: { protected: [ann] }"), says: at("rails.protected[0]", "must be an e-mail address") },
  { text: inAcme("budget: { requestsPerSecond: 0, burst: 1 }"), says: at("budget.requestsPerSecond", "must be more than 0") },
  { text: inAcme("limits: { page: 0 }"), says: at("limits.page", "must be a whole number between 1 and 10000") },
  { text: inAcme("limits: { body: 2GiB }"), says: at("limits.body", "must be a size between 1KiB and 64MiB such as 2MiB, or { user: 1MiB, group: 8MiB }") },
  { text: inAcme("domains: ['*.acme.example']"), says: at("domains[0]", "must be a domain such as acme.example, without @ and without *; an international one in its xn-- form") },
  { text: file("", "egress: { allow: ['https://vendor.internal'] }"), says: "line 2  egress.allow[0]: must be a host name, an IP address or a network such as 10.0.0.0/8, without https:// and without a port" },
  { text: file("", "listen: { port: 70000 }"), says: "line 2  listen.port: must be a whole number between 0 and 65535" },
  { text: file("", "store: mysql://db"), says: "line 2  store: must be file:./data/drawbridge.db or postgres://user:password@host/database" },
  ...["scim.example.com", "https://scim.example.com?a=b", "ftp://scim.example.com", "https://u:p@scim.example.com", "https://scim.example.com#x"].map((url) => ({
    text: file().replace("https://scim.example.com", url),
    says: "line 1  publicUrl: must be a URL such as https://scim.example.com, without a query and without credentials",
  })),
  ...["Acme", "acme_prod", "-acme", "a".repeat(64)].map((name) => ({
    text: file().replace("  acme:", `  ${name}:`),
    says: `line 4  connections.${name}: a connection's name is 1 to 63 lower-case letters, digits and hyphens, and begins with a letter or digit`,
  })),
  // secrets
  { text: file().replace("${TOKEN}", "${ABSENT}"), says: "line 6  connections.acme.auth.bearer[0].token: the environment variable ABSENT is not set" },
  { text: file(), given: { env: { TOKEN: "  " } }, says: "line 6  connections.acme.auth.bearer[0].token: the environment variable TOKEN is empty" },
  { text: file(), given: { env: { API_KEY: "" } }, says: "line 7  connections.acme.settings.apiKey: the environment variable API_KEY is empty" },
  { text: file("", 'store: "postgres://a:${PW}@db/x"'), says: "line 2  store: the environment variable PW is not set" },
  { text: file().replace("${TOKEN}", "${TOKEN:-none}"), says: "line 6  connections.acme.auth.bearer[0].token: a variable is written ${NAME}, with letters, digits and underscores only (there are no defaults)" },
  { text: file().replace('"${TOKEN}"', '""'), says: "line 6  connections.acme.auth.bearer[0].token: is empty" },
  { text: file().replace('"${API_KEY}"', '" "'), says: "line 7  connections.acme.settings.apiKey: is empty" },
  { text: file().replace('"${TOKEN}"', "{ file: gone }"), says: "line 6  connections.acme.auth.bearer[0].token: the file gone cannot be read (ENOENT)" },
  { text: file().replace('"${TOKEN}"', "{ file: blank }"), given: { files: { "/etc/drawbridge/blank": "\n" } }, says: "line 6  connections.acme.auth.bearer[0].token: the file blank is empty" },
  { text: file().replace('"${TOKEN}"', "7"), says: 'line 6  connections.acme.auth.bearer[0].token: must be a secret: "${NAME}" or { file: path }' },
  { text: file(), given: { env: { TOKEN: `Bearer ${longToken}` } }, says: "line 6  connections.acme.auth.bearer[0].token: begins with the word Bearer; give the token alone" },
  { text: file(), given: { env: { TOKEN: `${longToken}\n` } }, says: "line 6  connections.acme.auth.bearer[0].token: holds a blank, a line break or a letter beyond ASCII, which no bearer token can" },
  { text: file(second), given: { env: { OTHER: longToken } }, says: "line 10  connections.beta.auth.bearer[0].token: is the same token as connections.acme.auth.bearer[0]; every connection and every name has its own" },
  { text: file("", 'operator: { bearer: [{ name: ops, token: "${TOKEN}" }] }'), says: "line 6  connections.acme.auth.bearer[0].token: is the same token as operator.bearer[0]; every connection and every name has its own" },
  { text: file().replace('"${TOKEN}" }', '"${TOKEN}" }, { name: okta, token: "${NEXT}" }'), given: { env: { NEXT: `${longToken}2` } }, says: "line 6  connections.acme.auth.bearer[1].name: is the name of another token of this list (entry 1)" },
  // between keys
  { text: inAcme("delivery: { settle: 10s }"), says: at("delivery.settle", "must exceed vendor.timeout (10s), else a create might be repeated while the first one is still under way") },
  { text: inAcme("vendor: { timeout: 90s }"), says: at("delivery.settle", "must exceed vendor.timeout (90s), else a create might be repeated while the first one is still under way").replace("line 8", "line 4") },
  { text: inAcme("roles: { map: [{ idp: A, vendor: Admin, privileged: true }], fallback: Admin }"), says: at("roles.fallback", "is privileged; nobody may receive a privileged role without being given it. Name another role, or deactivate") },
  { text: file("    roles: { map: [{ idp: A, vendor: Admin, privileged: true }] }\n").replace("apiKey:", "defaultRole: Admin, apiKey:"), says: "line 7  connections.acme.settings.defaultRole: is privileged; nobody may receive a privileged role without being given it" },
  { text: inAcme("roles: { map: [{ idp: A, vendor: B }, { idp: C, vendor: B }, { idp: A, vendor: D }] }"), says: at("roles.map[2].idp", "is mapped already by roles.map[0]; one name leads to one role") },
  { text: inAcme("roles: { map: [{ idp: A, vendor: B, privileged: true }, { idp: C, vendor: B }] }"), says: at("roles.map[1].vendor", "is not privileged here, but is in roles.map[0]; say the same in both") },
  // alarms
  { text: file("", "alarms: { denialAfter: 5m, pageAfter: 60s }"), says: "line 2  alarms.pageAfter: must be longer than alarms.denialAfter (5m)" },
  { text: file("", "alarms: { denialAfter: 60s, pageAfter: 60s }"), says: "line 2  alarms.pageAfter: must be longer than alarms.denialAfter (1m)" },
  { text: file("", "alarms: { denialAfter: 100ms }"), says: "line 2  alarms.denialAfter: must lie between 1s and 24h" },
  ...["alerts.example.com", "ftp://alerts.example.com", "https://user:pass@alerts.example.com/x", "https://alerts.example.com/#x"].map((url) => ({
    text: file("", `alarms: { webhook: { url: "${url}", secret: "\${HOOK}" } }`),
    given: { env: { HOOK: longToken.toUpperCase() } },
    says: "line 2  alarms.webhook.url: must be a URL such as https://alerts.example.com/drawbridge, without credentials before the host and without a fragment",
  })),
  { text: file("", 'alarms: { webhook: { url: "http://127.0.0.1:9/x", secret: "${HOOK}" } }'), given: { env: { HOOK: "x".repeat(32) } }, says: "line 2  alarms.webhook.url: must be https; http is permitted only where egress.allow names the host" },
  { text: file("", 'alarms: { webhook: { url: https://alerts.example.com, secret: "" } }'), says: "line 2  alarms.webhook.secret: is empty" },
  { text: file("", 'alarms: { webhook: { url: https://alerts.example.com, secret: "${HOOK}" } }'), given: { env: { HOOK: " " } }, says: "line 2  alarms.webhook.secret: the environment variable HOOK is empty" },
  { text: file("", 'alarms: { webhook: { url: https://alerts.example.com, secret: "${HOOK}" } }'), given: { env: { HOOK: "whsec_%%%%" } }, says: "line 2  alarms.webhook.secret: begins with whsec_ and is no base64 after it" },
  { text: file("", "alarms: { webhook: { url: https://alerts.example.com } }"), says: 'line 2  alarms.webhook.secret: must be a secret: "${NAME}" or { file: path }' },
  // how the IdP proves itself
  ...[
    { auth: '{ basic: [{ user: "ok:ta", password: "${SECRET}" }] }', path: "basic[0].user", says: "holds a colon, which ends the name in HTTP Basic" },
    { auth: '{ basic: [{ user: okta, password: "${LINES}" }] }', path: "basic[0].password", says: "holds a line break or another control character, which no password can" },
    { auth: '{ basic: [{ user: okta, password: "" }] }', path: "basic[0].password", says: "is empty" },
    { auth: '{ basic: [{ user: okta, password: "${SECRET}" }, { user: other, password: "${SECRET}" }] }', path: "basic[1].password", says: "is the same password as connections.acme.auth.basic[0]; every connection and every name has its own" },
    { auth: '{ basic: [{ user: okta, password: "${SECRET}" }], bearer: [{ name: a, token: "${SECRET}" }] }', path: "basic[0].password", says: "is the same password as connections.acme.auth.bearer[0]; every connection and every name has its own" },
    { auth: "{ oauth: { clients: [] } }", path: "oauth.clients", says: "must not be empty" },
    { auth: '{ oauth: { clients: [{ clientId: entra, clientSecret: "${SECRET}" }, { clientId: entra, clientSecret: "${SECRET}" }] } }', path: "oauth.clients[1].clientSecret", says: "is the same client secret as connections.acme.auth.oauth.clients[0]; every connection and every name has its own" },
    { auth: '{ oauth: { clients: [{ clientId: entra, clientSecret: "${LINES}" }] } }', path: "oauth.clients[0].clientSecret", says: "holds a blank, a line break or a letter beyond ASCII, which no client secret can" },
    { auth: '{ oauth: { clients: [{ clientId: "enträ", clientSecret: "${SECRET}" }] } }', path: "oauth.clients[0].clientId", says: "holds a line break or a letter beyond ASCII, which no client id can" },
    { auth: '{ oauth: { clients: [{ clientId: entra, clientSecret: "${SECRET}" }], tokenLifetime: 7h } }', path: "oauth.tokenLifetime", says: "must lie between 10m and 6h" },
    { auth: '{ oauth: { clients: [{ clientId: entra, clientSecret: "${SECRET}" }], tokenLifetme: 1h } }', path: "oauth.tokenLifetme", says: "is not known here; did you mean tokenLifetime?" },
    { auth: "{ jwt: { issuer: a, audience: b, subject: s, jwksUri: https://keys.example } }", path: "jwt.tenant", says: "is missing" },
    { auth: "{ jwt: { issuer: a, audience: b, tenant: c, subject: s } }", path: "jwt.jwksUri", says: "is missing" },
    { auth: "{ jwt: { issuer: a, audience: [], tenant: c, subject: s, jwksUri: https://keys.example } }", path: "jwt.audience", says: "must not be empty" },
    { auth: "{ jwt: { issuer: a, audience: 1, tenant: c, subject: s, jwksUri: https://keys.example } }", path: "jwt.audience", says: "must be text, or a list of texts" },
    ...["8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "api://8ADF8E6E-67b2-4cf2-a259-e3dc5476c621/.default"].map((audience) => ({
      auth: `{ jwt: { issuer: a, audience: ["api://mine", "${audience}"], tenant: c, jwksUri: https://keys.example } }`,
      path: "jwt.subject",
      says: "is missing: this audience is the same for every custom application of every Entra customer, so the application must be pinned, too",
    })),
    ...["keys.example", "ftp://keys.example", "https://me:pw@keys.example", "https://keys.example/#1"].map((jwksUri) => ({
      auth: `{ jwt: { issuer: a, audience: b, tenant: c, subject: s, jwksUri: "${jwksUri}" } }`,
      path: "jwt.jwksUri",
      says: "must be a URL such as https://login.microsoftonline.com/TENANT/discovery/v2.0/keys, without credentials before the host and without a fragment",
    })),
    { auth: "{ jwt: { issuer: a, audience: b, tenant: c, subject: s, jwksUri: http://keys.example } }", path: "jwt.jwksUri", says: "must be https; http is permitted only where egress.allow names the host" },
    { auth: "{ allowFrom: [] }", path: "allowFrom", says: "must not be empty" },
    ...["10.0.0.0/33", "10.0.0/8", "2001:db8::/129", "fe80::1%eth0", "scim.example.com", "10.0.0.1/8/8", "10.0.0.1/", ""].map((entry) => ({ auth: `{ allowFrom: ["${entry}"] }`, path: "allowFrom[0]", says: "must be an IP address or a network such as 203.0.113.0/24 or 2001:db8::/32" })),
  ].map(({ auth, path, says }) => ({
    text: file(`    auth: ${auth}\n`).replace(/    auth: .*token: "\$\{TOKEN\}".*\n/, ""),
    given: { env: { SECRET: "s".repeat(40), LINES: `${"s".repeat(40)}\nt` } },
    says: `line 7  connections.acme.auth.${path}: ${says}`,
  })),
  { text: file("", 'listen: { trustedProxies: ["0.0.0.0/0"] }'), says: "line 2  listen.trustedProxies[0]: would believe everybody about where a request comes from; name the proxies alone" },
  { text: file("", "listen: { trustedProxies: [proxy.internal] }"), says: "line 2  listen.trustedProxies[0]: must be an IP address or a network such as 203.0.113.0/24 or 2001:db8::/32" },
  // not yet
  { text: inAcme("unlinked: list"), says: at("unlinked", "is not available yet in this version; leave it out") },
  // YAML itself
  { text: inAcme("adopt: never\n    adopt: byEmail"), says: "line 9  this key stands here twice; keep one" },
  { text: `${file()}---\nmore: true\n`, says: "line 8  only one YAML document is allowed: remove the line `---`" },
  { text: file().replace('"${TOKEN}"', "${TOKEN}"), says: 'line 6  this is not valid YAML (UNEXPECTED_TOKEN); write "${NAME}" with quotes' },
  { text: "- a\n- b\n", says: "line 1  the file must hold keys such as publicUrl, store and connections" },
  { text: "", says: "line 1  the file must hold keys such as publicUrl, store and connections" },
];

test.each(rows)("$says", async ({ text, given, says }) => {
  expect(await problemsOf(text, given)).toContain(says);
});

test("each of these files has that one mistake and no other", async () => {
  for (const { text, given, says } of rows) {
    if (/valid YAML/.test(says)) continue; // one slip may confuse the parser twice
    expect(await problemsOf(text, given)).toEqual([says]);
  }
});

test("many mistakes in many places are all reported, in the order of the file", async () => {
  const text = `listen: { prt: 1 }
publicUrl: nowhere
connections:
  Acme:
    connector: peoplelens
    auth: { bearer: [{ name: okta, token: "\${ABSENT}" }] }
    roles: { map: [{ idp: A, vendor: B, privileged: true }], fallback: B }
    delivery: { deadline: soon }
    vendor: { timeout: 1m }
  beta:
    conector: enlivy
    endpoints: guessed
    rails: { massDeprovision: { share: 2 } }
`;
  expect((await problemsOf(text)).map((line) => /^line (\d+) {2}([^:]+):/.exec(line)?.slice(1).join(" "))).toEqual([
    "1 listen.prt",
    "2 publicUrl",
    "4 connections.Acme",
    "6 connections.Acme.auth.bearer[0].token",
    "7 connections.Acme.roles.fallback",
    "8 connections.Acme.delivery.deadline",
    "10 connections.beta.connector",
    "11 connections.beta.conector",
    "12 connections.beta.endpoints",
    "13 connections.beta.rails.massDeprovision.share",
  ]);
});

test("no message quotes a value, wherever a secret was put by mistake", async () => {
  const leaked = "s3cret-value-that-must-not-show";
  const texts = [
    file("", `listen: { port: ${leaked} }`),
    file("", `store: ${leaked}`),
    file("", `alarms: { webhook: { url: ${leaked}, secret: [${leaked}] }, pageAfter: ${leaked} }`),
    file().replace("https://scim.example.com", leaked),
    file(`    endpoints: ${leaked}\n    adopt: ${leaked}\n    delivery: ${leaked}\n    budget: { burst: ${leaked} }\n    domains: [${leaked} x]\n`),
    file().replace("connector: peoplelens", `connector: ${leaked}`),
    file().replace('"${TOKEN}"', `${leaked} "x": *${leaked}`),
    file().replace('"${TOKEN}"', `"${leaked}`),
    file(`    roles: { map: [{ idp: A, vendor: ${leaked}, privileged: true }], fallback: ${leaked} }\n`),
  ];
  for (const text of texts) {
    const problems = await problemsOf(text);
    expect(problems).not.toEqual([]);
    expect(problems.join("\n")).not.toContain(leaked);
  }
});

test("a bomb of aliases is refused", async () => {
  const levels = Array.from({ length: 9 }, (_, level) => `a${level}: &a${level} [${Array.from({ length: 9 }, () => (level === 0 ? "x" : `*a${level - 1}`)).join(", ")}]`);
  expect((await problemsOf(levels.join("\n"))).join()).toContain("anchors and aliases multiply too much");
});

test("a file that cannot be read is a problem like any other", async () => {
  const { examineConfig } = await import("../../src/config.ts");
  const { problems } = await examineConfig("x.yaml", { env: {}, readFile: () => Promise.reject(Object.assign(new Error(), { code: "EACCES" })) });
  expect(problems).toEqual([{ path: "", line: undefined, says: "the file cannot be read (EACCES)" }]);
});

test("an alias leads to the line that it stands on", async () => {
  await read(file("    rails: { protected: &safe [a@acme.example] }\n"));
  expect(await problemsOf(file("    domains: &same [acme]\n    rails: { protected: *same }\n"))).toEqual([
    expect.stringMatching(/^line 8 {2}connections\.acme\.domains\[0\]/),
    expect.stringMatching(/^line [89] {2}connections\.acme\.rails\.protected\[0\]/),
  ]);
});
