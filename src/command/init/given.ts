/**
 * What the command line has said already: `drawbridge init`'s flags, read once and judged.
 *
 * @module
 */
import type { SecretPlace } from "../../config/draft-text.ts";
import { duration } from "../../operator/fields.ts";
import { UsageError } from "../confirm.ts";

/** As commander hands them over. */
export interface InitOptions {
  readonly config: string;
  readonly connector?: string;
  readonly publicUrl?: string;
  readonly listen?: string;
  readonly store?: string;
  readonly allow: readonly string[];
  readonly set: readonly string[];
  readonly secret: readonly string[];
  readonly endpoints?: string;
  readonly role: readonly string[];
  readonly privilegedRole: readonly string[];
  readonly fallback?: string;
  readonly onDeactivate?: string;
  readonly onDelete?: string;
  readonly brake?: string;
  readonly protect: readonly string[];
  readonly domain: readonly string[];
  readonly observe?: boolean;
  readonly reconcile?: string;
  readonly idp?: string;
  readonly expires?: string;
  /** `--no-token` */
  readonly token: boolean;
  /** `--no-check` */
  readonly check: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export const idps = ["okta", "entra"] as const;
export type Idp = (typeof idps)[number];

export interface Given {
  readonly settings: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, SecretPlace>;
  readonly roles: readonly { readonly idp: string; readonly vendor: string; readonly privileged: boolean }[];
  readonly onDeactivate: readonly string[] | undefined;
  readonly onDelete: readonly string[] | undefined;
  readonly brake: { readonly window: string; readonly count: number; readonly share: number } | undefined;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly idps: readonly Idp[] | undefined;
  /** Of the tokens, ms; `undefined` = for ever. */
  readonly lifetimeMs: number | undefined;
}

/** @throws UsageError for a flag that cannot be understood */
export function givenIn(options: InitOptions): Given {
  const roles = (flag: string, texts: readonly string[], privileged: boolean) => texts.map((text) => ({ ...pair(flag, text, "the IdP's name=the vendor's role"), privileged })).map(({ name, value, privileged: is }) => ({ idp: name, vendor: value, privileged: is }));
  return {
    settings: new Map(options.set.map((text) => Object.values(pair("--set", text, "NAME=VALUE")) as [string, string])),
    secrets: new Map(options.secret.map((text) => secretIn(text))),
    // The first of the list wins, and who is an administrator is to be one.
    roles: [...roles("--privileged-role", options.privilegedRole, true), ...roles("--role", options.role, false)],
    onDeactivate: listIn(options.onDeactivate),
    onDelete: listIn(options.onDelete),
    brake: brakeIn(options.brake),
    listen: listenIn(options.listen),
    idps: idpsIn(options.idp),
    lifetimeMs: lifetimeIn(options.expires),
  };
}

/** At the first equals sign. */
function pair(flag: string, text: string, form: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) throw new UsageError(`${flag} takes ${form}.`);
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function secretIn(text: string): [string, SecretPlace] {
  const { name, value } = pair("--secret", text, "NAME=env:VARIABLE or NAME=file:PATH");
  const [, kind, place] = /^(env|file):(.+)$/.exec(value) ?? [];
  if (place === undefined) throw new UsageError(`--secret ${name}= must be followed by env:VARIABLE or file:PATH; a secret itself has no place on a command line.`);
  if (kind === "env" && !isVariable(place)) throw new UsageError(`--secret ${name}=env: must be followed by the name of a variable, of letters, digits and underscores.`);
  return [name, kind === "env" ? { env: place } : { file: place }];
}

export const isVariable = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

export const listIn = (text: string | undefined): readonly string[] | undefined => text?.split(",").map((part) => part.trim()).filter((part) => part !== "");

/** `10,0.1,60m` */
export function brakeIn(text: string | undefined): Given["brake"] {
  if (text === undefined) return undefined;
  const [, count, share, window] = /^(\d{1,6}),(0|1|0?\.\d{1,6}),(\d{1,5}[mh])$/.exec(text.replaceAll(" ", "")) ?? [];
  if (count === undefined || share === undefined || window === undefined) throw new UsageError("--brake takes COUNT,SHARE,WINDOW, such as 10,0.1,60m.");
  return { window, count: Number(count), share: Number(share) };
}

function listenIn(text: string | undefined): Given["listen"] {
  if (text === undefined) return undefined;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new UsageError("--listen takes HOST:PORT, such as 0.0.0.0:8080.");
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function lifetimeIn(text: string | undefined): number | undefined {
  const read = duration.optional().safeParse(text);
  if (!read.success) throw new UsageError(`--expires ${read.error.issues[0]?.message ?? "is no duration"}.`);
  return read.data;
}

function idpsIn(text: string | undefined): readonly Idp[] | undefined {
  if (text === undefined) return undefined;
  const named = listIn(text) ?? [];
  const wrong = named.find((name) => !(idps as readonly string[]).includes(name));
  if (wrong !== undefined || named.length === 0) throw new UsageError(`--idp takes ${idps.join(", ")}, or both with a comma between them.`);
  return named as readonly Idp[];
}
