/**
 * One operation at the vendor: its turn, its intent, the deed, and what a refusal in the middle of it leaves in doubt.
 *
 * @module
 */
import type { Failure } from "../model/failure.ts";
import { Fault, failureOf } from "../model/failure.ts";
import type { Link } from "../model/link.ts";
import type { Operation } from "../model/operation.ts";
import { laneOf } from "../model/operation.ts";
import type { Planned } from "../plan/plan-user.ts";
import { type Attempted, attempt } from "./attempt.ts";
import { intended } from "./entries.ts";
import type { Run } from "./run.ts";

/** First its turn, then the intent, then the deed. */
export async function performed(run: Run, operation: Operation, planned: Planned): Promise<Attempted> {
  const { held, correlation, request } = run.job;
  const { connector } = run.site;
  const externalId = held.attributes?.["externalId"];
  const before = run.link;
  const call = run.call(operation);
  try {
    if (connector[operation.kind] !== undefined) await call.ready();
    if (operation.kind === "updateProfile") run.seek(operation.changes["email"] ?? undefined);
    const isIntended = run.intended.has(operation.kind);
    if (!isIntended || run.changed()) await run.record({ journal: isIntended ? [] : [intended(held.id, correlation, [operation])], ...(run.changed() && { link: run.link ?? "none" }), due: { kind: "keep" } });
    run.intended.add(operation.kind);
    const markCreate = (create: Parameters<Run["markCreate"]>[0]) => run.markCreate(create);
    const turn = { resource: held.id, version: held.version, externalId: typeof externalId === "string" ? externalId : undefined, wantedRole: planned.wantedRole, byDefault: planned.byDefault === true, password: request?.password, markCreate };
    return await attempt(operation, run.link, turn, run.site, run.works, call);
  } catch (thrown) {
    throw afterSending(thrown, operation, run, before);
  } finally {
    call.end();
  }
}

/**
 * A clear no proves that nothing was done, so the mark of a create goes. But what one call has done, the refusal of the next does not
 * undo: a role that was given, and then could not be read back with our key, is there. A denial says what it could not do, and is
 * repeated anyway; an account that is not there any more is looked at by a control of its own.
 */
function afterSending(thrown: unknown, operation: Operation, run: Run, before: Link | undefined): unknown {
  const { kind, detail } = failureOf(thrown);
  if (!isClearNo[kind]) return thrown;
  const isHalf = run.exchanges.some(({ method, failure }) => method !== "GET" && failure === undefined);
  if (isHalf && laneOf(operation) !== "deny" && (operation.kind === "create" || kind !== "notFound")) return new Fault({ kind: "uncertain", detail: `A part was carried out, then: ${detail}` }, { cause: thrown });
  if (run.link !== before) run.link = before && { ...before, unknownAt: undefined };
  return thrown;
}

/** Failures that say of a call that nothing was done. */
const isClearNo: { readonly [K in Failure["kind"]]: boolean } = {
  invalid: true, conflict: true, notFound: true, refused: true, unsupported: true, throttled: true, unreachable: true, credentials: true, held: true, uncertain: false, protocol: false, internal: false,
};
