/**
 * Telephone numbers: E.164 or RFC 3966 (`tel:`) ↔ national digits and country.
 *
 * The rules of the world's numbers are libphonenumber's, not ours. Its full data is loaded, because shared country codes
 * (+1, +7, +44) can only be told apart by the patterns of the numbers.
 *
 * @module
 */
import type { CountryCode, PhoneNumber } from "libphonenumber-js/max";
import { getCountryCallingCode, isSupportedCountry, Metadata, parsePhoneNumberFromString } from "libphonenumber-js/max";
import type { Transform } from "./transform.ts";
import { plain, textOf } from "./transform.ts";

const metadata = new Metadata();

const known = (country: string | undefined): CountryCode | undefined => {
  const code = country?.trim().toUpperCase();
  return code !== undefined && isSupportedCountry(code) ? code : undefined;
};

function parsed(value: string, country: string | undefined): PhoneNumber | undefined {
  const number = parsePhoneNumberFromString(plain(value), known(country));
  return number?.isPossible() ? number : undefined;
}

/** A number that no country's pattern claims belongs to the hint, if that has the code, else to the code's main country. */
function countryOf(number: PhoneNumber, hint: string | undefined): CountryCode | undefined {
  const near = known(hint);
  const code = number.countryCallingCode;
  return number.country ?? (near && getCountryCallingCode(near) === code ? near : known((metadata as unknown as Numbering).getCountryCodesForCallingCode(code)?.[0]));
}

/** The part of the library's `Metadata` that its types leave out. */
interface Numbering {
  getCountryCodesForCallingCode(code: string): readonly string[] | undefined;
}

export const phone: Transform = {
  write(value, { country, room }) {
    const number = parsed(value, country);
    if (!number) return { unfit: "is no telephone number in international form, such as +40712345678" };
    if (room < 2) return [number.number];
    const where = countryOf(number, country);
    return where === undefined ? { unfit: "is a telephone number of no country" } : [number.nationalNumber, where];
  },
  read([digits, place], { country }) {
    const text = textOf(digits);
    if (text === undefined) return undefined;
    const where = textOf(place)?.replace(/^\+/, "");
    // Some records hold the country code where the country should be.
    const whole = where !== undefined && /^\d+$/.test(where) ? parsed(`+${where}${text}`, undefined) : parsed(text, where ?? country);
    return whole?.number ?? text;
  },
  same(a, b, { country }) {
    if (plain(a) === plain(b)) return true;
    const [one, other] = [parsed(a, country), parsed(b, country)];
    return one !== undefined && one.number === other?.number;
  },
};
