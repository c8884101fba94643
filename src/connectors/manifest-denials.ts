/**
 * Ending access: strategies in order, each proven by a read.
 *
 * Only `unsupported` moves on to the next strategy. A refusal (already terminated, already gone) is not believed blindly
 * either: if a read shows that the access has ended, the denial is done; if not, the refusal stands.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { Failure } from "../model/failure.ts";
import type { Call, Done, Target } from "./connector.ts";
import type { Denial } from "./hooks.ts";
import { confirmed, verdictOn } from "./manifest-confirm.ts";
import type { WrittenStrategy } from "./manifest-schema.ts";
import type { Tools } from "./manifest-writes.ts";
import { nowhere, send } from "./manifest-writes.ts";

export interface Strategy {
  readonly name: string;
  readonly carryOut: Denial;
}

/** @throws Fault of the last strategy */
export async function deny(strategies: readonly Strategy[], target: Target, call: Call): Promise<Done> {
  let last: Fault | undefined;
  for (const { name, carryOut } of strategies) {
    try {
      return { ...(await carryOut(target, call)), by: name };
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.failure.kind !== "unsupported") throw thrown;
      last = thrown;
    }
  }
  throw last ?? new Fault({ kind: "internal", detail: "A denial without a strategy" });
}

/** A strategy that is all data. */
export async function asWritten(tools: Tools, rule: WrittenStrategy, target: Target, call: Call): Promise<Done> {
  const { manifest, reads } = tools;
  const done = { complete: rule.complete, ...(rule.left === undefined ? {} : { left: rule.left }) };
  const values = await send(tools, rule, target, {}, call).catch(async (thrown: unknown) => {
    if (!(thrown instanceof Fault) || !answersNo.has(thrown.failure.kind) || rule.confirm === "none") throw thrown;
    const shown = await reads.lookUp(rule.confirm.call, target.account, call, target.email);
    // Nobody there: the caller makes its positive control before it believes that the leaver is gone.
    if (shown === undefined) throw new Fault({ kind: "notFound", detail: `${manifest.title} does not know the account` }, { cause: thrown });
    if (verdictOn(tools, { confirm: rule.confirm, values: tools.settings.open }, shown) === "shown") return undefined;
    throw thrown.failure.kind === "notFound" ? nowhere(manifest, rule.call, "deactivate") : thrown;
  });
  if (values === undefined) return { ...done, confirmed: true };
  const proof = await confirmed(tools, reads, { confirm: rule.confirm, target, values, unanswered: "uncertain" }, call);
  return { ...done, confirmed: proof.confirmed, ...(proof.gone ? { gone: true } : {}) };
}

const answersNo: ReadonlySet<Failure["kind"]> = new Set<Failure["kind"]>(["notFound", "conflict", "invalid", "refused"]);
