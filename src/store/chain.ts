/**
 * Whether a run of journal rows is what was written: every hash follows from the row and from the row before it, no number is missing,
 * and no vendor's outcome stands there without the intent that must precede it (I11).
 *
 * Pure: rows are shown to it one after the other, from a database or from an exported file, and nothing is kept of them but a digest
 * and who had an intent.
 *
 * @module
 */
import { hash as digest } from "node:crypto";
import type { Json } from "../model/json.ts";
import { isObject } from "../model/json.ts";

/** A row of the journal, exactly as it is stored; one line of an export. */
export interface ChainRow {
  readonly connection: string;
  readonly seq: number;
  readonly at_ms: number;
  readonly resource: string | null;
  readonly correlation: string;
  readonly kind: string;
  readonly data: string;
  readonly prev_hash: string;
  readonly hash: string;
}

export interface Break {
  /** The row from which on nothing is proven. */
  readonly row: number;
  readonly why: string;
  /** Tells this break from another one at the same row: what an operator accepts. */
  readonly mark: string;
}

export interface Verdict {
  readonly rows: number;
  /** `undefined` = there are no rows. */
  readonly first: number | undefined;
  readonly last: { readonly seq: number; readonly hash: string } | undefined;
  /** Those that no operator has accepted, in order. At most 100. */
  readonly breaks: readonly Break[];
  readonly accepted: readonly Break[];
  /** Rows up to this one were taken out after they had been exported. */
  readonly prunedThrough: number | undefined;
}

export interface Chain {
  /** The next row, in order of `seq`. */
  show(row: ChainRow): void;
  verdict(): Verdict;
}

const mostBreaks = 100;
/** Whose intents are remembered; beyond that, outcomes are taken as they are. */
const mostResources = 200_000;

/** SHA-256, hex, of the row as a JSON list with the hash before it in front. */
export const hashOf = ({ prev_hash, connection, seq, at_ms, resource, correlation, kind, data }: Omit<ChainRow, "hash">): string =>
  digest("sha256", JSON.stringify([prev_hash, connection, seq, at_ms, resource, correlation, kind, data]));

/** @param part the rows are a part of a journal, so the first may have any number; its own word for the row before is taken */
export function openChain({ part }: { readonly part: boolean }): Chain {
  const breaks: Break[] = [];
  const anchors = new Map<number, string>();
  const acceptances = new Set<string>();
  /** By resource: a bit for each kind of operation that was intended. */
  const intents = new Map<string, number>();
  const bits = new Map<string, number>();
  const bitOf = (kind: string): number => {
    const known = bits.get(kind);
    if (known !== undefined) return known;
    const bit = 1 << Math.min(bits.size, 30);
    bits.set(kind, bit);
    return bit;
  };
  let rows = 0;
  let first: ChainRow | undefined;
  let before: ChainRow | undefined;

  const broken = (row: ChainRow, why: string) => {
    if (breaks.length < mostBreaks) breaks.push({ row: row.seq, why, mark: digest("sha256", JSON.stringify([row.seq, row.prev_hash, row.hash, hashOf(row), why])) });
  };

  function follows(row: ChainRow): void {
    const [seq, hash] = before ? [before.seq + 1, before.hash] : part || row.seq > 1 ? [row.seq, row.prev_hash] : [1, ""];
    if (row.seq !== seq) broken(row, row.seq > seq ? `row ${seq} is missing` : "the row's number is taken already");
    else if (row.prev_hash !== hash) broken(row, "the row does not follow from the one before it");
    else if (row.hash !== hashOf(row)) broken(row, "the row was changed after it was written");
  }

  /** Only what stands in the chain itself can vouch for what does not. */
  function heed({ kind, resource, data }: ChainRow): void {
    if (kind !== "decision" || resource !== null || !/^\{"(pruned|acceptedBreak)"/.test(data)) return;
    const { pruned, acceptedBreak } = readData(data);
    if (isObject(pruned) && typeof pruned["through"] === "number" && typeof pruned["hash"] === "string") anchors.set(pruned["through"], pruned["hash"]);
    if (isObject(acceptedBreak) && typeof acceptedBreak["mark"] === "string") acceptances.add(acceptedBreak["mark"]);
  }

  function pairs(row: ChainRow): void {
    const { kind, resource } = row;
    if (resource === null || (kind !== "intent" && kind !== "outcome")) return;
    const known = intents.get(resource);
    if (kind === "intent") {
      if (known === undefined && intents.size >= mostResources) return;
      const { operations } = readData(row.data);
      const kinds = Array.isArray(operations) ? operations.flatMap((operation: Json) => (isObject(operation) && typeof operation["kind"] === "string" ? [operation["kind"]] : [])) : [];
      intents.set(resource, kinds.reduce((all, kind) => all | bitOf(kind), known ?? 0));
      return;
    }
    const { operation } = readData(row.data);
    // What was exported and taken out, or is before the part, may have held the intent.
    const isWhole = first?.seq === 1 && intents.size < mostResources;
    if (isWhole && typeof operation === "string" && ((known ?? 0) & bitOf(operation)) === 0) broken(row, `an outcome of ${operation} stands there without an intent`);
  }

  return {
    show(row) {
      rows += 1;
      first ??= row;
      follows(row);
      heed(row);
      pairs(row);
      before = row;
    },
    verdict() {
      const startsLate = !part && first !== undefined && first.seq > 1;
      const anchored = startsLate && first !== undefined && anchors.get(first.seq - 1) === first.prev_hash;
      if (startsLate && !anchored && first) broken(first, `rows 1 to ${first.seq - 1} are missing and no export of them is on record`);
      const found = breaks.toSorted((a, b) => a.row - b.row);
      return {
        rows,
        first: first?.seq,
        last: before && { seq: before.seq, hash: before.hash },
        breaks: found.filter(({ mark }) => !acceptances.has(mark)),
        accepted: found.filter(({ mark }) => acceptances.has(mark)),
        prunedThrough: anchored && first ? first.seq - 1 : undefined,
      };
    },
  };
}

function readData(data: string): Readonly<Record<string, Json>> {
  try {
    const value = JSON.parse(data) as Json;
    return isObject(value) ? value : {};
  } catch {
    return {}; // tampered with: the hash says so
  }
}
