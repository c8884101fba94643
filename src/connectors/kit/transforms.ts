/**
 * The named transforms. A manifest names one in a field's `transform`; without a name a field is `text`. A vendor's peculiar
 * form is a new row here.
 *
 *     name       ours                         the vendor's fields
 *     text       Ștefănescu                   as it is, trimmed, Unicode NFC
 *     email      Ann@Acme.example             as it is; equal whatever the letter case
 *     code       ro                           RO; equal whatever the letter case
 *     language   en-US                        en, or whatever of `oneOf` comes closest
 *     country    ro                           RO; nothing but ISO 3166-1 alpha-2
 *     timezone   Europe/Bucharest             as it is; nothing but IANA names
 *     phone      +40 712 345 678              one field: +40712345678; two: 712345678, RO
 *     lines      Str. 1⏎Sc. B⏎Ap. 2           one field: Str. 1, Sc. B, Ap. 2; two: Str. 1; Sc. B, Ap. 2
 *     region     RO-B, B (in RO), Ilfov       one field: the code, else the name; two: code, name (the other is emptied)
 *
 * @module
 */
import { sameEmail } from "./email.ts";
import type { Transform } from "./transform.ts";
import { plain, sameAsWritten, textOf } from "./transform.ts";
import { phone } from "./transform-phone.ts";
import { country, lines, region, timezone } from "./transform-place.ts";

const text: Transform = {
  write: (value) => [plain(value)],
  read: ([value]) => textOf(value),
  same: (a, b) => plain(a) === plain(b),
};

/** Sent as it is: normalising could turn it into another mailbox. */
const email: Transform = { ...text, write: (value) => [value.trim()], same: sameEmail };

/** Upper case of a composed letter may be two that compose to yet another. */
const capitals = (value: string): string => plain(plain(value).toUpperCase());

/** Without regard to case; sent in upper case. */
const code: Transform = {
  write: (value) => [capitals(value)],
  read: text.read,
  same: (a, b) => capitals(a) === capitals(b),
};

/** The vendor knows languages, or a list of locales, and no other. */
const writeLanguage: Transform["write"] = (value, { oneOf }) => {
  // `Accept-Language` is what RFC 7643 lets preferredLanguage be.
  // Lower case of a composed letter may be two, whose marks then stand in another order.
  const tag = plain((plain(value).split(/[,;]/)[0] ?? "").replaceAll("_", "-").toLowerCase());
  const language = plain(tag.split("-")[0] ?? "");
  if (!oneOf) return [language];
  const known = [tag, language].map((wanted) => oneOf.find((one) => one.replaceAll("_", "-").toLowerCase() === wanted)).find((found) => found !== undefined);
  return known === undefined ? { unfit: `is none of the vendor's locales (${oneOf.join(", ")})` } : [known];
};

const language: Transform = { write: writeLanguage, read: text.read, same: sameAsWritten(writeLanguage) };

export const transforms = { text, email, code, language, country, timezone, phone, lines, region } as const satisfies Readonly<Record<string, Transform>>;

export type TransformName = keyof typeof transforms;

export const transformNames = Object.keys(transforms) as [TransformName, ...TransformName[]];

export { sameEmail };

/** Tags are a set: order and repetition do not matter. */
export function sameTags(a: readonly string[], b: readonly string[]): boolean {
  const [one, other] = [new Set(a), new Set(b)];
  return one.size === other.size && [...one].every((tag) => other.has(tag));
}
