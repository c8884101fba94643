/**
 * What only an operator may order (`operatorActions` in the manifest). Such a call stands in no operation and no hook can use it, so
 * no push leads to it; it is sent once, when a person says so.
 *
 * @module
 */
import type { Evidence, OperatorAction } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import type { Connector } from "./connector.ts";
import type { Calls } from "./manifest-calls.ts";
import type { Manifest } from "./manifest-schema.ts";

const known = { resetMfa: true } as const satisfies { readonly [Action in OperatorAction]: true };

/** The calls that are nobody's but an operator's. */
export const operatorCalls = ({ operatorActions: all }: Manifest): ReadonlySet<string> => new Set(Object.values(all).flatMap((rule) => (rule === undefined ? [] : [rule.call])));

/** @param missing told of every action that is not there, with its call if the manifest has one */
export function operatorActions(manifest: Manifest, calls: Calls, endpoints: Evidence, missing: (action: OperatorAction, call: string | undefined) => void): Connector["operator"] {
  const actions = (Object.keys(known) as OperatorAction[]).flatMap((action) => {
    const rule = manifest.operatorActions[action];
    if (rule && calls.may(rule.call, endpoints)) return [[action, carriedOut(manifest, calls, rule)] as const];
    missing(action, rule?.call);
    return [];
  });
  return actions.length === 0 ? undefined : (Object.fromEntries(actions) as NonNullable<Connector["operator"]>);
}

type Rule = NonNullable<Manifest["operatorActions"][OperatorAction]>;

const carriedOut = ({ title }: Manifest, calls: Calls, { call: name, permission }: Rule): NonNullable<NonNullable<Connector["operator"]>[OperatorAction]> =>
  async ({ account, email, kind }, call) => {
    // An invitation's id is another one's in this call (I5).
    if (kind !== "account") throw new Fault({ kind: "invalid", detail: "An invitation is no account yet." });
    try {
      await calls.run(name, { values: { id: account, email } }, call);
    } catch (thrown) {
      if (permission === undefined || !(thrown instanceof Fault) || thrown.failure.kind !== "credentials") throw thrown;
      throw new Fault({ kind: "credentials", detail: `${title} refuses our credential. For this it needs the permission ${permission}.` }, { cause: thrown });
    }
  };
