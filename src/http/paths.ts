/**
 * From the request's target to the words that name a route: checked, decoded once, and never looked at again.
 *
 * What was checked is what is served: the router behind gets an address that is built anew from these words. Whatever two
 * readers of one address could understand differently (dot segments, encoded separators, empty segments, matrix parameters,
 * control characters, fragments, absolute targets) is refused (reliability.md, 11: Paths).
 *
 * @module
 */
import { badRequest, TurnedAway } from "./errors.ts";

export interface Target {
  /** Decoded, none empty; `/livez` is `["livez"]`, `/` is `[]`. A slash at the end counts for nothing. */
  readonly segments: readonly string[];
  /** As sent, without the question mark; empty if there was none. */
  readonly query: string;
}

const MAX_PATH = 2048;

/** Nearly every address: nothing to decode. `:` stands in schema URNs. */
const ordinary = /^(?:\/[A-Za-z0-9_~:.-]+)*\/?$/;
/** Visible ASCII without what means something to somebody else: `#` fragment, `;` matrix parameter, `\` a slash on other systems. */
const acceptable = /^\/[!-~]*$/;
const ambiguous = /[#;\\]/;
// oxlint-disable-next-line no-control-regex
const indecent = /[\x00-\x1f\x7f-\x9f/\\;#%]/;

/** @throws {TurnedAway} 400, or 414 for an address that is too long */
export function targetOf(url: string): Target {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark + 1);
  if (path.length > MAX_PATH) throw new TurnedAway({ status: 414, detail: `The address is longer than ${MAX_PATH} characters.` });
  if (!acceptable.test(path) || ambiguous.test(path)) throw badRequest("The address holds characters that are not accepted there.");
  if (path.includes("//")) throw badRequest("The address holds an empty segment (//): the base URL in the IdP must not end with a slash.");
  const segments = path.split("/");
  segments.shift();
  if (segments.at(-1) === "") segments.pop();
  if (!ordinary.test(path)) for (let at = 0; at < segments.length; at++) segments[at] = decoded(segments[at]!);
  if (segments.some((segment) => segment === "." || segment === "..")) throw badRequest("The address holds a dot segment.");
  return { segments, query };
}

function decoded(segment: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(segment);
  } catch {
    throw badRequest("The address holds percent signs that encode no text.");
  }
  if (indecent.test(plain)) throw badRequest("The address holds encoded characters that are not accepted there.");
  return plain;
}
