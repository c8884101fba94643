/**
 * A likeness of a PeopleLens tenant.
 *
 * @module
 */
import { startSimulator } from "../../connectors/kit/simulator/start.ts";
import { emptyTenant, type PeopleLensState, type User } from "../../connectors/peoplelens/simulated/state.ts";
import { peoplelens } from "../../connectors/peoplelens/simulator.ts";
import type { Account } from "../../model/person.ts";
import { elsewhere, type Model, type Started } from "./model.ts";

export async function peoplelensLikeness({ roles }: Model): Promise<Started> {
  const vendor = await startSimulator<PeopleLensState>({
    ...peoplelens,
    initial: () => ({ ...emptyTenant(), roles: [...new Set([...emptyTenant().roles, ...roles.map(({ id }) => id as string)])] }),
    seed: ({ met }, { state }) => void state.users.push(...(met as unknown as readonly User[])),
  }, { random: elsewhere() });
  return { vendor, record };
}

const record = ({ id, email, role, active, profile }: Account): User => ({
  id,
  email: email ?? "",
  first_name: profile["name.givenName"] ?? "",
  last_name: profile["name.familyName"] ?? "",
  company_role: profile["title"] ?? null,
  is_enabled: active !== false,
  role: role ?? "User",
  assignments: [],
  password: null,
  deleted: false,
});
