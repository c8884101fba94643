/**
 * PATCH of a group: attributes, and members as deltas that nobody has to read the group for.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { eng, groupPatch, refusal, strict } from "./writing.ts";

const members = (...list: readonly unknown[]) => groupPatch(list).members;
const refused = (operation: unknown) => refusal(() => groupPatch([operation]));
const u = (value: string) => ({ value, rest: {} });

describe("deltas come in the order of the operations", () => {
  test.each<[string, readonly unknown[], readonly unknown[]]>([
    ["Entra adds (F10)", [{ op: "Add", path: "members", value: [{ $ref: null, value: "U1" }] }], [{ kind: "add", members: [u("U1")] }]],
    ["Entra removes by list (F10)", [{ op: "Remove", path: "members", value: [{ $ref: null, value: "U1" }] }], [{ kind: "remove", values: ["U1"] }]],
    ["Entra removes by filter (F11)", [{ op: "remove", path: 'members[value eq "U1"]' }], [{ kind: "remove", values: ["U1"] }]],
    ["Entra replaces with a part (F18)", [{ op: "Replace", path: "members", value: [{ value: "U3" }] }], [{ kind: "replace", members: [u("U3")] }]],
    ["Okta swaps (F25)", [{ op: "remove", path: 'members[value eq "U1"]' }, { op: "add", path: "members", value: [{ value: "U2", display: "b@x.io" }] }], [{ kind: "remove", values: ["U1"] }, { kind: "add", members: [{ value: "U2", rest: { display: "b@x.io" } }] }]],
    ["Okta pushes now (F26)", [{ op: "replace", path: "members", value: [{ value: "U1", display: "a" }] }], [{ kind: "replace", members: [{ value: "U1", rest: { display: "a" } }] }]],
    ["Okta pushes nobody (F26)", [{ op: "replace", path: "members", value: [] }], [{ kind: "replace", members: [] }]],
    ["Okta pushes nobody without a path (F27)", [{ op: "replace", value: { id: "G1", displayName: "Eng", members: [] } }], [{ kind: "replace", members: [] }]],
    ["a single object", [{ op: "add", path: "members", value: { value: "U1", type: "User" } }], [{ kind: "add", members: [{ value: "U1", rest: { type: "User" } }] }]],
    ["a single object to remove", [{ op: "remove", path: "Members", value: { Value: "U1" } }], [{ kind: "remove", values: ["U1"] }]],
    ["several by one filter", [{ op: "remove", path: 'members[value eq "U1" or value eq "U2" or value eq "U1"]' }], [{ kind: "remove", values: ["U1", "U2"] }]],
    ["values are exact", [{ op: "remove", path: 'members[Value EQ "Ab-1"]' }], [{ kind: "remove", values: ["Ab-1"] }]],
    ["the attribute itself goes", [{ op: "remove", path: "members" }], [{ kind: "clear" }]],
    ["with the URN", [{ op: "add", path: "urn:ietf:params:scim:schemas:core:2.0:Group:members", value: [{ value: "U1" }] }], [{ kind: "add", members: [u("U1")] }]],
    ["without a path", [{ op: "add", value: { members: [{ value: "U1" }, { value: "U1" }] } }], [{ kind: "add", members: [u("U1")] }]],
    ["the group in itself", [{ op: "add", path: "members", value: [{ value: "G1", type: "Group" }, { value: "U1" }] }], [{ kind: "add", members: [u("U1")] }]],
    ["only the group in itself", [{ op: "add", path: "members", value: [{ value: "G1" }] }], []],
    ["a filter in disguise is a value like any other", [{ op: "remove", path: "members", value: [{ value: 'zzz" or value pr or value eq "x' }] }], [{ kind: "remove", values: ['zzz" or value pr or value eq "x'] }]],
  ])("%s", (_, list, expected) => expect(members(...list)).toEqual(expected));

  test("unknown parts are left out and listed, or refused on a strict connection", () => {
    const operation = { op: "add", path: "members", value: [{ value: "U1", role: "x" }] };
    expect(groupPatch([operation])).toEqual({ attributes: undefined, members: [{ kind: "add", members: [u("U1")] }], ignored: ["members.role"] });
    expect(refusal(() => groupPatch([operation], strict))).toBe("invalidSyntax");
  });
  test("60,000 members are read in one go", () => {
    const value = Array.from({ length: 60_000 }, (_, at) => ({ value: `nope-${at}` }));
    expect(members({ op: "add", path: "members", value })).toMatchObject([{ kind: "add", members: { length: 60_000 } }]);
  });
});

describe("nobody comes or goes by", () => {
  test.each([
    [{ op: "add", path: "members", value: [] }], [{ op: "add", path: "members", value: null }], [{ op: "replace", path: "members", value: null }], [{ op: "replace", value: { members: null } }], [{ op: "replace", value: { id: "G1", displayName: "Eng" } }], [{ op: "replace", value: {} }],
    [{ op: "remove", path: "members", value: [] }], [{ op: "remove", path: 'members[value eq ""]' }],
  ])("%j", (operation) => expect(groupPatch([operation])).toEqual({ attributes: undefined, members: [], ignored: [] }));
});

describe("a group is never emptied by accident", () => {
  test.each([
    ["invalidValue", { op: "remove", path: "members", value: null }], ["invalidValue", { op: "remove", path: "members", value: [null] }], ["invalidValue", { op: "remove", path: "members", value: {} }], ["invalidValue", { op: "remove", path: "members", value: [{}] }], ["invalidValue", { op: "remove", path: "members", value: [{ value: "" }] }],
    ["invalidValue", { op: "remove", path: "members", value: [{ "value pr or value": "x" }] }], ["invalidValue", { op: "remove", path: "members", value: ["U1"] }], ["invalidValue", { op: "remove", path: "members", value: "U1" }], ["invalidValue", { op: "remove", path: "members", value: [{ value: ["U1"] }] }],
    ["invalidPath", { op: "remove", path: 'members[value eq "U1"' }], ["invalidPath", { op: "remove", path: "members[" }], ["invalidPath", { op: "remove", path: 'members[value eq "U1' }], ["invalidPath", { op: "remove", path: 'members[value eq "x"] or members[value pr]' }], ["invalidPath", { op: "remove", path: `members[value eq "${"\\a".repeat(40)}]` }], ["invalidPath", { op: "remove", path: 'membersvalue eq "x"]' }],
    ["invalidFilter", { op: "remove", path: "members[]" }], ["invalidFilter", { op: "remove", path: 'members[nope eq "x"]' }], ["invalidFilter", { op: "remove", path: "members[value pr]" }], ["invalidFilter", { op: "remove", path: 'members[value ne "x"]' }], ["invalidFilter", { op: "remove", path: 'members[value sw ""]' }], ["invalidFilter", { op: "remove", path: 'members[not (value eq "x")]' }],
    ["invalidFilter", { op: "remove", path: 'members[value eq "a" and value eq "b"]' }], ["invalidFilter", { op: "remove", path: 'members[value eq "a" or value eq "b" and value eq "c"]' }], ["invalidFilter", { op: "remove", path: 'members[value eq "a" and value eq "b" or value eq "c"]' }], ["invalidFilter", { op: "remove", path: 'members[type eq "User"]' }], ["invalidFilter", { op: "remove", path: 'members[value eq "a" or type eq "User"]' }], ["invalidFilter", { op: "remove", path: "members[value eq null]" }],
    ["invalidValue", { op: "replace", path: "members" }], ["invalidValue", { op: "replace", path: "members", value: "U1" }], ["invalidValue", { op: "replace", path: "members", value: "" }], ["invalidValue", { op: "replace", path: "members", value: {} }], ["invalidValue", { op: "replace", path: "members", value: [null] }], ["invalidValue", { op: "replace", path: "members", value: [{}] }], ["invalidValue", { op: "replace", value: { members: false } }],
    ["mutability", { op: "replace", path: 'members[value eq "U1"].display', value: "x" }], ["mutability", { op: "remove", path: 'members[value eq "U1"].display' }], ["mutability", { op: "replace", path: 'members[value eq "U1"]', value: { value: "U2" } }], ["mutability", { op: "remove", path: "members.value" }], ["mutability", { op: "add", path: "members.value", value: "U1" }],
    ["noTarget", { op: "remove" }],
  ])("%s: %j", (scimType, operation) => expect(refused(operation)).toBe(scimType));
  test("an invalid last operation refuses the whole", () => expect(refusal(() => groupPatch([{ op: "remove", path: "members" }, { op: "replace", path: "displayName", value: 7 }]))).toBe("invalidValue"));
});

describe("attributes of a group", () => {
  test("are unchanged when the name is the same, as Okta sends it with every membership change (F24)", () => expect(groupPatch([{ op: "replace", value: { id: "G1", displayName: "Eng" } }]).attributes).toBeUndefined());
  test("change by path and without", () => {
    expect(groupPatch([{ op: "Replace", path: "displayName", value: "Engineering EU" }]).attributes).toEqual({ displayName: "Engineering EU" });
    expect(groupPatch([{ op: "replace", value: { displayName: "Eng", externalId: "x" } }]).attributes).toEqual({ displayName: "Eng", externalId: "x" });
    expect(eng).toEqual({ displayName: "Eng" });
  });
  test.each([["mutability", { op: "remove", path: "displayName" }], ["invalidValue", { op: "replace", path: "displayName", value: "" }], ["invalidValue", { op: "replace", path: "displayName", value: null }], ["invalidValue", { op: "replace", path: "displayName", value: "Eng\u200b" }], ["mutability", { op: "replace", path: "id", value: "x" }], ["invalidPath", { op: "replace", path: "userName", value: "x" }]])("%s: %j", (scimType, operation) => expect(refused(operation)).toBe(scimType));
});
