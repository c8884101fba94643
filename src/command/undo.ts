/**
 * `drawbridge undo`: people and groups as they were before a range of pushes. Prints what it would restore; with `--yes` it writes that
 * as new pushes, which whichever server runs carries out like any other.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { planUndo, type UndoPlan, type UndoStep } from "../bridge/undo/plan-undo.ts";
import { type Touched, touchedBy } from "../bridge/undo/touched.ts";
import { writeUndo } from "../bridge/undo/write-undo.ts";
import { fold } from "../model/fold.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import { isResourceId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { readCustomSchemas } from "../scim/custom-schemas.ts";
import { groupTable, userTable, withExtensions } from "../scim/schemas.ts";
import type { JournalWanted } from "../store/record-contract.ts";
import type { JournalRow, Store } from "../store/store.ts";
import { type AtConnection, whoIs } from "./at-connection.ts";
import { print } from "./with-store.ts";
import { withSite } from "./with-site.ts";

export interface UndoOptions extends AtConnection {
  readonly since?: string;
  readonly until?: string;
  readonly hold?: string;
  readonly correlation?: string;
  readonly person?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly by?: string;
}

const schemaFolder = fileURLToPath(new URL("../../scim-schemas", import.meta.url));
const pageRows = 1_000;

export async function undo(options: UndoOptions): Promise<void> {
  const range = rangeOf(options);
  await withSite(options, async (store, site) => {
    const { connection } = site;
    const [broken] = (await store.verifyJournal(connection)).breaks;
    if (broken) throw new Error(`The journal of ${connection} is broken at row ${broken.row} (${broken.why}): what it says of the past cannot be trusted, so nothing is restored from it.`);
    const touched = await chosen(options, connection, store);
    const plan = await planUndo(touched, { store, connection, policy: site.policy, force: options.force ?? false });
    if (!options.yes || options.dryRun) return tell(options, plan, undefined);
    const custom = readCustomSchemas(schemaFolder);
    const rooms = { connection, site, store, users: withExtensions(userTable, custom), groups: withExtensions(groupTable, custom) };
    const correlation = newCorrelationId();
    const { written, left } = await writeUndo(plan, { range, by: whoIs(options.by), correlation }, rooms);
    tell(options, { steps: plan.steps, left: [...plan.left, ...left] }, { written, correlation });
  });
}

/** @throws Error unless exactly one way to choose is given, with times that are times */
function rangeOf({ since, until, hold, correlation, person }: UndoOptions): JsonObject {
  const ways = [hold, correlation, person ?? since].filter((way) => way !== undefined).length;
  if (ways !== 1) throw new Error("Say what is to be undone: --since TIME [--until TIME], --hold ID, --correlation ID, or --person ID|USERNAME (their last push, or all since --since).");
  if (until !== undefined && since === undefined) throw new Error("--until needs --since.");
  return Object.fromEntries(Object.entries({ since, until, hold, correlation, person }).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

async function chosen({ since, until, hold, correlation, person }: UndoOptions, connection: ConnectionId, store: Store): Promise<readonly Touched[]> {
  const wanted = { ...(since !== undefined && { sinceMs: timeOf(since) }), ...(until !== undefined && { untilMs: timeOf(until) }) };
  if (person !== undefined) return ofPerson(await personId(person, connection, store), since === undefined ? undefined : wanted, connection, store);
  const correlations = correlation !== undefined ? [correlation] : hold === undefined ? undefined : await store.heldCorrelations(connection, hold);
  if (correlations?.length === 0) throw new Error(`No push of ${connection} was held by "${hold}".`);
  return touchedBy(await rowsOf(store, connection, { ...wanted, ...(correlations && { correlations }) }));
}

/** Their own pushes, and what groups' pushes did to their memberships. */
async function ofPerson(id: ResourceId, range: Pick<JournalWanted, "sinceMs" | "untilMs"> | undefined, connection: ConnectionId, store: Store): Promise<readonly Touched[]> {
  if (range === undefined) {
    const last = (await rowsOf(store, connection, { resource: id })).findLast(({ kind }) => kind === "push");
    return last ? touchedBy(await rowsOf(store, connection, { resource: id, correlations: [last.correlation] })) : [];
  }
  const nothing = new Map<never, never>();
  return touchedBy(await rowsOf(store, connection, range)).flatMap((one): readonly Touched[] => {
    if (one.type === "User") return one.id === id ? [one] : [];
    const move = one.members.get(id);
    return move ? [{ ...one, created: false, deleted: false, attributes: nothing, members: new Map([[id, move]]) }] : [];
  });
}

async function personId(person: string, connection: ConnectionId, store: Store): Promise<ResourceId> {
  if (isResourceId(person)) return person;
  const holder = await store.holder(connection, "User", { name: fold(person) });
  if (!holder) throw new Error(`There is no "${person}" on ${connection}. Somebody who was deleted is named by id.`);
  return holder.id;
}

async function rowsOf(store: Store, connection: ConnectionId, wanted: Omit<JournalWanted, "limit" | "kinds" | "afterSeq">): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  for (;;) {
    const page = await store.journal(connection, { ...wanted, kinds: ["push", "decision"], afterSeq: rows.at(-1)?.seq ?? 0, limit: pageRows });
    rows.push(...page);
    if (page.length < pageRows) return rows;
  }
}

function timeOf(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error(`"${text}" must be a time such as 2026-11-20T17:00:00Z.`);
  return ms;
}

function tell(options: UndoOptions, { steps, left }: UndoPlan, done: { readonly written: number; readonly correlation: string } | undefined): void {
  const document = { steps: steps.map(shownStep), left, written: done?.written ?? 0, correlation: done?.correlation ?? null };
  const lines = [...steps.map(wordsOf), ...left.map(({ label, why }) => `left as it is   ${label}: ${why}`)];
  const end = done ? `${done.written} of ${steps.length} written as ${done.correlation}; the server carries them out.` : steps.length === 0 ? "Nothing to restore." : "Nothing was written. Add --yes to do it.";
  print(options, document, [...lines, end].join("\n"));
}

function shownStep(step: UndoStep): JsonObject {
  switch (step.kind) {
    case "restore":
      return { id: step.id, kind: step.kind, type: step.type, label: step.label, attributes: [...step.changes] };
    case "recreate":
      return { id: step.id, kind: step.kind, type: step.type, label: step.label, restores: step.restores };
    case "members":
      return { id: step.id, kind: step.kind, label: step.label, add: step.add.map(({ value }) => value), remove: [...step.remove] };
  }
}

function wordsOf(step: UndoStep): string {
  switch (step.kind) {
    case "restore":
      return `restore         ${step.label}: ${step.changes.join(", ")}`;
    case "recreate":
      return `make again      ${step.label} (${step.type}, new id ${step.id}, was ${step.restores})`;
    case "members":
      return `members         ${step.label}: ${step.add.length} back in, ${step.remove.length} out`;
  }
}
