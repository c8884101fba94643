/**
 * The heaviest requests that the default limits allow: bodies of 1 MiB for a user and 8 MiB for a group or Bulk, 1,000 operations, filters of
 * 4,096 characters and 100 comparisons,
 * pages of 1,000; lists of 500 elements are the most that any user may have.
 *
 * @module
 */
import { mappedGroup } from "../servers/house.ts";
import type { Heavy } from "./kept.ts";
import type { Asked, Site } from "./site.ts";

const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUrn = "urn:ietf:params:scim:schemas:core:2.0:Group";
const patched = (operations: readonly unknown[]): object => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: operations });
const many = <T>(count: number, of: (n: number) => T): readonly T[] => Array.from({ length: count }, (_, n) => of(n));
const get = (path: string): Asked => ({ method: "GET", path });
const filtered = (filter: string, more = ""): string => `/Users?filter=${encodeURIComponent(filter)}${more}`;

const most = { userBytes: 2 ** 20, groupBytes: 8 * 2 ** 20, operations: 1_000, filter: 4_096, comparisons: 100, elements: 500, growing: 98, page: 1_000 };
/** Room for what stands around the many. */
const frame = 1_000;

/** As long, and of as many comparisons, as a filter may be: each looks into a text of everybody, none is true. */
const longFilter = (attribute: string): string => {
  const each = Math.floor((most.filter + " or ".length) / most.comparisons);
  const bare = `${attribute} co "" or `;
  return many(most.comparisons, () => `${attribute} co "${"x".repeat(each - bare.length)}"`).join(" or ");
};

/** Somebody of almost 1 MiB. */
function largePerson(n: number): object {
  const entitlements = many(most.elements, (at) => ({ value: `large ${n} ${at} ${"x".repeat(1_980)}`, type: `t${at}` }));
  return { schemas: [userUrn], userName: `large${n}@acme.example`, name: { givenName: "Large", familyName: `Person${n}` }, active: true, entitlements };
}

/** The first members of so many, and as many unknown ones as the body has room for. */
function members(site: Site, from: number, bytes = most.groupBytes - frame): readonly { readonly value: string }[] {
  const room = Math.floor(bytes / (JSON.stringify({ value: site.people[0] }).length + 1));
  const known = many(Math.min(room, site.people.length - from), (at) => ({ value: site.people[from + at]! }));
  return [...known, ...many(room - known.length, (at) => ({ value: `nobody-${String(at).padStart(29, "0")}` }))];
}

const idOf = (text: string): string => (JSON.parse(text) as { readonly id: string }).id;
const made = async (site: Site, path: "/Users" | "/Groups", body: object): Promise<string> => idOf((await site.ask({ method: "POST", path: `${path}?attributes=id`, body }, 201)).text);
const largeGroup = (site: Site, n: number, displayName = `Large ${n}`): object => ({ schemas: [groupUrn], displayName, members: members(site, 0) });
const bulk = (operations: readonly object[]): Asked => ({ method: "POST", path: "/Bulk", body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: operations } });

export const ordinary: readonly Heavy[] = [
  { name: "GET of a user", expected: 200, prepare: ({ people }, n) => get(`/Users/${people[n]}`) },
  { name: "userName eq", expected: 200, prepare: (_, n) => get(filtered(`userName eq "seed${n}@acme.example"`)) },
  { name: "POST of a user", expected: 201, prepare: (_, n) => ({ method: "POST", path: "/Users", body: { schemas: [userUrn], userName: `new${n}@acme.example`, name: { givenName: "New", familyName: "Person" }, active: true } }) },
  { name: "PATCH active=false of a user", expected: 200, prepare: ({ people }, n) => ({ method: "PATCH", path: `/Users/${people[n]}`, body: patched([{ op: "replace", value: { active: false } }]) }) },
];

export const questions: readonly Heavy[] = [
  { name: "title co, by no index", expected: 200, prepare: () => get(filtered('title co "x"')) },
  { name: "filter of 4,096 characters, by no index", expected: 200, prepare: () => get(filtered(longFilter("title"))) },
  { name: "filter that everybody meets, page of 1,000", expected: 200, prepare: () => get(filtered("title pr", `&count=${most.page}`)) },
  { name: "ordered by name.familyName, page of 1,000", expected: 200, prepare: () => get(`/Users?sortBy=name.familyName&count=${most.page}`) },
  { name: "ordered by title, descending, last page of 1,000", expected: 200, prepare: ({ people }) => get(`/Users?sortBy=title&sortOrder=descending&startIndex=${people.length - most.page}&count=${most.page}`) },
  { name: "ordered by title, page of 1,000 by cursor", expected: 200, prepare: () => get(`/Users?sortBy=title&cursor=&count=${most.page}`) },
  { name: ".search with a filter of 4,096 characters, ordered", expected: 200, prepare: () => ({ method: "POST", path: "/.search", body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], filter: longFilter("id"), sortBy: "id", count: most.page } }) },
  { name: "groups by members.value eq", expected: 200, prepare: ({ people }) => get(`/Groups?filter=${encodeURIComponent(`members.value eq "${people[0]}"`)}&excludedAttributes=members`) },
];

export const users: readonly Heavy[] = [
  { name: "POST of a user of 1 MiB", expected: 201, prepare: (_, n) => ({ method: "POST", path: "/Users", body: largePerson(n) }) },
  { name: "PUT of a user of 1 MiB", expected: 200, prepare: async (site, n) => ({ method: "PUT", path: `/Users/${await made(site, "/Users", largePerson(n))}`, body: { ...largePerson(n), title: "other" } }) },
  { name: "GET of a user of 1 MiB", expected: 200, prepare: async (site, n) => get(`/Users/${await made(site, "/Users", largePerson(n))}`) },
  { name: "PATCH of one attribute of a user of 1 MiB", expected: 200, prepare: async (site, n) => ({ method: "PATCH", path: `/Users/${await made(site, "/Users", largePerson(n))}`, body: patched([{ op: "replace", path: "title", value: "other" }]) }) },
  { name: "PATCH of 1,000 operations", expected: 200, prepare: ({ people }, n) => ({ method: "PATCH", path: `/Users/${people[n]}`, body: patched(many(most.operations, (at) => ({ op: "add", path: `phoneNumbers[type eq "t${at % 40}"].value`, value: `+4071234${String(at).padStart(4, "0")}` }))) }) },
  { name: "PATCH of 1 MiB: as many operations as may look through a growing list", expected: 200, prepare: ({ people }, n) => ({ method: "PATCH", path: `/Users/${people[n]}`, body: patched(many(most.growing, (at) => ({ op: "add", path: "entitlements", value: [{ type: `t${at}`, value: `${at} ${"x".repeat(3_900)}` }, { type: `u${at}`, value: `other ${at} ${"x".repeat(3_000)}` }] }))) }) },
  { name: "PATCH of 500 values in one operation", expected: 200, prepare: ({ people }, n) => ({ method: "PATCH", path: `/Users/${people[n]}`, body: patched([{ op: "add", path: "entitlements", value: many(most.elements, (at) => ({ type: `t${at}`, value: `${at} ${"x".repeat(1_980)}` })) }]) }) },
  { name: "page of users, 40 of them of 1 MiB", expected: 200, prepare: async () => get("/Users?sortBy=meta.created&sortOrder=descending&count=60") },
];

export const groups: readonly Heavy[] = [
  { name: "POST of a group of 8 MiB", expected: 201, prepare: (site, n) => ({ method: "POST", path: "/Groups", body: largeGroup(site, n) }) },
  { name: "PUT of a group of 8 MiB, half of it other members", expected: 200, prepare: async (site, n) => ({ method: "PUT", path: `/Groups/${await made(site, "/Groups", largeGroup(site, n))}`, body: { schemas: [groupUrn], displayName: `Large ${n}`, members: members(site, Math.floor(site.people.length / 2)) } }) },
  { name: "GET of a group of 8 MiB", expected: 200, prepare: async (site, n) => get(`/Groups/${await made(site, "/Groups", largeGroup(site, n))}`) },
  { name: "page of groups with their members", expected: 200, prepare: () => get("/Groups?count=20") },
  { name: "PATCH that adds members of 8 MiB", expected: 204, prepare: async (site, n) => ({ method: "PATCH", path: `/Groups/${await made(site, "/Groups", { schemas: [groupUrn], displayName: `Large ${n}` })}`, body: patched([{ op: "add", path: "members", value: members(site, 0) }]) }) },
  { name: "PATCH that removes members of 8 MiB", expected: 204, prepare: async (site, n) => ({ method: "PATCH", path: `/Groups/${await made(site, "/Groups", largeGroup(site, n))}`, body: patched([{ op: "remove", path: "members", value: members(site, 0).slice(2_000) }]) }) },
  {
    name: "PATCH of 8 MiB in 1,000 operations", expected: 204,
    async prepare(site, n) {
      const all = members(site, 0, most.groupBytes - 100 * most.operations);
      const each = Math.floor(all.length / most.operations);
      return { method: "PATCH", path: `/Groups/${await made(site, "/Groups", { schemas: [groupUrn], displayName: `Large ${n}` })}`, body: patched(many(most.operations, (at) => ({ op: "add", path: "members", value: all.slice(at * each, (at + 1) * each) }))) };
    },
  },
  { name: "PATCH that removes 1,000 members by filter", expected: 204, prepare: async (site, n) => ({ method: "PATCH", path: `/Groups/${await made(site, "/Groups", largeGroup(site, n))}`, body: patched(many(most.operations, (at) => ({ op: "remove", path: `members[value eq "${site.people[at]}"]` }))) }) },
  { name: "PATCH of the name of a group of 8 MiB", expected: 204, prepare: async (site, n) => ({ method: "PATCH", path: `/Groups/${await made(site, "/Groups", largeGroup(site, n))}`, body: patched([{ op: "replace", path: "displayName", value: `Other ${n}` }]) }) },
  { name: "DELETE of a group of 8 MiB", expected: 204, prepare: async (site, n) => ({ method: "DELETE", path: `/Groups/${await made(site, "/Groups", largeGroup(site, n))}` }) },
];

/** Every operation of a Bulk must have been carried out, else something lighter was measured. */
function eachDone(text: string): string | undefined {
  const wrong = (JSON.parse(text) as { readonly Operations: readonly { readonly status: string }[] }).Operations.find(({ status }) => Number(status) >= 300);
  return wrong && `an operation was answered ${JSON.stringify(wrong).slice(0, 300)}`;
}

export const bulks: readonly Heavy[] = [
  {
    name: "Bulk of 8 MiB: 1,000 new users", expected: 200, check: eachDone,
    prepare: (_, n) => bulk(many(most.operations, (at) => ({ method: "POST", path: "/Users", bulkId: `u${at}`, data: { schemas: [userUrn], userName: `bulk${n}.${at}@acme.example`, name: { givenName: "New", familyName: "Person" }, active: true, title: "t".repeat(4_000), displayName: "d".repeat(3_800) } }))),
  },
  { name: "Bulk of 1,000 PATCHes", expected: 200, check: eachDone, prepare: ({ people }, n) => bulk(many(most.operations, (at) => ({ method: "PATCH", path: `/Users/${people[1_000 + at]}`, data: { Operations: [{ op: "replace", path: "title", value: `bulk ${n}` }] } }))) },
  { name: "Bulk of 8 MiB: a group of many", expected: 200, check: eachDone, prepare: (site, n) => bulk([{ method: "POST", path: "/Groups", bulkId: "g", data: { schemas: [groupUrn], displayName: `Bulk ${n}`, members: members(site, 0, most.groupBytes - 2 * frame) } }]) },
  {
    name: "Bulk of 900 users and a group of them and of many", expected: 200, check: eachDone,
    prepare: (site, n) =>
      bulk([
        ...many(900, (at) => ({ method: "POST", path: "/Users", bulkId: `u${at}`, data: { schemas: [userUrn], userName: `both${n}.${at}@acme.example`, active: true } })),
        { method: "POST", path: "/Groups", bulkId: "g", data: { schemas: [groupUrn], displayName: `Both ${n}`, members: [...many(900, (at) => ({ value: `bulkId:u${at}` })), ...members(site, 0, 6 * 2 ** 20)] } },
      ]),
  },
];

/** Last: it makes work for everybody, which the server goes on with. */
export const mapped: readonly Heavy[] = [
  { name: "PUT of 8 MiB on the group that gives a role", expected: 200, afterMs: 2_000, prepare: async (site) => ({ method: "PUT", path: `/Groups/${await theMapped(site)}`, body: { schemas: [groupUrn], displayName: mappedGroup, members: members(site, 0) } }) },
  {
    name: "PATCH that empties the group that gives a role", expected: 200, afterMs: 2_000,
    async prepare(site) {
      const path = `/Groups/${await theMapped(site)}`;
      await site.ask({ method: "PUT", path, body: { schemas: [groupUrn], displayName: mappedGroup, members: members(site, 0) } }, 200);
      return { method: "PATCH", path, body: patched([{ op: "remove", path: "members" }]) };
    },
  },
];

async function theMapped(site: Site): Promise<string> {
  const { text } = await site.ask(get(`/Groups?filter=${encodeURIComponent(`displayName eq "${mappedGroup}"`)}&attributes=id`), 200);
  const [found] = (JSON.parse(text) as { readonly Resources: readonly { readonly id: string }[] }).Resources;
  return found?.id ?? made(site, "/Groups", { schemas: [groupUrn], displayName: mappedGroup });
}
