/**
 * The configuration: `drawbridge.yaml` read, checked and turned into what the rooms need. Nobody behind it checks anything again.
 *
 *     text ─ yaml-text ─ expand ─ parse-keys ─ rules ─ Config
 *            data+lines  ${ENV}   schema       between keys
 *
 * Every mistake is reported at once, with its path, its line and what would be right; no message quotes a value.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { connectionName, connectionShape } from "./config/connection-schema.ts";
import type { Section } from "./config/connection-schema.ts";
import { judgeCredentials } from "./config/credential-rules.ts";
import { expand, unboxed } from "./config/expand.ts";
import type { World } from "./config/expand.ts";
import { isSection, parseKeys } from "./config/parse-keys.ts";
import { ConfigMistakes, pathText } from "./config/problem.ts";
import type { Finding, Path, Problem } from "./config/problem.ts";
import { builtIn, isCredential, judge, judgeAlarms } from "./config/rules.ts";
import type { Draft } from "./config/rules.ts";
import { topShape } from "./config/schema.ts";
import type { Top } from "./config/schema.ts";
import { parseYaml } from "./config/yaml-text.ts";
import type { ConnectorSetup } from "./connectors/setup.ts";
import { accountId, connectionId, roleId } from "./model/ids.ts";
import type { ConnectionId } from "./model/ids.ts";
import type { Role } from "./model/operator.ts";
import type { Policy } from "./model/policy.ts";
import { Secret } from "./runtime/secret.ts";

export interface Config {
  /** Port 0 = any free one. */
  readonly listen: {
    readonly host: string;
    readonly port: number;
    /** Addresses and networks whose X-Forwarded-For is believed. */
    readonly trustedProxies: readonly string[];
  };
  /** Without a slash at the end. */
  readonly publicUrl: string;
  /** `file:…` or `postgres://…`; may hold a password, so it is never printed. */
  readonly store: string;
  readonly egressAllow: readonly string[];
  readonly alarms: {
    readonly webhook: { readonly url: string; readonly secret: Secret } | undefined;
    readonly denialAfterMs: number;
    readonly pageAfterMs: number;
  };
  readonly tracing: { readonly url: string; readonly headers: Readonly<Record<string, Secret>>; readonly share: number } | undefined;
  readonly operator: {
    readonly bearer: readonly (NamedToken & { readonly role: Role })[];
    /** `undefined` = anywhere. */
    readonly allowFrom: readonly string[] | undefined;
  };
  readonly connections: readonly ConnectionConfig[];
  /** What is allowed and yet probably not meant. */
  readonly warnings: readonly Problem[];
}

export interface ConnectionConfig {
  readonly id: ConnectionId;
  /** A built-in name, or the absolute path of a manifest. */
  readonly connector: string;
  /** As written; what came from the environment or a file, and every credential, is a `Secret`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly policy: Policy;
  /** How a connection begins of which the store knows nothing else. */
  readonly mode: "deliver" | "observe";
  /** URNs of the extensions that the connection has; `undefined` = all that there are. */
  readonly schemas: readonly string[] | undefined;
  readonly bearer: readonly NamedToken[];
  /** What else the IdP may prove itself with, and from where. */
  readonly auth: {
    readonly basic: readonly { readonly user: string; readonly password: Secret }[];
    readonly oauth: { readonly clients: readonly { readonly clientId: string; readonly clientSecret: Secret }[]; readonly lifetimeMs: number } | undefined;
    readonly jwt: Trust | undefined;
    /** `undefined` = anywhere. */
    readonly allowFrom: readonly string[] | undefined;
  };
  /** Strategies in order; `undefined` = the connector's own. */
  readonly onDeactivate: readonly string[] | undefined;
  readonly onDelete: readonly string[] | undefined;
  /** `undefined` = the connector's own. */
  readonly budget: { readonly requestsPerSecond: number; readonly burst: number; readonly concurrency?: number | undefined } | undefined;
}

/** An issuer whose signed tokens are taken. */
export interface Trust {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly tenant: string;
  readonly subject: string | undefined;
  readonly jwksUri: string;
}

export interface NamedToken {
  readonly name: string;
  readonly token: Secret;
}

/** What is known about a file after reading it; `config` only if there are no problems. Both lists are sorted by line. */
export interface Examined {
  readonly config: Config | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/**
 * @throws ConfigMistakes with every mistake of the file
 */
export async function readConfig(file: string, world: World): Promise<Config> {
  const { config, problems, warnings } = await examineConfig(file, world);
  if (!config) throw new ConfigMistakes(file, problems, warnings);
  return config;
}

/** Reads and judges a file. Never throws for what the file says. */
export async function examineConfig(file: string, world: World): Promise<Examined> {
  let source: string;
  try {
    source = await world.readFile(file);
  } catch (thrown) {
    return { config: undefined, problems: [{ path: "", line: undefined, says: `the file cannot be read (${(thrown as { code?: string }).code ?? "unknown reason"})` }], warnings: [] };
  }
  const yaml = parseYaml(source);
  if (yaml.problems.length > 0) return { config: undefined, problems: sorted(yaml.problems), warnings: [] };
  if (!isSection(yaml.value)) return { config: undefined, problems: [{ path: "", line: 1, says: "the file must hold keys such as publicUrl, store and connections" }], warnings: [] };

  const expanded = await expand(yaml.value, file, world);
  const { connections, ...rest } = expanded.value as Record<string, unknown>;
  const top = parseKeys(topShape, unboxed(rest), [], ["connections"]);
  const drafts = draftsOf(connections);
  const written = (path: Path) => isWritten(yaml.value, path);
  const rulings = [...drafts.drafts.map(judge), judgeCredentials(top.value, drafts.drafts, written), judgeAlarms(top.value, written)];

  // What the environment could not give is said once; a second complaint about the same place would only confuse.
  const missing = expanded.findings.map(({ path }) => pathText(path));
  const own = [...top.findings, ...drafts.findings, ...rulings.flatMap(({ problems }) => problems)].filter(({ path }) => !missing.includes(pathText(path)));
  const located = (findings: readonly Finding[]): readonly Problem[] => sorted(findings.map(({ path, says }) => ({ path: pathText(path), line: yaml.lineOf(path), says })));
  const problems = located([...expanded.findings, ...own]);
  const warnings = located([...rulings.flatMap((ruling) => ruling.warnings), ...thoughts(top.value, drafts.drafts)]);
  if (problems.length > 0) return { config: undefined, problems, warnings };
  return { config: configOf(top.value as Top, drafts.drafts, file, warnings), problems, warnings };
}

function draftsOf(connections: unknown): { readonly drafts: readonly Draft[]; readonly findings: readonly Finding[] } {
  const path: Path = ["connections"];
  if (connections === undefined || connections === null) return { drafts: [], findings: [{ path, says: "is missing: every vendor account to be provisioned is one connection" }] };
  if (!isSection(connections)) return { drafts: [], findings: [{ path, says: "must be a section with one key for each connection" }] };
  const findings: Finding[] = [];
  const drafts = Object.entries(connections).map(([name, section]) => {
    const named = connectionName.safeParse(name);
    if (!named.success) findings.push({ path: [...path, name], says: named.error.issues[0]?.message ?? "" });
    const parsed = parseKeys(connectionShape, unboxed(section), [...path, name]);
    findings.push(...parsed.findings);
    return { name, section: parsed.value, given: keysOf(section) };
  });
  return { drafts, findings };
}

/** `rails`, `rails.protected`, … */
const keysOf = (section: unknown): ReadonlySet<string> =>
  new Set(Object.entries(isSection(section) ? section : {}).flatMap(([key, value]) => [key, ...(isSection(value) ? Object.keys(value).map((part) => `${key}.${part}`) : [])]));

/** Warnings about the file as a whole. */
function thoughts(top: Partial<Top>, drafts: readonly Draft[]): readonly Finding[] {
  const findings: Finding[] = [];
  if (drafts.length === 0) findings.push({ path: ["connections"], says: "holds no connection, so there is nothing to push to" });
  if (top.publicUrl === undefined) findings.push({ path: [], says: "publicUrl is missing: IdPs are told addresses on localhost, which they cannot reach" });
  else if (top.publicUrl.startsWith("http:") && !/^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(top.publicUrl)) findings.push({ path: ["publicUrl"], says: "is http; Okta and Entra push to https only" });
  return findings;
}

const sorted = (problems: readonly Problem[]): readonly Problem[] => problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || a.path.localeCompare(b.path));

/** Whether the value at a path stands in the file itself, without a variable. */
function isWritten(raw: unknown, path: Path): boolean {
  const value = path.reduce<unknown>((reached, step) => (typeof reached === "object" && reached !== null && Object.hasOwn(reached, step) ? (reached as Record<PropertyKey, unknown>)[step] : undefined), raw);
  return typeof value === "string" && !value.includes("${");
}

function configOf(top: Top, drafts: readonly Draft[], file: string, warnings: readonly Problem[]): Config {
  return {
    listen: top.listen,
    publicUrl: top.publicUrl ?? `http://localhost:${top.listen.port}`,
    store: top.store,
    egressAllow: top.egress.allow,
    alarms: top.alarms,
    tracing: top.tracing,
    operator: { bearer: top.operator.bearer, allowFrom: top.operator.allowFrom },
    connections: drafts.map(({ name, section }) => connectionOf(connectionId(name), section as Section, file)),
    warnings,
  };
}

function connectionOf(id: ConnectionId, section: Section, file: string): ConnectionConfig {
  const { map, fallback, serveAsGroups, serveAsEntitlements } = section.roles;
  const { mode, ...delivery } = section.delivery;
  return {
    id,
    connector: builtIn.includes(section.connector) ? section.connector : resolve(dirname(file), section.connector),
    settings: Object.fromEntries(Object.entries(section.settings).map(([key, value]) => [key, typeof value === "string" && isCredential(key, value) ? new Secret(value) : value])),
    schemas: section.schemas,
    bearer: section.auth.bearer,
    auth: authOf(section.auth),
    onDeactivate: section.onDeactivate,
    onDelete: section.onDelete,
    budget: section.budget,
    mode,
    policy: {
      connection: id,
      adopt: section.adopt,
      identity: section.identity,
      roles: {
        map: map.map(({ idp, vendor, privileged }) => ({ idp, vendor: roleId(vendor), privileged })),
        fallback: fallback === undefined || fallback === "deactivate" ? fallback : roleId(fallback),
        serveAsGroups,
        serveAsEntitlements,
      },
      tags: section.tags.map,
      onEmailChange: section.onEmailChange,
      onIncomplete: section.onIncomplete,
      endpoints: section.endpoints,
      // `seed` is the operator's word for "nothing unproven at all", denials included.
      denyEndpoints: section.denyEndpoints ?? (section.endpoints === "seed" ? "seed" : "inferred"),
      delivery: { ...delivery, vendorTimeoutMs: section.vendor.timeoutMs },
      strict: section.strict,
      bulk: section.bulk,
      cursors: section.cursors,
      limits: section.limits,
      domains: section.domains,
      protectedEmails: section.rails.protected,
      protectedAccounts: section.rails.protectedAccounts.map(accountId),
      brake: section.rails.massDeprovision,
      reconcile: section.reconcile,
    },
  };
}

const authOf = ({ basic, oauth, jwt, allowFrom }: Section["auth"]): ConnectionConfig["auth"] => ({ basic, oauth, jwt: jwt && { ...jwt, subject: jwt.subject }, allowFrom });

/** The share of the configuration that a connector is opened with. */
export const setupOf = (connection: ConnectionConfig, config: Config): ConnectorSetup => ({
  connector: connection.connector,
  settings: connection.settings,
  endpoints: connection.policy.endpoints,
  denyEndpoints: connection.policy.denyEndpoints,
  onDeactivate: connection.onDeactivate,
  onDelete: connection.onDelete,
  managedRoles: [...connection.policy.roles.map.map(({ vendor }) => vendor), ...(connection.policy.roles.fallback && connection.policy.roles.fallback !== "deactivate" ? [connection.policy.roles.fallback] : [])],
  egressAllow: config.egressAllow,
  timeoutMs: connection.policy.delivery.vendorTimeoutMs,
});
