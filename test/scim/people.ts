/**
 * Three people and a group that the tests of the vocabulary look at.
 *
 * @module
 */
import { resourceId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StoredResource } from "../../src/model/resource.ts";
import { enterpriseUrn, groupTable, userTable } from "../../src/scim/schemas.ts";
import { parseFilter } from "../../src/scim/filter-parse.ts";
import { matches } from "../../src/scim/filter-match.ts";
import { wholeSearch } from "../../src/scim/search-form.ts";

export const base = "https://scim.example.com/scim/acme/v2";

const aResource = (type: "User" | "Group", number: number, attributes: JsonObject): StoredResource => ({
  type,
  id: resourceId(`00000000-0000-4000-8000-00000000000${number}`),
  version: number,
  createdMs: Date.UTC(2026, 0, number),
  modifiedMs: Date.UTC(2026, 1, number),
  attributes,
  groups: [],
  members: [],
  emptied: false,
});

export const ann: StoredResource = {
  ...aResource("User", 1, {
    userName: "Ann.Lee@Corp.Example",
    externalId: "Ext-1",
    name: { givenName: "Ann", familyName: "Lee" },
    title: "Editor",
    active: true,
    emails: [
      { value: "home@ann.example", type: "home" },
      { value: "Ann.Lee@corp.example", type: "work", primary: true },
    ],
    roles: [{ value: "editor", primary: "True" }],
    [enterpriseUrn]: { department: "Sales", manager: { value: "U9" } },
  }),
  groups: [{ value: resourceId("00000000-0000-4000-8000-000000000009"), display: "Sales Team" }],
};

export const bob = aResource("User", 2, {
  userName: "bob",
  name: { familyName: "O'Neil \\ \"Bo\"" },
  active: false,
  emails: [{ value: "bob@home.example", type: "home" }, { value: "bob@corp.example", type: "other" }],
  x509Certificates: [{ value: "QUJD" }],
});

/** Neither `active` nor anything else that need not be. */
export const cyd = aResource("User", 3, { userName: "cyd" });

export const sales: StoredResource = {
  ...aResource("Group", 9, { displayName: "Sales Team", externalId: "g-1" }),
  members: [
    { value: "U1", rest: { display: "Ann" } },
    { value: "u2", rest: {} },
  ],
};

const names = new Map([[ann, "ann"], [bob, "bob"], [cyd, "cyd"]]);

/** Who of the three is found, by first names; "" is nobody. */
export const foundBy = (filter: string): string => [...names].flatMap(([person, name]) => (matches(parseFilter(userTable, filter), wholeSearch(userTable, person)) ? [name] : [])).join(" ");

export const isFoundGroup = (filter: string): boolean => matches(parseFilter(groupTable, filter), wholeSearch(groupTable, sales));
