/**
 * Bodies as the texts that come over the wire: POST and PUT, and the operations of a PATCH.
 *
 * @module
 */
import fc from "fast-check";
import type { ResourceType } from "../../../src/model/resource.ts";
import { elementFilter } from "./filters.ts";
import { complexLists, lists, names, usual } from "./names.ts";
import { bodiesOf } from "./seeds.ts";
import { damaged, oddText, spelt } from "./texts.ts";
import { likelyGroup, likelyUser, noText, valueOf, written } from "./values.ts";

const patchUrn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const envelope = (operations: unknown): unknown => ({ schemas: [patchUrn], Operations: operations });

/** Paths of every form, right and wrong. */
export function patchPath(type: ResourceType): fc.Arbitrary<string> {
  const plain = fc.oneof({ weight: 3, arbitrary: spelt(usual[type]) }, { weight: 2, arbitrary: spelt(names[type]) });
  const usualFilter = fc.constantFrom('type eq "work"', 'primary eq true', 'primary eq "True"', 'value eq "U1"', 'value eq "a@x.io"', 'type eq "home" and primary eq false', 'value eq "U1" or value eq "U2"', 'value co "@"');
  const filter = fc.oneof({ weight: 3, arbitrary: usualFilter }, { weight: 1, arbitrary: elementFilter });
  const bracketed = fc.tuple(spelt(complexLists[type]), filter, fc.constantFrom("", ".value", ".display", ".type", ".primary", ".$ref", ".nope", "x", ".", "[")).map(([list, inner, sub]) => `${list}[${inner}]${sub}`);
  return fc.oneof({ weight: 6, arbitrary: plain }, { weight: 4, arbitrary: bracketed }, { weight: 1, arbitrary: damaged(bracketed) }, { weight: 1, arbitrary: oddText });
}

function operation(type: ResourceType): fc.Arbitrary<unknown> {
  const value = valueOf([...usual[type], ...lists[type], ...names[type]]);
  const whole = fc.record(
    { op: fc.constantFrom<unknown>("add", "replace", "remove", "Add", "Replace", "REMOVE", "add", "replace", "add", "replace", "move", "", noText), path: fc.oneof({ weight: 9, arbitrary: patchPath(type) }, { weight: 1, arbitrary: fc.constant(null) }), value },
    { requiredKeys: ["op"] },
  );
  const attributes = fc.record({ op: fc.constantFrom("add", "replace"), value: (type === "User" ? likelyUser : likelyGroup) as fc.Arbitrary<unknown> });
  return fc.oneof({ weight: 12, arbitrary: whole }, { weight: 3, arbitrary: attributes }, { weight: 1, arbitrary: value });
}

/** One operation that every client may send, on values that fit. */
const likely = (type: ResourceType): fc.Arbitrary<unknown> =>
  fc.record({
    op: fc.constantFrom("add", "replace", "remove"),
    path: fc.constantFrom(...(type === "User" ? ["active", "displayName", "name.givenName", 'emails[type eq "work"].value', "emails", "roles", "title", "manager", 'phoneNumbers[type eq "mobile"].value', 'addresses[type eq "work"]', "externalId", "userName"] : ["members", 'members[value eq "U1"]', "displayName", "externalId"])),
    value: fc.oneof(fc.constantFrom<unknown>("a@x.io", true, false, "False", [{ value: "U1" }], [{ value: "U1" }, { value: "U2", display: "Two" }], { value: "U9" }, [{ value: "a@x.io", type: "work", primary: true }], [], null, "x"), oddText),
  });

/** Many operations, many elements, long filters: what one request could hold up the others with. */
export const massivePatch = (type: ResourceType): fc.Arbitrary<string> =>
  fc
    .record({
      operations: fc.integer({ min: 1, max: 1_001 }), op: fc.constantFrom("add", "replace", "remove"), elements: fc.integer({ min: 0, max: 501 }), comparisons: fc.integer({ min: 1, max: 100 }), list: fc.constantFrom(...complexLists[type]),
      form: fc.constantFrom("elements", "list", "sub", "object"), distinct: fc.boolean(), size: fc.integer({ min: 1, max: 60 }),
    })
    .map(({ operations, op, elements, comparisons, list, form, distinct, size }) => {
      // A body that is larger than the door lets in is nobody's worry here.
      const count = Math.max(1, Math.min(operations, Math.floor(500_000 / (form === "elements" ? 40 * comparisons : form === "list" ? (20 + size) * (elements + 1) : 120))));
      const values = Array.from({ length: elements }, (_, n) => ({ value: `${"v".repeat(size)}${n}`, type: `t${n}` }));
      const filter = (at: number) => Array.from({ length: comparisons }, (_, n) => `type eq "t${distinct ? at : n}"`).join(" or ");
      const one = (at: number): unknown => {
        if (form === "elements") return { op, path: `${list}[${filter(at)}].display`, value: `d${at}` };
        if (form === "sub") return { op, path: `${list}.display`, value: `d${at}` };
        if (form === "object") return { op, value: { [list]: distinct ? [{ value: `v${at}` }] : values.slice(0, 3), title: `t${at}` } };
        return { op, path: list, value: values };
      };
      return JSON.stringify(envelope(Array.from({ length: count }, (_, at) => one(at))));
    });

export function patchText(type: ResourceType): fc.Arbitrary<string> {
  const body = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(likely(type)).map(envelope) },
    { weight: 8, arbitrary: fc.array(operation(type), { maxLength: 4 }).map(envelope) },
    { weight: 2, arbitrary: fc.array(likely(type), { maxLength: 5 }).map(envelope) },
    { weight: 1, arbitrary: fc.record({ schemas: oddText, operations: fc.array(operation(type), { maxLength: 2 }) }) },
  );
  const text = body.map(written);
  return fc.oneof({ weight: 120, arbitrary: text }, { weight: 12, arbitrary: damaged(text) }, { weight: 50, arbitrary: damaged(fc.constantFrom(...bodiesOf(type, (method) => method === "PATCH"))) });
}

export function bodyText(type: ResourceType): fc.Arbitrary<string> {
  const name = fc.oneof({ weight: 2, arbitrary: spelt(usual[type]) }, { weight: 3, arbitrary: spelt(names[type]) });
  const odd = fc.tuple((type === "User" ? likelyUser : likelyGroup) as fc.Arbitrary<object>, fc.dictionary(name, valueOf([...names[type]]), { maxKeys: 3 })).map(([right, more]) => written({ ...right, ...more }));
  return fc.oneof({ weight: 6, arbitrary: odd }, { weight: 1, arbitrary: damaged(odd) }, { weight: 3, arbitrary: damaged(fc.constantFrom(...bodiesOf(type, (method) => method !== "PATCH"))) });
}
