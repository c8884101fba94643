/**
 * What a connection's policy means for the rails.
 *
 * @module
 */
import type { RoleId } from "../model/ids.ts";
import type { Brake, Policy } from "../model/policy.ts";

export const railsOf = ({ brake, roles }: Policy): { readonly brake: Brake; readonly privileged: readonly RoleId[] } => ({ brake, privileged: roles.map.filter(({ privileged }) => privileged).map(({ vendor }) => vendor) });
