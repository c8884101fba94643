import { describe, expect, test } from "vitest";
import { patchUser } from "../../src/scim/patch.ts";
import { userTable } from "../../src/scim/schemas.ts";

const current = { userName: "ann@acme.example", active: true };
const patch = (strict: boolean, ...Operations: readonly object[]) => patchUser(userTable, current, { Operations }, { strict, maxOperations: 10 });
const denial = { op: "Replace", path: "active", value: "False" };

describe("an operation on an unknown attribute", () => {
  test.each(["favouriteColour", "urn:ietf:params:scim:schemas:extension:acme:2.0:User:costCentre", "name.nope"])("%s, beside a denial, is noted and holds up nothing", (path) => {
    expect(patch(false, { op: "Replace", path, value: "x" }, denial)).toMatchObject({ attributes: { active: false }, ignored: [path] });
  });
  test("alone it is refused", () => expect(() => patch(false, { op: "Replace", path: "favouriteColour", value: "x" })).toThrow());
  test("on a strict connection the whole PATCH is refused", () => expect(() => patch(true, { op: "Replace", path: "favouriteColour", value: "x" }, denial)).toThrow());
  test.each(["active.", "[type eq \"work\"]", "/active", "__proto__.x", "", "a b"])("a path that no schema could have (%s) refuses everything", (path) => {
    expect(() => patch(false, { op: "Replace", path, value: "x" }, denial)).toThrow();
  });
});
