/**
 * The fence: the vendor roles that a connection manages. Whoever stands outside is never listed, changed or removed.
 *
 *     set by                         the fence is
 *     the manifest's setting         that setting, the default role, and what the manifest adds
 *     the connection's role policy   roles.map, fallback, the default role, and what the manifest adds
 *     neither                        not drawn: everyone is inside
 *
 * @module
 */
import type { RoleId } from "../model/ids.ts";
import { roleId } from "../model/ids.ts";
import { fill } from "./kit/template.ts";
import type { Manifest } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

export interface Fence {
  readonly roles: ReadonlySet<RoleId> | undefined;
  /** Whether every write looks first where the account stands. */
  readonly guardsWrites: boolean;
  /** Why an account in this role must not be touched; `undefined` = it may. */
  outside(role: RoleId | undefined): string | undefined;
}

/** @param mapped the vendor roles of the connection's role policy, if known here */
export function openFence({ roles }: Manifest, settings: Settings, mapped: readonly string[] | undefined): Fence {
  const { managed } = roles;
  if (!managed) return { roles: undefined, guardsWrites: false, outside: () => undefined };
  const chosen = managed.setting === undefined ? undefined : settings.open[managed.setting];
  const drawn = typeof chosen === "string" ? [chosen] : (chosen ?? mapped);
  if (drawn === undefined) return { roles: undefined, guardsWrites: false, outside: () => undefined };
  const always = [...managed.also, ...(roles.default === undefined ? [] : [roles.default])].flatMap((template) => fill(template, settings.open) ?? []);
  const inside = new Set([...drawn, ...always].map(roleId));
  return {
    roles: inside,
    guardsWrites: managed.guard === "writes",
    outside: (role) => {
      if (role !== undefined && inside.has(role)) return undefined;
      return role === undefined ? "the role of this account is not shown, so it is not known whether this connection manages it" : `this connection does not manage accounts in the role "${role}"`;
    },
  };
}
