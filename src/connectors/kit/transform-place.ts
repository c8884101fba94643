/**
 * Where somebody is: country, time zone, the lines of a street address, region.
 *
 * @module
 */
import type { Transform } from "./transform.ts";
import { plain, sameAsWritten, textOf } from "./transform.ts";

const countries = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
/** Codes that name something, but no country of ISO 3166-1. */
const noCountries: ReadonlySet<string> = new Set(["EU", "EZ", "UN", "UK", "QO", "ZZ", "XA", "XB"]);

const isCountry = (code: string): boolean => /^[A-Z]{2}$/.test(code) && !noCountries.has(code) && countries.of(code) !== undefined;

const writeCountry: Transform["write"] = (value) => {
  const code = plain(value).toUpperCase();
  return isCountry(code) ? [code] : { unfit: "is no two-letter country code (ISO 3166-1 alpha-2), such as RO" };
};

/** A name of a country is not guessed at: Georgia, Congo and Korea are each more than one place. */
export const country: Transform = {
  write: writeCountry,
  read: ([value]) => textOf(value),
  same: (a, b) => plain(a).toUpperCase() === plain(b).toUpperCase(),
};

/** `Europe/Kyiv` and `Europe/Kiev` are one zone. */
function zoneOf(value: string): string | undefined {
  const name = plain(value);
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

export const timezone: Transform = {
  write: (value) => (zoneOf(value) === undefined ? { unfit: "is no time zone of the IANA database, such as Europe/Bucharest" } : [plain(value)]),
  read: ([value]) => textOf(value),
  same(a, b) {
    const zone = zoneOf(a);
    return plain(a) === plain(b) || (zone !== undefined && zone === zoneOf(b));
  },
};

const linesIn = (value: string): readonly string[] => plain(value).split(/\r\n|[\r\n]/).map((line) => line.trim()).filter((line) => line !== "");

const writeLines: Transform["write"] = (value, { room }) => {
  const found = linesIn(value);
  const own = found.slice(0, Math.max(0, room - 1));
  const rest = found.slice(own.length).join(", ");
  return Array.from({ length: room }, (_, index) => own[index] ?? (index === own.length && rest !== "" ? rest : index === 0 ? "" : null));
};

export const lines: Transform = {
  write: writeLines,
  read: (values) => values.map(textOf).filter((line) => line !== undefined).join("\n") || undefined,
  same: sameAsWritten(writeLines),
};

/** ISO 3166-2, or a short code together with the country it is in; `undefined` = it is a name. */
function regionCode(value: string, country: string | undefined): string | undefined {
  const text = plain(value);
  if (/^[A-Za-z]{2}-[A-Za-z0-9]{1,3}$/.test(text)) return text.toUpperCase();
  const near = country?.trim().toUpperCase();
  // Lower-case letters make a name (Goa); codes are written in capitals.
  return near !== undefined && isCountry(near) && /^[A-Z0-9]{1,3}$/.test(text) ? `${near}-${text}` : undefined;
}

export const region: Transform = {
  write(value, { country: near, room }) {
    const code = regionCode(value, near);
    if (room < 2) return [code ?? plain(value)];
    // A name beside a code that stays would not be read back; a code beside a name harms nobody.
    return code === undefined ? [null, plain(value)] : [code, undefined];
  },
  read: (values) => values.map(textOf).find((text) => text !== undefined),
  same(a, b, { country: near }) {
    const [one, other] = [regionCode(a, near) ?? plain(a), regionCode(b, near) ?? plain(b)];
    // Of two spellings the one without a country means the country of the other.
    return one === other || isShortOf(plain(a), other) || isShortOf(plain(b), one);
  },
};

/** `CA`, taken for one country's, beside `US-CA`. */
const isShortOf = (written: string, other: string): boolean => /^[A-Z0-9]{1,3}$/.test(written) && /^[A-Z]{2}-/.test(other) && other.slice(3) === written;
