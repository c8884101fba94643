/**
 * A connection's settings, checked against the manifest: all mistakes at once, each with what would be right.
 *
 * Secrets are boxed, everything else is unboxed (text from the environment arrives boxed). No message shows a value: a key
 * that was pasted into the wrong line must not end in a log.
 *
 * @module
 */
import { Secret } from "../runtime/secret.ts";
import type { Problem } from "./manifest-check.ts";
import type { Manifest } from "./manifest-schema.ts";

export interface Settings {
  /** Whatever is no secret; lists only where the manifest says so. */
  readonly open: Readonly<Record<string, string | readonly string[]>>;
  readonly secret: Readonly<Record<string, Secret>>;
}

export type SettingsRead = { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly Problem[] };

type Rule = Manifest["settings"][string];

export function readSettings(manifest: Manifest, configured: Readonly<Record<string, unknown>>): SettingsRead {
  const problems: Problem[] = [];
  const open: Record<string, string | readonly string[]> = {};
  const secret: Record<string, Secret> = {};

  for (const name of Object.keys(configured)) {
    if (!Object.hasOwn(manifest.settings, name)) problems.push({ path: `settings.${name}`, message: `is not a setting of ${manifest.title}; it knows ${Object.keys(manifest.settings).join(", ")}` });
  }
  for (const [name, rule] of Object.entries(manifest.settings)) {
    const given = Object.hasOwn(configured, name) ? configured[name] : undefined;
    const path = `settings.${name}`;
    if (given === undefined || given === null) {
      if (rule.required) problems.push({ path, message: `is missing: ${rule.label}${expected(rule)}` });
      else if (rule.default !== undefined) open[name] = rule.default;
      continue;
    }
    const texts = rule.list ? listOf(given) : [textOf(given)];
    if (texts === undefined) {
      problems.push({ path, message: "must be a list of texts" });
      continue;
    }
    const good: string[] = [];
    for (const [index, text] of texts.entries()) {
      const problem = text === undefined ? "must be a text" : problemOf(text, rule);
      if (problem !== undefined) problems.push({ path: rule.list ? `${path}.${index}` : path, message: problem });
      else if (text !== undefined) good.push(text);
    }
    if (good.length < texts.length) continue;
    const [text] = good;
    if (rule.list) open[name] = good;
    else if (text === undefined) continue;
    else if (rule.secret) secret[name] = new Secret(text);
    else open[name] = text;
  }
  return problems.length === 0 ? { ok: true, settings: { open, secret } } : { ok: false, problems };
}

/** Numbers and booleans are YAML's reading of what was meant as text. */
function textOf(value: unknown): string | undefined {
  if (value instanceof Secret) return value.reveal();
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

const listOf = (value: unknown): readonly (string | undefined)[] | undefined => (Array.isArray(value) ? value.map(textOf) : undefined);

/** What is wrong with one text for a setting, for whoever is just typing it; `undefined` = nothing. Never quotes the text. */
export function problemOf(text: string, rule: Rule): string | undefined {
  if (text.trim() === "") return `is empty${expected(rule)}`;
  if (text !== text.trim()) return "has blanks or line breaks around it";
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return "holds control characters or line breaks";
  // It goes into a header, which carries nothing else.
  if (rule.secret && !/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(text)) return "may hold only plain ASCII characters";
  if (rule.refuse && new RegExp(rule.refuse.pattern, "u").test(text)) return rule.refuse.because;
  if (rule.oneOf && !rule.oneOf.includes(text)) return `must be one of ${rule.oneOf.join(", ")}`;
  if (rule.pattern !== undefined && !new RegExp(rule.pattern, "u").test(text)) return `does not look right: ${rule.label}${expected(rule)}`;
  return undefined;
}

const expected = ({ example, oneOf }: Rule): string => (example !== undefined ? `, for example ${example}` : oneOf ? `, one of ${oneOf.join(", ")}` : "");
