/**
 * Whether an account that a denial finds after an unclear create may be the one that this create has made (I5): what belongs to
 * somebody else, or holds a role that nobody asked for, stood there before, and then the create was not carried out.
 *
 * @module
 */
import type { ResourceId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Account } from "../model/person.ts";
import { fenceOf, isPrivileged } from "../plan/plan-roles.ts";
import type { Store } from "../store/store.ts";
import type { Site } from "./site.ts";

/** @param link with the role that the create asked for as `applied.role` */
export async function perhapsOurs(account: Account, link: Link, resource: ResourceId, { connection, connector, policy, vendor }: Site, { store }: { readonly store: Store }): Promise<boolean> {
  const holder = await store.linkedTo(connection, account.id);
  if (holder !== undefined && holder !== resource) return false;
  const { role } = account;
  if (role === undefined || role === link.applied.role) return true;
  const fence = connector.traits.managedRoles ?? fenceOf(policy.roles, vendor.defaultRole);
  return !isPrivileged(role, policy.roles) && (fence.size === 0 || fence.has(role));
}
