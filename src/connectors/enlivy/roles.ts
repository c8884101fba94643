/**
 * Whether the configured roles exist at Enlivy and fit their purpose: a role without access that opens the back office would
 * turn every denial into a promise that is not kept.
 *
 * @module
 */
import { Fault } from "../../model/failure.ts";
import type { Json } from "../../model/json.ts";
import type { Call } from "../connector.ts";
import type { HookKit } from "../hooks.ts";
import { at } from "../kit/json-path.ts";

/** @throws Fault `invalid` that names the setting */
export async function checkRoles(kit: HookKit, call: Call): Promise<void> {
  const roles = new Map<string, Json>();
  for await (const page of kit.pages("roles", {}, call)) {
    for (const role of page) {
      const id = at(role, "id");
      if (typeof id === "string") roles.set(id, role);
    }
  }
  const wrong = (setting: string, why: string) => new Fault({ kind: "invalid", field: setting, detail: `${kit.title}: ${setting} ${why}` });
  for (const [setting, id] of configured(kit)) {
    const role = roles.get(id);
    if (role === undefined) throw wrong(setting, `names the role "${id}", which the organisation does not have`);
    if (at(role, "is_business_entity") === true) throw wrong(setting, `names the role "${id}", which is for companies, not for people`);
    if (setting === "noAccessRoleId" && at(role, "can_use_backoffice") !== false) throw wrong(setting, `names the role "${id}", which is not shown to be without back office`);
  }
}

function configured({ settings, managedRoles }: HookKit): readonly (readonly [string, string])[] {
  const named = ["defaultRoleId", "noAccessRoleId"].flatMap((name): readonly (readonly [string, string])[] => {
    const id = settings[name];
    return typeof id === "string" ? [[name, id]] : [];
  });
  const others = [...(managedRoles ?? [])].filter((id) => !named.some(([, known]) => known === id));
  return [...named, ...others.map((id): readonly [string, string] => [settings["managedRoleIds"] === undefined ? "roles.map" : "managedRoleIds", id])];
}
