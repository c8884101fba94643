/**
 * A likeness of an Applivery workspace. Its segment permissions are not looked at: what they leave open shows when somebody is unassigned.
 *
 * @module
 */
import { type AppliveryState, type Collaborator, emptyWorkspace, type PlatformAccount } from "../../connectors/applivery/simulated/state.ts";
import { applivery } from "../../connectors/applivery/simulator.ts";
import { startSimulator } from "../../connectors/kit/simulator/start.ts";
import type { Account } from "../../model/person.ts";
import { sandboxSwitches } from "../sandbox-config.ts";
import { elsewhere, type Started } from "./model.ts";

interface Met {
  readonly account: PlatformAccount;
  readonly collaborator: Collaborator;
}

const long = "2024-01-15T08:00:00.000Z";

export async function appliveryLikeness(): Promise<Started> {
  const { organization } = emptyWorkspace();
  const vendor = await startSimulator<AppliveryState>({
    ...applivery,
    initial: () => ({ ...emptyWorkspace(), seats: Number.MAX_SAFE_INTEGER }),
    seed({ met }, { state }) {
      for (const { account, collaborator } of met as unknown as readonly Met[]) {
        state.accounts.push(account);
        state.collaborators.push(collaborator);
      }
    },
  }, { switches: sandboxSwitches["applivery"] ?? {}, random: elsewhere() });
  return { vendor, record, settings: { organizationId: organization.slug } };
}

function record({ id, email, role, profile, tags = [] }: Account): Met {
  const account = { id: `of-${id}`, email: email ?? "", firstName: profile["name.givenName"] ?? "", lastName: profile["name.familyName"] ?? "", role: "user", ssoUser: false, left: false, oemSecret: null };
  return { account, collaborator: { id, account: account.id, role: role ?? "viewer", tags: [...tags], createdBy: account.id, createdAt: long, updatedAt: long } };
}
