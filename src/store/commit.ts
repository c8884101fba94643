/**
 * A user's push in one transaction: what is wanted, the journal's rows, and that something is due. From here it cannot be lost.
 *
 * @module
 */
import { addressed, columnsOf } from "./columns.ts";
import { hidden, purged } from "./deletion.ts";
import { isUnderWay, madeDue } from "./due.ts";
import type { Engine } from "./engine.ts";
import { unlessTaken } from "./holders.ts";
import { journalled } from "./journal.ts";
import type { Commit, Committed } from "./store.ts";
import type { Row, Writing } from "./writing.ts";
import { undo, writing } from "./writing.ts";

export async function commit(engine: Engine, push: Commit): Promise<Committed> {
  const answer = await unlessTaken(engine, push.connection, push.type, push.id, push.keys, () => writing<Committed>(engine, push.connection, push.id, (begun) => committed(begun, push)));
  if (answer.kind !== "taken") return answer;
  return { ...answer, attribute: answer.attribute === "name" ? "userName" : answer.attribute };
}

async function committed(begun: Writing, push: Commit): Promise<Committed> {
  const { row, nowMs } = begun;
  const current = row && !row.deleted && row.type === push.type ? row : undefined;
  if (push.readAt === undefined ? row !== undefined : current?.version !== push.readAt) return undo<Committed>({ kind: "moved" });

  const version = (push.readAt ?? 0) + 1;
  if (current && !push.attributes) await hidden(begun, current);
  else await written(begun, push, current, version);
  await journalled(begun, push.journal);
  const lease = push.due && (await madeDue(begun, push.id, version, push.due));
  if (current && !push.attributes && !push.due && !(await isUnderWay(begun, push.id))) await purged(begun, current);
  return { kind: "committed", version, createdMs: current?.createdMs ?? nowMs, modifiedMs: nowMs, lease };
}

async function written(begun: Writing, { connection, type, id, attributes, keys, bodyDigest }: Commit, current: Row | undefined, version: number): Promise<void> {
  if (!attributes || !keys) throw new Error("a resource that is not deleted needs attributes and keys");
  const { tx, nowMs } = begun;
  const columns = { ...columnsOf(type, attributes, keys), version, modified_ms: nowMs };
  if (current) {
    await tx.updateTable("resources").set(columns).where("seq", "=", current.seq).execute();
    return addressed(begun, current.seq, current.addresses, keys.emails);
  }
  const created = { ...columns, connection, id, type, body_digest: bodyDigest ?? null, created_ms: nowMs, deleted_ms: null };
  const { seq } = await tx.insertInto("resources").values(created).returning("seq").executeTakeFirstOrThrow();
  return addressed(begun, seq, [], keys.emails);
}
