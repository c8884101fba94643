/**
 * Made-up values that a manifest accepts: settings, ids, roles, parts of a person.
 *
 * Patterns cannot be turned round, so a few usual shapes are tried; what none of them fits needs an `example` in the manifest.
 *
 * @module
 */
import type { Manifest } from "../manifest-schema.ts";

/** A few usual shapes of ids and names, the `n`-th of each. */
const shapes = (n: number): readonly string[] => {
  const hex = n.toString(16).padStart(4, "0");
  return [`sample-${n}`, `sample${n}`, `${1000 + n}`, `5a3c9d2e-7b10-4f6a-8c21-00000000${hex}`, `5a3c9d2e7b104f6a8c21${hex}`, `SAMPLE${n}`, `Sample1234567890${n}`, "RO", "en", "https://vendor.example"];
};

/** What a pattern begins with literally: `^tot_[a-z]+$` → `tot_`. */
const prefixOf = (pattern: string): string => /^\^((?:[A-Za-z0-9_-](?![?*+{]))*)/.exec(pattern)?.[1] ?? "";

/** The first of the usual shapes that fits, bare or behind the pattern's own beginning; else the example with another end. */
export function fitting(pattern: string | undefined, n: number, example?: string): string | undefined {
  if (pattern === undefined) return shapes(n)[0];
  const regular = new RegExp(pattern, "u");
  const likeExample = example === undefined ? [] : [`${example.slice(0, -4)}${n.toString().padStart(4, "0")}`];
  return [...likeExample, ...shapes(n), ...shapes(n).map((shape) => prefixOf(pattern) + shape)].find((shape) => regular.test(shape));
}

export interface SampleSettings {
  readonly settings: Readonly<Record<string, string | readonly string[]>>;
  /** Settings that need an `example`. */
  readonly lacking: readonly string[];
}

/** Every setting, whether it is required or not, so that strategies which need one are tried too. */
export function sampleSettings({ settings: rules }: Pick<Manifest, "settings">): SampleSettings {
  const settings: Record<string, string | readonly string[]> = {};
  const lacking: string[] = [];
  for (const [index, [name, rule]] of Object.entries(rules).entries()) {
    const fits = (value: string) => (rule.pattern === undefined || new RegExp(rule.pattern, "u").test(value)) && !(rule.refuse && new RegExp(rule.refuse.pattern, "u").test(value)) && (!rule.secret || /^[\x21-\x7e]+$/.test(value));
    const value = [rule.default, rule.example, rule.oneOf?.[0], fitting(rule.pattern, 100 + index)].find((candidate) => candidate !== undefined && fits(candidate));
    // A list (a fence, for example) means something other when it is there, so only what must be is filled.
    if (value === undefined) lacking.push(name);
    else if (!rule.list || rule.required) settings[name] = rule.list ? [value] : value;
  }
  return { settings, lacking: lacking.filter((name) => rules[name]?.required) };
}

const parts: Readonly<Record<string, string>> = {
  "name.givenName": "Pat", "name.familyName": "Doe", displayName: "Pat Doe", title: "Engineer", phone: "+40712345678", locale: "en", timezone: "Europe/Bucharest",
  "address.country": "RO", "address.streetAddress": "Str. Lungă 1", "address.locality": "Cluj", "address.region": "RO-CJ", "address.postalCode": "400001",
};
const others: Readonly<Record<string, string>> = { "name.givenName": "Robin", "name.familyName": "Roe", displayName: "Robin Roe", title: "Director", phone: "+12125551234", locale: "ro", timezone: "Europe/Berlin", "address.country": "DE", "address.streetAddress": "Kurzer Weg 2", "address.locality": "Bonn", "address.region": "DE-NW", "address.postalCode": "53111" };

/** A value of a part, and another one. */
export const samplePart = (part: string): string => parts[part] ?? "something";
export const otherPart = (part: string): string => others[part] ?? "something else";
