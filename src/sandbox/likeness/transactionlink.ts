/**
 * A likeness of a TransactionLink organisation, invitations included.
 *
 * @module
 */
import { startSimulator } from "../../connectors/kit/simulator/start.ts";
import { emptyOrganisation, type Enrollment, type Member, type TransactionLinkState } from "../../connectors/transactionlink/simulated/state.ts";
import { transactionlink } from "../../connectors/transactionlink/simulator.ts";
import type { Account } from "../../model/person.ts";
import { elsewhere, type Model, type Started } from "./model.ts";

type Met = { readonly member: Member } | { readonly enrollment: Enrollment };

export async function transactionlinkLikeness({ roles }: Model): Promise<Started> {
  const empty = emptyOrganisation();
  const organizationId = empty.roles[0]?.organizationId ?? "";
  const vendor = await startSimulator<TransactionLinkState>({
    ...transactionlink,
    initial: () => ({ ...emptyOrganisation(), roles: roles.map(({ id, name }) => ({ id, name, organizationId })) }),
    seed({ met }, { state }) {
      for (const one of met as unknown as readonly Met[]) {
        if ("member" in one) state.users.push(one.member);
        else state.enrollments.push(one.enrollment);
      }
    },
  }, { random: elsewhere() });
  return { vendor, record };
}

const long = "2024-01-15T08:00:00.000Z";

function record({ id, kind, email, role, active, profile }: Account): Met {
  const names = { firstName: profile["name.givenName"] ?? null, lastName: profile["name.familyName"] ?? null, title: profile["title"] ?? null };
  if (kind === "invitation") return { enrollment: { enrollmentId: id, email: email ?? "", roleId: role ?? "", profile: names, status: active === false ? "CANCELLED" : "PENDING", lastInvitationSentAt: new Date().toISOString(), touched: 0 } };
  return { member: { id, email: email ?? "", idpId: null, roleId: role ?? "", profile: names, status: active === false ? "TERMINATED" : "ACTIVE", createdDateTime: long, mfaResets: 0, touched: 0 } };
}
