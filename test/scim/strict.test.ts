/**
 * A strict connection: each habit that we otherwise understand is refused, with the section it departs from; what the RFC says passes.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { parseFilter } from "../../src/scim/filter-parse.ts";
import { groupTable, userTable } from "../../src/scim/schemas.ts";
import { strictFilter } from "../../src/scim/strict.ts";
import { readCreate, readReplace } from "../../src/scim/body.ts";
import { patchUser } from "../../src/scim/patch.ts";
import { patchGroup } from "../../src/scim/patch-group.ts";
import { ann, refusal } from "./writing.ts";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

const create = (body: object, strict: boolean) => readCreate(userTable, body, { strict });
const patch = (body: object, strict: boolean) => patchUser(userTable, ann, body, { strict, maxOperations: 10 });
const members = (body: object, strict: boolean) => patchGroup(groupTable, { displayName: "Eng" }, body, { strict, maxOperations: 10 });
const operations = (...Operations: readonly object[]) => ({ schemas: [patchOp], Operations });

type Act = (strict: boolean) => unknown;
const inCreate = (body: object): Act => (strict) => create({ schemas: [core], userName: "ann", ...body }, strict);
const inPatch = (...list: readonly object[]): Act => (strict) => patch(operations(...list), strict);
const inGroup = (...list: readonly object[]): Act => (strict) => members(operations(...list), strict);
const inFilter = (text: string): Act => (strict) => {
  parseFilter(userTable, text);
  if (strict) strictFilter(userTable, text);
};

const habits: readonly (readonly [string, string, Act])[] = [
  ["no schemas in a create (RFC 7643, 3)", "invalidSyntax", (strict) => create({ userName: "ann" }, strict)],
  ["schemas without the resource's own", "invalidSyntax", (strict) => create({ schemas: [enterprise], userName: "ann" }, strict)],
  ["no schemas in a replace", "invalidSyntax", (strict) => readReplace(userTable, { userName: "ann" }, ann, { strict })],
  ["a URN that nobody knows (F4, F9)", "invalidSyntax", inCreate({ schemas: [core, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"] })],
  ["an extension that schemas does not name (idps.md, 4.2)", "invalidSyntax", inCreate({ [enterprise]: { department: "Sales" } })],
  ["an extension's attribute without its URN (F4)", "invalidSyntax", inCreate({ department: "Sales" })],
  ["an attribute nobody knows", "invalidSyntax", inCreate({ shoeSize: 44 })],
  ["a part nobody knows", "invalidSyntax", inCreate({ name: { nick: "A" } })],
  ["a dotted name", "invalidSyntax", inCreate({ "name.givenName": "Ann" })],
  ["a name with its URN", "invalidSyntax", inCreate({ [`${core}:nickName`]: "Ann" })],
  ["the core schema as an object", "invalidSyntax", inCreate({ [core]: { nickName: "Ann" } })],
  ["a truth value as a word (F30)", "invalidValue", inCreate({ active: "true" })],
  ["one inside a list", "invalidValue", inCreate({ roles: [{ value: "x", primary: "True" }] })],
  ["two primary elements", "invalidValue", inCreate({ emails: [{ value: "a@x.io", primary: true }, { value: "b@x.io", primary: true }] })],
  ["the manager as an id (F12)", "invalidValue", inCreate({ schemas: [core, enterprise], [enterprise]: { manager: "U9" } })],
  ["the manager in a list", "invalidValue", inCreate({ schemas: [core, enterprise], [enterprise]: { manager: [{ value: "U9" }] } })],

  ["no schemas in a PATCH", "invalidSyntax", (strict) => patch({ Operations: [{ op: "replace", path: "active", value: false }] }, strict)],
  ["a PATCH of nothing", "invalidSyntax", inPatch()],
  ["False as a word (F5)", "invalidValue", inPatch({ op: "Replace", path: "active", value: "False" })],
  ["False as a word, without a path", "invalidValue", inPatch({ op: "replace", value: { active: "False" } })],
  ["dotted keys without a path (F8)", "invalidSyntax", inPatch({ op: "replace", value: { "name.givenName": "Ann" } })],
  ["keys with URNs without a path (F8)", "invalidSyntax", inPatch({ op: "replace", value: { [`${enterprise}:employeeNumber`]: "42" } })],
  ["keys with filters without a path", "invalidSyntax", inPatch({ op: "replace", value: { 'emails[type eq "work"].value': "a@x.io" } })],
  ["a read-only key without a path (F24)", "mutability", inPatch({ op: "replace", value: { id: "x", displayName: "Ann" } })],
  ["a bare name of the extension as a path (F12)", "invalidPath", inPatch({ op: "replace", path: "department", value: "Sales" })],
  ["a dot between URN and attribute (F12)", "invalidPath", inPatch({ op: "replace", path: `${enterprise}.manager`, value: { value: "U9" } })],
  ["the manager as an id, by path (F12)", "invalidValue", inPatch({ op: "add", path: `${enterprise}:manager`, value: "U9" })],
  ["an unknown path beside known ones", "invalidPath", inPatch({ op: "replace", path: "active", value: false }, { op: "replace", path: "shoeSize", value: 44 })],
  ["a replace of an element that is not there (F15; RFC 7644, 3.5.2.3)", "noTarget", inPatch({ op: "replace", path: 'phoneNumbers[type eq "fax"].value', value: "1" })],
  ["a list's element without its list, replaced", "invalidValue", inPatch({ op: "replace", path: "emails", value: { value: "a@x.io" } })],
  ["a truth value as a text in a path's filter", "invalidFilter", inPatch({ op: "add", path: "roles[primary eq True].value", value: "x" })],
  ["remove with a value", "invalidSyntax", inPatch({ op: "remove", path: "emails", value: [{ value: "a@x.io" }] })],
  ["members removed by a list (F10)", "invalidSyntax", inGroup({ op: "remove", path: "members", value: [{ value: "U1" }] })],

  ["a value without quotation marks in a filter", "invalidFilter", inFilter("userName eq ann")],
  ["True in a filter", "invalidFilter", inFilter("active eq True")],
  ["a bare name of the extension in a filter", "invalidFilter", inFilter('title pr and department eq "Sales"')],
  ["a dot after the URN in a filter", "invalidFilter", inFilter(`${enterprise}.department eq "Sales"`)],
];

describe("a strict connection refuses what others understand", () => {
  test.each(habits)("%s: %s", (_, scimType, act) => {
    expect(() => act(false)).not.toThrow();
    expect(refusal(() => act(true))).toBe(scimType);
  });
});

const plain: readonly (readonly [string, Act])[] = [
  ["a whole person", inCreate({ schemas: [core, enterprise], externalId: "x", active: false, name: { givenName: "Ann" }, emails: [{ value: "a@x.io", type: "work", primary: true }, { value: "b@x.io" }], groups: [], meta: {}, id: "x", nickName: null, [enterprise]: { manager: { value: "U9" }, department: "Sales" } })],
  ["names in any letter case (RFC 7643, 2.1)", inCreate({ DISPLAYNAME: "Ann", Emails: [{ Value: "a@x.io" }] })],
  ["operations in any letter case", inPatch({ op: "Replace", path: "Active", value: false })],
  ["several attributes without a path (RFC 7644, 3.5.2.1)", inPatch({ op: "add", value: { emails: [{ value: "a@x.io" }], nickName: "Babs", [enterprise]: { department: "Sales" } } })],
  ["an extension as a path", inPatch({ op: "add", path: enterprise, value: { department: "Sales" } })],
  ["an attribute of it", inPatch({ op: "replace", path: `${enterprise}:department`, value: "Sales" })],
  ["one element more, with and without a list", inPatch({ op: "add", path: "emails", value: { value: "a@x.io", primary: true } }, { op: "add", path: "emails", value: [{ value: "b@x.io" }] })],
  ["an element that is not there, added (RFC 7644, 3.5.2.1)", inPatch({ op: "add", path: 'phoneNumbers[type eq "fax"].value', value: "1" })],
  ["an element that says it is primary", inPatch({ op: "add", path: "roles[primary eq true].value", value: "x" })],
  ["removal by path", inPatch({ op: "remove", path: 'emails[type eq "work"]' }, { op: "remove", path: "title" })],
  ["a member added, one removed", inGroup({ op: "add", path: "members", value: [{ value: "U1" }] }, { op: "remove", path: 'members[value eq "U2"]' })],
  ["a filter of everything", inFilter(`USERNAME eq "ann" and (active eq true or meta.created gt "2020-01-01T00:00:00Z") and not (title pr) and emails[type eq "work" and value co "@"] and ${enterprise}:department ne null and ${core}:nickName sw "eq"`)],
  ["values that look like words of the grammar", inFilter('title eq "eq" or nickName eq "pr"')],
];

test.each(plain)("the RFC's own way passes: %s", (_, act) => {
  expect(() => act(true)).not.toThrow();
});

test("what is refused says which section it departs from, or which name is unknown", () => {
  for (const [name, , act] of habits) expect(() => act(true), name).toThrow(/RFC \d{4}, \d|Unknown|No attribute has/);
});
