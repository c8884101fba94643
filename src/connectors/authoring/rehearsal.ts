/**
 * The stage on which the laws are tried: a stand-in, a connector opened on it, and everything that the connector says.
 *
 * @module
 */
import { inspect } from "node:util";
import type { Capability, Evidence } from "../../model/capability.ts";
import type { Failure } from "../../model/failure.ts";
import { Fault } from "../../model/failure.ts";
import { accountId, correlationId, roleId } from "../../model/ids.ts";
import type { Json } from "../../model/json.ts";
import type { Account, Profile } from "../../model/person.ts";
import type { Call, Connector, Exchanged, NewAccount, Target } from "../connector.ts";
import { firstText } from "../kit/json-path.ts";
import type { VendorFault } from "../kit/simulator/faults.ts";
import type { RunningSimulator } from "../kit/simulator/running.ts";
import { assemble } from "../registry.ts";
import type { Manifest } from "../manifest-schema.ts";
import type { Settings } from "../manifest-settings.ts";
import { fitting, samplePart } from "./samples.ts";
import type { StandInState } from "./stand-in.ts";
import type { Person, VendorRecord } from "./stand-in-records.ts";

/** A law that does not hold; the sentence is for whoever writes the manifest. */
export class Broken extends Error {}

export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Broken(otherwise);
}

export interface Rehearsal {
  readonly manifest: Manifest;
  readonly vendor: RunningSimulator<StandInState>;
  readonly connector: Connector;
  readonly call: Call;
  readonly exchanges: readonly Exchanged[];
  /** Two roles of the vendor's: the one that new people get, and another. */
  readonly roles: readonly [string, string];
  open(change: { readonly endpoints?: Evidence; readonly onDeactivate?: readonly string[]; readonly onDelete?: readonly string[]; readonly wrongKey?: boolean }): Connector;
  /** Puts somebody into the vendor. */
  somebody(name: string, more?: Partial<Person>): Target & { readonly email: string };
  newcomer(name: string): NewAccount;
  people(): readonly VendorRecord[];
  record(target: Target): VendorRecord | undefined;
  always(fault: VendorFault): void;
  /** Writes that arrived at the vendor since the last `forget`. */
  writes(): readonly string[];
  forget(): void;
  failure(run: Promise<unknown>): Promise<Failure>;
  outcome<Result>(run: Promise<Result>): Promise<{ readonly done?: Result; readonly failure?: Failure }>;
  /** Everything that the connector has let out as text. */
  said(): string;
}

/** What the evidence of a manifest reaches down to, so that every call is tried. */
const everything: Evidence = "inferred";

export async function rehearse(manifest: Manifest, settings: Settings, vendor: RunningSimulator<StandInState>, roles: readonly [string, string]): Promise<Rehearsal> {
  await vendor.reset();
  const exchanges: Exchanged[] = [];
  const texts: string[] = [];
  let forgotten = 0;
  let number = 0;
  const open: Rehearsal["open"] = ({ endpoints = everything, onDeactivate, onDelete, wrongKey = false }) =>
    assemble(manifest, wrongKey ? { ...settings, secret: {}, open: { ...settings.open, ...Object.fromEntries(Object.keys(settings.secret).map((name) => [name, "wrong"])) } } : settings, new URL(vendor.url), { endpoints, denyEndpoints: endpoints, onDeactivate, onDelete, egressAllow: ["127.0.0.1"], timeoutMs: 5_000, managedRoles: roles }, {});
  const heard = (thrown: unknown): Failure => {
    if (!(thrown instanceof Fault)) throw thrown;
    texts.push(inspect(thrown, { depth: 8 }), JSON.stringify(thrown.failure));
    return thrown.failure;
  };
  const outcome = <Result>(run: Promise<Result>) => run.then((done): { done?: Result; failure?: Failure } => ({ done }), (thrown: unknown) => ({ failure: heard(thrown) }));
  const profile: Profile = Object.fromEntries(manifest.fields.filter(({ sentOn, scim }) => sentOn.includes("create") && !["email", "role", "tags", "password"].includes(scim)).map((field) => [field.scim, samplePart(field.scim)]));

  return {
    manifest, vendor, exchanges, roles, open, outcome,
    connector: open({}),
    call: { signal: AbortSignal.timeout(20_000), correlation: correlationId("c-rehearsal"), record: (exchange) => void exchanges.push(exchange) },
    somebody(name, more = {}) {
      const person = { id: fitting(manifest.account.idPattern, ++number, manifest.account.idExample) ?? `${number}`, email: `${name}@acme.example`, role: roles[0], active: true, ...more };
      vendor.seed({ people: [person] as unknown as Json });
      return { account: accountId(person.id), kind: "account", email: person.email };
    },
    newcomer: (name) => ({ email: `${name}@acme.example`, profile, role: roleId(roles[0]), password: "Pushed-Passw0rd-1" }),
    people: () => vendor.state().people,
    record: ({ account }) => vendor.state().people.find((one) => firstText(one, [manifest.account.id]) === account),
    always: (fault) => vendor.addFault({ ...fault, match: { ...fault.match, times: "always" } }),
    writes: () => vendor.journal().slice(forgotten).flatMap(({ method, path }) => (method === "GET" ? [] : [`${method} ${path}`])),
    forget: () => void (forgotten = vendor.journal().length),
    async failure(run) {
      const { failure } = await outcome(run);
      if (!failure) throw new Broken("It succeeded, although it could not");
      return failure;
    },
    said: () => [...texts, JSON.stringify(exchanges)].join("\n"),
  };
}

/** One request by each method that the connector has. */
export function everyMethod({ connector, call, roles, newcomer }: Rehearsal, target: Target & { readonly email: string }): readonly (readonly [Capability, "read" | "write", () => Promise<unknown>])[] {
  const all = async (accounts: AsyncIterable<Account>) => {
    const found: Account[] = [];
    for await (const account of accounts) found.push(account);
    return found;
  };
  const role = roleId(roles[1]);
  const methods: readonly (readonly [Capability, "read" | "write", (() => Promise<unknown>) | false])[] = [
    ["find", "read", connector.find ? () => connector.find?.(target.email, call) as Promise<unknown> : false],
    ["get", "read", connector.get ? () => connector.get?.(target, call) as Promise<unknown> : false],
    ["list", "read", connector.list ? () => all((connector.list as NonNullable<Connector["list"]>)(call)) : false],
    ["create", "write", connector.create ? () => connector.create?.(newcomer("new"), call) as Promise<unknown> : false],
    ["setRole", "write", connector.setRole ? () => connector.setRole?.(target, role, call) as Promise<unknown> : false],
    ["setTags", "write", connector.setTags ? () => connector.setTags?.(target, ["one"], call) as Promise<unknown> : false],
    ["reactivate", "write", connector.reactivate ? () => connector.reactivate?.(target, role, call) as Promise<unknown> : false],
    ["deactivate", "write", connector.deactivate ? () => connector.deactivate?.(target, call) as Promise<unknown> : false],
    ["delete", "write", connector.delete ? () => connector.delete?.(target, call) as Promise<unknown> : false],
  ];
  return methods.flatMap(([name, kind, run]) => (run === false ? [] : [[name, kind, run] as const]));
}
