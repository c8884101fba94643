/**
 * A likeness of a vendor that somebody has described in a manifest: it does what the manifest says that the vendor does.
 *
 * @module
 */
import { randomInt } from "node:crypto";
import { recordOf, setActive, type VendorRecord } from "../../connectors/authoring/stand-in-records.ts";
import { deedsOf, standInOf, type StandInState } from "../../connectors/authoring/stand-in.ts";
import { startSimulator } from "../../connectors/kit/simulator/start.ts";
import { authorization } from "../../connectors/registry.ts";
import type { Account } from "../../model/person.ts";
import type { Model, Started } from "./model.ts";

export async function ownLikeness({ manifest, settings, roles }: Model): Promise<Started> {
  const deeds = deedsOf(manifest);
  const vendor = await startSimulator<StandInState>({
    ...standInOf(manifest, settings, authorization(manifest.http.auth.value, settings), roles.map(({ id }) => id), 20_000 + randomInt(10_000)),
    seed: ({ met }, { state }) => void state.people.push(...(met as unknown as readonly VendorRecord[])),
  });
  return {
    vendor,
    record({ id, email, role, active, profile }: Account) {
      const record = recordOf(manifest, settings, deeds, { id, email: email ?? "", role: role ?? "", active: active !== false }, profile);
      setActive(manifest, settings, record, active !== false);
      return record;
    },
  };
}
