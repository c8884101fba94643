/**
 * Named transforms: how one of our values becomes one or several of the vendor's, and back, and when two are equal.
 *
 * A manifest names them in `transform`; without a name a field is `text`. A vendor's peculiar form is a new row here.
 *
 * @module
 */
import type { Json } from "../../model/json.ts";

export interface Transform {
  /** One value per vendor field, in the order of the manifest's `to`. @throws Fault `invalid` when the vendor cannot hold the value */
  write(value: string): readonly (string | null)[];
  /** From the vendor's fields; `undefined` = it holds nothing. */
  read(values: readonly (Json | undefined)[]): string | undefined;
  /** Equal for the vendor: no call, no drift. */
  same(a: string, b: string): boolean;
}

/** Trimmed, Unicode NFC. Empty at the vendor is the same as not there. */
const text: Transform = {
  write: (value) => [plain(value)],
  read: ([value]) => textOf(value),
  same: (a, b) => plain(a) === plain(b),
};

const email: Transform = { ...text, same: sameEmail };

/** Without regard to case, for codes such as countries; sent in upper case. */
const code: Transform = {
  write: (value) => [plain(value).toUpperCase()],
  read: text.read,
  same: (a, b) => plain(a).toUpperCase() === plain(b).toUpperCase(),
};

/** `en-US` → `en`: the vendor knows languages, not regions. */
const language: Transform = {
  write: (value) => [languageOf(value)],
  read: text.read,
  same: (a, b) => languageOf(a) === languageOf(b),
};

export const transforms = { text, email, code, language } as const satisfies Readonly<Record<string, Transform>>;

export type TransformName = keyof typeof transforms;

export const transformNames = Object.keys(transforms) as [TransformName, ...TransformName[]];

const plain = (value: string): string => value.trim().normalize("NFC");

const languageOf = (value: string): string => (plain(value).split(/[-_]/)[0] ?? "").toLowerCase();

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/**
 * The whole address, trimmed, letter case apart. No Unicode normalisation: NFC turns the Kelvin sign into a K.
 *
 * A letter whose other case leaves ASCII (the Kelvin sign, the dotted capital I) keeps itself: two mailboxes that only
 * look alike must never be one person.
 */
export function sameEmail(a: string, b: string): boolean {
  return emailKey(a) === emailKey(b);
}

const isAscii = (character: string): boolean => character.charCodeAt(0) < 128;

const emailKey = (address: string): string =>
  Array.from(address.trim(), (character) => {
    const lower = character.toLowerCase();
    return isAscii(character) === isAscii(lower) ? lower : character;
  }).join("");
