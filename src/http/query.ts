/**
 * Query parameters: known ones in the RFC's spelling, each at most once; unknown ones are nobody's business.
 *
 * IdPs append flags of their own (`?aadOptscim062020`) and must not be refused for it. A known parameter that occurs twice, or
 * in the array or object syntax of some frameworks, is refused: two readers would take different values (idps.md 14, 20).
 *
 * @module
 */
import { fold } from "../model/fold.ts";
import { badRequest } from "./errors.ts";

/** What a read may ask for; `startIndex` and `count` are integers already. */
export type QueryParameters = Record<string, string | number>;

const known: ReadonlyMap<string, string> = new Map(
  ["filter", "attributes", "excludedAttributes", "sortBy", "sortOrder", "startIndex", "count", "cursor"].map((name) => [fold(name), name]),
);

// oxlint-disable-next-line no-control-regex
const controls = /[\x00-\x1f\x7f]/;

/**
 * @param text the query as sent, without the question mark
 * @throws {TurnedAway} 400 `invalidFilter` or `invalidValue`
 */
export function queryOf(text: string): QueryParameters {
  const query: QueryParameters = {};
  if (text === "") return query;
  for (const pair of text.split("&")) {
    const mark = pair.indexOf("=");
    const [written, syntax] = nameIn(mark < 0 ? pair : pair.slice(0, mark));
    const name = known.get(written);
    if (name === undefined) continue;
    const complaint = name === "filter" ? "invalidFilter" : "invalidValue";
    if (syntax) throw badRequest(`The parameter ${name} is one text; arrays and objects are not accepted.`, complaint);
    if (Object.hasOwn(query, name)) throw badRequest(`The parameter ${name} occurs more than once.`, complaint);
    const value = plain(mark < 0 ? "" : pair.slice(mark + 1));
    if (value === undefined) throw badRequest(`The parameter ${name} is not percent-encoded UTF-8 text.`, complaint);
    if (controls.test(value)) throw badRequest(`The parameter ${name} holds control characters.`, complaint);
    query[name] = name === "startIndex" || name === "count" ? integer(name, value) : value;
  }
  return query;
}

/** The folded name up to a bracket, and whether there was one. A name that encodes no text is unknown. */
function nameIn(raw: string): readonly [string, boolean] {
  const name = plain(raw) ?? "";
  const bracket = name.indexOf("[");
  return [fold(bracket < 0 ? name : name.slice(0, bracket)), bracket >= 0];
}

function plain(raw: string): string | undefined {
  const spaced = raw.includes("+") ? raw.replaceAll("+", " ") : raw;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undefined;
  }
}

/** RFC 7644, 3.4.2.4 speaks of integers; beyond what a number can count exactly there is no resource. */
export function integer(name: string, text: string): number {
  if (!/^-?[0-9]+$/.test(text)) throw badRequest(`The parameter ${name} must be an integer.`, "invalidValue");
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
}
