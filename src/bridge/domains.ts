/**
 * The domains that a connection manages (`domains`): no push may bring in an address outside them, neither the one that the vendor gets
 * nor one that it might get later, and no account outside them is adopted. With none configured every address is managed.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { fold } from "../model/fold.ts";
import { isObject } from "../model/json.ts";
import type { Policy } from "../model/policy.ts";
import type { Attributes } from "../model/resource.ts";
import { emailOf, isAddress } from "../plan/wanted.ts";

/** Compared whole: neither a longer name that ends like a managed one nor a subdomain belongs to it. */
export const isManaged = (address: string, { domains }: Pick<Policy, "domains">): boolean => domains.length === 0 || domains.includes(address.slice(address.lastIndexOf("@") + 1).toLowerCase());

/**
 * @param before what the person had: an address that was there before the domains were configured is no reason to refuse a title
 * @throws Fault `invalid` for an address that is new, outside the domains and not plainly a private one
 */
export function checkDomains(attributes: Attributes, before: Attributes | undefined, policy: Pick<Policy, "domains" | "identity">): void {
  if (policy.domains.length === 0) return;
  const known = new Set(before && addressesIn(before, policy).map(fold));
  const foreign = addressesIn(attributes, policy).find((address) => !known.has(fold(address)) && !isManaged(address, policy));
  if (foreign !== undefined) throw invalid("invalidValue", "The address is in a domain that this connection does not manage (domains).");
}

/** What names the person at work: the userName, the address that the vendor gets, and every e-mail but private ones that are not primary. */
function addressesIn(attributes: Attributes, { identity }: Pick<Policy, "identity">): readonly string[] {
  const { userName, emails } = attributes;
  const listed = (Array.isArray(emails) ? emails.filter(isObject) : []).flatMap(({ value, type, primary }) => (isPrivate(type) && primary !== true ? [] : [value]));
  return [userName, emailOf(attributes, identity), ...listed].flatMap((value) => (typeof value === "string" && isAddress(value.trim()) ? [value.trim()] : []));
}

const isPrivate = (type: unknown): boolean => typeof type === "string" && !["", "work"].includes(type.trim().toLowerCase());
