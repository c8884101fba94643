/**
 * When two addresses are one person's.
 *
 * @module
 */

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

/** Equal keys = the same address. */
export const emailKey = (address: string): string =>
  Array.from(address.trim(), (character) => {
    const lower = character.toLowerCase();
    return isAscii(character) === isAscii(lower) ? lower : character;
  }).join("");
