/**
 * What no single key can tell: rules between keys of a connection, and between connections.
 *
 * Each rule looks only at keys that were right by themselves, so a mistake is reported once and hides nothing.
 *
 * @module
 */
import { Secret } from "../runtime/secret.ts";
import type { Section } from "./connection-schema.ts";
import { nearest } from "./problem.ts";
import type { Finding, Path } from "./problem.ts";
import type { Top } from "./schema.ts";
import { durationText } from "./values.ts";

export interface Ruling {
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** A connection as far as it was right. */
export interface Draft {
  readonly name: string;
  readonly section: Partial<Section>;
  /** Keys that the file itself gives, a level deep: `rails.protected`. */
  readonly given: ReadonlySet<string>;
}

type Rule = (section: Partial<Section>, given: ReadonlySet<string>) => readonly (Finding & { readonly warning?: true })[];

export const builtIn: readonly string[] = ["peoplelens", "transactionlink", "enlivy", "applivery"];
/** Settings that hold a credential, by whatever connector. */
const credential = /^(apiKey|token|password|secret|.*(Key|Token|Secret|Password))$/;
/** Values of PeopleLens' `password`, which is a choice and no password. */
const choices: readonly unknown[] = ["generate", "scim", "omit"];

export const isCredential = (key: string, value: unknown): value is string | Secret => credential.test(key) && !choices.includes(value) && (typeof value === "string" || value instanceof Secret);

/** Features that the schema knows and this version does not have: configured, they are refused instead of ignored. */
const notYet: readonly { readonly path: Path; readonly used: (section: Partial<Section>) => boolean }[] = [
  { path: ["unlinked"], used: ({ unlinked }) => unlinked === "list" },
];

const rules: readonly Rule[] = [
  (section) => notYet.filter(({ used }) => used(section)).map(({ path }) => ({ path, says: "is not available yet in this version; leave it out" })),

  ({ connector }) => {
    if (connector === undefined || builtIn.includes(connector) || /\.(ya?ml|json)$/.test(connector)) return [];
    const meant = nearest(connector, builtIn);
    return [{ path: ["connector"], says: `no such connector; ${meant === undefined ? `built in are ${builtIn.join(", ")}; an own one is the path of a manifest.yaml` : `did you mean ${meant}?`}` }];
  },

  ({ delivery, vendor }) => {
    if (!delivery || !vendor) return [];
    const path = ["delivery", "settle"];
    if (delivery.settleMs <= vendor.timeoutMs) return [{ path, says: `must exceed vendor.timeout (${durationText(vendor.timeoutMs)}), else a create might be repeated while the first one is still under way` }];
    if (delivery.settleMs < 2 * vendor.timeoutMs) return [{ path, says: `should be at least twice vendor.timeout (${durationText(2 * vendor.timeoutMs)})`, warning: true }];
    return [];
  },

  ({ delivery }) =>
    delivery && delivery.deadlineMs > 30_000 ? [{ path: ["delivery", "deadline"], says: "is long: an IdP may give up on a request before it is answered; 10s to 30s is usual", warning: true }] : [],

  ({ roles }) => repeated(roles?.map ?? [], ({ idp }) => idp).map(([at, first]) => ({ path: ["roles", "map", at, "idp"], says: `is mapped already by roles.map[${first}]; one name leads to one role` })),

  ({ roles }) =>
    (roles?.map ?? []).flatMap(({ vendor, privileged }, at) => {
      const other = roles?.map.findIndex((entry, index) => index < at && entry.vendor === vendor && entry.privileged !== privileged) ?? -1;
      return other < 0 ? [] : [{ path: ["roles", "map", at, "vendor"], says: `is ${privileged ? "privileged here and not" : "not privileged here, but is"} in roles.map[${other}]; say the same in both` }];
    }),

  ({ roles, settings }) => {
    const privileged = new Set(roles?.map.filter((entry) => entry.privileged).map(({ vendor }) => vendor));
    const byDefault = ["defaultRole", "defaultRoleId"].filter((key) => Object.hasOwn(settings ?? {}, key) && privileged.has(plain(settings?.[key]) ?? ""));
    const says = "is privileged; nobody may receive a privileged role without being given it";
    return [
      ...(roles?.fallback !== undefined && privileged.has(roles.fallback) ? [{ path: ["roles", "fallback"], says: `${says}. Name another role, or deactivate` }] : []),
      ...byDefault.map((key) => ({ path: ["settings", key], says })),
    ];
  },

  ({ settings }) =>
    Object.entries(settings ?? {}).flatMap(([key, value]): readonly (Finding & { warning?: true })[] => {
      if (!isCredential(key, value)) return [];
      if (plain(value)?.trim() === "") return [{ path: ["settings", key], says: "is empty" }];
      return typeof value === "string" ? [{ path: ["settings", key], says: writtenDown, warning: true }] : [];
    }),
];

export const writtenDown = 'stands in the file itself; take it from the environment ("${NAME}") or from a file ({ file: path })';

/** The text of a setting, boxed or not. Used for comparison only. */
const plain = (value: unknown): string | undefined => (value instanceof Secret ? value.reveal() : typeof value === "string" ? value : undefined);

/** Rules within each connection. */
export function judge({ name, section, given }: Draft): Ruling {
  const findings = rules.flatMap((rule) => rule(section, given)).map((finding) => ({ ...finding, path: ["connections", name, ...finding.path] }));
  return { problems: findings.filter(({ warning }) => !warning), warnings: findings.filter(({ warning }) => warning) };
}

/** Rules for `alarms`. @param written whether the value at a path stands in the file itself */
export function judgeAlarms({ alarms, egress }: Partial<Top>, written: (path: Path) => boolean): Ruling {
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  if (alarms && alarms.pageAfterMs <= alarms.denialAfterMs) problems.push({ path: ["alarms", "pageAfter"], says: `must be longer than alarms.denialAfter (${durationText(alarms.denialAfterMs)})` });
  if (!alarms?.webhook) return { problems, warnings };
  const [url, secret] = [["alarms", "webhook", "url"], ["alarms", "webhook", "secret"]];
  const { url: given } = alarms.webhook;
  if (given.startsWith("http:") && (egress?.allow ?? []).length === 0) problems.push({ path: url, says: "must be https; http is permitted only where egress.allow names the host" });
  const text = alarms.webhook.secret.reveal();
  if (text.trim() === "") problems.push({ path: secret, says: "is empty" });
  else if (text.startsWith("whsec_") && !/^whsec_[A-Za-z0-9+/]{4,}={0,2}$/.test(text)) problems.push({ path: secret, says: "begins with whsec_ and is no base64 after it" });
  else if (text.length < 24) warnings.push({ path: secret, says: `has ${text.length} characters; a secret of fewer than 24 can be guessed` });
  if (written(secret)) warnings.push({ path: secret, says: writtenDown });
  return { problems, warnings };
}

/** Entries whose key an earlier entry has, with the index of that one. */
export function repeated<T>(entries: readonly T[], keyOf: (entry: T) => string): readonly (readonly [at: number, first: number])[] {
  return entries.flatMap((entry, at) => {
    const first = entries.findIndex((other) => keyOf(other) === keyOf(entry));
    return first < at ? [[at, first] as const] : [];
  });
}
