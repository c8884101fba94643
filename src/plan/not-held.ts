/**
 * Which of a person's attributes the vendor has no place for: kept here, answered as written, never sent. Pure.
 *
 * @module
 */
import { isObject } from "../model/json.ts";
import type { Attributes } from "../model/resource.ts";
import type { Vendor } from "./vendor.ts";

/** Where a part is written in SCIM; `name` and one address are looked into, of other lists one element is sent. */
const places: readonly (readonly [attribute: string, part: string])[] = [
  ["name.givenName", "name.givenName"], ["name.familyName", "name.familyName"], ["displayName", "displayName"], ["title", "title"], ["phoneNumbers", "phone"],
  ["locale", "locale"], ["preferredLanguage", "locale"], ["timezone", "timezone"],
  ["addresses.country", "address.country"], ["addresses.streetAddress", "address.streetAddress"], ["addresses.locality", "address.locality"], ["addresses.region", "address.region"], ["addresses.postalCode", "address.postalCode"],
];

/** These are no parts and reach the vendor in their own way: as address, access and role. */
const otherwise: ReadonlySet<string> = new Set(["userName", "emails", "active", "roles"]);

/** @returns attribute names, `name.formatted` and `addresses.country` for parts of those two; extensions by their URN */
export function notHeld(attributes: Attributes, { parts }: Vendor): readonly string[] {
  const held = new Set(parts.filter(({ onCreate, onUpdate }) => onCreate || onUpdate).map(({ part }) => part));
  const isHeld = (name: string) => otherwise.has(name) || places.some(([attribute, part]) => attribute === name && held.has(part));
  return Object.entries(attributes).flatMap(([name, value]) => innerNames(name, value).filter((inner) => !isHeld(inner)));
}

function innerNames(name: string, value: unknown): readonly string[] {
  const inside = name === "name" && isObject(value) ? [value] : name === "addresses" && Array.isArray(value) ? value.filter(isObject) : undefined;
  if (!inside) return [name];
  const subs = new Set(inside.flatMap(Object.keys).filter((sub) => name === "name" || !["type", "primary"].includes(sub)));
  return [...subs].map((sub) => `${name}.${sub}`);
}
