/**
 * The kinds of values a configuration is made of: durations, sizes, secrets, addresses.
 *
 * @module
 */
import { isIP } from "node:net";
import { z } from "zod";
import { Secret } from "../runtime/secret.ts";

const msPer = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `500ms`, `30s`, `10m`, `24h` → ms, within the given bounds (themselves durations). */
export const duration = (bounds: { readonly from: string; readonly to: string }) =>
  z.string({ error: durationSays }).regex(/^\d{1,9}(ms|s|m|h)$/, { error: durationSays, abort: true }).transform((text, context) => {
    const durationMs = milliseconds(text);
    if (durationMs < milliseconds(bounds.from) || durationMs > milliseconds(bounds.to)) {
      context.issues.push({ code: "custom", input: text, message: `must lie between ${bounds.from} and ${bounds.to}` });
    }
    return durationMs;
  });

const durationSays = "must be a duration such as 500ms, 30s, 10m or 24h";

/** @param text `500ms`, `30s`, `10m`, `24h`, checked already */
const milliseconds = (text: string): number => Number.parseInt(text, 10) * msPer[text.replace(/\d/g, "") as keyof typeof msPer];

/** ms → the shortest way to write it. */
export function durationText(ms: number): string {
  const unit = (["h", "m", "s"] as const).find((each) => ms >= msPer[each] && ms % msPer[each] === 0) ?? "ms";
  return `${ms / msPer[unit]}${unit}`;
}

const sizeSays = "must be a size between 1KiB and 64MiB, such as 512KiB or 8MiB, or a number of bytes";
const bytesPer: Readonly<Record<string, number>> = { "": 1, B: 1, KiB: 1_024, MiB: 1_048_576 };

/** `512KiB`, `8MiB` or a number → bytes. */
export const size = z
  .union([z.number(), z.string().regex(/^\d{1,9}(B|KiB|MiB)?$/)], { error: sizeSays })
  .transform((given, context) => {
    const bytes = typeof given === "number" ? given : Number.parseInt(given, 10) * (bytesPer[given.replace(/\d/g, "")] ?? Number.NaN);
    if (!Number.isInteger(bytes) || bytes < 1_024 || bytes > 67_108_864) context.issues.push({ code: "custom", input: given, message: sizeSays });
    return bytes;
  });

/** A whole number. Digits as text count too: that is how they arrive from the environment. */
export const whole = (from: number, to: number) =>
  z
    .preprocess((given) => (typeof given === "string" && /^\d{1,9}$/.test(given) ? Number(given) : given), z.number({ error: `must be a whole number between ${from} and ${to}` }).int(`must be a whole number between ${from} and ${to}`).min(from).max(to));

/** Text that is not blank. */
export const text = z.string({ error: (issue) => (typeof issue.input === "number" || typeof issue.input === "boolean" ? "must be text: put it in quotes" : undefined) }).regex(/\S/, "is empty");

/** A credential: from the environment, a file, or (with a warning) written down. */
export const secret = z
  .custom<Secret | string>((given) => given instanceof Secret || typeof given === "string", { error: 'must be a secret: "${NAME}" or { file: path }' })
  .transform((given) => (given instanceof Secret ? given : new Secret(given)))
  .meta({ anyOf: [{ type: "string", minLength: 1 }, { type: "object", properties: { file: { type: "string" } }, required: ["file"], additionalProperties: false }], description: 'From the environment ("${NAME}") or a file ({ file: path }, relative to this file).' });

export const email = z.string({ error: "must be an e-mail address" }).regex(/^[^\s@,;<>()"':[\]]+@[^\s@,;<>()"':[\]]+$/, "must be an e-mail address").transform((address) => address.toLowerCase());

/** A DNS name in ASCII (an international one in its `xn--` form). */
export const domain = z
  .string({ error: "must be a domain" })
  .regex(/^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/, "must be a domain such as acme.example, without @ and without *; an international one in its xn-- form")
  .transform((name) => name.toLowerCase());

const label = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?";
/** A host name, an address, or a network (`10.0.0.0/8`, `fd00::/8`). */
export const hostOrNetwork = z
  .string({ error: "must be a host name, an IP address or a network" })
  .regex(new RegExp(`^(${label}(\\.${label})*|[0-9.]{7,15}(/\\d{1,2})?|[0-9A-Fa-f:.]{2,45}(/\\d{1,3})?)$`), "must be a host name, an IP address or a network such as 10.0.0.0/8, without https:// and without a port");

const networkSays = "must be an IP address or a network such as 203.0.113.0/24 or 2001:db8::/32";
/** An address, or a network in CIDR form. */
export const network = z.string({ error: networkSays }).refine((given) => {
  const [address = "", bits, ...rest] = given.split("/");
  const family = address.includes("%") ? 0 : isIP(address);
  return family !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
}, networkSays);
