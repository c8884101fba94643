/**
 * What was found is told: in the journal, where the person's timeline has it, by alarms, and to the worker if the policy says so. A page at
 * a time, and each page is marked in the transaction that tells it, so whoever takes the run over goes on where it ended.
 *
 * @module
 */
import { type Alarm, alarmEntry, withoutPersons } from "../model/alarm.ts";
import type { Finding } from "../model/drift.ts";
import type { CorrelationId, ResourceId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import type { RepairPolicy } from "../model/policy.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { UntoldFinding } from "../store/reconcile-contract.ts";
import { kept } from "./broken-off.ts";
import type { Round } from "./post.ts";
import { orderRepair, repairWords } from "./repair.ts";

const page = 200;
/** Beyond so many in a page one alarm tells how many: a hundred wake nobody better than one. */
const mostApart = 10;
/** What is still so is said again, once a day. */
const againMs = 86_400_000;
/** Accounts of nobody in one row of the journal. */
const orphansInARow = 50;

export async function tellFindings(round: Round, correlation: CorrelationId): Promise<void> {
  const { run, store, signal } = round;
  for (;;) {
    signal.throwIfAborted();
    const found = await store.untold(run, page);
    if (found.length === 0) break;
    const nowMs = await store.now();
    const grave = found.filter(({ severity, isNew, alarmedMs }) => severity === "alarm" && (isNew || alarmedMs === undefined || nowMs - alarmedMs >= againMs));
    const alarms = alarmsOf(round, grave, correlation);
    const fresh = found.filter(({ isNew }) => isNew);
    await kept(store.told(run, found.map(({ id }) => id), grave.map(({ id }) => id), [...rowsOf(fresh, correlation, (finding) => ({ ...dataOf(finding) })), ...alarms.map(alarmEntry)]));
    for (const alarm of alarms) say(round, alarm);
  }
  for (;;) {
    signal.throwIfAborted();
    const former = await store.former(run, page);
    if (former.length === 0) break;
    await kept(store.forgetFormer(run, former.map(({ seq }) => seq), rowsOf(former.filter(({ isOver }) => isOver), correlation, ({ id, kind }) => ({ driftOver: kind, finding: id }))));
  }
}

const dataOf = ({ id, kind, account, attribute, from, to, detail, repair }: UntoldFinding): { readonly [name: string]: Json } => ({
  drift: kind, finding: id,
  ...(account !== undefined && { account }), ...(attribute !== undefined && { attribute }), ...(from !== undefined && { from }), ...(to !== undefined && { to }),
  notes: [detail, repair.by === "person" ? repair.because : `A repair would ${repair.does}.`],
});

/** A row for each person; what is nobody's goes together. */
function rowsOf<F extends Finding>(found: readonly F[], correlation: CorrelationId, told: (finding: F) => { readonly [name: string]: Json }): readonly JournalEntry[] {
  const row = (resource: ResourceId | undefined, data: Json): JournalEntry => ({ kind: "decision", resource, correlation, data });
  const nobodys = found.filter(({ resource }) => resource === undefined);
  const stretches = Array.from({ length: Math.ceil(nobodys.length / orphansInARow) }, (_, at) => nobodys.slice(at * orphansInARow, (at + 1) * orphansInARow));
  return [
    ...found.flatMap((finding) => (finding.resource === undefined ? [] : [row(finding.resource, told(finding))])),
    ...stretches.map((some) => row(undefined, { orphans: some.map((finding) => told(finding)) })),
  ];
}

function alarmsOf({ post: { connection } }: Round, grave: readonly UntoldFinding[], correlation: CorrelationId): readonly Alarm[] {
  const quiet = grave.length > mostApart;
  const each = grave.map(({ situation, resource, detail, id }): Alarm => ({ connection, kind: situation === "backFromTheDead" ? "drift.access" : "drift.role", severity: "alarm", resource, correlation, text: `${detail} (finding ${id})`, ...(quiet && { quiet }) }));
  if (!quiet) return each;
  const access = grave.filter(({ situation }) => situation === "backFromTheDead").length;
  return [...each, { connection, kind: access > 0 ? "drift.access" : "drift.role", severity: "alarm", resource: undefined, correlation, text: `reconciliation found ${access} people with access that had been taken away, and ${grave.length - access} in a role that was given behind our back; \`drawbridge drift list\` names them` }];
}

export function say({ log }: Pick<Round, "log">, { connection, kind, severity, resource, correlation, text, quiet }: Alarm): void {
  if (!quiet) log.alarm(withoutPersons(text), { connection, kind, severity, correlation, ...(resource && { resource }) });
}

/** @returns how many people were handed to the worker */
export async function repairAll(round: Round, policy: RepairPolicy, by: string, correlation: CorrelationId): Promise<number> {
  if (policy === "report") return 0;
  const { store, post, tally } = round;
  const wanted = ({ repair }: Finding) => repair.by !== "person" && (repair.lane === "deny" || policy === "repair");
  const given = await countGiven(round, wanted);
  const { count, share } = post.policy.reconcile.limit;
  const limit = Math.max(count, Math.floor(share * tally.linked + 1e-9));
  const isTooMuch = given > limit;
  if (isTooMuch) tally.remarks.add(`${given} people would be given something, and reconcile.limit allows ${limit}: none of them was repaired; \`drawbridge drift repair\` does it for those that are meant`);
  let ordered = 0;
  const answers = new Map<string, number>();
  await eachPerson(round, async (found) => {
    const mine = found.filter(wanted).filter(({ repair }) => !isTooMuch || (repair.by !== "person" && repair.lane === "deny"));
    if (mine.length === 0) return;
    const answer = await orderRepair(mine, by, correlation, post.policy, store);
    if (answer === "ordered") ordered += 1;
    else answers.set(answer, (answers.get(answer) ?? 0) + 1);
  });
  for (const [answer, times] of answers) tally.remarks.add(`${times} not repaired: ${repairWords[answer as keyof typeof repairWords]}`);
  return ordered;
}

/** People to whom the repairs would give something; what is taken away the brake counts. */
async function countGiven(round: Round, wanted: (finding: Finding) => boolean): Promise<number> {
  let given = 0;
  await eachPerson(round, async (found) => {
    if (found.some((finding) => wanted(finding) && finding.repair.by !== "person" && finding.repair.lane !== "deny")) given += 1;
  });
  return given;
}

/** Findings of one person stand together, because a run looks at one after the other. */
async function eachPerson({ run, store, signal }: Round, visit: (found: readonly Finding[]) => Promise<void>): Promise<void> {
  let waiting: readonly (Finding & { readonly seq: number })[] = [];
  for (let after = 0; ; ) {
    signal.throwIfAborted();
    const some = await store.repairable(run, after, page);
    after = some.at(-1)?.seq ?? after;
    const groups = [...Map.groupBy([...waiting, ...some], ({ resource }) => resource).values()];
    waiting = some.length === page ? (groups.pop() ?? []) : [];
    for (const group of groups) await visit(group);
    if (some.length < page) return;
  }
}
