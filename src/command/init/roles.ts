/**
 * Which of the vendor's roles are used, who gets them, and which are privileged.
 *
 * @module
 */
import type { ConnectionDraft, SettingDraft } from "../../config/draft-text.ts";
import type { Role } from "../../connectors/connector.ts";
import type { Manifest } from "../../connectors/manifest-schema.ts";
import { problemOf } from "../../connectors/manifest-settings.ts";
import { roleSettingsOf } from "../../connectors/role-settings.ts";
import { soundsPrivileged } from "../../doctor/roles.ts";
import { UsageError } from "../confirm.ts";
import type { Asking, Option } from "./asking.ts";
import { type Given, listIn } from "./given.ts";

export interface Known {
  readonly manifest: Manifest;
  /** The vendor's own list; `undefined` = it has none to show, or could not be asked. */
  readonly roles: readonly Role[] | undefined;
}

const none = "";
const optionOf = ({ id, name }: Role): Option => ({ value: id, label: name, ...(id !== name && { hint: id }) });

/** Id or name, as somebody wrote it → id. */
function idOf(text: string, { roles, manifest }: Known, flag: string): string {
  if (!roles) return text;
  const found = roles.find(({ id }) => id === text) ?? roles.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  if (!found) throw new UsageError(`${flag}: ${manifest.title} has no role "${text}"; it has ${roles.map(({ id, name }) => (id === name ? id : `${name} (${id})`)).join(", ")}.`);
  return found.id;
}

/** The connector's settings that are roles. */
export async function enterRoleSettings(known: Known, given: Given, asking: Asking | undefined): Promise<readonly SettingDraft[]> {
  const drafts: SettingDraft[] = [];
  for (const name of roleSettingsOf(known.manifest)) {
    const value = await enterOne(name, known, given.settings.get(name), asking);
    const label = known.manifest.settings[name]?.label ?? "";
    if (value !== undefined) drafts.push({ name, label, value });
  }
  return drafts;
}

async function enterOne(name: string, known: Known, given: string | undefined, asking: Asking | undefined): Promise<string | readonly string[] | undefined> {
  const rule = known.manifest.settings[name];
  if (!rule) return undefined;
  const { roles } = known;
  if (given !== undefined) return rule.list ? (listIn(given) ?? []).map((one) => idOf(one, known, `--set ${name}`)) : idOf(given, known, `--set ${name}`);
  if (!asking) return rule.default;
  const message = `${name}: ${rule.label}`;
  if (rule.list) {
    const chosen = roles ? await asking.many({ message: `${message} (none: those of the mapping below)`, options: roles.map(optionOf) }) : listIn(await asking.text({ message: `${message} (several: commas between them; may be left empty)` }));
    return chosen && chosen.length > 0 ? chosen : undefined;
  }
  const wrong = (answer: string) => (answer.trim() === "" ? (rule.required ? "is needed" : undefined) : problemOf(answer.trim(), rule));
  const answer = roles
    ? await asking.one({ message, options: [...(rule.required ? [] : [{ value: none, label: "none" }]), ...roles.map(optionOf)], initial: rule.default })
    : await asking.text({ message, placeholder: rule.example, initial: rule.default, wrong });
  return answer.trim() === "" ? undefined : answer.trim();
}

export type Mapped = ConnectionDraft["roles"]["map"];

/** Who gets which role: flags first, else a person is asked role by role. */
export async function mapRoles(known: Known, given: Given, defaults: readonly string[], asking: Asking | undefined): Promise<Mapped> {
  const named = (vendor: string) => known.roles?.find(({ id }) => id === vendor)?.name ?? vendor;
  if (given.roles.length > 0 || !asking) {
    return given.roles.map(({ idp, vendor, privileged }) => {
      const id = idOf(vendor, known, privileged ? "--privileged-role" : "--role");
      return { idp, vendor: id, privileged, vendorName: named(id) };
    });
  }
  const used = known.roles
    ? await asking.many({ message: `Which roles of ${known.manifest.title} are given by groups or roles of the IdP? (none: everybody gets the default role)`, options: known.roles.map(optionOf), initial: [] })
    : (listIn(await asking.text({ message: `Roles of ${known.manifest.title} that groups or roles of the IdP give, as they are written there (it has no call that lists them; commas between them; may be left empty)`, initial: defaults.join(", ") })) ?? []);
  const map: Mapped[number][] = [];
  for (const vendor of used) {
    const name = named(vendor);
    const names = listIn(await asking.text({ message: `Who gets ${name}? Groups (displayName) or role values of the IdP, letter for letter (commas between them; empty: nobody)`, placeholder: `${known.manifest.title} ${name}` })) ?? [];
    if (names.length === 0) continue;
    const privileged = !defaults.includes(vendor) && (await asking.yes({ message: `Is ${name} privileged? Such a role is never queued, never adopted, and the last person in it is guarded.`, initial: soundsPrivileged.test(name) }));
    map.push(...names.map((idp) => ({ idp, vendor, privileged, vendorName: name })));
  }
  // The first that fits wins: who is an administrator is to be one.
  return map.toSorted((a, b) => Number(b.privileged) - Number(a.privileged));
}

/** What losing the last mapped role leads to. */
export async function chooseFallback(map: Mapped, known: Known, given: string | undefined, asking: Asking | undefined): Promise<string | undefined> {
  if (given !== undefined) return given === "deactivate" ? given : idOf(given, known, "--fallback");
  if (!asking || map.length === 0) return undefined;
  const harmless = map.filter(({ privileged, vendor }, at) => !privileged && map.findIndex((one) => one.vendor === vendor) === at);
  const chosen = await asking.one({
    message: "Who loses the last of these roles",
    options: [{ value: none, label: "gets the default role" }, { value: "deactivate", label: "loses access" }, ...harmless.map(({ vendor, vendorName }) => ({ value: vendor, label: `gets ${vendorName}`, ...(vendor !== vendorName && { hint: vendor }) }))],
  });
  return chosen === none ? undefined : chosen;
}
