/**
 * Paths of PATCH operations: each is understood to its last character or refused.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { isPath, parsePath } from "../../src/scim/patch-path.ts";
import { groupTable, userTable } from "../../src/scim/schemas.ts";
import { enterprise, refusal } from "./writing.ts";

const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";

function read(path: string): string {
  const target = parsePath(userTable, path);
  if (target.kind === "schema") return `schema ${target.schema.urn}`;
  const { kind, extension, attribute, sub } = target;
  return [kind, ...(extension ? ["extension"] : []), attribute.name, ...(sub ? [sub.name] : []), ...(kind === "elements" ? [`[${target.text}]`] : [])].join(" ");
}

test.each([
  ["active", "attribute active"],
  ["ACTIVE", "attribute active"],
  ["name.familyName", "attribute name familyName"],
  [`${userUrn}:name.familyName`, "attribute name familyName"],
  [`${userUrn.toUpperCase()}:Active`, "attribute active"],
  [`${enterprise}:department`, "attribute extension department"],
  [`${enterprise}:manager.value`, "attribute extension manager value"],
  [`${enterprise}.manager`, "attribute extension manager"],
  ["manager", "attribute extension manager"],
  [enterprise, `schema ${enterprise}`],
  [userUrn, `schema ${userUrn}`],
  ['emails[type eq "work"]', 'elements emails [type eq "work"]'],
  ['emails[type eq "work"].value', 'elements emails value [type eq "work"]'],
  ['Emails[Type EQ "work"].Value', 'elements emails value [Type EQ "work"]'],
  ['roles[primary eq "True"].value', 'elements roles value [primary eq "True"]'],
  [`${userUrn}:emails[value eq "a]b\\"]c"].type`, 'elements emails type [value eq "a]b\\"]c"]'],
  ['photos[value eq "https://x.io/a"].type', 'elements photos type [value eq "https://x.io/a"]'],
])("%s is %s", (path, meaning) => expect(read(path)).toBe(meaning));

describe("a path is refused when it", () => {
  test.each([
    ["is empty", ""], ["is blank", " "], ["ends with a dot", "active."], ["begins with a dot", ".active"], ["goes into a plain value", "active.value"], ["has two dots", "name..familyName"],
    ["has brackets and no attribute", '[type eq "work"].value'], ["has a bracket without end", "emails["], ["has a literal without end", 'emails[type eq "work]'], ["has junk behind the bracket", 'emails[type eq "work"]value'],
    ["goes on behind the bracket", 'emails[type eq "work"] or emails[value pr]'], ["has two brackets", 'emails[type eq "work"][value pr]'], ["filters a plain value", 'active[value eq "x"]'], ["filters a single complex value", 'name[givenName eq "Ann"]'],
    ["filters a part", 'emails.value[type eq "work"]'], ["names an unknown part behind brackets", 'emails[type eq "work"].nope'], ["goes two steps down behind brackets", 'emails[type eq "work"].value.value'], ["ends with a dot behind brackets", 'emails[type eq "work"].'],
    ["holds NUL", "display\u0000Name"], ["is a JSON pointer", "/active"], ["names nothing known", "favouriteColour"], ["names an unknown schema", "urn:evil:1.0:User:isAdmin"], ["names a prototype", "__proto__.nickName"],
    ["names a constructor", "name.constructor.prototype.nickName"], ["is longer than 4,096 characters", `emails[type eq "${"x".repeat(4_096)}"]`], ["has 20,000 steps", "a.".repeat(20_000) + "a"], ["is padded", " active"], ["has a Kelvin sign", "nic\u212aName"],
  ])("%s", (_, path) => expect(refusal(() => parsePath(userTable, path))).toBe("invalidPath"));

  test.each([["names an unknown part", 'emails[nope eq "x"]'], ["names a prototype", 'emails[__proto__.polluted eq "1"].value'], ["is empty", "emails[].value"], ["is no comparison", "emails[work].value"], ["has a wrong escape", 'emails[type eq "\\a"]']])("the filter in it %s", (_, path) => {
    expect(refusal(() => parsePath(userTable, path))).toBe("invalidFilter");
  });
});

test("a key is a path if it names something", () => {
  expect(["name.givenName", enterprise, 'emails[type eq "work"].value', "MANAGER"].filter((key) => !isPath(userTable, key))).toEqual([]);
  expect(["nope", "__proto__", 'nope[type eq "work"]', "", "[", `${enterprise}[x]`].filter((key) => isPath(userTable, key))).toEqual([]);
  expect(isPath(groupTable, "userName")).toBe(false);
});

test("brackets without number are read once", () => {
  expect(refusal(() => parsePath(userTable, `emails${"[".repeat(4_000)}`))).toBe("invalidPath");
  expect(refusal(() => parsePath(userTable, `emails[${"\\a".repeat(2_000)}`))).toBe("invalidPath");
});
