/**
 * A vendor's own words, made fit for an error text: one line, short, without anything secret.
 *
 * @module
 */
export const quoteLength = 200;

/** @param secrets texts of this exchange that must not come back in a quotation */
export function quote(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, "[secret]");
  // Control, format (bidirectional, zero-width), line and paragraph separators, lone surrogates.
  clean = clean.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ").replace(/\s+/g, " ").trim();
  const characters = [...clean];
  return characters.length <= quoteLength ? clean : characters.slice(0, quoteLength - 1).join("") + "…";
}
