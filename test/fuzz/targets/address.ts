/**
 * Request targets: path, route, query, and what the query asks for. What was checked is what is served.
 *
 * @module
 */
import fc from "fast-check";
import { resourceId } from "../../../src/model/ids.ts";
import { tables } from "../../store/population.ts";
import { filterText } from "../inputs/filters.ts";
import { names } from "../inputs/names.ts";
import { seedTargets } from "../inputs/seeds.ts";
import { damaged, oddText, repeated, spelt } from "../inputs/texts.ts";
import { base, people, stored } from "../people.ts";
import { checkPlain } from "../soundness.ts";
import { cleanly, hold, refused, type Target } from "../target.ts";

export interface AddressInput {
  readonly method: string;
  readonly target: string;
}

// oxlint-disable-next-line no-control-regex
const indecent = /[\x00-\x1f\x7f-\x9f/\\;#%]/;
const known = new Set(["filter", "attributes", "excludedAttributes", "sortBy", "sortOrder", "startIndex", "count", "cursor"]);
const segment = fc.oneof({ weight: 5, arbitrary: fc.constantFrom("scim", "acme", "v2", "Users", "Groups", ".search", "Me", "Schemas", "Bulk", "2819c223-7f76-453a-919d-413861904646", "..", ".", "%2e%2e", "%2F", "%5c", "%00", "%c0%ae", ";x=1", "", "//", "\\") }, { weight: 1, arbitrary: oddText.map((text) => (text.isWellFormed() ? encodeURIComponent(text) : "x")) });
const path = fc.oneof({ weight: 3, arbitrary: fc.array(segment, { maxLength: 7 }).map((all) => `/${all.join("/")}`) }, { weight: 4, arbitrary: fc.array(segment, { maxLength: 3 }).map((all) => ["/scim/acme/v2", ...all].join("/")) }, { weight: 8, arbitrary: fc.constantFrom("/scim/acme/v2/Users", "/scim/acme/v2/Groups", "/scim/acme/v2/Users/2819c223-7f76-453a-919d-413861904646", "/scim/acme/v2/Users/.search") });

const encoded = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : "%ed%a0%80");
const listOfNames = fc.array(spelt(names.User), { maxLength: 6 }).map((all) => all.join(","));
const parameter = fc
  .tuple(spelt([...known, "filter[]", "aadOptscim062020", "__proto__", "filter[constructor]"]), fc.oneof({ weight: 3, arbitrary: filterText("User") }, { weight: 3, arbitrary: listOfNames }, { weight: 3, arbitrary: fc.constantFrom("1", "0", "-1", "100", "1e9", "99999999999999999999", "ascending", "descending", "Ascending", "") }, { weight: 1, arbitrary: oddText }, { weight: 1, arbitrary: repeated(9_000) }), fc.nat(9))
  .map(([name, value, way]) => `${name}=${way < 8 ? encoded(value) : value.replace(/[^!-~]/g, "+")}`);
const target = fc.tuple(path, fc.array(parameter, { maxLength: 4 })).map(([before, query]) => (query.length === 0 ? before : `${before}?${query.join("&")}`));

export const addressTarget: Target<AddressInput> = {
  name: "address",
  inputs: fc.record({ method: fc.constantFrom("GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"), target: fc.oneof({ weight: 4, arbitrary: target }, { weight: 3, arbitrary: damaged(fc.constantFrom(...seedTargets)) }, { weight: 1, arbitrary: repeated(5_000) }) }),
  run({ method, target: url }, code, watch) {
    const read = cleanly(watch, () => code.targetOf(url));
    if (read === refused) return "refused";
    for (const one of read.segments) hold(one !== "" && one !== "." && one !== ".." && !indecent.test(one), `a segment that two readers read in two ways: ${JSON.stringify(one)}`);
    const rebuilt = `/${read.segments.map(encodeURIComponent).join("/")}`;
    if (rebuilt.length <= 2_048) hold(JSON.stringify(code.targetOf(rebuilt).segments) === JSON.stringify(read.segments), "the path that was checked is another one when it is served");
    const route = cleanly(watch, () => code.routeOf(read.segments.slice(3), method));
    if (route !== refused && route.kind === "item") hold(resourceId(route.id) === route.id.toLowerCase() && route.id.length === 36, "an id in another spelling");
    const query = cleanly(watch, () => code.queryOf(read.query));
    if (query === refused) return "refused";
    checkPlain(query);
    for (const name of Object.keys(query)) hold(known.has(name), `an unknown parameter came through: ${name}`);
    const projection = cleanly(watch, () => code.readProjection(tables.User, query));
    if (projection !== refused) {
      const shown = watch.work(() => code.show(tables.User, stored("User", people.everything), base, projection));
      checkPlain(shown);
      hold(typeof shown["id"] === "string" && Array.isArray(shown["schemas"]), "an answer without id or schemas");
      hold(!("password" in shown), "an answer with a password");
    }
    const filter = query["filter"] === undefined ? undefined : cleanly(watch, () => code.parseFilter(tables.User, query["filter"]));
    return filter === refused || projection === refused || route === refused ? "refused" : "accepted";
  },
};
