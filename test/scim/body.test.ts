/**
 * Whole bodies of POST and PUT: names, extensions, what is passed over, what a PUT keeps.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { readCreate, readReplace } from "../../src/scim/body.ts";
import { groupTable, userTable } from "../../src/scim/schemas.ts";
import { ann, created, createUser, enterprise, lenient, refusal, replaceUser, strict } from "./writing.ts";

const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";

describe("the shape of a body", () => {
  test.each([[[{ userName: "a" }]], ["userName"], [12345], [""], [null], [undefined], [true]])("%j is no resource", (body) => expect(refusal(() => createUser(body))).toBe("invalidSyntax"));

  test.each([
    ["left out", undefined],
    ["null", null],
    ["empty", []],
    ["with an unknown URN", [userUrn, "urn:x:y"]],
    ["with a misspelt URN", [userUrn, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"]],
    ["in capitals", [userUrn.toUpperCase()]],
    ["of SCIM 1.1", ["urn:scim:schemas:core:1.0"]],
  ])("schemas may be %s", (_, schemas) => expect(refusal(() => createUser({ schemas, userName: "ann" }))).toMatch(/^accepted/));

  test.each([
    ["another resource's", ["urn:ietf:params:scim:schemas:core:2.0:Group"]],
    ["a message's", ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]],
    ["a text", userUrn],
    ["no texts", [userUrn, 1]],
    ["too many", [...Array.from({ length: 50 }, (_, at) => `urn:x${at}`), userUrn]],
  ])("schemas may not be %s", (_, schemas) => expect(refusal(() => createUser({ schemas, userName: "ann" }))).toBe("invalidSyntax"));
  test("a strict connection knows every schema it accepts", () => expect(refusal(() => createUser({ schemas: [userUrn, "urn:x:y"], userName: "ann" }, strict))).toBe("invalidSyntax"));
});

describe("the name that a resource must have", () => {
  test.each([[{}], [{ userName: null }], [{ userName: "" }], [{ userName: " \u3000" }], [{ userName: [] }], [{ userName: ["ann"] }], [{ userName: { value: "ann" } }], [{ userName: 1 }], [{ userName: true }]])("%j is no user", (body) => {
    expect(refusal(() => createUser(body))).toBe("invalidValue");
    expect(refusal(() => replaceUser(body as never))).toBe("invalidValue");
  });
  test("a group must have a displayName", () => {
    expect(refusal(() => readCreate(groupTable, { externalId: "x" }, lenient))).toBe("invalidValue");
    expect(refusal(() => readReplace(groupTable, { displayName: "" }, { displayName: "Eng" }, lenient))).toBe("invalidValue");
  });
});

describe("names", () => {
  test("of core and extension are found in any case, with and without URN", () => {
    expect(created({ [`${userUrn.toUpperCase()}:NickName`]: "Babs", [enterprise.toUpperCase()]: { DEPARTMENT: "Sales" }, [`${enterprise}:employeeNumber`]: "42", costCenter: "7" })).toEqual({
      userName: "ann@corp.example",
      nickName: "Babs",
      [enterprise]: { department: "Sales", employeeNumber: "42", costCenter: "7" },
    });
  });
  test("may be dotted", () => expect(created({ "name.givenName": "Ann", "name.familyName": "Lee" }).name).toEqual({ givenName: "Ann", familyName: "Lee" }));
  test("may hold the core attributes under their URN", () => expect(created({ [userUrn]: { title: "Lead" } }).title).toBe("Lead"));
  test("that differ in case only do not both count", () => {
    expect(refusal(() => createUser({ userName: "ann", USERNAME: "bob" }))).toBe("invalidSyntax");
    expect(refusal(() => created({ department: "a", [enterprise]: { department: "b" } }))).toBe("invalidSyntax");
    expect(created({ department: null, [enterprise]: { department: "b" } })[enterprise]).toEqual({ department: "b" });
  });
  test("that no schema knows are passed over and listed, cleaned and counted", () => {
    const { attributes, ignored } = createUser({ userName: "ann", favouriteColour: "red", "a\u0000b": 1, [enterprise]: { shoeSize: 44 }, "urn:evil:User": { isAdmin: true } });
    expect(attributes).toEqual({ userName: "ann" });
    expect(ignored).toEqual(["favouriteColour", "a?b", `${enterprise}:shoeSize`.slice(0, 100), "urn:evil:User"]);
    expect(createUser({ userName: "ann", ...Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`x${at}`, 1])) }).ignored).toHaveLength(100);
  });
  test("that no schema knows are refused on a strict connection", () => expect(refusal(() => createUser({ userName: "ann", favouriteColour: "red" }, strict))).toBe("invalidSyntax"));
  test.each(["id", "meta", "groups", "schemas"])("read-only %s is passed over without a word, also on a strict connection", (name) => {
    const value = name === "schemas" ? [userUrn] : "x";
    expect(createUser({ schemas: [userUrn], userName: "ann", [name]: value }, strict)).toEqual({ attributes: { userName: "ann" }, password: undefined, members: undefined, ignored: [] });
  });

  test.each(['"__proto__":{"active":false,"polluted":1}', '"constructor":{"prototype":{"polluted":1}}', '"name":{"__proto__":{"nickName":"polluted"},"givenName":"x"}', `"${enterprise}":{"__proto__":{"polluted":1}}`, '"prototype":{"a":1}'])("%s touches no prototype", (text) => {
    const { attributes } = createUser(JSON.parse(`{"userName":"ann",${text}}`));
    expect(JSON.stringify(attributes)).not.toContain("polluted");
    expect(attributes.active).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  });
});

describe("the manager", () => {
  test.each([["U9"], [{ value: "U9" }], [[{ value: "U9" }]], [{ Value: "U9", displayName: "Boss" }]])("%j is U9", (manager) => {
    const wanted = { userName: "ann@corp.example", [enterprise]: { manager: { value: "U9" } } };
    expect(created({ manager })).toEqual(wanted);
    expect(created({ [enterprise]: { manager } })).toEqual(wanted);
    expect(created({ [`${enterprise}:manager`]: manager })).toEqual(wanted);
  });
  test.each([[""], [null], [[]], [{}], [{ value: "" }], [{ value: null, $ref: "http://x/Users/U9" }], [[{ value: "" }]]])("%j is nobody", (manager) => {
    expect(created({ [enterprise]: { manager } })).toEqual({ userName: "ann@corp.example" });
  });
  test.each([[7], [true], [[{ value: "a" }, { value: "b" }]], [{ value: 7 }]])("%j is refused", (manager) => expect(refusal(() => created({ [enterprise]: { manager } }))).toBe("invalidValue"));
  test("keeps the reference that was sent", () => expect(created({ manager: [{ $ref: "http://x/scim/Users/U9", value: "U9" }] })[enterprise]).toEqual({ manager: { $ref: "http://x/scim/Users/U9", value: "U9" } }));
});

describe("a PUT", () => {
  test("clears what it does not mention", () => {
    const current = { ...ann, displayName: "Ann", [enterprise]: { department: "Sales" } };
    expect(replaceUser({ userName: "ann@corp.example", active: true, externalId: "e-1", roles: [] }, current).attributes).toEqual({ userName: "ann@corp.example", active: true, externalId: "e-1" });
  });
  test.each([["absent", {}], ["null", { active: null, externalId: null, roles: null, password: null }]])("keeps active, externalId and roles when they are %s", (_, more) => {
    const current = { ...ann, active: false };
    expect(replaceUser({ userName: "ann@corp.example", ...more }, current).attributes).toEqual({ userName: "ann@corp.example", active: false, externalId: "e-1", roles: [{ value: "editor" }] });
  });
  test("of what was read leaves everything equal", () => expect(replaceUser({ ...ann, id: "U1", meta: {}, groups: [{ value: "G1" }] }).attributes).toEqual(ann));
  test("never changes what it was given", () => {
    const current = structuredClone(ann);
    replaceUser({ userName: "new" }, current);
    expect(current).toEqual(ann);
  });
  test("of what Okta sends (idps.md F21) forgets the empty middle name", () => {
    expect(replaceUser({ id: "U1", userName: "test.user@okta.local", name: { givenName: "Another", middleName: "", familyName: "User" }, active: true, groups: [] }).attributes).toMatchObject({ name: { givenName: "Another", familyName: "User" } });
  });

  test("can not change what is immutable, and need not repeat it", () => {
    const badge = { ...userTable.core.attributes.get("nickname")!, mutability: "immutable" as const };
    const table = { ...userTable, core: { ...userTable.core, attributes: new Map([...userTable.core.attributes, ["nickname", badge]]) } };
    const current = { userName: "ann", nickName: "Babs" };
    expect(refusal(() => readReplace(table, { userName: "ann", nickName: "Bob" }, current, lenient))).toBe("mutability");
    expect(readReplace(table, { userName: "ann" }, current, lenient).attributes).toEqual(current);
    expect(readReplace(table, { userName: "ann", nickName: "Babs" }, { userName: "ann" }, lenient).attributes).toEqual(current);
  });
});

test("the password is handed over and never among the attributes", () => {
  expect(createUser({ userName: "ann", password: "1mz050nq" })).toMatchObject({ attributes: { userName: "ann" }, password: "1mz050nq" });
  expect(createUser({ userName: "ann", password: "" }).password).toBeUndefined();
});

describe("members in a body", () => {
  const group = (members: unknown, options = { ...lenient, selfId: "G1" }) => readCreate(groupTable, { displayName: "Eng", members }, options);
  test("are each kept once, without the group itself, with what came along", () => {
    expect(group([{ value: "U1", display: "a", type: "User", $ref: null }, { VALUE: "U2", $ref: "../Users/U2" }, { value: "U1", display: "again" }, { value: "G1", type: "Group" }]).members).toEqual([
      { value: "U1", rest: { display: "a", type: "User" } },
      { value: "U2", rest: { $ref: "../Users/U2" } },
    ]);
  });
  test("may be one without its list", () => expect(group({ value: "U1" }).members).toEqual([{ value: "U1", rest: {} }]));
  test("that are an empty list are nobody, that are absent or null are not mentioned", () => {
    expect(group([]).members).toEqual([]);
    expect(group(null).members).toBeUndefined();
    expect(readCreate(groupTable, { displayName: "Eng" }, lenient).members).toBeUndefined();
  });
  test.each([["U1"], [""], [7], [true], [[null]], [[{}]], [["U1"]], [[{ value: "" }]], [[{ value: 7 }]], [[{ value: ["U1"] }]], [{}], [[{ value: "a\u200bb" }]], [[{ value: "a\u0000" }]], [[{ value: "x".repeat(1_025) }]], [[{ value: "U1", display: 7 }]]])("%j are refused", (members) => {
    expect(refusal(() => group(members))).toBe("invalidValue");
  });
  test("are never among the attributes", () => expect(group([{ value: "U1" }]).attributes).toEqual({ displayName: "Eng" }));
});
