/**
 * `drawbridge reconcile`: compares a vendor with what is wanted, now. A running server does it, within the vendor's budget; where none takes
 * it up within a few seconds, the command does it itself and leaves what is to be repaired to the next server.
 *
 * @module
 */
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { z } from "zod";
import { postOf } from "../bridge/post.ts";
import { situations } from "../model/drift.ts";
import type { RepairPolicy } from "../model/policy.ts";
import { connectionIn } from "../operator/act.ts";
import { listDrift } from "../operator/drift.ts";
import { listReconciliations as list, showReconciliation as show, startReconciliation as start } from "../operator/reconciliations.ts";
import { leaseMs, reconcile } from "../reconcile/reconcile.ts";
import { systemClock } from "../runtime/clock.ts";
import { openLog } from "../runtime/log.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { AtConnection } from "./at-connection.ts";
import { UsageError } from "./confirm.ts";
import { findingWords } from "./drift.ts";
import { type Desk, everyPage, withActs } from "./with-acts.ts";
import { print } from "./with-store.ts";

export interface ReconcileOptions extends Partial<AtConnection> {
  readonly data: string;
  readonly repair?: boolean;
  readonly denials?: boolean;
  readonly missing?: string;
  readonly by?: string;
}

/** A server looks every second. */
const waitForServerMs = 4_000;
const lookEveryMs = 250;
/** What one page of a terminal has room for. */
const mostShown = 100;

export async function runReconciliation(named: string | undefined, options: ReconcileOptions): Promise<void> {
  const connection = named ?? options.connection;
  if (connection === undefined) throw new UsageError("Which connection? drawbridge reconcile CONNECTION");
  if (options.repair && options.denials) throw new UsageError("--repair puts everything right, --denials only takes away what was given: say one of them.");
  const mostMissing = options.missing === undefined ? undefined : numberOf(options.missing);
  const policy: RepairPolicy | undefined = options.repair ? "repair" : options.denials ? "denials" : undefined;
  await withActs(options, async (desk) => {
    const run = await desk.ask(start, { connection, policy, mostMissing });
    if (!run.new && !options.json) console.error(`${run.id} is under way already; this is what it comes to.`);
    if (!(await isTakenUp(desk, run))) await carryOutHere(desk, connection, options);
    const ended = await overAfter(desk, run);
    const most = options.json ? 10_000 : mostShown;
    const findings = ended.failure ? [] : (await everyPage((cursor) => desk.ask(listDrift, { connection, situation: [...situations], cursor, limit: Math.min(500, most) }), most)).items;
    const words = ended.failure ? [runWords(ended)] : [runWords(ended), ...findings.map(findingWords), ...more(ended, findings.length)];
    print(options, { ...ended, findings }, words.join("\n"));
    if (ended.failure) process.exitCode = 1;
  });
}

async function carryOutHere({ world: { store, site, connections } }: Desk, named: string, { json }: ReconcileOptions): Promise<void> {
  const connection = connectionIn({ connections }, named);
  const taken = await store.takeReconciliation(connection, `${hostname()}-${process.pid}-${newCorrelationId()}`, leaseMs);
  if (!taken) return;
  if (!json) console.error("No server has taken it up, so it is done here.");
  await reconcile(taken, postOf(await site(connection), { store, clock: systemClock }), { store, clock: systemClock, log: openLog("error"), owner: taken.owner }, new AbortController().signal);
}

type Run = z.output<typeof show.output>;

async function isTakenUp({ ask }: Desk, { id }: Run): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < waitForServerMs; waitedMs += lookEveryMs) {
    if ((await ask(show, { id })).state !== "planned") return true;
    await pause(lookEveryMs);
  }
  return false;
}

async function overAfter({ ask }: Desk, { id }: Run): Promise<Run> {
  for (;;) {
    const run = await ask(show, { id });
    if (run.state === "complete" || run.state === "failed") return run;
    await pause(lookEveryMs);
  }
}

export async function listReconciliations(id: string | undefined, options: AtConnection & { readonly limit?: string }): Promise<void> {
  const limit = options.limit === undefined ? undefined : numberOf(options.limit);
  await withActs(options, async ({ ask }) => {
    if (id !== undefined) {
      const run = await ask(show, { id });
      return print(options, run, runWords(run));
    }
    const { items } = await ask(list, { connection: options.connection, limit });
    print(options, items, items.map(runWords).join("\n\n") || "None yet.");
  });
}

function runWords({ id, connection, state, by, due, started, ended, counts, failure, failures }: Run): string {
  const when = state === "planned" ? (due === null ? "when somebody asks" : `due ${due}`) : `begun ${started}${ended === null ? "" : `, ended ${ended}`}`;
  const head = `${id}  ${connection}  ${state}, ${when}, by ${by === "schedule" ? "the schedule" : by}`;
  if (failure) return `${head}\n  FAILED (${failure.reason}), ${failures} in a row: ${failure.detail}\n  Nothing that was seen is believed; what was found before stays as it is.`;
  return counts ? [head, ...countWords(counts)].join("\n") : head;
}

function countWords({ listed, fenced, linked, equal, moving, unseen, looks, findings, repairs, remarks }: NonNullable<Run["counts"]>): readonly string[] {
  const outside = Object.entries(fenced).toSorted(([, a], [, b]) => b - a);
  const found = Object.entries(findings).map(([kind, count]) => `${kind} ${count}`);
  return [
    `  ${listed} accounts listed${outside.length === 0 ? "" : `, and outside the fence ${outside.map(([role, count]) => `${count} as ${role}`).join(", ")}`}; ${looks} looked at one by one`,
    `  ${linked} people linked, ${equal} as they should be${moving === 0 ? "" : `, ${moving} just under way`}${unseen.role + unseen.access === 0 ? "" : `; not shown: the role of ${unseen.role}, the access of ${unseen.access}`}`,
    `  found: ${found.join(", ") || "nothing"}${repairs === 0 ? "" : `; handed to the worker: ${repairs} people`}`,
    ...remarks.map((remark) => `  note: ${remark}`),
  ];
}

function more({ counts }: Run, shown: number): readonly string[] {
  const all = Object.values(counts?.findings ?? {}).reduce((sum, count) => sum + count, 0);
  return all > shown ? [`… and ${all - shown} more: drawbridge drift list --situation ${situations.join("|")}`] : [];
}

function numberOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`"${text}" is no number.`);
  return Number(text);
}
