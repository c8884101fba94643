/**
 * The door to the connectors: built-in ones by name, an integrator's by the path of its manifest.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { Fault } from "../model/failure.ts";
import { hooks as applivery } from "./applivery/hooks.ts";
import type { Connector } from "./connector.ts";
import { hooks as enlivy } from "./enlivy/hooks.ts";
import { egressProblem, openEgress } from "./kit/egress.ts";
import { openHttp } from "./kit/http.ts";
import { fill } from "./kit/template.ts";
import type { Hooks } from "./hooks.ts";
import { connectorOf } from "./manifest-connector.ts";
import { hookProblems } from "./manifest-hooks.ts";
import { type ManifestRead, readManifest } from "./manifest-read.ts";
import type { Problem } from "./manifest-check.ts";
import type { Manifest } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";
import { readSettings } from "./manifest-settings.ts";
import type { ConnectorSetup } from "./setup.ts";
import { hooks as transactionlink } from "./transactionlink/hooks.ts";

interface BuiltIn {
  readonly manifest: URL;
  /** What its manifest cannot say. */
  readonly hooks?: Hooks;
}

const builtIn: Readonly<Record<string, BuiltIn>> = {
  peoplelens: { manifest: new URL("./peoplelens/manifest.yaml", import.meta.url) },
  transactionlink: { manifest: new URL("./transactionlink/manifest.yaml", import.meta.url), hooks: transactionlink },
  enlivy: { manifest: new URL("./enlivy/manifest.yaml", import.meta.url), hooks: enlivy },
  applivery: { manifest: new URL("./applivery/manifest.yaml", import.meta.url), hooks: applivery },
};

export const builtInConnectors: readonly string[] = Object.keys(builtIn);

/** What a built-in connector's manifest cannot say; nothing for a manifest of somebody's own. */
export const hooksOf = (connector: string): Hooks => builtInOf(connector)?.hooks ?? {};

/**
 * @param own hooks for a manifest that is opened by its path: for a built-in connector that is still being made, and its tests
 * @throws Fault `invalid` that names every mistake in the setup or in the manifest
 */
export async function openConnector(setup: ConnectorSetup, own?: Hooks): Promise<Connector> {
  return opened(setup, own ?? hooksOf(setup.connector));
}

/**
 * For set-up: the connector as far as its settings go, so that what is still to be chosen can be chosen from what the vendor shows. Only
 * reads may be asked of it.
 *
 * @param later settings that may be missing
 * @throws Fault `invalid` as `openConnector`
 */
export const openUnfinished = (setup: ConnectorSetup, later: readonly string[]): Promise<Connector> => opened(setup, hooksOf(setup.connector), later);

async function opened(setup: ConnectorSetup, hooks: Hooks, later: readonly string[] = []): Promise<Connector> {
  const read = await prepare(setup, hooks, later);
  if (!read.ok) throw new Fault({ kind: "invalid", detail: `The connector "${setup.connector}" cannot be opened: ${read.problems.map(({ path, message }) => `${path} ${message}`.trim()).join("; ")}` });
  return assemble(read.manifest, read.settings, read.origin, setup, hooks);
}

/** @param origin where the vendor is: what `http.base` says, or a stand-in for it */
export function assemble(manifest: Manifest, settings: Settings, origin: URL, setup: Omit<ConnectorSetup, "connector" | "settings">, hooks: Hooks): Connector {
  const { http } = manifest;
  return connectorOf({
    manifest,
    settings,
    http: openHttp({
      vendor: manifest.title,
      origin,
      egress: openEgress(setup.egressAllow),
      timeoutMs: Math.min(setup.timeoutMs, milliseconds(http.timeout)),
      maxAnswerBytes: bytes(http.maxAnswer),
      headers: () => ({ "user-agent": "drawbridge", ...filled(http.headers, settings), [http.auth.header]: authorization(http.auth.value, settings) }),
      errors: manifest.errors,
      requestId: http.requestId,
      retryAfter: http.retryAfter,
      neverLog: http.neverLog,
      neverKeep: http.neverKeep,
      ...(setup.clock && { clock: setup.clock }),
    }),
    clock: setup.clock,
    endpoints: setup.endpoints,
    denyEndpoints: setup.denyEndpoints,
    onDeactivate: setup.onDeactivate,
    onDelete: setup.onDelete,
    managedRoles: setup.managedRoles,
    hooks,
  });
}

/** Everything that is wrong with a connection's share of the configuration; empty = it can be opened. Calls nobody. */
export async function checkSetup(setup: ConnectorSetup): Promise<readonly Problem[]> {
  const read = await prepare(setup, hooksOf(setup.connector));
  return read.ok ? [] : read.problems;
}

/** How fast the vendor may be called where the operator says nothing. @throws Fault `invalid` for an unknown connector */
export async function connectorBudget(setup: Pick<ConnectorSetup, "connector">): Promise<{ readonly requestsPerSecond: number; readonly burst: number }> {
  return (await manifestOf(setup)).http.budget;
}

/** @throws Fault `invalid` when there is none or it has mistakes */
export async function manifestOf({ connector }: Pick<ConnectorSetup, "connector">): Promise<Manifest> {
  const read = await load(connector);
  if (!read.ok) throw new Fault({ kind: "invalid", detail: read.problems.map(({ path, message }) => `${path} ${message}`.trim()).join("; ") });
  return read.manifest;
}

type Prepared = { readonly ok: true; readonly manifest: Manifest; readonly settings: Settings; readonly origin: URL } | { readonly ok: false; readonly problems: readonly Problem[] };

const builtInOf = (connector: string): BuiltIn | undefined => (Object.hasOwn(builtIn, connector) ? builtIn[connector] : undefined);

async function prepare(setup: ConnectorSetup, hooks: Hooks, later: readonly string[] = []): Promise<Prepared> {
  const loaded = await load(setup.connector);
  if (!loaded.ok) return loaded;
  const { manifest: whole } = loaded;
  const manifest = later.length === 0 ? whole : { ...whole, settings: Object.fromEntries(Object.entries(whole.settings).map(([name, rule]) => [name, later.includes(name) ? { ...rule, required: false } : rule])) };
  const problems: Problem[] = [...egressProblems(setup), ...strategyProblems(manifest, setup), ...hookProblems(manifest, hooks)];
  const read = readSettings(manifest, setup.settings);
  if (!read.ok) return { ok: false, problems: [...problems, ...read.problems] };
  const base = originOf(manifest, read.settings, setup);
  if (typeof base === "string") problems.push({ path: `settings.${/^\{(\w+)\}/.exec(manifest.http.base)?.[1] ?? "baseUrl"}`, message: base });
  return problems.length > 0 || typeof base === "string" ? { ok: false, problems } : { ok: true, manifest, settings: read.settings, origin: base };
}

/** By its place: several connections of one vendor, and each reload, read the same text. */
const known = new Map<string | URL, { readonly text: string; readonly read: ManifestRead }>();

async function load(connector: string): Promise<{ readonly ok: true; readonly manifest: Manifest } | { readonly ok: false; readonly problems: readonly Problem[] }> {
  const at = builtInOf(connector)?.manifest ?? (/\.ya?ml$/.test(connector) ? connector : undefined);
  if (at === undefined) return { ok: false, problems: [{ path: "connector", message: `is neither built in (${builtInConnectors.join(", ")}) nor the path of a manifest.yaml` }] };
  let text: string;
  try {
    text = await readFile(at, "utf8");
  } catch (thrown) {
    const { code = "it cannot be read" } = thrown as NodeJS.ErrnoException;
    return { ok: false, problems: [{ path: "connector", message: `names a manifest that cannot be opened (${code})` }] };
  }
  const read = known.get(at)?.text === text ? known.get(at)!.read : readManifest(text);
  known.set(at, { text, read });
  return read.ok ? read : { ok: false, problems: read.problems.map(({ path, message }) => ({ path: path === "" ? "connector" : `connector: ${path}`, message })) };
}

const egressProblems = ({ egressAllow }: ConnectorSetup): readonly Problem[] =>
  egressAllow.flatMap((entry, index) => {
    const message = egressProblem(entry);
    return message === undefined ? [] : [{ path: `egress.allow.${index}`, message }];
  });

const strategyProblems = ({ title, denials }: Manifest, setup: ConnectorSetup): readonly Problem[] =>
  (["onDeactivate", "onDelete"] as const).flatMap((path) => {
    const names = setup[path];
    const known = Object.keys(denials.strategies);
    if (names?.length === 0) return [{ path, message: `is empty; ${title} knows ${known.join(", ")}` }];
    return (names ?? []).flatMap((name, index) => (Object.hasOwn(denials.strategies, name) ? [] : [{ path: `${path}.${index}`, message: `is no strategy of ${title}; it knows ${known.join(", ")}` }]));
  });

/** A sentence when the base address is no origin, or one that may not be called. */
function originOf({ http }: Manifest, settings: Settings, { egressAllow }: ConnectorSetup): URL | string {
  const text = fill(http.base, settings.open);
  const origin = text === undefined ? null : URL.parse(text);
  if (!origin || origin.username !== "" || origin.password !== "" || origin.pathname !== "/" || origin.search !== "" || origin.hash !== "") return "must be an origin: scheme, host and port, without a path";
  return openEgress(egressAllow).refusal(origin) ?? origin;
}

const filled = (headers: Readonly<Record<string, string>>, settings: Settings): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, template]) => {
    const value = fill(template, settings.open);
    return value === undefined ? [] : [[name, value]];
  }));

/** The value of the auth header. @throws Fault `credentials` when a setting that it is made of is missing */
export function authorization(template: string, settings: Settings): string {
  const secrets = Object.fromEntries(Object.entries(settings.secret).map(([name, secret]) => [name, secret.reveal()]));
  const value = fill(template, { ...settings.open, ...secrets });
  if (value === undefined) throw new Fault({ kind: "credentials", detail: "A setting that the credential is made of is missing" });
  return value;
}

function milliseconds(duration: string): number {
  const amount = Number.parseInt(duration, 10);
  return amount * (duration.endsWith("ms") ? 1 : duration.endsWith("s") ? 1_000 : 60_000);
}

const bytes = (size: string): number => Number.parseInt(size, 10) * (size.endsWith("KiB") ? 1_024 : 1_048_576);
