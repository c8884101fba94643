/**
 * A connector's settings, asked one by one with their help and their checks, as its manifest has them: for a fifth vendor, too.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { SecretPlace, SettingDraft } from "../../config/draft-text.ts";
import type { Manifest } from "../../connectors/manifest-schema.ts";
import { problemOf } from "../../connectors/manifest-settings.ts";
import { Secret } from "../../runtime/secret.ts";
import { UsageError } from "../confirm.ts";
import type { Asking } from "./asking.ts";
import { type Given, isVariable, listIn } from "./given.ts";
import type { SecretFile } from "./place.ts";

export interface Entered {
  readonly drafts: readonly SettingDraft[];
  /** As the connector takes them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Secrets that a person typed, by the variable that will hold them: for the checks of this run only. */
  readonly environment: Readonly<Record<string, string>>;
  readonly files: readonly SecretFile[];
}

export interface Where {
  readonly manifest: Manifest;
  readonly connection: string;
  /** The configuration's path: secrets' files are relative to it. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Rule = Manifest["settings"][string];

/** @param skip those that are asked for elsewhere, once the vendor has shown what there is to choose from */
export async function enterSettings(where: Where, given: Given, skip: readonly string[], asking: Asking | undefined): Promise<Entered> {
  const drafts: SettingDraft[] = [];
  const values: Record<string, unknown> = {};
  const environment: Record<string, string> = {};
  const files: SecretFile[] = [];
  for (const [name, rule] of Object.entries(where.manifest.settings)) {
    if (skip.includes(name)) continue;
    if (rule.secret) {
      const secret = await enterSecret(name, rule, where, given.secrets.get(name), asking);
      if (!secret) continue;
      drafts.push({ name, label: rule.label, value: secret.place });
      values[name] = new Secret(secret.text);
      if (secret.typed && "env" in secret.place) environment[secret.place.env] = secret.text;
      if (secret.typed && "file" in secret.place) files.push({ path: secret.place.file, text: secret.text });
      continue;
    }
    const value = await enterOpen(name, rule, given.settings.get(name), asking);
    if (value === undefined) continue;
    drafts.push({ name, label: rule.label, value });
    values[name] = value;
  }
  return { drafts, values, environment, files };
}

/** What `--yes` must find on the command line: flags, as they would be written. */
export function missingFlags({ settings }: Manifest, given: Given): readonly string[] {
  return Object.entries(settings).flatMap(([name, { required, secret }]) => {
    if (!required || (secret ? given.secrets.has(name) : given.settings.has(name))) return [];
    return [secret ? `--secret ${name}=env:VARIABLE` : `--set ${name}=…`];
  });
}

/** @throws UsageError for a setting that the connector does not have, or a secret in the open */
export function refuseUnknown({ settings, title }: Manifest, given: Given): void {
  for (const name of [...given.settings.keys(), ...given.secrets.keys()]) {
    if (!Object.hasOwn(settings, name)) throw new UsageError(`${title} has no setting ${name}; it has ${Object.keys(settings).join(", ")}.`);
    if (settings[name]?.secret && given.settings.has(name)) throw new UsageError(`${name} is a secret: say where it is, --secret ${name}=env:VARIABLE or --secret ${name}=file:PATH.`);
    if (!settings[name]?.secret && given.secrets.has(name)) throw new UsageError(`${name} is no secret: --set ${name}=VALUE.`);
  }
}

async function enterOpen(name: string, rule: Rule, given: string | undefined, asking: Asking | undefined): Promise<string | readonly string[] | undefined> {
  const wrong = (answer: string): string | undefined => {
    if (answer.trim() === "") return rule.required && rule.default === undefined ? "is needed" : undefined;
    return (rule.list ? (listIn(answer) ?? []) : [answer.trim()]).map((part) => problemOf(part, rule)).find((problem) => problem !== undefined);
  };
  if (given !== undefined) {
    const problem = wrong(given);
    if (problem !== undefined) throw new UsageError(`--set ${name}: ${problem}.`);
  }
  const answer = given ?? (asking ? await asked(name, rule, wrong, asking) : rule.default);
  const text = answer?.trim() ?? "";
  if (text === "") return undefined;
  return rule.list ? listIn(text) : text;
}

async function asked(name: string, rule: Rule, wrong: (answer: string) => string | undefined, asking: Asking): Promise<string> {
  const message = `${name}: ${rule.label}${rule.list ? " (several: commas between them)" : ""}${rule.required || rule.default !== undefined ? "" : " (may be left empty)"}`;
  if (rule.oneOf) return asking.one({ message, options: rule.oneOf.map((value) => ({ value, label: value })), initial: rule.default });
  return asking.text({ message, placeholder: rule.example, initial: rule.default, wrong });
}

interface SecretEntered {
  readonly place: SecretPlace;
  readonly text: string;
  /** By a person, just now; else it was there already. */
  readonly typed: boolean;
}

async function enterSecret(name: string, rule: Rule, where: Where, given: SecretPlace | undefined, asking: Asking | undefined): Promise<SecretEntered | undefined> {
  if (given) {
    const there = await textAt(given, where);
    const problem = there === undefined ? undefined : problemOf(there, rule);
    if (problem !== undefined) throw new UsageError(`--secret ${name}: what is there ${problem}.`);
    if (there !== undefined) return { place: given, text: there, typed: false };
    if (!asking) throw new UsageError("env" in given ? `--secret ${name}: the variable ${given.env} is not set, or empty.` : `--secret ${name}: the file ${given.file} cannot be read, or is empty.`);
    return { place: given, text: await typed(name, rule, asking), typed: true };
  }
  if (!asking || (!rule.required && !(await asking.yes({ message: `${name}: ${rule.label}. Is there one?`, initial: false })))) return undefined;
  const place = await choosePlace(name, where, asking);
  const there = await textAt(place, where);
  if (there !== undefined && problemOf(there, rule) === undefined) {
    asking.say(`${"env" in place ? `${place.env} is set` : `${place.file} is there`}: it is used.`);
    return { place, text: there, typed: false };
  }
  return { place, text: await typed(name, rule, asking), typed: true };
}

const typed = (name: string, rule: Rule, asking: Asking): Promise<string> => asking.hidden({ message: `${name}: ${rule.label}`, wrong: (answer) => problemOf(answer, rule) });

async function choosePlace(name: string, { connection }: Where, asking: Asking): Promise<SecretPlace> {
  const variable = `${connection}_${name.replace(/([a-z])([A-Z])/g, "$1_$2")}`.toUpperCase().replaceAll("-", "_").replace(/^(\d)/, "_$1");
  const file = `secrets/${connection}-${name}`;
  const chosen = await asking.one({
    message: `Where is ${name} kept? The configuration only says where it is.`,
    options: [
      { value: "env", label: "in an environment variable of the server", hint: variable },
      { value: "file", label: "in a file of its own", hint: `${file}, readable by its owner only` },
    ],
  });
  if (chosen === "env") return { env: await asking.text({ message: "Name of the variable", initial: variable, wrong: (answer) => (isVariable(answer) ? undefined : "letters, digits and underscores only") }) };
  return { file: await asking.text({ message: "Path of the file, from the configuration's folder", initial: file, wrong: (answer) => (answer.trim() === "" ? "is needed" : undefined) }) };
}

/** `undefined` = nothing is there. */
async function textAt(place: SecretPlace, { file, env }: Where): Promise<string | undefined> {
  if ("env" in place) return env[place.env]?.trim() ? env[place.env] : undefined;
  const path = resolve(dirname(file), place.file);
  if (!existsSync(path)) return undefined;
  return (await readFile(path, "utf8")).replace(/\r?\n$/, "") || undefined;
}
