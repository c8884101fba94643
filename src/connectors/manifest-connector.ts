/**
 * The engine: manifest + settings → connector.
 *
 * A method exists exactly when every call that it needs is allowed by `endpoints` (denials: `denyEndpoints`) and, for
 * denials, at least one strategy has its settings. What is missing says why in `traits.missing`.
 *
 * @module
 */
import type { Capability, Evidence, OperatorAction } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import { roleId } from "../model/ids.ts";
import type { Clock } from "../runtime/clock.ts";
import { at, firstText } from "./kit/json-path.ts";
import type { Http } from "./kit/http.ts";
import type { Call, Connector, Role, Target } from "./connector.ts";
import { openRecords } from "./manifest-account.ts";
import type { Hookable, Hooks } from "./hooks.ts";
import type { Calls } from "./manifest-calls.ts";
import { openCalls } from "./manifest-calls.ts";
import type { Strategy } from "./manifest-denials.ts";
import { asWritten, deny } from "./manifest-denials.ts";
import { guarded } from "./manifest-guard.ts";
import { denialOf, hooked, openKit } from "./manifest-hooks.ts";
import { operatorActions } from "./manifest-operator.ts";
import { listed, pagesOf } from "./manifest-pages.ts";
import { openReads } from "./manifest-reads.ts";
import type { Confirm, Manifest, ManifestStrategy } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";
import { defaultRoleOf, traitsOf } from "./manifest-traits.ts";
import type { Tools } from "./manifest-writes.ts";
import { change, create, revive, updateProfile } from "./manifest-writes.ts";

export interface Opening {
  readonly manifest: Manifest;
  readonly settings: Settings;
  readonly http: Http;
  readonly endpoints: Evidence;
  readonly denyEndpoints: Evidence;
  /** `undefined` = the manifest's default. */
  readonly onDeactivate: readonly string[] | undefined;
  readonly onDelete: readonly string[] | undefined;
  /** The connection's part of the fence; `undefined` = not known here. */
  readonly managedRoles?: readonly string[] | undefined;
  readonly hooks?: Hooks | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

export function connectorOf({ manifest, settings, http, endpoints, denyEndpoints, onDeactivate, onDelete, managedRoles, hooks = {}, clock }: Opening): Connector {
  const calls = openCalls(manifest, settings, http);
  const records = openRecords(manifest, settings, managedRoles);
  const reads = openReads(manifest, calls, records, clock);
  const tools: Tools = { manifest, settings, calls, records, reads, endpoints, defaultRole: defaultRoleOf(manifest, settings) };
  const { operations } = manifest;
  const missing = new Map<Capability | OperatorAction, string>();

  /** The first alternative whose calls are all allowed. */
  const chosen = <Rule>(capability: Capability, rules: Rule | readonly Rule[] | undefined, callsOf: (rule: Rule) => readonly (string | undefined)[]): Rule | undefined => {
    const alternatives: readonly Rule[] = rules === undefined ? [] : Array.isArray(rules) ? (rules as readonly Rule[]) : [rules as Rule];
    const found = alternatives.find((rule) => callsOf(rule).every((name) => calls.may(name, endpoints)));
    if (!found) missing.set(capability, whyNot(manifest, calls, alternatives.flatMap(callsOf), endpoints, "endpoints"));
    return found;
  };
  const usable = (capability: "deactivate" | "delete", names: readonly string[]): readonly Strategy[] => {
    const wanted = names.flatMap((name) => (Object.hasOwn(manifest.denials.strategies, name) ? [{ name, rule: manifest.denials.strategies[name] as ManifestStrategy }] : []));
    const needs = ({ rule }: (typeof wanted)[number]) => [...rule.uses, ...("call" in rule ? [rule.call, rule.readFirst, confirmCall(rule.confirm)] : [])];
    const found = wanted.filter((strategy) => needs(strategy).every((name) => calls.may(name, denyEndpoints)) && strategy.rule.needs.every((setting) => Object.hasOwn(settings.open, setting)));
    if (found.length === 0) {
      const setting = wanted.flatMap(({ rule }) => rule.needs).find((name) => !Object.hasOwn(settings.open, name));
      missing.set(capability, setting === undefined ? whyNot(manifest, calls, wanted.flatMap(needs), denyEndpoints, "denyEndpoints") : `the setting "${setting}" is missing`);
    }
    return found.map(({ name, rule }) => {
      const written = "call" in rule ? (target: Target, call: Call) => asWritten(tools, rule, target, call) : undefined;
      const carryOut = rule.hook === undefined ? written : denialOf(hooks, rule.hook, openKit(tools, traits, denyEndpoints), written);
      return { name, carryOut: carryOut as NonNullable<typeof carryOut> };
    });
  };

  const deletesForGood = (onDelete ?? manifest.denials.delete).some((name) => Object.hasOwn(manifest.denials.strategies, name) && manifest.denials.strategies[name]?.reversible === false);
  const find = chosen("find", operations.find, (rule) => ("scan" in rule ? [rule.scan] : [rule.call, rule.complete]));
  const get = chosen("get", operations.get, (rule) => ["call" in rule ? rule.call : rule.fromList]);
  const traits = { ...traitsOf(manifest, settings, endpoints, missing, records.fence.roles), deletesForGood, ...(get && "fromList" in get && { getReadsList: true }) };
  const list = chosen("list", operations.list, (rule) => [rule.call]);
  const creation = chosen("create", operations.create, (rule) => [rule.call, rule.readBack]);
  const update = chosen("updateProfile", operations.updateProfile, (rule) => [rule.call, rule.readFirst, confirmCall(rule.confirm)]);
  const roleChange = chosen("setRole", operations.setRole, (rule) => [rule.call, rule.readFirst, confirmCall(rule.confirm)]);
  const tagChange = chosen("setTags", operations.setTags, (rule) => [rule.call, rule.readFirst, confirmCall(rule.confirm)]);
  const revival = chosen("reactivate", operations.reactivate, (rule) => [rule.call, rule.readFirst, rule.restore?.call, confirmCall(rule.confirm)]);
  const deactivation = usable("deactivate", onDeactivate ?? manifest.denials.deactivate);
  const removal = usable("delete", onDelete ?? manifest.denials.delete);
  const roles = listRolesOf(manifest, calls, endpoints, missing);
  const operator = operatorActions(manifest, calls, endpoints, (action, call) => void missing.set(action, whyNot(manifest, calls, call === undefined ? [] : [call], endpoints, "endpoints")));

  const written = {
    traits,
    async check(call) {
      for (const step of operations.check) {
        if (manifest.calls[step.call]?.items === undefined) await listed(manifest.title, step.call, calls.run(step.call, {}, call));
        // One page is proof enough: a key that shows some people in full shows all of them so.
        else for await (const page of pagesOf(manifest, calls, step.call, {}, call)) {
          reads.demand(page, step.everyItemHas, step.otherwise);
          break;
        }
      }
    },
    async control(call) {
      const answer = await listed(manifest.title, manifest.control, calls.run(manifest.control, {}, call));
      if (manifest.calls[manifest.control]?.items !== undefined) calls.itemsOf(manifest.control, answer);
    },
    ...(find && { find: (email, call) => reads.find(find, email, call) }),
    ...(get && { get: async (target, call) => (await reads.lookUp("call" in get ? get.call : get.fromList, target.account, call, target.email))?.account }),
    ...(list && { list: (call, census) => reads.list(list.call, call, census) }),
    ...(creation && { create: (wanted, call) => create(tools, creation, wanted, call) }),
    ...(update && { updateProfile: (target, changes, call) => updateProfile(tools, update, target, changes, call) }),
    ...(roleChange && { setRole: (target, role, call) => change(tools, roleChange, target, { role }, "uncertain", call) }),
    ...(tagChange && { setTags: (target, tags, call) => change(tools, tagChange, target, { tags }, "accepted", call) }),
    ...(roles && { listRoles: roles }),
    ...(deactivation.length > 0 && { deactivate: (target, call) => deny(deactivation, target, call) }),
    ...(revival && { reactivate: (target, role, call) => revive(tools, revival, target, role, call) }),
    ...(removal.length > 0 && { delete: (target, call) => deny(removal, target, call) }),
    ...(operator && { operator }),
  } satisfies Connector as Connector;

  const allowed = (name: Hookable) => (name === "deactivate" || name === "delete" ? denyEndpoints : endpoints);
  const why = (needs: readonly string[], name: Hookable) => whyNot(manifest, calls, needs, allowed(name), name === "deactivate" || name === "delete" ? "denyEndpoints" : "endpoints");
  return guarded(hooked(written, hooks, (name) => openKit(tools, traits, allowed(name)), why, missing));
}

const confirmCall = (confirm: Confirm): string | undefined => (confirm === "none" ? undefined : confirm.call);

function whyNot({ title, calls: all }: Manifest, calls: Calls, names: readonly (string | undefined)[], allowed: Evidence, setting: string): string {
  const weak = names.find((name) => !calls.may(name, allowed));
  const evidence = weak === undefined ? undefined : all[weak]?.evidence;
  return evidence === undefined ? `${title} has no call for it` : `the evidence for "${weak}" is "${evidence}", and ${setting} allows "${allowed}"`;
}

function listRolesOf(manifest: Manifest, calls: Calls, endpoints: Evidence, missing: Map<Capability | OperatorAction, string>): Connector["listRoles"] | undefined {
  const { roles, title } = manifest;
  if (roles.from === "fixed") return async () => roles.of.map(({ id, name }) => ({ id: roleId(id), name }));
  if (roles.from === "configured" || !calls.may(roles.call, endpoints)) {
    missing.set("listRoles", roles.from === "configured" ? `${title} has no call that lists roles; they are those of the configuration` : whyNot(manifest, calls, [roles.call], endpoints, "endpoints"));
    return undefined;
  }
  return async (call) => {
    const found: Role[] = [];
    for await (const page of pagesOf(manifest, calls, roles.call, {}, call)) {
      for (const record of page) {
        const id = at(record, roles.id);
        if (typeof id !== "string" || id === "") throw new Fault({ kind: "protocol", detail: `${title} shows a role without an id` });
        found.push({ id: roleId(id), name: firstText(record, [roles.name]) ?? id });
      }
    }
    return found;
  };
}
