/**
 * What the connection's policy needs of the vendor, and whether there is a call for it that may be used.
 *
 * @module
 */
import type { ConnectionConfig } from "../config.ts";
import { capabilitiesOf, type Connector } from "../connectors/connector.ts";
import type { Manifest } from "../connectors/manifest-schema.ts";
import type { Capability } from "../model/capability.ts";
import { failure, type Finding, note, ok, warning } from "./finding.ts";

/** What it means that nothing does it, and how bad that is. */
const needs: readonly { readonly capability: Capability; readonly weight: "failure" | "warning" | "note"; readonly without: string }[] = [
  { capability: "deactivate", weight: "failure", without: "a leaver keeps their access until a person takes it away" },
  { capability: "create", weight: "warning", without: "every joiner becomes a task for a person" },
  { capability: "find", weight: "warning", without: "accounts that are there already cannot be matched" },
  { capability: "setRole", weight: "warning", without: "every change of a role becomes a task for a person" },
  { capability: "reactivate", weight: "note", without: "who comes back becomes a task for a person" },
  { capability: "updateProfile", weight: "note", without: "changed names stay here" },
];

export function abilityFindings(connector: Connector, manifest: Manifest, { policy, onDeactivate, onDelete }: ConnectionConfig): readonly Finding[] {
  const able = capabilitiesOf(connector);
  const wantsRoles = new Set(policy.roles.map.map(({ vendor }) => vendor)).size > 1;
  const lacking = needs.filter(({ capability }) => !able.has(capability) && (capability !== "setRole" || wantsRoles));
  const findings = lacking.map(({ capability, weight, without }): Finding => {
    const check = `vendor.can.${capability}`;
    const why = connector.traits.missing(capability) ?? `${manifest.title} has no call for it`;
    const says = `No call may be used to ${words[capability]}: ${why}; ${without}.`;
    return weight === "note" ? note(check, says) : (weight === "warning" ? warning : failure)(check, says, wayOut(why, manifest.title));
  });
  const strategies = [...new Set(onDeactivate ?? manifest.denials.deactivate)];
  const harsh = strategies.filter((name) => manifest.denials.strategies[name]?.reversible === false);
  return [
    ...(findings.some(({ outcome }) => outcome === "failure") ? [] : [ok("vendor.can", `Access ends by ${strategies.join(", then ")}; who is deleted, by ${(onDelete ?? manifest.denials.delete).join(", then ") || "the same"}.`)]),
    ...findings,
    ...(harsh.length > 0 ? [warning("vendor.can.undo", `A mere deactivation deletes at ${manifest.title} for good (onDeactivate: ${harsh.join(", ")}).`, `Put a reversible strategy first in onDeactivate (${Object.entries(manifest.denials.strategies).filter(([, { reversible }]) => reversible).map(([name]) => name).join(", ") || "there is none"}).`)] : []),
  ];
}

function wayOut(why: string, title: string): string {
  const setting = /the setting "(\w+)"/.exec(why)?.[1];
  if (setting !== undefined) return `Give settings.${setting} a value.`;
  const [, evidence, key] = /is "(\w+)", and (\w+) allows/.exec(why) ?? [];
  if (evidence !== undefined) return `Set ${key}: ${evidence} on this connection, if you accept calls of that evidence (docs/connectors.md), or have people do it by the tasks.`;
  return `Nothing to change here: have somebody do it in ${title} by the tasks (drawbridge tasks list).`;
}

const words: { readonly [K in Capability]: string } = {
  find: "look somebody up",
  get: "read an account",
  list: "list accounts",
  create: "create an account",
  updateProfile: "change a profile",
  setRole: "change a role",
  setTags: "change tags",
  listRoles: "list roles",
  deactivate: "end access",
  reactivate: "give access back",
  delete: "delete an account",
};
