/**
 * People and groups whose attributes are drawn from every corner of the schemas, and filters on them.
 *
 * @module
 */
import fc from "fast-check";
import type { AttributeRef, CompareOperator, Filter } from "../../src/model/filter.ts";
import { fold } from "../../src/model/fold.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Attributes, ResourceType } from "../../src/model/resource.ts";
import { parseDateTime } from "../../src/scim/date-time.ts";
import { refInElement, refOf } from "../../src/scim/names.ts";
import { completed } from "../../src/scim/schema-documents.ts";
import type { Attribute, Schema, SchemaTable } from "../../src/scim/schema-table.ts";
import { groupTable, userTable, withExtensions } from "../../src/scim/schemas.ts";

/** An extension with what the standard schemas lack: numbers, lists of plain values, names with a dollar and a hyphen. */
const badge = {
  id: "urn:example:params:scim:schemas:badge:2.0:User",
  name: "Badge",
  description: "Badges",
  attributes: [
    completed({ name: "level", type: "integer" }),
    completed({ name: "weight", type: "decimal" }),
    completed({ name: "colours", multiValued: true }),
    completed({ name: "exactWords", multiValued: true, caseExact: true }),
    completed({ name: "numbers", type: "integer", multiValued: true }),
    completed({ name: "$issued-on", type: "dateTime" }),
    completed({ name: "doors", type: "complex", multiValued: true, subAttributes: [{ name: "value" }, { name: "floor", type: "integer" }, { name: "open", type: "boolean" }, { name: "since", type: "dateTime" }] }),
  ],
};

export const tables: { readonly [T in ResourceType]: SchemaTable } = { User: withExtensions(userTable, [badge]), Group: groupTable };

const words = ["Ann", "ann", "ANNA", "Zed", "z", "ä", "Ä", "🦄", "\uffee", "a%b", "a_b", "a'b", 'a"b', "a\\b", "x.y", "$.x", "0", "1", "true", "null", "Straße", "İstanbul", "work", "home", " lead", "[]", "{}", "\u00a0", "-5"];
const times = ["2011-05-13T04:42:34Z", "2011-05-13T06:42:34.0000000+02:00", "2024-02-29T00:00:00.123Z", "1969-12-31T23:59:59Z"];
const numbers = [0, 1, -1, -5, 0.1, 0.30000000000000004, 1e21, -1e-7, 9007199254740991, 12345678.9];

/** The same sequence for the same seed. */
export function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Dice = ReturnType<typeof dice>;
const oneOf = <T>(roll: Dice, all: readonly T[]): T => all[roll(all.length)] as T;

function single(roll: Dice, attribute: Attribute): Json {
  switch (attribute.type) {
    case "boolean":
      return oneOf<Json>(roll, [true, false, "True", "false"]);
    case "integer":
      return Math.trunc(oneOf(roll, numbers));
    case "decimal":
      return oneOf(roll, numbers);
    case "dateTime":
      return oneOf(roll, times);
    case "complex":
      return part(roll, attribute.sub, 2);
    default:
      return oneOf(roll, words);
  }
}

function part(roll: Dice, known: Schema["attributes"], among: number): JsonObject {
  const chosen: Record<string, Json> = {};
  for (const attribute of known.values()) {
    if (roll(among) !== 0 || attribute.mutability === "readOnly" || attribute.returned === "never" || attribute.name === "members") continue;
    const value = attribute.multiValued ? Array.from({ length: 1 + roll(3) }, () => single(roll, attribute)) : single(roll, attribute);
    if (typeof value !== "object" || Object.keys(value as object).length > 0) chosen[attribute.name] = value;
  }
  return chosen;
}

export function anybody(roll: Dice, type: ResourceType, n: number): Attributes {
  const { core, extensions } = tables[type];
  const extended = extensions.map(({ urn, attributes }) => [urn, part(roll, attributes, 3)] as const).filter(([, held]) => Object.keys(held).length > 0);
  return { ...part(roll, core.attributes, 3), ...Object.fromEntries(extended), [type === "User" ? "userName" : "displayName"]: `${oneOf(roll, words)} ${n}` };
}

// ------------------------------------------------------------------------------------------------------------- filters

interface Pool {
  readonly ids: readonly string[];
  readonly members: readonly string[];
  readonly times: readonly number[];
  readonly names: readonly string[];
}

const operators: readonly CompareOperator[] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

interface Nameable {
  readonly at: AttributeRef;
  readonly attribute: Attribute;
}

function nameable({ core, extensions }: SchemaTable): readonly Nameable[] {
  return [core, ...extensions].flatMap((schema) => {
    const extension = schema === core ? undefined : schema;
    return [...schema.attributes.values()].flatMap((attribute) => {
      if (attribute.returned === "never") return [];
      const subs = [...attribute.sub.values()].filter(({ name }) => attribute.name !== "meta" || name === "created" || name === "lastModified");
      return [...(attribute.name === "meta" ? [] : [{ at: refOf({ extension, attribute, sub: undefined }), attribute }]), ...subs.map((sub) => ({ at: refOf({ extension, attribute, sub }), attribute: sub }))];
    });
  });
}

function literal({ at, attribute }: Nameable, pool: Pool): fc.Arbitrary<string | number | boolean | null> {
  const text = fc.oneof(fc.constantFrom(...words, ...pool.names), fc.constantFrom(...pool.ids), fc.constantFrom(...pool.members), fc.string({ maxLength: 3, unit: "grapheme" }));
  const cut = fc.tuple(text, fc.nat(4), fc.nat(4)).map(([whole, from, length]) => [...whole].slice(from, from + length + 1).join(""));
  const storable = fc.oneof(text, cut).filter((one) => one.isWellFormed() && !one.includes("\0"));
  const foreign = fc.oneof({ weight: 1, arbitrary: fc.constantFrom(null, true, 5, "x") });
  switch (attribute.type) {
    case "boolean":
      return fc.oneof({ weight: 9, arbitrary: fc.boolean() }, foreign);
    case "integer":
    case "decimal":
      return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...numbers, 2, 0.2) }, foreign);
    case "dateTime":
      return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...times.map((time) => parseDateTime(time) ?? 0), ...pool.times, 0) }, foreign);
    default:
      return fc.oneof({ weight: 9, arbitrary: storable.map((one) => (at.caseExact ? one : fold(one))) }, foreign);
  }
}

const leafAmong = (names: readonly Nameable[], pool: Pool): fc.Arbitrary<Filter> =>
  fc.constantFrom(...names).chain((one): fc.Arbitrary<Filter> => {
    const present = fc.constant<Filter>({ kind: "present", at: one.at });
    if (one.attribute.type === "complex") return present;
    const compare = fc.record({ operator: fc.constantFrom(...operators), value: literal(one, pool) }).map((rest): Filter => ({ kind: "compare", at: one.at, ...rest }));
    return fc.oneof({ weight: 1, arbitrary: present }, { weight: 5, arbitrary: compare });
  });

const combined = (leaf: fc.Arbitrary<Filter>, depth: number): fc.Arbitrary<Filter> =>
  depth === 0
    ? leaf
    : fc.oneof(
        { weight: 3, arbitrary: leaf },
        { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("and", "or"), of: fc.array(combined(leaf, depth - 1), { minLength: 1, maxLength: 3 }) }) },
        { weight: 1, arbitrary: combined(leaf, depth - 1).map((of): Filter => ({ kind: "not", of })) },
      );

/** Filters as the parser makes them, and stranger ones. */
export function filters(type: ResourceType, pool: Pool): fc.Arbitrary<Filter> {
  const names = nameable(tables[type]);
  const lists = names.filter(({ at, attribute }) => attribute.type === "complex" && at.listAt === at.path.length - 1);
  const element = fc.constantFrom(...lists).chain(({ at, attribute }) => {
    const inner = [...attribute.sub.values()].map((sub): Nameable => ({ at: refInElement(sub), attribute: sub }));
    return combined(leafAmong(inner, pool), 2).map((of): Filter => ({ kind: "element", at, of }));
  });
  return combined(fc.oneof({ weight: 3, arbitrary: leafAmong(names, pool) }, { weight: 1, arbitrary: element }), 2);
}
