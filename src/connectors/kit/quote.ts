/**
 * A vendor's own words, made fit for an error text: one line, short, without anything secret.
 *
 * @module
 */
export const quoteLength = 200;
/** What stands further back would not be quoted anyway, and is not looked through. */
const readLength = 10_000;
/** So many letters of a secret in a row are covered, whatever stands around them: whoever repeats a secret may cut it or break it up. */
const tellingLength = 8;
/** Anything shorter is no secret, and would be found everywhere. */
const shortestSecret = 4;

/** @param secrets texts of this exchange that must not come back in a quotation */
export function quote(text: string, secrets: readonly string[]): string {
  // Control, format (bidirectional, zero-width), line and paragraph separators, lone surrogates.
  const clean = covered(text.slice(0, readLength), secrets).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ").replace(/\s+/g, " ").trim();
  const characters = [...clean];
  return characters.length <= quoteLength ? clean : characters.slice(0, quoteLength - 1).join("") + "…";
}

/** Whether a text holds a secret, or a telling part of one, in any form. */
export const tells = (text: string, secrets: readonly string[]): boolean => covered(text, secrets) !== text;

function covered(text: string, secrets: readonly string[]): string {
  const folded = lower(text);
  const isSecret = new Uint8Array(text.length);
  for (const form of new Set(secrets.filter(({ length }) => length >= shortestSecret).flatMap(formsOf))) {
    const length = Math.min(tellingLength, form.length);
    const parts = new Set(Array.from({ length: form.length - length + 1 }, (_, at) => form.slice(at, at + length)));
    for (let at = 0; at + length <= folded.length; at++) if (parts.has(folded.slice(at, at + length))) isSecret.fill(1, at, at + length);
  }
  let shown = "";
  for (let at = 0; at < text.length; at++) if (!isSecret[at]) shown += text[at];
  else if (at === 0 || !isSecret[at - 1]) shown += "[secret]";
  return shown;
}

/** As it was sent, and as whoever repeats it may have written it: in an address, in a header, in a dump, backwards. Folded. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const forms = [secret, [...secret].toReversed().join(""), encodeURIComponent(secret), new URLSearchParams([["", secret]]).toString().slice(1), bytes.toString("hex"), ...base64Forms(bytes, "base64"), ...base64Forms(bytes, "base64url")];
  return forms.map(lower).filter(({ length }) => length >= shortestSecret);
}

/** Base64 of a text in which the secret stands somewhere: three alignments, without the letters that its neighbours decide. */
const base64Forms = (secret: Buffer, encoding: "base64" | "base64url"): readonly string[] =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), secret]).toString(encoding).replace(/=+$/, "");
    return text.slice(before === 0 ? 0 : before + 1, (before + secret.length) % 3 === 0 ? undefined : -1);
  });

/** Letter by letter, so that places stay the same; vendors fold keys too. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
