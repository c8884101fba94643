/**
 * PATCH of a user: the envelope, what operations do, what IdPs mean by them.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import type { Attributes } from "../../src/model/resource.ts";
import { patchUser } from "../../src/scim/patch.ts";
import { userTable } from "../../src/scim/schemas.ts";
import { ann, enterprise, lenient, operations, patch, patchBody, refusal, strict } from "./writing.ts";

const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
/** What an operation makes of Ann. */
const after = (operation: object, current: Attributes = ann): Attributes => patch([operation], current).attributes;
const refused = (operation: unknown, current: Attributes = ann) => refusal(() => patch([operation], current));
const replace = (path: string, value: unknown) => ({ op: "replace", path, value });
const workless: Attributes = { userName: "ann" };

describe("the envelope", () => {
  const replaced = { op: "replace", path: "title", value: "Lead" };
  test.each([
    ["without schemas", { Operations: [replaced] }],
    ["with schemas null", { schemas: null, Operations: [replaced] }],
    ["with its schema in other case, among others", { schemas: ["urn:x", "URN:ietf:params:scim:api:messages:2.0:patchop"], Operations: [replaced] }],
    ["with operations in lower case", { operations: [replaced] }],
    ["with members of operations in other case", { Operations: [{ Op: "REPLACE", Path: "Title", Value: "Lead" }] }],
    ["with a path that is null", { Operations: [{ op: "replace", path: null, value: { title: "Lead" } }] }],
  ])("is accepted %s", (_, body) => expect(patchBody(body).attributes.title).toBe("Lead"));

  test.each([
    ["nothing", undefined], ["null", null], ["a text", "x"], ["a list (RFC 6902)", [{ op: "replace", path: "/active", value: false }]], ["without Operations", {}], ["Operations null", { Operations: null }],
    ["Operations an object", { Operations: replaced }], ["an operation that is a list", { Operations: [["replace", "active", false]] }], ["an operation that is null", { Operations: [null] }],
    ["an unknown op", { Operations: [{ op: "move", path: "active", value: false }] }], ["no op", { Operations: [{ path: "active", value: false }] }], ["an op that is no text", { Operations: [{ op: ["replace"], path: "active", value: false }] }],
    ["another message", { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: [replaced] }], ["a resource", { schemas: [userUrn], Operations: [replaced] }], ["schemas a text", { schemas: "x", Operations: [replaced] }], ["schemas empty", { schemas: [], Operations: [replaced] }],
    ["operations twice", { Operations: [replaced], operations: [replaced] }], ["op twice", { Operations: [{ ...replaced, OP: "remove" }] }],
  ])("is refused: %s", (_, body) => expect(refusal(() => patchBody(body))).toBe("invalidSyntax"));

  test.each([[["active"]], [7], [{}], [false]])("is refused when a path is %j", (path) => expect(refused({ op: "replace", path, value: false })).toBe("invalidPath"));
  test("may be empty, and changes nothing then", () => expect(patch([])).toEqual({ attributes: ann, password: undefined, changed: false, ignored: [] }));
  test("holds no more operations than allowed", () => {
    const body = operations(replaced, replaced, replaced);
    expect(refusal(() => patchUser(userTable, ann, body, { strict: false, maxOperations: 2 }))).toBe("tooMany");
    expect(patchUser(userTable, ann, body, { strict: false, maxOperations: 3 }).changed).toBe(true);
  });
});

describe("a PATCH is atomic, in order, and leaves its input alone", () => {
  test("nothing is kept when the last operation fails", () => {
    const current = structuredClone(ann);
    expect(refusal(() => patch([replace("title", "Lead"), { op: "add", path: "emails", value: [{ value: "b@x.io", primary: true }] }, replace("active", "no")], current))).toBe("invalidValue");
    expect(current).toEqual(ann);
  });
  test("later operations see earlier ones", () => {
    expect(patch([replace("title", "a"), { op: "remove", path: "title" }, replace("nickName", "x"), replace("nickName", "y")]).attributes).toEqual({ ...ann, nickName: "y" });
    expect(patch([{ op: "add", path: "emails", value: [{ type: "home", value: "h@x.io" }] }, replace('emails[type eq "home"].value', "i@x.io")]).attributes.emails).toEqual([...(ann.emails as readonly Json[]), { type: "home", value: "i@x.io" }]);
  });
  test.each([
    [replace("active", "True")], [replace("name.familyName", "Lee")], [{ op: "add", path: "roles", value: [{ value: "editor" }] }], [{ op: "add", path: "emails", value: { value: "ann@corp.example", type: "work" } }], [{ op: "remove", path: "title" }],
    [{ op: "remove", path: 'emails[type eq "home"]' }], [{ op: "remove", path: "roles", value: [] }], [{ op: "replace", value: {} }], [{ op: "replace", value: { id: "U2", schemas: [], meta: { created: "x" }, groups: [] } }], [replace("active", null)], [replace("roles", null)], [replace("externalId", null)], [replace("title", null)], [replace("title", "")],
  ])("%j changes nothing of Ann", (operation) => {
    const { attributes, changed } = patch([operation]);
    expect(changed).toBe(false);
    expect(attributes).toEqual(ann);
  });
});

describe("disable, in every spelling, ends inactive (idps.md F5, F6, F22, F29)", () => {
  test.each([
    [{ op: "Replace", path: "active", value: "False" }], [{ op: "replace", path: "active", value: false }], [{ op: "replace", value: { active: false } }], [{ op: "add", value: { active: false } }], [{ op: "Add", path: "ACTIVE", value: "false" }],
    [{ op: "replace", path: `${userUrn}:active`, value: false }], [{ op: "replace", value: { [`${userUrn}:Active`]: "FALSE" } }], [{ op: "replace", value: { [userUrn]: { active: false } } }], [{ op: "replace", path: userUrn, value: { active: false } }],
  ])("%j", (operation) => expect(after(operation)).toEqual({ ...ann, active: false }));

  test.each([["no"], ["nein"], ["off"], [0], ["0"], [""], [[]], [{ value: false }], [["false"]], [" false "]])("%j is no boolean: refused, whatever the path", (value) => {
    for (const operation of [replace("active", value), { op: "add", path: "Active", value }, { op: "replace", value: { active: value } }, replace(`${userUrn}:Active`, value)]) expect(refused(operation)).toBe("invalidValue");
  });
  test("active is required and can not be removed", () => expect(refused({ op: "remove", path: "active" })).toBe("mutability"));
});

describe("single values", () => {
  test.each(["add", "replace"])("%s sets, and an empty value clears (idps.md F16, F17)", (op) => {
    expect(after({ op, path: "nickName", value: "Babs" }).nickName).toBe("Babs");
    for (const value of ["", null]) expect(after({ op, path: "nickName", value }, { ...ann, nickName: "Babs" })).toEqual(ann);
  });
  test.each([{ op: "add", path: "title" }, { op: "replace", path: "title" }, { op: "replace" }, { op: "add", value: null }, { op: "replace", value: null }, { op: "replace", value: "active" }, { op: "replace", value: [{ active: false }] }, { op: "replace", path: "title", value: 7 }])("%j lacks a value that fits", (operation) => {
    expect(refused(operation)).toBe("invalidValue");
  });
  test.each([{ op: "remove" }, { op: "remove", path: null }, { op: "remove", value: { title: "x" } }, { op: "remove", path: userUrn }])("%j names no target", (operation) => expect(refused(operation)).toBe("noTarget"));
  test("the name can be changed, not taken away", () => {
    expect(after(replace("userName", "New@corp.example")).userName).toBe("New@corp.example");
    expect(refused({ op: "remove", path: "userName" })).toBe("mutability");
    for (const value of ["", null, " ", 7, ["x"], "a\u200bb", "ann@corp.example ", "\ufeffann@corp.example", "\u043ebscure"]) expect(refused(replace("userName", value))).toBe("invalidValue");
    expect(refused({ op: "replace", value: { userName: "" } })).toBe("invalidValue");
  });
  test.each(["id", "meta", "meta.created", "schemas", "groups", "ID", `${userUrn}:id`, 'groups[value eq "x"]', "groups.value", `${enterprise}:manager.displayName`])("%s is read-only when a path names it", (path) => {
    expect(refused(replace(path, "x"))).toBe("mutability");
    expect(refused({ op: "remove", path })).toBe("mutability");
  });
  test("the password is handed over and never kept", () => {
    expect(patch([{ op: "replace", value: { password: "new_password" } }])).toEqual({ attributes: ann, password: "new_password", changed: false, ignored: [] });
    expect(patch([replace("password", "a"), replace("password", "b")]).password).toBe("b");
    expect(patch([replace("password", null), { op: "remove", path: "password" }]).password).toBeUndefined();
  });
});

describe("complex single values", () => {
  test.each(["add", "replace"])("%s of a name changes the parts that are given", (op) => {
    expect(after({ op, path: "name", value: { familyName: "Ray", middleName: "X" } }).name).toEqual({ givenName: "Ann", familyName: "Ray", middleName: "X" });
    expect(after({ op, value: { name: { familyName: "Ray" } } }).name).toEqual({ givenName: "Ann", familyName: "Ray" });
    expect(after({ op, value: { "name.familyName": "Ray" } }).name).toEqual({ givenName: "Ann", familyName: "Ray" });
    expect(after({ op, path: "name", value: { familyName: "" } }).name).toEqual({ givenName: "Ann" });
  });
  test("a name without parts is gone", () => {
    expect(patch([{ op: "remove", path: "name.givenName" }, replace("name.familyName", "")]).attributes).not.toHaveProperty("name");
    expect(after({ op: "remove", path: "name" })).not.toHaveProperty("name");
    expect(after(replace("name", null))).not.toHaveProperty("name");
  });
  test.each([[["a", "b"]], ["Ann"], [7], [{ givenName: 7 }]])("a name is not %j", (value) => expect(refused(replace("name", value))).toBe("invalidValue"));
});

describe("the extension", () => {
  const withEnterprise = { ...ann, [enterprise]: { department: "Sales", employeeNumber: "42" } };
  test.each([[{ op: "Add", path: `${enterprise}:department`, value: "Sales" }], [{ op: "replace", value: { [`${enterprise}:department`]: "Sales" } }], [{ op: "replace", value: { [enterprise.toUpperCase()]: { Department: "Sales" } } }], [{ op: "add", path: enterprise, value: { department: "Sales" } }], [{ op: "replace", path: "department", value: "Sales" }]])("%j sets the department", (operation) => {
    expect(after(operation)[enterprise]).toEqual({ department: "Sales" });
    expect(after(operation, { ...ann, [enterprise]: { department: "x", employeeNumber: "42" } })[enterprise]).toEqual({ department: "Sales", employeeNumber: "42" });
  });
  test("goes as a whole, or when its last attribute goes", () => {
    expect(after({ op: "remove", path: enterprise }, withEnterprise)).toEqual(ann);
    expect(patch([{ op: "remove", path: `${enterprise}:department` }, replace(`${enterprise}:employeeNumber`, "")], withEnterprise).attributes).toEqual(ann);
  });

  const urns = [`${enterprise}:manager`, `${enterprise}.manager`, "manager", "Manager"];
  test.each(urns)("the manager is set under %s in four spellings (idps.md F12)", (path) => {
    for (const value of ["U9", { value: "U9" }, [{ value: "U9" }]]) for (const op of ["Add", "replace"]) expect(after({ op, path, value })[enterprise]).toEqual({ manager: { value: "U9" } });
    expect(after({ op: "Add", path, value: [{ $ref: "http://x/scim/Users/U9", value: "U9" }] })[enterprise]).toEqual({ manager: { $ref: "http://x/scim/Users/U9", value: "U9" } });
    const managed = after(replace(path, { value: "U8", $ref: "http://x/U8" }));
    expect(after(replace(path, "U9"), managed)[enterprise]).toEqual({ manager: { value: "U9" } });
    for (const value of ["", null, { value: "" }, [], [{ value: null }]]) expect(after(replace(path, value), managed)).toEqual(ann);
    expect(after({ op: "remove", path }, managed)).toEqual(ann);
  });
  test("a manager who is nobody is not kept, in whatever order the parts of one come", () => {
    const part = (name: string, value: string) => ({ op: "add", path: `${enterprise}:manager.${name}`, value });
    expect(after(part("$ref", "../Users/U9"))).toEqual(ann);
    expect(patch([{ op: "add", path: `${enterprise}:department`, value: "Sales" }, part("$ref", "x")]).attributes[enterprise]).toEqual({ department: "Sales" });
    for (const both of [[part("$ref", "x"), part("value", "U9")], [part("value", "U9"), part("$ref", "x")]]) expect(patch(both).attributes[enterprise]).toEqual({ manager: { $ref: "x", value: "U9" } });
  });

  test("the manager's value is a path of its own", () => {
    expect(after(replace(`${enterprise}:manager.value`, "U9"))[enterprise]).toEqual({ manager: { value: "U9" } });
    expect(after(replace(`${enterprise}:manager.value`, ""), after(replace("manager", { value: "U9", $ref: "x" })))).toEqual(ann);
    expect(after({ op: "replace", value: { [`${enterprise}:manager`]: "U9" } })[enterprise]).toEqual({ manager: { value: "U9" } });
  });
});

describe("a filtered path", () => {
  test.each(["add", "Replace"])("%s without a match makes the element (idps.md F15)", (op) => {
    expect(after({ op, path: 'emails[type eq "Work"].value', value: "a@x.io" }, workless).emails).toEqual([{ type: "Work", value: "a@x.io" }]);
    expect(after({ op, path: 'phoneNumbers[type eq "mobile"].value', value: "+1 555 0100" }).phoneNumbers).toEqual([{ type: "mobile", value: "+1 555 0100" }]);
    expect(after({ op, path: 'addresses[type eq "work"].country', value: "DE" }).addresses).toEqual([{ type: "work", country: "DE" }]);
    expect(after({ op, path: 'emails[type eq "home" and primary eq true]', value: { value: "h@x.io" } }).emails).toEqual([
      { value: "ann@corp.example", type: "work", primary: false },
      { type: "home", primary: true, value: "h@x.io" },
    ]);
    expect(after({ op, value: { 'emails[type eq "work"].value': "a@x.io" } }, workless).emails).toEqual([{ type: "work", value: "a@x.io" }]);
    for (const literal of ['"True"', '"true"', "true", "True"]) expect(after({ op, path: `roles[primary eq ${literal}].value`, value: "Admin" }, workless).roles).toEqual([{ primary: true, value: "Admin" }]);
  });
  test("with a match changes that element and no other", () => {
    const two = { ...ann, emails: [{ value: "a@x.io", type: "work" }, { value: "b@x.io", type: "home" }] };
    expect(after(replace('emails[type eq "HOME"].value', "c@x.io"), two).emails).toEqual([{ value: "a@x.io", type: "work" }, { value: "c@x.io", type: "home" }]);
    expect(after({ op: "add", path: 'emails[type eq "home"]', value: { display: "Home" } }, two).emails).toEqual([{ value: "a@x.io", type: "work" }, { value: "b@x.io", type: "home", display: "Home" }]);
    expect(after(replace('emails[type eq "home"]', { value: "c@x.io" }), two).emails).toEqual([{ value: "a@x.io", type: "work" }, { value: "c@x.io", type: "home" }]);
    expect(after({ op: "remove", path: 'emails[value ew "x.io" and type eq "home"]' }, two).emails).toEqual([{ value: "a@x.io", type: "work" }]);
    expect(after(replace('emails[type eq "home"].display', "H"), two).emails).toEqual([{ value: "a@x.io", type: "work" }, { value: "b@x.io", type: "home", display: "H" }]);
  });
  test.each(['emails[value sw "zzz"].value', 'emails[not (type eq "work")].value', 'emails[type eq "home" or type eq "other"].value', 'emails[type eq "home" and type eq "other"].value', 'emails[type ne "work"].value', "emails[display pr].value", 'emails[type eq null].value'])("%s describes no element", (path) => {
    expect(refused(replace(path, "x@example.com"))).toBe("noTarget");
    expect(after({ op: "remove", path: path.replace(/\.value$/, "") })).toEqual(ann);
  });
  test("makes nothing that it would not find again", () => {
    expect(refused(replace('emails[type eq "home"].type', "other"))).toBe("noTarget");
    expect(after(replace('emails[type eq "home"]', { type: null, value: "h@x.io" }), workless).emails).toEqual([{ type: "home", value: "h@x.io" }]);
  });
  test("that is emptied takes the element along once nothing is said by it", () => {
    const mobile = { ...ann, phoneNumbers: [{ type: "mobile", value: "1", primary: true }, { type: "work", value: "2" }] };
    expect(after(replace('phoneNumbers[type eq "mobile"].value', ""), mobile).phoneNumbers).toEqual([{ type: "work", value: "2" }]);
    expect(after({ op: "remove", path: 'phoneNumbers[type eq "mobile"].value' }, mobile).phoneNumbers).toEqual([{ type: "work", value: "2" }]);
    expect(patch([{ op: "remove", path: 'phoneNumbers[type eq "mobile"]' }, { op: "remove", path: 'phoneNumbers[type eq "work"]' }], mobile).attributes).toEqual(ann);
    expect(after(replace('phoneNumbers[type eq "mobile"].value', ""), ann)).toEqual(ann);
    expect(after({ op: "remove", path: 'emails[type eq "work"].display' })).toEqual(ann);
  });
});

describe("lists", () => {
  test("replace sets the whole list, with and without path", () => {
    const roles = [{ primary: false, type: "WindowsAzureActiveDirectoryRole", display: "User", value: "User" }];
    expect(after(replace("roles", roles)).roles).toEqual(roles);
    expect(after({ op: "replace", value: { roles } }).roles).toEqual(roles);
    expect(after(replace("roles", []))).not.toHaveProperty("roles");
    expect(after(replace("emails", { value: "b@x.io" })).emails).toEqual([{ value: "b@x.io" }]);
  });
  test("add appends what is not there, by value and type", () => {
    expect(after({ op: "add", path: "roles", value: [{ value: "admin" }, { value: "editor" }, { value: "admin" }] }).roles).toEqual([{ value: "editor" }, { value: "admin" }]);
    expect(after({ op: "add", path: "roles", value: { value: "editor", display: "Editor" } }).roles).toEqual([{ value: "editor", display: "Editor" }]);
    expect(after({ op: "add", path: "emails", value: [{ value: "ann@corp.example", type: "home" }] }).emails).toHaveLength(2);
    expect(patch([{ op: "add", path: "addresses", value: [{ country: "DE", type: "work" }] }, { op: "add", path: "addresses", value: [{ type: "work", country: "DE" }] }]).attributes.addresses).toEqual([{ country: "DE", type: "work" }]);
    expect(after({ op: "add", path: "roles", value: [] })).toEqual(ann);
  });
  test("remove takes out what is listed, and all only without a list", () => {
    const two = { ...ann, roles: [{ value: "editor", display: "E" }, { value: "admin" }] };
    expect(after({ op: "remove", path: "roles", value: [{ value: "editor" }] }, two).roles).toEqual([{ value: "admin" }]);
    expect(after({ op: "remove", path: "roles", value: { value: "admin" } }, two).roles).toEqual([{ value: "editor", display: "E" }]);
    for (const value of [[], [null], [{}], {}, [{ value: "" }], [{ value: "stranger" }]]) expect(after({ op: "remove", path: "roles", value }, two)).toEqual(two);
    expect(refused({ op: "remove", path: "roles", value: ["editor"] }, two)).toBe("invalidValue");
    expect(after({ op: "remove", path: "emails", value: [{ value: "ANN@corp.example" }] })).not.toHaveProperty("emails");
    expect(after({ op: "remove", path: "roles" }, two)).not.toHaveProperty("roles");
  });
  test("an element without a value is the same one after another became primary", () => {
    const home = { display: "Home", primary: true };
    const two = after({ op: "add", path: "roles", value: [home, { display: "Work", primary: true }] }, workless);
    expect(two.roles).toEqual([home, { display: "Work", primary: false }]);
    expect(after({ op: "add", path: "roles", value: [{ display: "Work", primary: true }] }, two).roles).toEqual([{ display: "Home", primary: false }, { display: "Work", primary: true }]);
    expect(after({ op: "remove", path: "roles", value: [{ display: "Work", primary: true }] }, two).roles).toEqual([home]);
  });
  test("an add that takes away what its own path asks for makes nothing anew when it comes again", () => {
    const add = { op: "add", path: 'emails[type eq "work"]', value: { type: null, display: "Ann" } };
    const once = after(add);
    expect(once.emails).toEqual([{ value: "ann@corp.example", primary: true, display: "Ann" }]);
    expect(refused(add, once)).toBe("noTarget");
  });
  test("a new primary element makes the old one false", () => {
    const added = { op: "add", path: "emails", value: [{ value: "b@x.io", type: "home", primary: "True" }] };
    expect(after(added).emails).toEqual([{ value: "ann@corp.example", type: "work", primary: false }, { value: "b@x.io", type: "home", primary: true }]);
    const two = after({ op: "add", path: "emails", value: [{ value: "b@x.io", type: "home" }] });
    expect(after(replace('emails[type eq "home"].primary', true), two).emails).toEqual([{ value: "ann@corp.example", type: "work", primary: false }, { value: "b@x.io", type: "home", primary: true }]);
    expect(after(replace("emails", [{ value: "x@x.io", primary: true }, { value: "y@x.io", primary: true }])).emails).toEqual([{ value: "x@x.io", primary: true }, { value: "y@x.io", primary: false }]);
  });
  test("a part without a filter means all elements, or the only one", () => {
    const two = { ...ann, emails: [{ value: "a@x.io", display: "a" }, { value: "b@x.io", display: "b" }] };
    expect(after({ op: "remove", path: "emails.display" }, two).emails).toEqual([{ value: "a@x.io" }, { value: "b@x.io" }]);
    expect(after(replace("emails.type", "work"), two).emails).toEqual([{ value: "a@x.io", display: "a", type: "work" }, { value: "b@x.io", display: "b", type: "work" }]);
    expect(after(replace("emails.value", "c@x.io")).emails).toEqual([{ value: "c@x.io", type: "work", primary: true }]);
    expect(after(replace("emails.value", "c@x.io"), workless).emails).toEqual([{ value: "c@x.io" }]);
    expect(refused(replace("emails.value", "c@x.io"), two)).toBe("noTarget");
  });
  test.each(["emails", "roles"])("%s are not a text, and not an empty object to be set", (path) => {
    for (const value of ["x", 7, {}, [7], [["a"]]]) expect(refused(replace(path, value))).toBe("invalidValue");
  });
  test("a list grows to 500 elements and no further", () => {
    const many = { ...ann, phoneNumbers: Array.from({ length: 500 }, (_, at) => ({ value: `${at}` })) };
    expect(refused({ op: "add", path: "phoneNumbers", value: [{ value: "x" }] }, many)).toBe("invalidValue");
    expect(refused(replace('phoneNumbers[type eq "x"].value', "x"), many)).toBe("invalidValue");
    expect(after({ op: "add", path: "phoneNumbers", value: [{ value: "7" }] }, many)).toEqual(many);
  });
});

describe("names that no schema knows", () => {
  test("are left out of a path-less value and listed, or refused on a strict connection", () => {
    const operation = { op: "replace", value: { version: 9, connection: "x", "nope[type eq": 1, title: "Lead", name: { nick: 1 } } };
    const { attributes, ignored } = patch([operation]);
    expect(attributes).toEqual({ ...ann, title: "Lead" });
    expect(ignored).toEqual(["version", "connection", "nope[type eq", "name.nick"]);
    expect(refusal(() => patch([operation], ann, strict))).toBe("invalidSyntax");
  });
  test("are refused as a path", () => {
    expect(refused(replace("favouriteColour", "red"))).toBe("invalidPath");
    expect(refused({ op: "remove", path: "favouriteColour" })).toBe("invalidPath");
    expect(refused(replace("", { active: false }))).toBe("invalidPath");
  });
  test("a broken filter in a key of a path-less value is no unknown name", () => expect(refused({ op: "replace", value: { 'emails[type eq "work".value': "x@y.z" } })).toBe("invalidPath"));

  test.each(['"__proto__":{"polluted":1,"active":false}', '"constructor":{"prototype":{"polluted":1}}', '"name":{"__proto__":{"polluted":1},"familyName":"Case"}', '"name.__proto__.polluted":1', `"${enterprise}":{"__proto__":{"polluted":1}}`, '"emails[type eq \\"work\\"].__proto__":{"polluted":1}'])("%s touches no prototype", (text) => {
    for (const op of ["add", "replace"]) {
      try {
        const { attributes } = patch([{ op, value: JSON.parse(`{${text}}`) }]);
        expect(JSON.stringify(attributes)).not.toContain("polluted");
        expect(attributes.active).toBe(true);
      } catch (thrown) {
        expect(thrown).toHaveProperty("failure.scimType", "invalidPath");
      }
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("what the operations of one PATCH look through has a bound together", () => {
  const many = { ...ann, phoneNumbers: Array.from({ length: 500 }, (_, at) => ({ value: `${at}`, type: `t${at}` })) };
  const times = (count: number, operation: object) => Array.from({ length: count }, () => operation);
  const filter = (comparisons: number) => Array.from({ length: comparisons }, (_, at) => `type eq "x${at}"`).join(" or ");
  test.each([
    ["elements with which comparisons are made", times(9, { op: "remove", path: `phoneNumbers[${filter(11)}]` }), times(1, { op: "remove", path: `phoneNumbers[${filter(11)}]` })],
    ["comparisons that meet nothing", times(166, { op: "remove", path: `ims[${filter(100)}]` }), times(1, { op: "remove", path: `ims[${filter(100)}]` })],
    ["elements that are told apart", times(20, { op: "remove", path: "phoneNumbers", value: [{ value: "x" }] }), times(1, { op: "remove", path: "phoneNumbers", value: [{ value: "x" }] })],
    ["elements of which all get a part", times(100, { op: "add", path: "phoneNumbers.display", value: "x" }), times(1, { op: "add", path: "phoneNumbers.display", value: "y" })],
  ])("%s", (_name, fits, more) => {
    expect(refusal(() => patch(fits, many))).toMatch(/^accepted/);
    expect(refusal(() => patch([...fits, ...more], many))).toBe("tooMany");
  });
});

test("what is immutable stays as it is once it is set, whatever the operations", () => {
  const badge = { ...userTable.core.attributes.get("nickname")!, mutability: "immutable" as const };
  const table = { ...userTable, core: { ...userTable.core, attributes: new Map([...userTable.core.attributes, ["nickname", badge]]) } };
  const run = (current: Attributes, ...list: readonly unknown[]) => patchUser(table, current, operations(...list), { ...lenient, maxOperations: 10 });
  expect(run(workless, replace("nickName", "a")).attributes.nickName).toBe("a");
  expect(refusal(() => run({ ...workless, nickName: "a" }, replace("nickName", "b")))).toBe("mutability");
  expect(refusal(() => run({ ...workless, nickName: "a" }, { op: "remove", path: "nickName" }))).toBe("mutability");
});
