/**
 * Which of a connector's settings are vendor roles: what set-up lets people choose from the vendor's list, and what the doctor compares with it.
 *
 * @module
 */
import type { Manifest } from "./manifest-schema.ts";

/** In the order in which the manifest names them: the default role's first. */
export function roleSettingsOf({ roles, settings }: Manifest): readonly string[] {
  const templates = [...(roles.default === undefined ? [] : [roles.default]), ...(roles.managed?.also ?? [])];
  const named = templates.flatMap((template) => /^\{(\w+)\}$/.exec(template)?.[1] ?? []);
  return [...new Set([...named, ...(roles.managed?.setting === undefined ? [] : [roles.managed.setting])])].filter((name) => Object.hasOwn(settings, name));
}

/** The settings that a connector's address and paths are made of: the first suspects where nobody is there. */
export function placeSettingsOf({ http, calls, settings }: Manifest, call: string | undefined): readonly string[] {
  const templates = [http.base, ...(call === undefined ? [] : [calls[call]?.path ?? ""])];
  const named = templates.flatMap((template) => [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name));
  return [...new Set(named)].filter((name) => Object.hasOwn(settings, name));
}

/** The settings that hold the credential. */
export const secretSettingsOf = ({ settings }: Manifest): readonly string[] => Object.entries(settings).flatMap(([name, { secret }]) => (secret ? [name] : []));
