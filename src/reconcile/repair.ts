/**
 * Repairs: what was found is handed to the worker, which looks and plans anew under its lease, in the lane `deny` for what must be taken
 * away and in `reconcile` for the rest. The brake counts there what nobody pushed; the other rails are asked here.
 *
 * @module
 */
import type { Finding } from "../model/drift.ts";
import { Fault } from "../model/failure.ts";
import type { ConnectionId, CorrelationId, FindingId, ResourceId } from "../model/ids.ts";
import type { Policy } from "../model/policy.ts";
import { railsOf } from "../rails/rails-of.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { RepairAnswer } from "../store/reconcile-contract.ts";
import type { Store } from "../store/store.ts";

/** What is found about one person is repaired by one look, so the findings of it go together. */
export async function orderRepair(found: readonly Finding[], by: string, correlation: CorrelationId, policy: Policy, store: Store): Promise<RepairAnswer> {
  const able = found.flatMap((finding) => (finding.repair.by === "person" || finding.resource === undefined ? [] : [{ ...finding, resource: finding.resource, repair: finding.repair }]));
  const first = able.find(({ repair }) => repair.lane === "deny") ?? able[0];
  if (!first) return "moved";
  const looks = able.filter(({ repair }) => repair.by === first.repair.by);
  return store.orderRepair({
    connection: policy.connection,
    resource: first.resource,
    account: first.repair.by === "look" ? first.account : undefined,
    findings: looks.map(({ id }) => id),
    by: first.repair.by,
    lane: first.repair.lane,
    administrator: looks.some(({ repair }) => repair.administrator === true),
    rails: railsOf(policy),
    journal: [{ kind: "decision", resource: first.resource, correlation, data: { repair: looks.map(({ kind }) => kind), findings: looks.map(({ id }) => id), does: looks.map(({ repair }) => repair.does), lane: first.repair.lane, by } }],
  });
}

/** In a sentence, for whoever asked. */
export const repairWords: { readonly [Answer in RepairAnswer]: string } = {
  ordered: "The worker has it.",
  moved: "The person is another one by now; the next run will say.",
  busy: "Somebody is at the person already, or a hold keeps a push of theirs.",
  frozen: "The connection is frozen.",
  observes: "The connection is in observe mode: nothing is written at the vendor.",
  lastAdministrator: "No other active account in a privileged role would be left, as far as Drawbridge knows; a person must do it there.",
};

/**
 * On an operator's word, one finding and what else was found about the same person.
 *
 * @throws Fault `invalid` where there is no such finding, or only a person can do anything about it
 */
export async function repairFinding(id: FindingId, by: string, policy: Policy, store: Store): Promise<{ readonly finding: Finding; readonly answer: RepairAnswer }> {
  const finding = await store.finding(policy.connection, id);
  if (!finding) throw new Fault({ kind: "invalid", detail: `There is no finding "${id}" on the connection ${policy.connection}; the next run may have ended it.` });
  const { resource, repair } = finding;
  if (repair.by === "person" || resource === undefined) throw new Fault({ kind: "invalid", detail: `Nothing can be repaired from here: ${repair.by === "person" ? repair.because : finding.detail}` });
  return { finding, answer: await orderRepair(await ofPerson(policy.connection, resource, finding, store), by, newCorrelationId(), policy, store) };
}

async function ofPerson(connection: ConnectionId, resource: ResourceId, first: Finding, store: Store): Promise<readonly Finding[]> {
  const all = await store.findings(connection, { resource, limit: 100 });
  return [first, ...all.filter(({ id, repair }) => id !== first.id && repair.by === first.repair.by)];
}
