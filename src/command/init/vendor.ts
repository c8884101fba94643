/**
 * The vendor, as far as a set-up needs it while it is being made: is the address one that may be called, is the credential taken, which
 * roles are there, what can be done.
 *
 * @module
 */
import { capabilitiesOf, type Role } from "../../connectors/connector.ts";
import { openEgress } from "../../connectors/kit/egress.ts";
import { fill } from "../../connectors/kit/template.ts";
import type { Manifest } from "../../connectors/manifest-schema.ts";
import { openUnfinished } from "../../connectors/registry.ts";
import type { ConnectorSetup } from "../../connectors/setup.ts";
import { callOf } from "../../doctor/looking.ts";
import { vendorWords, type Words } from "../../doctor/vendor-words.ts";
import type { Capability, Evidence } from "../../model/capability.ts";
import { failureOf } from "../../model/failure.ts";

export interface Unfinished {
  /** What the configuration's `connector:` leads to. */
  readonly connector: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly allow: readonly string[];
  readonly endpoints: Evidence;
  /** Settings that are still to be chosen. */
  readonly later: readonly string[];
}

const setupOf = ({ connector, values, allow, endpoints }: Unfinished): ConnectorSetup => ({ connector, settings: values, endpoints, denyEndpoints: endpoints === "seed" ? "seed" : "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: allow, timeoutMs: 15_000 });

/** The host that must be added to `egress.allow`; `undefined` = none. */
export function hostToAllow({ http }: Manifest, values: Readonly<Record<string, unknown>>, allow: readonly string[]): string | undefined {
  const open = Object.fromEntries(Object.entries(values).filter((pair): pair is [string, string] => typeof pair[1] === "string"));
  const text = fill(http.base, open);
  if (text === undefined || !URL.canParse(text)) return undefined;
  const origin = new URL(text);
  return openEgress(allow).refusal(origin) === undefined ? undefined : origin.hostname.replace(/^\[|\]$/g, "");
}

export type VendorTried = { readonly isOpen: true; /** `undefined` = the vendor has no call that lists them. */ readonly roles: readonly Role[] | undefined } | ({ readonly isOpen: false } & Words);

/** Lists people and roles; changes nothing. */
export async function tryVendor(unfinished: Unfinished, manifest: Manifest): Promise<VendorTried> {
  const call = callOf({ signal: AbortSignal.timeout(60_000) });
  try {
    const connector = await openUnfinished(setupOf(unfinished), unfinished.later);
    await connector.control(call);
    return { isOpen: true, roles: await connector.listRoles?.(call) };
  } catch (thrown) {
    return { isOpen: false, ...vendorWords(failureOf(thrown), call.exchanges.at(-1), manifest) };
  }
}

/** What weaker evidence would add, in the words of capabilities. */
export async function gainedBy(weaker: Evidence, unfinished: Unfinished): Promise<readonly Capability[]> {
  const able = async (endpoints: Evidence) => capabilitiesOf(await openUnfinished(setupOf({ ...unfinished, endpoints }), unfinished.later));
  const now = await able(unfinished.endpoints);
  return [...(await able(weaker))].filter((capability) => !now.has(capability));
}
