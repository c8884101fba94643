/**
 * An `unsupported` from the wire knows neither the capability nor what a person can do instead: both are put in here, for
 * methods that are data and methods that are hooks alike.
 *
 * @module
 */
import type { Capability } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import type { RoleId } from "../model/ids.ts";
import type { Profile } from "../model/person.ts";
import type { Connector, Traits } from "./connector.ts";

const guardedMethods = ["find", "get", "create", "updateProfile", "setRole", "setTags", "listRoles", "deactivate", "reactivate", "delete"] as const satisfies readonly Capability[];

export function guarded(connector: Connector): Connector {
  const { traits } = connector;
  const wrapped = guardedMethods.flatMap((capability) => {
    const method = connector[capability] as ((...given: readonly unknown[]) => Promise<unknown>) | undefined;
    if (!method) return [];
    const safe = async (...given: readonly unknown[]): Promise<unknown> => {
      try {
        return await method(...given);
      } catch (thrown) {
        throw explained(traits, capability, given[0], thrown);
      }
    };
    return [[capability, safe] as const];
  });
  return { ...connector, ...(Object.fromEntries(wrapped) as Partial<Connector>) };
}

function explained(traits: Traits, capability: Capability, about: unknown, thrown: unknown): unknown {
  if (!(thrown instanceof Fault) || thrown.failure.kind !== "unsupported") return thrown;
  const { email, profile = {}, role } = personIn(about);
  const name = [profile["name.givenName"], profile["name.familyName"]].filter((part) => part !== undefined).join(" ") || undefined;
  return new Fault({ ...thrown.failure, capability, steps: traits.steps(capability, { email, name, role }) }, { cause: thrown });
}

/** Whoever a failing call was about: an address, a target, or somebody new. */
interface Person {
  readonly email?: string | undefined;
  readonly profile?: Profile;
  readonly role?: RoleId | undefined;
}

const personIn = (about: unknown): Person => (typeof about === "string" ? { email: about } : typeof about === "object" && about !== null && "email" in about ? (about as Person) : {});
