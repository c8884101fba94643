/**
 * Whether the roles that the configuration names are there, and whether what sounds privileged is marked so.
 *
 * @module
 */
import type { Connector, Role } from "../connectors/connector.ts";
import type { Manifest } from "../connectors/manifest-schema.ts";
import { roleSettingsOf } from "../connectors/role-settings.ts";
import { nearest } from "../config/problem.ts";
import { Secret } from "../runtime/secret.ts";
import { counted, failure, type Finding, note, ok, warning } from "./finding.ts";
import { callOf } from "./looking.ts";
import { vendorFinding } from "./vendor-words.ts";
import type { Bed } from "./ward.ts";

/** A role as the configuration names it, and where. */
export interface Named {
  readonly at: string;
  readonly role: string;
}

export async function lookAtRoles(connector: Connector, manifest: Manifest, bed: Bed): Promise<readonly Finding[]> {
  const named = rolesNamed(manifest, bed);
  if (!connector.listRoles) return [note("roles.known", `${connector.traits.missing("listRoles") ?? `${manifest.title} has no call that lists roles`}: whether ${[...new Set(named.map(({ role }) => role))].join(", ") || "the default role"} is there shows when somebody is given one.`), ...unmarked([], bed)];
  const call = callOf(bed);
  let roles: readonly Role[];
  try {
    roles = await connector.listRoles(call);
  } catch (thrown) {
    return [vendorFinding("roles.known", thrown, call.exchanges.at(-1), manifest)];
  }
  const unknown = named.filter(({ role }) => !roles.some(({ id }) => id === role));
  return [
    ...(unknown.length === 0 ? [ok("roles.known", `All ${counted(named.length, "role")} of the configuration are among the ${roles.length} of ${manifest.title}.`)] : unknown.map((one) => unknownFinding(one, roles, manifest.title))),
    ...unmarked(roles, bed),
  ];
}

/** Every place in the configuration that names a vendor role. */
export function rolesNamed(manifest: Manifest, { connection: { policy, settings } }: Pick<Bed, "connection">): readonly Named[] {
  const { map, fallback } = policy.roles;
  const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.flatMap(texts) : value instanceof Secret ? [value.reveal()] : typeof value === "string" ? [value] : []);
  return [
    ...map.map(({ vendor }, at) => ({ at: `roles.map[${at}].vendor`, role: vendor as string })),
    ...(fallback === undefined || fallback === "deactivate" ? [] : [{ at: "roles.fallback", role: fallback as string }]),
    ...roleSettingsOf(manifest).flatMap((name) => texts(settings[name]).map((role) => ({ at: `settings.${name}`, role }))),
  ];
}

function unknownFinding({ at, role }: Named, roles: readonly Role[], title: string): Finding {
  const check = "roles.known";
  const says = `${at} names the role "${role}", which ${title} does not have.`;
  const byName = roles.find(({ name }) => name.toLowerCase() === role.toLowerCase());
  if (byName) return failure(check, says, `That is the role's name: write its id, ${byName.id}, into ${at}.`);
  // Of ids that nobody can read, a similar one is no better guess than any other.
  const meant = /^[0-9a-f-]{16,}$/i.test(role) ? undefined : roles.find(({ id }) => id === nearest(role, roles.map((each) => each.id)));
  if (meant) return failure(check, says, `Did you mean ${meant.id} (${meant.name})? Correct ${at}.`);
  return failure(check, says, `Write one of these into ${at}: ${roles.slice(0, 8).map(({ id, name }) => (id === name ? id : `${id} (${name})`)).join(", ")}.`);
}

export const soundsPrivileged = /admin|owner|root|super/i;

function unmarked(roles: readonly Role[], { connection: { policy } }: Bed): readonly Finding[] {
  return policy.roles.map.flatMap(({ vendor, privileged }, at) => {
    const name = roles.find(({ id }) => id === vendor)?.name ?? vendor;
    if (privileged || !soundsPrivileged.test(name)) return [];
    return [warning("roles.privileged", `roles.map[${at}] gives the role ${name}, which sounds privileged and is not marked so.`, `Write privileged: true there, so that it is never queued, never adopted and guarded by the last-administrator rail.`)];
  });
}
