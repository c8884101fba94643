/**
 * A likeness of an Enlivy organisation.
 *
 * @module
 */
import { blank, emptyOrganization, type EnlivyState, nameOf, organization, type User, type UserRole } from "../../connectors/enlivy/simulated/state.ts";
import { enlivy } from "../../connectors/enlivy/simulator.ts";
import { startSimulator } from "../../connectors/kit/simulator/start.ts";
import type { Account } from "../../model/person.ts";
import { elsewhere, type Model, type Started } from "./model.ts";

const long = "2024-01-15T08:00:00.000Z";

export async function enlivyLikeness({ roles, settings }: Model): Promise<Started> {
  const idle = settings.open["noAccessRoleId"];
  const { locales } = settings.open;
  const roleOf = (id: string, name: string): UserRole => ({ id, name, can_use_backoffice: id !== idle, has_full_backoffice_access: false, can_be_invoiced: false, can_be_invoicing: false, can_be_payrolled: false, is_business_entity: false });
  const vendor = await startSimulator<EnlivyState>({
    ...enlivy,
    initial: () => ({ ...emptyOrganization(), roles: roles.map(({ id, name }) => roleOf(id, name)), ...(Array.isArray(locales) && { locales: [...(locales as readonly string[])] }) }),
    seed: ({ met }, { state }) => void state.users.push(...(met as unknown as readonly User[])),
  }, { random: elsewhere() });
  const record = ({ id, email, role, active, profile, tags = [] }: Account): User => {
    const person = { ...blank, id, organization_user_role_id: role ?? "", email: email ?? null, first_name: profile["name.givenName"] ?? null, last_name: profile["name.familyName"] ?? null, tag_ids: [...tags], created_at: long, updated_at: long };
    // Without access in spite of a role that has some: in the trash.
    return { ...person, name: nameOf(person), deleted_at: active === false && role !== idle ? new Date().toISOString() : null };
  };
  return { vendor, record, settings: { organizationId: organization } };
}
