/**
 * Values of every shape, as the text of a JSON body: what an attribute wants, what it does not, and far too much of either.
 *
 * @module
 */
import fc from "fast-check";
import { oddText, repeated, spelt } from "./texts.ts";
import { parts } from "./names.ts";

/** No text can be made of it: whoever takes it for a word throws. */
export const noText = { toString: "", valueOf: null };

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(null, true, false, "True", "False", "true", "", "x", "a@x.io", "b@x.io", "U1", "work", "home", 0, 1, -1, 1.5, 1e21, "a@b@c", "2011-05-13T04:42:34Z", "editor", noText, '{"id":"1","value":"editor","displayName":"Editor"}') },
  { weight: 3, arbitrary: oddText },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: repeated(400) },
);

const element = fc.record({ value: leaf, type: leaf, primary: fc.constantFrom<unknown>(true, false, "True", null), display: leaf, $ref: leaf }, { requiredKeys: [] });
const person = fc.record({ givenName: leaf, familyName: leaf, formatted: leaf, middleName: leaf }, { requiredKeys: [] });

/** @param names keys that an object of it may have */
export function valueOf(names: readonly string[]): fc.Arbitrary<unknown> {
  const name = fc.oneof({ weight: 5, arbitrary: spelt(names) }, { weight: 2, arbitrary: spelt(parts) }, { weight: 1, arbitrary: oddText });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, { weight: 5, arbitrary: leaf }, { weight: 2, arbitrary: element }, { weight: 3, arbitrary: fc.array(element, { maxLength: 4 }) }, { weight: 1, arbitrary: person }, { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 4 }) }, { weight: 2, arbitrary: fc.dictionary(name, tie("value"), { maxKeys: 4 }) }),
  }));
  return value as fc.Arbitrary<unknown>;
}

const text: fc.Arbitrary<unknown> = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("ann@corp.example", "Ann", "work", "x", "Sales", "U9", "é", "🦄") }, { weight: 2, arbitrary: oddText });
const fittingElement = fc.record({ value: text, type: fc.constantFrom("work", "home", "other"), primary: fc.boolean(), display: text }, { requiredKeys: ["value"] });

/** A body that is mostly right: what is odd about it is at few places. */
export const likelyUser: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    schemas: fc.constantFrom<unknown>(["urn:ietf:params:scim:schemas:core:2.0:User"], ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"], [], null),
    userName: fc.oneof({ weight: 5, arbitrary: fc.constantFrom("ann@corp.example", "bob") }, { weight: 1, arbitrary: oddText }),
    externalId: text, active: fc.constantFrom<unknown>(true, false, "True", "false", null), displayName: text, title: text, nickName: text, locale: text, password: text,
    name: fc.record({ givenName: text, familyName: text, formatted: text }, { requiredKeys: [] }),
    emails: fc.array(fittingElement, { maxLength: 3 }), phoneNumbers: fc.array(fittingElement, { maxLength: 2 }), roles: fc.array(fittingElement, { maxLength: 2 }),
    addresses: fc.array(fc.record({ type: text, streetAddress: text, formatted: text, primary: fc.boolean() }, { requiredKeys: [] }), { maxLength: 2 }),
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": fc.record({ department: text, employeeNumber: text, manager: fc.oneof(text, fc.record({ value: text, displayName: text }, { requiredKeys: [] }), fc.constantFrom<unknown>([], null)) }, { requiredKeys: [] }),
  },
  { requiredKeys: ["userName"] },
);

export const likelyGroup: fc.Arbitrary<Record<string, unknown>> = fc.record({ displayName: fc.oneof({ weight: 3, arbitrary: fc.constant("Eng") }, { weight: 1, arbitrary: oddText }), externalId: text, members: fc.array(fittingElement, { maxLength: 4 }) }, { requiredKeys: ["displayName"] });

/** JSON's own way to write `undefined` and the like is to leave them out; a body always says something. */
export const written = (value: unknown): string => JSON.stringify(value) ?? "null";
