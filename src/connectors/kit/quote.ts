/**
 * A vendor's own words, made fit for an error text: one line, short, without anything secret.
 *
 * @module
 */
export const quoteLength = 200;

/** @param secrets texts of this exchange that must not come back in a quotation */
export function quote(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) for (const form of formsOf(secret)) clean = clean.replaceAll(form, "[secret]");
  // Control, format (bidirectional, zero-width), line and paragraph separators, lone surrogates.
  clean = clean.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ").replace(/\s+/g, " ").trim();
  const characters = [...clean];
  return characters.length <= quoteLength ? clean : characters.slice(0, quoteLength - 1).join("") + "…";
}

/** As it was sent, and as whoever repeats it may have written it: in an address, in a header, in a dump. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  // Without the padding and the last letter, which depend on what followed.
  const [base64, base64url] = (["base64", "base64url"] as const).map((encoding) => bytes.toString(encoding).replace(/=+$/, "").slice(0, -1)) as [string, string];
  return [secret, encodeURIComponent(secret), base64, base64url, hex, hex.toUpperCase()];
}
