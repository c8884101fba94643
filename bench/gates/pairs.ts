/**
 * What must not cost more where there is more: an indexed look-up, a far page, one more member.
 *
 * @module
 */
import { seededEmail } from "../servers/seed.ts";
import type { Pair } from "./pace.ts";
import type { Site } from "./site.ts";

const filtered = (filter: string): string => `/Users?filter=${encodeURIComponent(filter)}`;

/** Of one person, by what an IdP knows of them. Whoever is asked for is another one each time. */
const equalities: Readonly<Record<string, (site: Site, n: number) => string>> = {
  "userName eq": (_, n) => `userName eq "${seededEmail(n)}"`,
  "externalId eq": (_, n) => `externalId eq "seed-x-${n}"`,
  "id eq": ({ people }, n) => `id eq "${people[n]}"`,
  "emails.value eq": (_, n) => `emails.value eq "${seededEmail(n)}"`,
  'emails[type eq "work" and value eq …]': (_, n) => `emails[type eq "work" and value eq "${seededEmail(n)}"]`,
};

/** Strides over the whole directory and does not come back soon. */
const somebody = (site: Site, n: number): number => (n * 7_919) % site.people.length;

export function lookUps(few: Site, many: Site): readonly Pair[] {
  const found = (filter: (site: Site, n: number) => string) => (site: Site) => async (n: number) => {
    const { ms, text } = await site.ask({ method: "GET", path: filtered(filter(site, somebody(site, n))) }, 200);
    if ((JSON.parse(text) as { readonly totalResults: number }).totalResults !== 1) throw new Error(`not exactly one was found: ${text.slice(0, 300)}`);
    return ms;
  };
  return Object.entries(equalities).map(([name, filter]) => ({ name: `${name}: ${count(many.people.length)} people, beside ${count(few.people.length)}`, most: 1.5, small: found(filter)(few), large: found(filter)(many) }));
}

const page = 100;

export async function pages(site: Site): Promise<readonly Pair[]> {
  const first = "1";
  const last = String(site.people.length - page + 1);
  const ask = (query: string, expected: number) => async () => {
    const { ms, text } = await site.ask({ method: "GET", path: `/Users?count=${page}&${query}` }, 200);
    if ((JSON.parse(text) as { readonly Resources: readonly unknown[] }).Resources.length !== expected) throw new Error(`the page has not ${expected} people: ${text.slice(0, 300)}`);
    return ms;
  };
  const lastCursor = await lastOf(site);
  return [
    { name: `last page of ${count(site.people.length)} people, beside the first`, most: 2, small: ask(`startIndex=${first}`, page), large: ask(`startIndex=${last}`, page) },
    { name: `last page of ${count(site.people.length)} people by cursor, beside the first`, most: 2, small: ask("cursor=", page), large: ask(`cursor=${encodeURIComponent(lastCursor)}`, page) },
  ];
}

/** The cursor of the last page, reached as a client reaches it; a cursor is good for the very list that it came with. */
async function lastOf(site: Site): Promise<string> {
  let cursor = "";
  for (;;) {
    const { text } = await site.ask({ method: "GET", path: `/Users?count=${page}&cursor=${encodeURIComponent(cursor)}` }, 200);
    const { nextCursor } = JSON.parse(text) as { readonly nextCursor?: string };
    if (nextCursor === undefined) return cursor;
    cursor = nextCursor;
  }
}

/** One more, each time another one; then they leave again. Neither answer holds members, so both are of one size. */
export function members(site: Site, [small, large]: readonly [number, number]): readonly Pair[] {
  const patch = (group: number, op: "add" | "remove") => async (n: number) => {
    const value = [{ value: site.people[site.people.length - n] }];
    const { ms } = await site.ask({ method: "PATCH", path: `/Groups/${site.groups[group]}?attributes=displayName`, body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op, path: "members", value }] } }, 200);
    return ms;
  };
  return [
    { name: `add a member to a group of ${count(large)}, beside one of ${count(small)}`, most: 1.5, small: patch(0, "add"), large: patch(1, "add") },
    { name: `remove a member from a group of ${count(large)}, beside one of ${count(small)}`, most: 1.5, small: patch(0, "remove"), large: patch(1, "remove") },
  ];
}

const count = (value: number): string => value.toLocaleString("en");
