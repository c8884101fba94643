/**
 * From what a vendor answered to what a person changes: the setting, the right, the tenant.
 *
 * @module
 */
import type { Exchanged } from "../connectors/connector.ts";
import type { Manifest } from "../connectors/manifest-schema.ts";
import { placeSettingsOf, secretSettingsOf } from "../connectors/role-settings.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import { failure, type Finding, warning } from "./finding.ts";

/** What was last exchanged when it failed. */
export type LastCall = Pick<Exchanged, "call" | "status" | "method" | "path"> | undefined;

/** @param thrown whatever the connector threw */
export const vendorFinding = (check: string, thrown: unknown, last: LastCall, manifest: Manifest): Finding => {
  const its = failureOf(thrown);
  const { says, change } = vendorWords(its, last, manifest);
  return its.kind === "throttled" ? warning(check, says, change) : failure(check, says, change);
};

export interface Words {
  readonly says: string;
  readonly change: string;
}

export function vendorWords(its: Failure, last: LastCall, manifest: Manifest): Words {
  const { title } = manifest;
  switch (its.kind) {
    case "credentials":
      return credentialWords(its.detail, last, manifest);
    case "notFound":
      return { says: `${title} says that there is nothing at this address (404 to "${last?.call ?? "the call"}").`, change: `Correct ${placesOf(manifest, last)}: the credential is taken, and the tenant is another one or does not exist.` };
    case "protocol":
      if (/ (accepted|said yes)/.test(its.detail)) return { says: sentence(its.detail), change: `Ask ${title} why its yes has no effect; until that is mended, do it there by hand (drawbridge tasks list).` };
      if (last?.status === 404) return { says: `${title} knows neither the tenant nor the address (404 to "${last.call}").`, change: `Correct ${placesOf(manifest, last)}.` };
      return { says: sentence(its.detail), change: `See whether settings.baseUrl leads to the API of ${title}, and not to its website or a login page.` };
    case "invalid":
      return { says: sentence(its.detail), change: its.field === undefined ? "Correct what it says." : `Correct ${/^(roles|settings)\./.test(its.field) ? its.field : `settings.${its.field}`}.` };
    case "throttled":
      return { says: `${title} asks us to come back in ${its.retryAfterSeconds} s: its limit is reached.`, change: "Try again later; if it is always so, ask the vendor for a higher limit or lower budget.requestsPerSecond." };
    case "unreachable":
      return { says: sentence(its.detail), change: `Wait and try again; if it stays so, see the status page of ${title}, and the way there (proxy, firewall).` };
    case "uncertain":
      return { says: sentence(its.detail), change: `See the status page of ${title}; Drawbridge looks at what came of the call before it repeats it.` };
    case "unsupported":
      return { says: sentence(its.detail), change: its.steps === "" ? `Ask ${title} whether the call exists in your plan.` : `Allow weaker evidence (endpoints, denyEndpoints) if that is acceptable; until then a person does it: ${sentence(its.steps)}` };
    case "refused":
      return { says: sentence(its.detail), change: `Settle it in ${title}: a rule or the plan there says no.` };
    case "conflict":
      return { says: sentence(its.detail), change: `Look in ${title} at who has the address.` };
    case "held":
      return { says: sentence(its.detail), change: "Approve or reject the hold (drawbridge holds list)." };
    case "internal":
      return { says: "Drawbridge itself stumbled.", change: "See the server's log, and report it." };
  }
}

/** What the answer to a refused credential means depends on how it was refused. */
function credentialWords(detail: string, last: LastCall, manifest: Manifest): Words {
  const { title } = manifest;
  const settings = secretSettingsOf(manifest).map((name) => `settings.${name}`).join(" and ");
  const label = secretSettingsOf(manifest).map((name) => manifest.settings[name]?.label).join(", ");
  const call = last === undefined ? undefined : manifest.calls[last.call];
  if (last?.status === 401 || last?.status === undefined) return { says: `${title} refuses the credential (${last?.status ?? "no answer"}).`, change: `Put a valid ${label} into ${settings}.` };
  if (last.status === 403) {
    const right = call?.permission === undefined ? `the right to ${last.method} ${call?.path ?? last.path}` : `the right ${call.permission}`;
    return { says: `${title} does not let the credential do ${last.method} ${call?.path ?? last.path} (403).`, change: `Give the credential in ${settings} ${right} in ${title}; it must be: ${label}.` };
  }
  return { says: sentence(detail), change: `Put into ${settings} what it must be: ${label}${call?.permission === undefined ? "" : ` (it needs ${call.permission})`}.` };
}

const placesOf = (manifest: Manifest, last: LastCall): string => placeSettingsOf(manifest, last?.call).map((name) => `settings.${name}`).join(" or ") || "the settings";

export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
