/**
 * Filters as text: grown from the grammar, begun from what was seen, repeated beyond measure, damaged.
 *
 * @module
 */
import fc from "fast-check";
import type { ResourceType } from "../../../src/model/resource.ts";
import { complexLists, elementParts, names, parts, typed, type Typed, usual } from "./names.ts";
import { seedFilters } from "./seeds.ts";
import { anyUnits, damaged, oddText, repeated, spelt } from "./texts.ts";

const operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "EQ", "Co", "is", "=", ""];
const times = ["2011-05-13T04:42:34Z", "2011-05-13T06:42:34.0000000+02:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T00:00:00"];

const literal: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: oddText.map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.constantFrom("true", "false", "True", "null", "0", "1", "-5", "0.1", "1e21", "1e400", "-", "Ann", "ann@x.io", "'a'", '"', '"a', "1.", ".5", "0x1") },
  { weight: 1, arbitrary: fc.constantFrom(...times).map((time) => JSON.stringify(time)) },
  { weight: 1, arbitrary: anyUnits.map((text) => JSON.stringify(text)) },
);

/** A comparison that attribute, operator and value agree about. */
function fitting(attributes: readonly Typed[]): fc.Arbitrary<string> {
  return fc
    .record({ one: fc.constantFrom(...attributes), way: fc.nat(29), text: oddText, number: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), time: fc.constantFrom(...times), truth: fc.constantFrom("true", "false", "True") })
    .map(({ one: { name, type }, way, text, number, time, truth }) => {
      if (way < 3) return `${name} pr`;
      if (way === 3) return `${name} ne null`;
      const order = ["eq", "ne", "gt", "ge", "lt", "le"][way % 6] ?? "eq";
      switch (type) {
        case "boolean":
          return `${name} ${way % 2 === 0 ? "eq" : "ne"} ${truth}`;
        case "integer":
        case "decimal":
          return `${name} ${order} ${number}`;
        case "dateTime":
          return `${name} ${order} "${time}"`;
        default:
          return `${name} ${operators[way % 9]} ${JSON.stringify(text)}`;
      }
    });
}

const comparison = (name: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(name, fc.constantFrom(...operators), literal).map(([at, operator, value]) => (operator.toLowerCase() === "pr" ? `${at} ${operator}` : `${at} ${operator} ${value}`));

/** @param leaf one comparison or value path */
function grown(leaf: fc.Arbitrary<string>, depth: number): fc.Arbitrary<string> {
  if (depth === 0) return leaf;
  const inner = grown(leaf, depth - 1);
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 2, arbitrary: fc.tuple(fc.array(inner, { minLength: 1, maxLength: 4 }), fc.constantFrom(" and ", " or ", " AND ", " oR  ", " and ", " or ", "and", ", ")).map(([all, joint]) => all.join(joint)) },
    { weight: 1, arbitrary: inner.map((text) => `(${text})`) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom("not (", "not(", "NOT  (", "not (", "not "), inner).map(([not, text]) => `${not}${text}${not.endsWith("(") ? ")" : ""}`) },
  );
}

const inElement = (depth: number, attributes: readonly Typed[] = elementParts): fc.Arbitrary<string> => grown(fc.oneof({ weight: 4, arbitrary: fitting(attributes) }, { weight: 1, arbitrary: comparison(spelt(parts)) }), depth);

/** What stands between the brackets of a path. */
export const elementFilter: fc.Arbitrary<string> = inElement(2);

const grammar = (type: ResourceType): fc.Arbitrary<string> => {
  const name = fc.oneof({ weight: 3, arbitrary: spelt(usual[type]) }, { weight: 2, arbitrary: spelt(names[type]) });
  const valuePath = fc
    .tuple(spelt(complexLists[type]), inElement(1), fc.constantFrom("", "", "", '.value eq "x"', ".value pr", ".type pr", ".nope pr", ". pr", "value"))
    .map(([list, inner, behind]) => `${list}[${inner}]${behind}`);
  return grown(fc.oneof({ weight: 8, arbitrary: fitting(typed[type]) }, { weight: 2, arbitrary: comparison(name) }, { weight: 3, arbitrary: valuePath }), 3);
};

/** Close to the caps: a hundred comparisons, fifty levels, four thousand characters, and one more of each. */
const wide: fc.Arbitrary<string> = fc
  .record({ piece: fc.constantFrom('userName co "a"', "title pr", 'emails[type eq "work" and value co "@"]', 'meta.created gt "2011-05-13T04:42:34Z"', 'groups[display sw "a"]', "active eq true"), joint: fc.constantFrom(" and ", " or "), times: fc.integer({ min: 1, max: 102 }), depth: fc.integer({ min: 0, max: 52 }), not: fc.boolean() })
  .map(({ piece, joint, times: count, depth, not }) => (not ? "not (" : "(").repeat(depth) + Array.from({ length: count }, () => piece).join(joint) + ")".repeat(depth));

const tokens = fc.array(fc.oneof(fc.constantFrom("(", ")", "[", "]", "and", "or", "not", "eq", "pr", "co", ".", '"', '"a"', "true", "null", "userName", "emails", "emails[", "].value", ":", "urn:ietf:params:scim:schemas:core:2.0:User:userName", "\\", "\t"), oddText), { maxLength: 14 }).chain((all) => fc.constantFrom(" ", "", "\n").map((between) => all.join(between)));

export function filterText(type: ResourceType): fc.Arbitrary<string> {
  const whole = grammar(type);
  return fc.oneof(
    { weight: 12, arbitrary: whole },
    { weight: 6, arbitrary: damaged(whole) },
    { weight: 5, arbitrary: damaged(fc.constantFrom(...seedFilters)) },
    { weight: 3, arbitrary: tokens },
    { weight: 1, arbitrary: repeated(5_000) },
    { weight: 1, arbitrary: wide },
  );
}
