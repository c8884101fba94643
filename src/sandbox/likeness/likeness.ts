/**
 * A likeness of a vendor's tenant on this machine: what is done to it stays in it. People of the real tenant are put into it one by one, as
 * they are met; whoever is made in it exists nowhere else.
 *
 * The built-in vendors are their simulators, a vendor of somebody's own is what its manifest says (`connector test` uses the same). So a
 * likeness answers as the documents have it, and never better.
 *
 * @module
 */
import type { Role } from "../../connectors/connector.ts";
import { readSettings } from "../../connectors/manifest-settings.ts";
import { builtInConnectors, manifestOf } from "../../connectors/registry.ts";
import { placeSettingsOf, secretSettingsOf } from "../../connectors/role-settings.ts";
import type { ConnectorSetup } from "../../connectors/setup.ts";
import { Fault } from "../../model/failure.ts";
import type { Account } from "../../model/person.ts";
import { appliveryLikeness } from "./applivery.ts";
import { enlivyLikeness } from "./enlivy.ts";
import type { Model, Started } from "./model.ts";
import { ownLikeness } from "./own.ts";
import { peoplelensLikeness } from "./peoplelens.ts";
import { transactionlinkLikeness } from "./transactionlink.ts";

export interface Likeness {
  /** The connection's own set-up, led to the likeness. */
  readonly setup: ConnectorSetup;
  /** Puts people into it as the real vendor shows them; who is in it already stays as they are. */
  meet(accounts: readonly Account[]): void;
  /** A path of a call to the likeness, as it would be at the real vendor. */
  realPath(path: string): string;
  stop(): Promise<void>;
}

const likenesses: Readonly<Record<string, (model: Model) => Promise<Started>>> = { peoplelens: peoplelensLikeness, transactionlink: transactionlinkLikeness, enlivy: enlivyLikeness, applivery: appliveryLikeness };

/** @throws Fault `invalid` where the settings are wrong */
export async function openLikeness(setup: ConnectorSetup, roles: readonly Role[]): Promise<Likeness> {
  const manifest = await manifestOf(setup);
  const read = readSettings(manifest, setup.settings);
  if (!read.ok) throw new Fault({ kind: "invalid", detail: read.problems.map(({ path, message }) => `${path} ${message}`).join("; ") });
  const start = builtInConnectors.includes(setup.connector) ? likenesses[setup.connector] : undefined;
  const { vendor, settings = {}, record } = await (start ?? ownLikeness)({ manifest, settings: read.settings, roles });
  const met = new Set<string>();
  const base = placeSettingsOf(manifest, undefined)[0];
  const secrets = Object.fromEntries(secretSettingsOf(manifest).map((name) => [name, vendor.apiKey]));
  const replaced = Object.entries(settings).flatMap(([name, there]) => {
    const real = read.settings.open[name];
    return typeof real === "string" ? [[`/${encodeURIComponent(there)}/`, `/${encodeURIComponent(real)}/`] as const] : [];
  });
  return {
    setup: { ...setup, settings: { ...setup.settings, ...(start ? { ...secrets, ...settings } : {}), ...(base !== undefined && { [base]: vendor.url }) }, egressAllow: ["127.0.0.1"] },
    meet(accounts) {
      const fresh = accounts.filter(({ id }) => !met.has(id));
      for (const account of fresh) {
        met.add(account.id);
        vendor.seed({ met: [record(account)] } as never);
      }
    },
    realPath: (path) => replaced.reduce((text, [there, real]) => text.replace(there, real), path),
    stop: () => vendor.stop(),
  };
}
