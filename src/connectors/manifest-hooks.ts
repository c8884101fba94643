/**
 * Opens a vendor's hooks: gives each the kit, and takes only those whose calls the operator allows.
 *
 * @module
 */
import type { Capability, Evidence, OperatorAction } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import type { Call, Connector, Traits } from "./connector.ts";
import type { Denial, HookKit, Hookable, HookedMethod, Hooks } from "./hooks.ts";
import { sameEmail } from "./kit/email.ts";
import { changedBody, createBody, mergedBody } from "./manifest-body.ts";
import type { Problem } from "./manifest-check.ts";
import { operatorCalls } from "./manifest-operator.ts";
import { pagesOf } from "./manifest-pages.ts";
import type { Manifest } from "./manifest-schema.ts";
import type { Tools } from "./manifest-writes.ts";

/** @param allowed the weakest evidence of a call that the hook may make */
export function openKit(tools: Tools, traits: Traits, allowed: Evidence): HookKit {
  const { manifest, settings, calls, records, reads, endpoints, defaultRole } = tools;
  const { title } = manifest;
  const forOperators = operatorCalls(manifest);
  const may = (name: string) => !forOperators.has(name) && calls.may(name, allowed);
  const usable = (name: string): void => {
    if (forOperators.has(name)) throw new Fault({ kind: "internal", detail: `A hook of ${title} used the call "${name}", which is for operators only` });
    if (!may(name)) throw new Fault({ kind: "internal", detail: `A hook of ${title} used the call "${name}", whose evidence the configuration does not allow` });
  };
  const pages: HookKit["pages"] = (name, values, call) => {
    usable(name);
    return pagesOf(manifest, calls, name, values, call);
  };
  return {
    title,
    settings: settings.open,
    defaultRole,
    managedRoles: records.fence.roles,
    may,
    async run(name, input, call) {
      usable(name);
      return calls.run(name, input, call);
    },
    async item(name, input, call) {
      usable(name);
      const item = calls.itemOf(name, await calls.run(name, input, call));
      if (item === undefined || item === null) throw new Fault({ kind: "protocol", detail: `${title} answered "${name}" without the record that its documents show` });
      return item;
    },
    pages,
    scan: (name, read = records.account) =>
      reads.openScan(async function* (call: Call) {
        for await (const page of pages(name, {}, call)) for (const record of page) {
          const account = read(record);
          if (account) yield account;
        }
      }),
    account: records.account,
    async lookUp(name, id, call, email) {
      usable(name);
      return reads.lookUp(name, id, call, email);
    },
    protectedBecause: records.protectedBecause,
    createBody: (wanted, remark = ignored) => createBody({ manifest, settings, endpoints, remark }, { ...wanted, role: wanted.role ?? defaultRole }),
    changeBody(changes, current, { known, remark = ignored } = {}) {
      const making = { manifest, settings, endpoints, remark };
      return current === undefined ? changedBody(making, changes, known) : mergedBody(making, changes, current, known);
    },
    same: (part, a, b) => (part === "email" ? sameEmail(a, b) : (traits.parts.find((trait) => trait.part === part)?.same(a, b) ?? a === b)),
    steps: (capability, { email, name, role }) => traits.steps(capability, { email, name, role }),
  };
}

const ignored = () => undefined;

/** The manifest's connector, with every hooked method in place of its own. */
export function hooked(base: Connector, hooks: Hooks, kitFor: (name: Hookable) => HookKit, why: (needs: readonly string[], name: Hookable) => string, missing: Map<Capability | OperatorAction, string>): Connector {
  const methods = Object.entries(hooks.methods ?? {}) as unknown as readonly (readonly [Hookable, HookedMethod<Hookable>])[];
  const opened = methods.flatMap(([name, { needs, open }]) => {
    const kit = kitFor(name);
    if (needs.every((call) => kit.may(call))) {
      if (name !== "check" && name !== "control") missing.delete(name);
      return [[name, open(kit, base)] as const];
    }
    if (name !== "check" && name !== "control" && base[name] === undefined) missing.set(name, why(needs, name));
    return [];
  });
  return { ...base, ...(Object.fromEntries(opened) as Partial<Connector>) };
}

/** @throws Fault `internal`: `hookProblems` is asked first */
export function denialOf(hooks: Hooks, name: string, kit: HookKit, written: Denial | undefined): Denial {
  const strategy = hooks.strategies && Object.hasOwn(hooks.strategies, name) ? hooks.strategies[name] : undefined;
  if (!strategy) throw new Fault({ kind: "internal", detail: `${kit.title} has no hook "${name}"` });
  return strategy(kit, written);
}

/** Hooks that a manifest names and nobody brought, and calls that hooks name and the manifest does not know. */
export function hookProblems({ denials, calls, connector }: Manifest, hooks: Hooks): readonly Problem[] {
  const strategies = Object.entries(denials.strategies).flatMap(([name, { hook }]) =>
    hook === undefined || Object.hasOwn(hooks.strategies ?? {}, hook) ? [] : [{ path: `denials.strategies.${name}.hook`, message: `"${hook}" is not in the hooks of ${connector}; a manifest of your own has none, it is data only` }]);
  const needs = Object.entries(hooks.methods ?? {}).flatMap(([name, method]) => method.needs.filter((call) => !Object.hasOwn(calls, call)).map((call) => ({ path: `hooks.methods.${name}.needs`, message: `there is no call "${call}"` })));
  return [...strategies, ...needs];
}
