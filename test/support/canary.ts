/**
 * Canaries: secrets that exist once in the world, and the search for them in every form in which a secret gets out.
 *
 * @module
 */
export interface Canary {
  readonly slot: string;
  readonly secret: string;
}

/** Every form of a secret that is looked for, by name. A half is long enough to be no accident. */
export function formsOf(secret: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(secret);
  const middle = Math.floor(secret.length / 2);
  return {
    plain: secret,
    "URL-encoded": encodeURIComponent(secret),
    hex: bytes.toString("hex"),
    "upper-case hex": bytes.toString("hex").toUpperCase(),
    reversed: [...secret].toReversed().join(""),
    "first half": secret.slice(0, middle),
    "second half": secret.slice(middle),
    ...base64Forms(bytes, "base64"),
    ...base64Forms(bytes, "base64url"),
  };
}

/** Base64 of a secret that stands anywhere in a longer text: three alignments, without what its neighbours decide. */
function base64Forms(bytes: Buffer, encoding: "base64" | "base64url"): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [0, 1, 2].map((before) => {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding).replace(/=+$/, "");
      const complete = (before + bytes.length) % 3 === 0 ? text : text.slice(0, -1);
      return [`${encoding}, ${before} bytes in`, complete.slice(before === 0 ? 0 : before + 1)];
    }),
  );
}

/** @param places what was said, by where it was said. @returns a sentence per hit */
export function hits(canaries: readonly Canary[], places: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    canaries.flatMap(({ slot, secret }) => Object.entries(formsOf(secret)).flatMap(([form, written]) => (text.includes(written) ? [`${slot} (${form}) in ${place}: …${around(text, written)}…`] : []))),
  );
}

function around(text: string, written: string): string {
  const at = text.indexOf(written);
  return text.slice(Math.max(0, at - 60), at + written.length + 20).replaceAll("\n", " ");
}
