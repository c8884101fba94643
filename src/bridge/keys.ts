/**
 * By what a user is found and kept apart from others on this connection.
 *
 * @module
 */
import type { Attributes, Keys } from "../model/resource.ts";
import { wantedOf } from "../plan/wanted.ts";
import { keysOf } from "../scim/search-form.ts";
import type { Rooms } from "./rooms.ts";

/** The address is a key only where the vendor knows accounts by it. */
export function keysFor(attributes: Attributes, { users, site }: Pick<Rooms, "users" | "site">): Keys {
  const { email } = wantedOf(attributes, site.policy.identity);
  return keysOf(users, attributes, { emailKey: site.connector.traits.emailIsKey ? email : undefined });
}
