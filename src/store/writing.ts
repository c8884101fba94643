/**
 * How every change to a connection begins: one transaction, other writers of the connection kept out, and one look at what the
 * change is about.
 *
 * @module
 */
import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Mode } from "../model/mode.ts";
import type { ResourceType } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import { modeOf } from "./mode-row.ts";
import { prepared } from "./prepared.ts";
import type { Database } from "./schema.ts";
import { forgetTail, isLost, rememberTail, tailOf, TailLost } from "./tail.ts";

export interface Writing {
  readonly engine: Engine;
  readonly tx: Transaction<Database>;
  readonly connection: ConnectionId;
  /** Database time at the beginning; everything in the transaction happens then. */
  readonly nowMs: number;
  /** The last row of the journal. */
  readonly head: { readonly seq: number; readonly hash: string };
  readonly mode: Mode;
  /** The resource as it was, deleted ones that wait for the vendor included. */
  readonly row: Row | undefined;
  /** The row of `held` that waits for this resource: undecided, or approved and not carried out. */
  readonly waiting: { readonly seq: number; readonly approved: boolean } | undefined;
  /** The last row that this transaction has chained onto the journal. */
  chained?: { readonly seq: number; readonly hash: string };
}

export interface Row {
  readonly seq: number;
  readonly id: string;
  readonly type: ResourceType;
  readonly version: number;
  readonly desired: string;
  readonly emptied: boolean;
  readonly memberCount: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly deleted: boolean;
  readonly addresses: readonly string[];
}

/** Thrown out of a transaction to undo it; carries the answer that made it needless. */
class Undo<T> {
  readonly answer: T;
  constructor(answer: T) {
    this.answer = answer;
  }
}

/** Ends the transaction without a trace. */
export function undo<T>(answer: T): never {
  // oxlint-disable-next-line only-throw-error
  throw new Undo(answer);
}

/**
 * @param work resolves to what is committed, or leaves by `undo`
 * @param rows how many it will write, roughly, where that may be thousands
 * @throws whatever the database threw, and then nothing was committed, unless the database cannot even be asked any more
 */
export async function writing<T>(engine: Engine, connection: ConnectionId, resource: ResourceId | undefined, work: (writing: Writing) => Promise<T>, rows?: number): Promise<T> {
  let ended: { readonly writing: Writing; readonly answer: T } | undefined;
  const kept = (): void => {
    if (ended?.writing.chained) rememberTail(engine, connection, ended.writing.chained);
  };
  try {
    const done = await engine.transact(async (tx) => {
      await engine.lock(tx, connection);
      const now = await begun(engine, tx, connection, resource);
      const answer = await work(now);
      ended = { writing: now, answer };
      return answer;
    }, rows);
    kept();
    return done;
  } catch (thrown) {
    if (thrown instanceof Undo) return (thrown as Undo<T>).answer;
    if (thrown instanceof TailLost) {
      forgetTail(engine, connection);
      await engine.lost?.(connection, thrown.reason);
      return writing(engine, connection, resource, work, rows);
    }
    if (ended && (await isKept(engine, ended.writing))) {
      kept();
      return ended.answer;
    }
    throw thrown;
  }
}

/**
 * A commit that failed may have been carried out: the connection broke after the database had it, and before it could say so. The
 * journal knows, by a hash that no other transaction could have made; the lock waits for one that is still being committed.
 */
async function isKept(engine: Engine, { connection, chained }: Writing): Promise<boolean> {
  if (!chained) return false;
  try {
    return await engine.transact(async (tx) => {
      await engine.lock(tx, connection);
      const row = await tx.selectFrom("journal").select("hash").where("connection", "=", connection).where("seq", "=", chained.seq).executeTakeFirst();
      return row?.hash === chained.hash;
    });
  } catch {
    return false; // nobody can tell now; whoever hears of the first failure will ask again
  }
}

interface Begun {
  readonly now_ms: number;
  readonly head_seq: number | null;
  readonly head_hash: string | null;
  readonly mode: string | null;
  readonly reason: string | null;
  readonly decided_by: string | null;
  readonly since_ms: number | null;
  readonly seq: number | null;
  readonly id: string;
  readonly type: ResourceType;
  readonly version: number;
  readonly desired: string;
  readonly emptied: number;
  readonly member_count: number;
  readonly created_ms: number;
  readonly modified_ms: number;
  readonly deleted_ms: number | null;
  readonly addresses: string;
  readonly held_seq: number | null;
  readonly held_decision: string | null;
  readonly tail_hash: string | null;
}

const beginning = prepared<{ readonly connection: ConnectionId; readonly resource: ResourceId | null; readonly tail: number }, Begun>(
  (engine, { connection, resource, tail }) => sql<Begun>`
    select ${engine.now()} as now_ms, head.seq as head_seq, head.hash as head_hash,
      (select hash from journal where connection = ${connection} and seq = ${tail}) as tail_hash,
      m.mode, m.reason, m.decided_by, m.since_ms,
      r.seq, r.id, r.type, r.version, r.desired, r.emptied, r.member_count, r.created_ms, r.modified_ms, r.deleted_ms, held.seq as held_seq, held.decision as held_decision,
      ${engine.json.pairs(sql`(select a.key as a, null as b, a.key as n from addresses a where a.resource = r.seq)`)} as addresses
    from (select 1 as one) as one
    left join (select seq, hash from journal where connection = ${connection} order by seq desc limit 1) as head on 1 = 1
    left join modes m on m.connection = ${connection}
    left join resources r on r.connection = ${connection} and r.id = ${resource}
    left join held on held.connection = ${connection} and held.resource = ${resource} and held.done_ms is null`,
);

async function begun(engine: Engine, tx: Transaction<Database>, connection: ConnectionId, resource: ResourceId | undefined): Promise<Writing> {
  const tail = tailOf(engine, connection);
  const [first] = (await beginning(engine, tx, { connection, resource: resource ?? null, tail: tail?.seq ?? 0 })).rows;
  if (!first) throw new Error("the database gave no answer to its first question");
  if (tail && isLost(tail, first.head_seq ?? 0, first.tail_hash)) throw new TailLost(tail);
  return {
    engine,
    tx,
    connection,
    nowMs: first.now_ms,
    head: { seq: first.head_seq ?? 0, hash: first.head_hash ?? "" },
    mode: modeOf(connection, first),
    row: first.seq === null ? undefined : rowOf(first, first.seq),
    waiting: first.held_seq === null ? undefined : { seq: first.held_seq, approved: first.held_decision === "approved" },
  };
}

const rowOf = (row: Begun, seq: number): Row => ({
  seq,
  id: row.id,
  type: row.type,
  version: row.version,
  desired: row.desired,
  emptied: row.emptied === 1,
  memberCount: row.member_count,
  createdMs: row.created_ms,
  modifiedMs: row.modified_ms,
  deleted: row.deleted_ms !== null,
  addresses: (JSON.parse(row.addresses) as [string][]).map(([key]) => key),
});
