/**
 * Protected accounts: people from whom no push may take access, role or address (`rails.protected`, `rails.protectedAccounts`).
 *
 * @module
 */
import { fold } from "../model/fold.ts";
import { isObject } from "../model/json.ts";
import type { Link } from "../model/link.ts";
import type { Policy } from "../model/policy.ts";
import type { Attributes } from "../model/resource.ts";

type Protection = Pick<Policy, "protectedEmails" | "protectedAccounts">;

export const protectsAnybody = ({ protectedEmails, protectedAccounts }: Protection): boolean => protectedEmails.length + protectedAccounts.length > 0;

/** Every address counts: what the IdP calls the person, each e-mail, and the address under which the vendor knows the account. So does its id. */
export function isProtected(attributes: Attributes | undefined, link: Link | undefined, { protectedEmails, protectedAccounts }: Protection): boolean {
  if (link?.account !== undefined && protectedAccounts.includes(link.account)) return true;
  if (protectedEmails.length === 0) return false;
  const listed = new Set(protectedEmails.map((address) => fold(address.trim())));
  const emails = attributes?.["emails"];
  const values = [link?.login, attributes?.["userName"], ...(Array.isArray(emails) ? emails.map((email) => (isObject(email) ? email["value"] : undefined)) : [])];
  return values.some((value) => typeof value === "string" && listed.has(fold(value.trim())));
}
