/**
 * A person as a vendor can hold one: what is read off the desired resource and what is compared with the account.
 *
 * @module
 */
import type { AccountId, RoleId } from "./ids.ts";

/**
 * A part of a person that vendors hold, by its SCIM name:
 * `name.givenName`, `name.familyName`, `displayName`, `title`, `phone`, `locale`, `timezone`,
 * `address.country`, `address.streetAddress`, `address.locality`, `address.region`, `address.postalCode`.
 */
export type Part = string;

/** Part → value, trimmed; a part that the IdP does not give is absent. */
export type Profile = Readonly<Record<Part, string>>;

/** Only what changes; `null` clears. */
export type ProfileChange = Readonly<Record<Part, string | null>>;

/** The vendor's record of a person, in our words. `undefined` = the vendor does not show it. */
export interface Account {
  readonly id: AccountId;
  readonly kind: "account" | "invitation";
  readonly email: string | undefined;
  readonly role: RoleId | undefined;
  readonly active: boolean | undefined;
  readonly profile: Profile;
  /** Of vendors that have tags; a set. */
  readonly tags?: readonly string[];
}
