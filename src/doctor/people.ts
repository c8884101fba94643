/**
 * What has been pushed so far, and what of it points at a mapping in the IdP that its administrator will regret.
 *
 * @module
 */
import type { ConnectionConfig } from "../config.ts";
import type { Attributes } from "../model/resource.ts";
import type { Store } from "../store/store.ts";
import { counted, type Finding, note, ok, warning } from "./finding.ts";

/** So many are looked at, the newest of them: enough to see how an IdP is set up. */
const sampled = 300;

const plain = { filter: undefined, sort: undefined, groups: false, members: false };

export async function lookAtPeople({ id, policy }: ConnectionConfig, store: Store): Promise<readonly Finding[]> {
  const { total } = await store.list(id, "User", { ...plain, offset: 0, limit: 0 });
  const people = await store.list(id, "User", { ...plain, offset: Math.max(0, total - sampled), limit: sampled });
  const groups = await store.list(id, "Group", { ...plain, offset: 0, limit: 1_000 });
  const findings = [...externalIds(people.resources.map(({ attributes }) => attributes)), ...mapping(groups.resources.map(({ attributes }) => attributes), policy.roles.map.map(({ idp }) => idp), total)];
  return findings.length > 0 ? findings : total === 0 ? [note("people", "Nobody has been pushed yet.")] : [ok("people", `${counted(total, "person", "people")} and ${counted(groups.total, "group")} have been pushed.`)];
}

function externalIds(people: readonly Attributes[]): readonly Finding[] {
  const ids = people.flatMap(({ externalId }) => (typeof externalId === "string" ? [externalId.toLowerCase()] : []));
  const repeats = ids.length - new Set(ids).size;
  const nicknames = people.filter(({ externalId, userName }) => typeof externalId === "string" && typeof userName === "string" && externalId.toLowerCase() === userName.split("@")[0]?.toLowerCase()).length;
  if (repeats === 0 && (nicknames < 3 || nicknames < people.length / 2)) return [];
  const what = repeats > 0 ? `${counted(repeats, "externalId")} repeat${repeats === 1 ? "s" : ""} among the last ${people.length} people` : "externalId looks like a mail nickname";
  return [warning("people.externalId", `${what[0]?.toUpperCase()}${what.slice(1)}: Entra's default maps mailNickname, which may be missing and repeats.`, "In Entra, Provisioning → Mappings: map externalId to objectId instead of mailNickname.")];
}

function mapping(groups: readonly Attributes[], names: readonly string[], people: number): readonly Finding[] {
  if (groups.length === 0) return [];
  const known = new Set(groups.flatMap(({ displayName, externalId }) => [displayName, externalId].filter((text) => typeof text === "string")));
  const close = names.filter((name) => !known.has(name)).flatMap((name) => [...known].filter((one) => one.trim().toLowerCase() === name.trim().toLowerCase()).map((one) => ({ name, one })));
  const hits = names.filter((name) => known.has(name)).length;
  if (close.length > 0) return close.map(({ name, one }) => warning("people.groups", `roles.map names "${name}", and the IdP pushed the group "${one}".`, `Write the name in roles.map exactly as the IdP has it; it is compared letter for letter.`));
  if (names.length > 0 && hits === 0 && people > 0) return [warning("people.groups", `None of the ${counted(groups.length, "group")} that the IdP pushed stands in roles.map, so none leads to a role.`, `Write a group's name into roles.map, or push the groups that stand there (Okta: Push Groups; Entra: assign them to the application).`)];
  return [];
}
