/**
 * Set-ups, each broken in one way, and what the doctor must say about it. The table in `docs/doctor.md` is made from these rows.
 *
 * @module
 */
import { connectionId } from "../../src/model/ids.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { certify } from "../support/certificate.ts";
import { authority, goodTls, intermediate, papers, type Wish } from "./set-up.ts";

export interface Row {
  readonly broken: string;
  readonly wish: Wish;
  /** The check that finds it. */
  readonly finds: string;
  readonly outcome?: "warning" | "failure" | "skipped";
  /** What its sentences must name: the cause, and what a person changes. */
  readonly names: readonly RegExp[];
  /** Others that it cannot but break, too. */
  readonly alongside?: readonly string[];
}

const other = certify({ subject: "Somebody's own CA", isAuthority: true });
const paper = (wish: Parameters<typeof certify>[0]) => {
  const made = certify({ names: ["localhost"], by: intermediate, ...wish });
  return { key: made.key, cert: made.certificate + intermediate.certificate };
};
const expired = paper({ subject: "localhost", until: "2024-02-03T04:05:06" });
const elsewhere = paper({ subject: "scim.acme.example", names: ["scim.acme.example"] });
const soon = paper({ subject: "localhost", until: new Date(Date.now() + 5 * 86_400_000 + 3_600_000).toISOString() });
const homemade = certify({ subject: "localhost", names: ["localhost"], by: other });
const alone = certify({ subject: "localhost", names: ["localhost"] });
const day = 86_400_000;

export const rows: readonly Row[] = [
  // ------------------------------------------------------------------------------------------------------------------ configuration
  { broken: "a variable of the configuration is not set", wish: { read: { settings: { apiKey: "${PEOPLELENS_API_KEY}" } } }, finds: "configuration", names: [/PEOPLELENS_API_KEY is not set/, /settings\.apiKey/] },
  { broken: "`delivery.settle` is not longer than `vendor.timeout`", wish: { read: { connection: { delivery: { settle: "5s" } } } }, finds: "configuration", names: [/delivery\.settle: must exceed vendor\.timeout/] },
  { broken: "the vendor's address has the API's path behind it", wish: { read: { settings: { baseUrl: "https://acme.peoplelensai.com/api" } } }, finds: "vendor.settings", names: [/settings\.baseUrl/] },
  { broken: "the vendor's key was pasted with the word Bearer", wish: { read: { settings: { apiKey: "Bearer plk_x" } } }, finds: "vendor.settings", names: [/settings\.apiKey must be the bare key/] },
  // ------------------------------------------------------------------------------------------------------------------------- store
  { broken: "the file named in `store` is no database", wish: { server: "stopped", read: { top: { store: "file:./package.json" } } }, finds: "store.reachable", names: [/no database/, /store/], alongside: ["server.live"] },
  { broken: "nobody listens where PostgreSQL should be", wish: { server: "stopped", read: { top: { store: "postgres://drawbridge@127.0.0.1:9/drawbridge" } } }, finds: "store.reachable", names: [/PostgreSQL cannot be reached/, /host and port in "store:"/], alongside: ["server.live"] },
  // ------------------------------------------------------------------------------------------------------------------------ server
  { broken: "the server does not run", wish: { server: "stopped" }, finds: "server.live", names: [/connection is refused/, /drawbridge serve/] },
  { broken: "the server runs on another database", wish: { server: "on another database" }, finds: "server.connection", names: [/does not know a token/, /SIGHUP/] },
  { broken: "the connection is frozen", wish: { meanwhile: ({ store }) => freeze(store), wanted: { write: true } }, finds: "connection.mode", outcome: "warning", names: [/frozen/, /drawbridge unfreeze/] },
  { broken: "`auth.allowFrom` does not admit where requests come from", wish: { connection: { auth: { allowFrom: ["203.0.113.0/24"] } } }, finds: "server.connection", outcome: "skipped", names: [/auth\.allowFrom/] },
  // ---------------------------------------------------------------------------------------------------------------- public address
  { broken: "the name of `publicUrl` is in no DNS", wish: { before: { tls: goodTls }, publicUrl: () => "https://scim.does-not-exist.invalid" }, finds: "url.name", names: [/not known to DNS/, /Tenant URL/] },
  { broken: "nobody answers at `publicUrl`", wish: { publicUrl: () => "http://localhost:9" }, finds: "url.reachable", names: [/connection is refused/, /firewall, load balancer, proxy/] },
  { broken: "`publicUrl` is http", wish: { publicUrl: () => "http://scim.acme.example" }, finds: "url.tls", names: [/https only/] },
  { broken: "the certificate has run out", wish: { before: { tls: expired } }, finds: "url.certificate", names: [/has run out \(2024-02-03\)/, /Renew/] },
  { broken: "the certificate runs out in days", wish: { before: { tls: soon } }, finds: "url.certificate", outcome: "warning", names: [/runs out in 5 days/] },
  { broken: "the certificate is for another name", wish: { before: { tls: elsewhere } }, finds: "url.certificate", names: [/for scim\.acme\.example, not for localhost/] },
  { broken: "the certificate comes without its chain", wish: { before: { tls: { key: papers.key, cert: papers.certificate } } }, finds: "url.certificate", names: [/without the one that signed it/, /fullchain\.pem/] },
  { broken: "the certificate is of a private authority", wish: { before: { tls: { key: homemade.key, cert: homemade.certificate + other.certificate } } }, finds: "url.certificate", names: [/authority that is not public/] },
  { broken: "the certificate is self-signed", wish: { before: { tls: { key: alone.key, cert: alone.certificate } } }, finds: "url.certificate", names: [/self-signed/] },
  { broken: "TLS 1.3 alone is spoken", wish: { before: { tls: { ...goodTls, minVersion: "TLSv1.3" } } }, finds: "url.versions", names: [/Entra does not come with 1\.3 alone/, /TLS 1\.2/] },
  { broken: "the proxy strips the Authorization header", wish: { before: { tls: goodTls, stripsAuthorization: true } }, finds: "url.connection", names: [/Authorization header does not arrive/, /proxy_set_header Authorization/] },
  { broken: "the proxy loses the query", wish: { before: { tls: goodTls, dropsQuery: true } }, finds: "url.query", names: [/query is lost/], alongside: ["idp.entra", "idp.okta"] },
  { broken: "the proxy puts a part before the path", wish: { before: { tls: goodTls, prefix: "/drawbridge" } }, finds: "url.reachable", names: [/under another path/, /nothing added or taken away/] },
  { broken: "`publicUrl` lacks the path under which the proxy passes on", wish: { before: { tls: goodTls, under: "/drawbridge" } }, finds: "url.reachable", names: [/no Drawbridge \(404\)/] },
  { broken: "the proxy points at a port where nobody is", wish: { before: { tls: goodTls, answers: { status: 502, body: "bad gateway" } } }, finds: "url.reachable", names: [/does not reach Drawbridge \(502\), which does answer here/] },
  { broken: "the proxy redirects", wish: { before: { tls: goodTls, redirectsTo: "https://www.acme.example" } }, finds: "url.reachable", names: [/redirect \(301 to https:\/\/www\.acme\.example\)/, /no IdP follows/] },
  { broken: "the proxy asks for a login of its own", wish: { before: { tls: goodTls, guards: 403 } }, finds: "url.connection", names: [/proxy itself refuses/, /without a login/] },
  { broken: "the proxy lets no PATCH and no DELETE through", wish: { before: { tls: goodTls, refuses: ["PATCH", "DELETE"] } }, finds: "url.methods", names: [/PATCH, DELETE do not come through/], alongside: ["url.body"] },
  { broken: "the proxy takes bodies of 1 MiB at most", wish: { before: { tls: goodTls, largestBody: 1_048_576 } }, finds: "url.body", outcome: "warning", names: [/client_max_body_size/] },
  { broken: "the proxy changes the type of answers", wish: { before: { tls: goodTls, contentType: "text/html" } }, finds: "url.connection", names: [/changed on its way/, /application\/scim\+json/] },
  // ---------------------------------------------------------------------------------------------------------------- the IdP's token
  { broken: "there is no token for the connection", wish: { token: false }, finds: "token.there", names: [/there is no token/, /drawbridge token create --connection acme/] },
  { broken: "the token was pasted with the word Bearer", wish: { wanted: { pasted: "Bearer dbt_abc" } }, finds: "token.pasted", names: [/word Bearer/, /Secret Token/] },
  { broken: "another connection's token was pasted", wish: { meanwhile: ({ store }) => addToken(store, "other", "dbt_of-the-other-one"), wanted: { pasted: "dbt_of-the-other-one\n" } }, finds: "token.pasted", names: [/token of the connection other/] },
  { broken: "a token that has run out was pasted", wish: { meanwhile: ({ store }) => addToken(store, "acme", "dbt_old", Date.now() - day), wanted: { pasted: "dbt_old" } }, finds: "token.pasted", names: [/token entra has run out/] },
  { broken: "the pasted token was cut off", wish: { wanted: { pasted: "dbt_cut" } }, finds: "token.pasted", names: [/mistyped, cut off, or taken back/] },
  { broken: "the token runs out in days", wish: { meanwhile: ({ store }) => addToken(store, "acme", "dbt_soon", Date.now() + 5 * day + 3_600_000) }, finds: "token.expiry", outcome: "warning", names: [/runs out in 5 days/] },
  // ------------------------------------------------------------------------------------------------------------------------- vendor
  { broken: "the vendor's host is not known", wish: { read: { settings: { baseUrl: "https://acme.does-not-exist.invalid" } } }, finds: "vendor.way", names: [/not known to DNS/, /settings\.baseUrl/] },
  { broken: "the vendor's port is closed", wish: { read: { settings: { baseUrl: "http://127.0.0.1:9" } } }, finds: "vendor.way", names: [/connection is refused/, /firewall/] },
  { broken: "a proxy is set that is not used", wish: { read: { settings: { baseUrl: "http://127.0.0.1:9" } }, environment: { HTTPS_PROXY: "http://proxy:3128" } }, finds: "vendor.way", names: [/HTTPS_PROXY is set here/, /without the proxy/] },
  { broken: "the vendor's address is in the own network and not allowed", wish: { read: { top: { egress: { allow: [] } }, settings: { baseUrl: "https://10.1.2.3" } } }, finds: "vendor.settings", names: [/not a public address/, /egress\.allow/] },
  { broken: "the vendor's key is wrong", wish: { read: { settings: { apiKey: "plk_wrong" } } }, finds: "vendor.credential", names: [/refuses the credential \(401\)/, /settings\.apiKey/] },
  { broken: "the vendor's key is no administrator's", wish: { credential: "member", simulator: { seed: "traps" } }, finds: "vendor.credential", names: [/not an administrator's/, /settings\.apiKey/] },
  { broken: "the token lacks the vendor's right", wish: { vendor: "transactionlink", credential: "viewer" }, finds: "vendor.credential", names: [/GET \/organizations\/users \(403\)/, /can_manage_users/] },
  { broken: "the token is one of another organisation", wish: { vendor: "enlivy", credential: "elsewhere" }, finds: "vendor.credential", names: [/403/, /settings\.token/] },
  { broken: "the tenant does not exist", wish: { vendor: "enlivy", read: { settings: { organizationId: "org_2" } } }, finds: "vendor.credential", names: [/404/, /settings\.organizationId/] },
  { broken: "the workspace does not exist", wish: { vendor: "applivery", read: { settings: { organizationId: "acne" } } }, finds: "vendor.credential", names: [/404/, /settings\.organizationId/] },
  { broken: "the key may read and not write", wish: { vendor: "enlivy", credential: "reader", wanted: { write: true } }, finds: "trial.create", names: [/POST \/organizations\/\{organizationId\}\/users \(403\)/, /right to POST/] },
  { broken: "the vendor is down", wish: { simulator: {}, meanwhile: ({ vendor }) => vendor.addFault({ kind: "status", status: 503, match: { method: "GET", times: "always" } }) }, finds: "vendor.credential", names: [/503/, /status page/] },
  { broken: "a page of somebody else's answers in the vendor's place", wish: { meanwhile: ({ vendor }) => vendor.addFault({ kind: "garbage200", body: "<html>Sign in</html>", match: { method: "GET", times: "always" } } as never) }, finds: "vendor.credential", names: [/not JSON|HTML/, /settings\.baseUrl/] },
  { broken: "the vendor says yes to a deactivation and does not do it", wish: { meanwhile: ({ vendor }) => vendor.addFault({ kind: "garbage200", body: { success: true }, committed: false, match: { method: "PATCH", times: "always" } }), wanted: { write: true } }, finds: "trial.deactivate", names: [/still shows/, /PeopleLens AI/] },
  { broken: "the vendor's plan has no place left", wish: { meanwhile: ({ vendor }) => vendor.addFault({ kind: "status", status: 402, match: { method: "POST", times: "always" } }), wanted: { write: true } }, finds: "trial.create", names: [/plan's limit/] },
  { broken: "no call that ends access may be used", wish: { vendor: "applivery", connection: { denyEndpoints: "seed" } }, finds: "vendor.can.deactivate", names: [/keeps their access/, /denyEndpoints: inferred/] },
  // -------------------------------------------------------------------------------------------------------------------------- roles
  { broken: "a role id is not known to the vendor", wish: { vendor: "enlivy", connection: { roles: { map: [{ idp: "Staff", vendor: "org_userrole_employes" }] } }, settings: { managedRoleIds: ["org_userrole_employee"] } }, finds: "roles.known", names: [/roles\.map\[0\]\.vendor/, /Did you mean org_userrole_employee/] },
  { broken: "a role's name stands in place of its id", wish: { vendor: "transactionlink", connection: { roles: { map: [{ idp: "Staff", vendor: "Member" }] } } }, finds: "roles.known", names: [new RegExp(`write its id, ${roleIds.member}`)] },
  { broken: "the default role is not known to the vendor", wish: { vendor: "transactionlink", settings: { defaultRoleId: "0f0e7c52-1c3b-4c0a-9a77-0000000000ff" } }, finds: "roles.known", names: [/settings\.defaultRoleId/] },
  { broken: "an administrator's role is not marked as privileged", wish: { connection: { roles: { map: [{ idp: "Admins", vendor: "Admin" }], fallback: "User" } } }, finds: "roles.privileged", outcome: "warning", names: [/privileged: true/] },
  // ---------------------------------------------------------------------------------------------------------------------- the IdP's
  { broken: "Entra maps `externalId` to the mail nickname", wish: { meanwhile: ({ house }) => pushed(house, ["ann", "bob", "cem", "dan"]) }, finds: "people.externalId", outcome: "warning", names: [/objectId/] },
  { broken: "a group's name in `roles.map` differs in case", wish: { meanwhile: ({ house }) => pushedGroup(house, "everyone") }, finds: "people.groups", outcome: "warning", names: [/"Everyone".*"everyone"/] },
  // -------------------------------------------------------------------------------------------------------------------------- clock
  { broken: "this machine's clock is ten minutes ahead", wish: { clockAheadMs: 600_000 }, finds: "clock", names: [/10 min ahead of that of PeopleLens AI/, /NTP/] },
];

type Store = Parameters<NonNullable<Wish["meanwhile"]>>[0]["store"];

const freeze = async (store: Store): Promise<void> => void (await store.freeze(connectionId("acme"), { by: "ann", reason: "an audit" }));

async function addToken(store: Store, connection: string, token: string, expiresMs?: number): Promise<void> {
  const { createHash } = await import("node:crypto");
  await store.addToken(connectionId(connection), { name: connection === "acme" ? "entra" : "okta", hash: createHash("sha256").update(token).digest("hex"), expiresMs });
}

type House = Parameters<NonNullable<Wish["meanwhile"]>>[0]["house"];

async function pushed(house: House, names: readonly string[]): Promise<void> {
  for (const name of names) await write(house, { method: "POST", type: "User", id: undefined, body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `${name}@acme.example`, externalId: name, name: { givenName: "A", familyName: "B" }, active: true } });
}

const pushedGroup = (house: House, name: string): Promise<void> => write(house, { method: "POST", type: "Group", id: undefined, body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: name } });

async function write(house: House, request: object): Promise<void> {
  const bridge = house?.bridge(connectionId("acme"));
  await bridge?.write({ query: {}, ...request } as never, { base: "http://x", correlation: "c-000000000000", answered: () => {} } as never);
}

export { authority };
