/**
 * `drawbridge audit verify|export|list|prune`: the journal proven, taken elsewhere, read, and shortened only by what stands elsewhere.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { z } from "zod";
import { isObject } from "../model/json.ts";
import { exportJournal, listJournal, shownVerdict, verifyJournals } from "../operator/audit.ts";
import { rowOf as journalRowOf } from "../operator/timeline.ts";
import { systemClock } from "../runtime/clock.ts";
import { type ChainRow, openChain, type Verdict } from "../store/chain.ts";
import { type AtConnection, whoIs, withConnection } from "./at-connection.ts";
import { namesIn } from "./names.ts";
import { wordsOf } from "./timeline-words.ts";
import { everyPage, withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

const pageRows = 1_000;
/** Rows in one transaction of a prune. */
const pruneRows = 5_000;

export async function verifyAudit(options: Where & { readonly connection?: string; readonly file?: string }): Promise<void> {
  const { connection, file } = options;
  if (file !== undefined) return told(options, [shownVerdict(file, await verdictOnFile(file))]);
  await withActs(options, async ({ ask }) => told(options, (await ask(verifyJournals, { connection })).items));
}

type Judged = z.output<typeof verifyJournals.output>["items"][number];

function told(options: Where, judged: readonly Judged[]): void {
  const words = judged.flatMap(({ id, rows, first, last, breaks, accepted, prunedThrough }) => [
    breaks.length === 0 ? `${id}: whole, ${rows} rows${last ? ` (${first} to ${last.seq}), last hash ${last.hash}` : ""}` : `${id}: BROKEN at row ${breaks[0]?.row}`,
    ...breaks.map(({ row, why }) => `  row ${row}: ${why}`),
    ...accepted.map(({ row, why }) => `  accepted by an operator: row ${row}: ${why}`),
    ...(prunedThrough === null ? [] : [`  rows up to ${prunedThrough} were exported and removed`]),
  ]);
  print(options, judged, words.join("\n"));
  if (judged.some(({ breaks }) => breaks.length > 0)) process.exitCode = 1;
}

/** The newest first; a page at a time is read until there are enough. */
export async function listAudit(options: AtConnection & { readonly kind?: string; readonly correlation?: string; readonly resource?: string; readonly limit?: string }): Promise<void> {
  const { connection, kind, correlation, resource } = options;
  const most = numberOf("--limit", options.limit, 100);
  await withActs(options, async ({ ask, world }) => {
    const { items } = await everyPage((cursor) => ask(listJournal, { connection, kind, correlation, resource, cursor, limit: Math.min(500, Math.max(1, most)) }), most);
    const names = options.json ? undefined : await namesIn(items, connection, world.store);
    print(options, items, items.map((entry) => wordsOf(journalRowOf(entry), undefined, names)).join("\n") || "Nothing.");
  });
}

export async function exportAudit(options: AtConnection & { readonly from?: string; readonly to?: string; readonly out?: string }): Promise<void> {
  const { connection } = options;
  const [first, to] = [numberOf("--from", options.from, 1), numberOf("--to", options.to, Number.MAX_SAFE_INTEGER)];
  await withActs(options, async ({ ask }) => {
    const file = options.out === undefined ? undefined : await open(options.out, "wx", 0o600); // it holds names and addresses
    let rows = 0;
    try {
      for (let from: number | null = first; from !== null; ) {
        const page: z.output<typeof exportJournal.output> = await ask(exportJournal, { connection, from, to, limit: pageRows });
        const text = page.items.map((row) => `${lineOf(row)}\n`).join("");
        if (file) await file.writeFile(text);
        else process.stdout.write(text);
        rows += page.items.length;
        from = page.next;
      }
      await file?.sync();
    } finally {
      await file?.close();
    }
    if (options.out !== undefined) print(options, { connection, file: options.out, rows }, `${rows} rows of ${connection} are in ${options.out}.`);
  });
}

/** Retention: what is old and stands in the export, byte for byte, is taken out; the rest still verifies. */
export async function pruneAudit(options: AtConnection & { readonly exported: string; readonly olderThan: string; readonly yes?: boolean; readonly by?: string }): Promise<void> {
  const untilMs = systemClock.now() - daysMs(options.olderThan);
  const verdict = await verdictOnFile(options.exported);
  const [broken] = verdict.breaks;
  if (broken) throw new Error(`${options.exported} is broken at row ${broken.row}: ${broken.why}. Nothing was removed.`);
  await withConnection(options, async (store, connection) => {
    const lines = createHash("sha256");
    for await (const row of rowsOfFile(options.exported)) lines.update(lineOf(row) + "\n");
    const digest = lines.digest("hex");
    let batch: ChainRow[] = [];
    let removed = 0;
    let counted = 0;
    const take = async () => {
      if (batch.length === 0) return;
      counted += batch.length;
      if (options.yes) {
        const gone = await store.prune(connection, { rows: batch, digest, by: whoIs(options.by) });
        if (gone === 0) throw new Error(`The journal's rows ${batch[0]?.seq} to ${batch.at(-1)?.seq} are not, byte for byte, those of ${options.exported}, or there are older ones, or none would be left. ${removed} rows were removed before.`);
        removed += gone;
      }
      batch = [];
    };
    const [oldest] = await store.chainRows(connection, 0, 1);
    for await (const row of rowsOfFile(options.exported)) {
      if (row.connection !== connection) throw new Error(`${options.exported} is an export of ${row.connection}. ${removed} rows were removed.`);
      if (oldest === undefined || row.seq < oldest.seq) continue; // removed before
      if (row.at_ms > untilMs) break;
      batch.push(row);
      if (batch.length >= pruneRows) await take();
    }
    await take();
    const words = options.yes ? `${removed} rows of ${connection} were removed; they stand in ${options.exported}.` : `${counted} rows of ${connection} are older and stand in ${options.exported}. Nothing was removed; add --yes.`;
    print(options, { connection, removed, found: counted, digest }, words);
  });
}

async function verdictOnFile(file: string): Promise<Verdict> {
  const chain = openChain({ part: true });
  for await (const row of rowsOfFile(file)) chain.show(row);
  return chain.verdict();
}

const columns = ["connection", "seq", "at_ms", "resource", "correlation", "kind", "data", "prev_hash", "hash"] as const satisfies readonly (keyof ChainRow)[];

/** The row as JSON, its columns always in the same order. */
const lineOf = (row: ChainRow): string => JSON.stringify(Object.fromEntries(columns.map((column) => [column, row[column]])));

async function* rowsOfFile(file: string): AsyncGenerator<ChainRow> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity })) {
    line += 1;
    if (text === "") continue;
    yield rowOf(text, `${file}, line ${line}`);
  }
}

function rowOf(text: string, place: string): ChainRow {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${place} is no JSON.`);
  }
  if (!isObject(value) || typeof value["seq"] !== "number" || columns.some((column) => value[column] === undefined)) throw new Error(`${place} is no row of a journal.`);
  return value as unknown as ChainRow;
}

function numberOf(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${option} must be a row's number.`);
  return Number(text);
}

function daysMs(text: string): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (days === undefined) throw new Error("--older-than must be a number of days such as 90d.");
  return Number(days) * 86_400_000;
}
