import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AttributeRef, CompareOperator, Filter } from "../../src/model/filter.ts";
import type { Json } from "../../src/model/json.ts";
import { byCodePoint, matches, matchesElement } from "../../src/scim/filter-match.ts";
import { parseElementFilter } from "../../src/scim/filter-parse.ts";
import { groupTable, userTable } from "../../src/scim/schemas.ts";

const at = (path: readonly string[], listAt?: number): AttributeRef => ({ path, listAt, type: "string", caseExact: false });
const compare = (where: AttributeRef, operator: CompareOperator, value: string | number | boolean): Filter => ({ kind: "compare", at: where, operator, value });

describe("one value", () => {
  test.each<[Json | undefined, CompareOperator, string | number | boolean, boolean]>([
    ["b", "eq", "b", true],
    ["b", "ne", "b", false],
    ["b", "gt", "a", true],
    ["b", "ge", "b", true],
    ["b", "gt", "b", false],
    ["b", "lt", "ba", true],
    ["b", "le", "a", false],
    ["abc", "co", "b", true],
    ["abc", "sw", "ab", true],
    ["abc", "sw", "b", false],
    ["abc", "ew", "bc", true],
    ["abc", "co", "", true],
    ["a%c", "co", "%", true],
    ["abc", "co", "%", false],
    [5, "gt", 4.5, true],
    [5, "le", 5, true],
    [10, "lt", 9, false],
    [true, "eq", true, true],
    [false, "ne", true, true],
    // types never mix
    ["5", "eq", 5, false],
    ["true", "eq", true, false],
    ["5", "gt", 4, false],
    [true, "gt", false, false],
    // absent
    [undefined, "eq", "", false],
    [undefined, "ne", "x", true],
    [undefined, "co", "", false],
    [undefined, "le", "x", false],
    ["", "eq", "", false],
    ["", "ne", "x", true],
  ])("%j %s %j is %s", (value, operator, literal, holds) => expect(matches(compare(at(["title"]), operator, literal), value === undefined ? {} : { title: value })).toBe(holds));
});

describe("lists", () => {
  const emails = { emails: [{ value: "a", type: "work" }, { value: "b" }] };
  const value = at(["emails", "value"], 0);

  test.each<[string, Filter, boolean]>([
    ["some element is enough", compare(value, "eq", "b"), true],
    ["of an ordering too", compare(value, "gt", "a"), true],
    ["ne wants none", compare(value, "ne", "b"), false],
    ["ne of a value that no element has", compare(value, "ne", "c"), true],
    ["a part that one element has is present", { kind: "present", at: at(["emails", "type"], 0) }, true],
    ["a part that no element has is not", { kind: "present", at: at(["emails", "display"], 0) }, false],
    ["one element must satisfy all", { kind: "element", at: at(["emails"], 0), of: { kind: "and", of: [compare(at(["type"]), "eq", "work"), compare(at(["value"]), "eq", "b")] } }, false],
    ["ne looks at one element", { kind: "element", at: at(["emails"], 0), of: compare(at(["type"]), "ne", "work") }, true],
    ["an absent list has no element", { kind: "element", at: at(["phoneNumbers"], 0), of: { kind: "not", of: { kind: "present", at: at(["type"]) } } }, false],
  ])("%s", (_what, filter, holds) => expect(matches(filter, emails)).toBe(holds));
});

test.each<[string, Json, boolean]>([
  ["false", false, true],
  ["zero", 0, true],
  ["an empty text", "", false],
  ["an empty list", [], false],
  ["an empty object", {}, false],
  ["null", null, false],
])("%s: present is %s", (_what, value, isPresent) => expect(matches({ kind: "present", at: at(["x"]) }, { x: value })).toBe(isPresent));

test("inherited properties are no values", () => {
  for (const name of ["__proto__", "constructor", "toString", "length"]) expect(matches({ kind: "present", at: at([name]) }, { title: "x" })).toBe(false);
  expect(matches({ kind: "present", at: at(["title", "length"]) }, { title: "x" })).toBe(false);
});

test("text is ordered as its UTF-8 bytes are, which JavaScript's own order is not", () => {
  expect(["\uFFFD", "\u{1F600}"].toSorted()[0]).toBe("\u{1F600}");
  expect(byCodePoint("\u{1F600}", "\uFFFD")).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      fc.pre(a.isWellFormed() && b.isWellFormed());
      expect(Math.sign(byCodePoint(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2000 },
  );
});

describe("an element as the client wrote it", () => {
  const emails = userTable.core.attributes.get("emails")!;
  const members = groupTable.core.attributes.get("members")!;

  test.each([
    [emails, 'type eq "WORK"', { type: "Work", value: "A@b.example" }, true],
    [emails, 'value eq "a@B.example"', { value: "A@b.example" }, true],
    [emails, "primary eq true", { value: "x", primary: "True" }, true],
    [emails, 'primary eq "False"', { value: "x", primary: false }, true],
    [emails, "not (type pr)", { value: "x" }, true],
    [emails, "not (type pr)", { value: "x", type: "" }, true],
    [emails, "not (type pr)", {}, false],
    [emails, "value pr", "x", false],
    [members, 'value eq "U1"', { value: "U1" }, true],
    [members, 'value eq "u1"', { value: "U1" }, false],
  ])("%# %s", (attribute, filter, element, holds) => expect(matchesElement(parseElementFilter(attribute, filter), attribute, element as Json)).toBe(holds));
});
