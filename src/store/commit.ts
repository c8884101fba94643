/**
 * A user's push in one transaction: what is wanted, the journal's rows, and that something is due. From here it cannot be lost.
 *
 * @module
 */
import type { JournalEntry } from "../model/resource.ts";
import { takesAnything } from "../model/hold.ts";
import { addressed, columnsOf } from "./columns.ts";
import { hidden, purged } from "./deletion.ts";
import { isUnderWay, madeDue } from "./due.ts";
import type { Engine } from "./engine.ts";
import { ended, stopped } from "./held.ts";
import { unlessTaken } from "./holders.ts";
import { awaited } from "./links.ts";
import { journalled } from "./journal.ts";
import { lostNow } from "./losses.ts";
import { prepared } from "./prepared.ts";
import type { StoppedByRail, UserRail } from "./rail-contract.ts";
import type { Commit, Committed } from "./store.ts";
import { tollOf, weigh } from "./weigh.ts";
import type { Row, Writing } from "./writing.ts";
import { undo, writing } from "./writing.ts";

export async function commit(engine: Engine, push: Commit): Promise<Committed> {
  const answer = await unlessTaken(engine, push.connection, push.type, push.id, push.keys, () => writing<Committed>(engine, push.connection, push.id, (begun) => committed(begun, push)));
  if (answer.kind !== "taken") return answer;
  return { ...answer, attribute: answer.attribute === "name" ? "userName" : answer.attribute };
}

async function committed(begun: Writing, push: Commit): Promise<Committed> {
  const { row, nowMs, mode } = begun;
  if (mode.frozen && push.by !== "operator") return undo<Committed>({ kind: "frozen", mode });
  if (push.observing !== undefined && push.observing !== mode.observes) return undo<Committed>({ kind: "moved" });
  const current = row && !row.deleted && row.type === push.type ? row : undefined;
  if (push.readAt === undefined ? row !== undefined : current?.version !== push.readAt) return undo<Committed>({ kind: "moved" });

  const stop = push.rail && (await railed(begun, push, push.rail));
  if (stop) return stop;

  const version = (push.readAt ?? 0) + 1;
  if (current && !push.attributes) await hidden(begun, current);
  else await written(begun, push, current, version);
  if (push.awaited !== undefined && !mode.observes) await awaited(begun, push.id, push.awaited);
  await journalled(begun, mode.observes ? push.journal.filter(isNoIntent) : push.journal);
  const lease = push.due && (await madeDue(begun, push.id, version, push.due, push.journal[0]?.correlation));
  if (current && !push.attributes && !push.due && !(await isUnderWay(begun, push.id))) await purged(begun, current);
  return { kind: "committed", version, createdMs: current?.createdMs ?? nowMs, modifiedMs: nowMs, lease, ...(mode.observes && { observed: true }) };
}

/** Nobody intends to write anything while the connection only observes. */
const isNoIntent = ({ kind }: JournalEntry): boolean => kind !== "intent";

/** @returns the hold, if a rail bites; else the losses are on record, and what waited for this push is over */
async function railed(begun: Writing, push: Commit, { rails, taking, waiting, cancels, carriesOut, kept, correlation }: UserRail): Promise<StoppedByRail | undefined> {
  if (begun.waiting?.seq !== waiting?.seq || begun.waiting?.approved !== waiting?.approved) return undo<Committed>({ kind: "moved" });
  const takes = takesAnything(taking);
  if (takes || carriesOut) {
    const toll = tollOf([[push.id, carriesOut ? { ...taking, access: true } : taking]]);
    // Who waits already stays in the same hold, however the window has moved since: only a person lets them pass.
    // Nobody loses anything while the connection only observes: the brake counts when the plan is carried out.
    const stop = waiting && !waiting.approved ? waiting : await weigh(begun, toll, rails, waiting?.rail ?? (begun.mode.observes ? "brake" : undefined));
    if (stop) return stopped(begun, { rail: stop.rail, detail: stop.detail }, { resource: push.id, correlation, kept, people: [push.id] });
    if (!begun.mode.observes) await lostNow(begun, toll, waiting?.hold);
  }
  if (waiting && (takes || cancels || carriesOut)) await ended(begun, waiting.seq, cancels ? "replaced" : "carriedOut");
  return undefined;
}

type Columns = ReturnType<typeof columnsOf> & { readonly version: number; readonly modified_ms: number };

const kept = ({ label, name_key, email_key, external_key, desired, search, version, modified_ms }: Columns): Columns => ({ label, name_key, email_key, external_key, desired, search, version, modified_ms });
const updated = prepared((engine, given: Columns & { readonly seq: number }) => engine.db.updateTable("resources").set(kept(given)).where("seq", "=", given.seq));
const inserted = prepared<Columns & Pick<Commit, "connection" | "type" | "id"> & { readonly body_digest: string | null; readonly created_ms: number }, { readonly seq: number }>((engine, given) =>
  engine.db.insertInto("resources").values({ ...kept(given), connection: given.connection, id: given.id, type: given.type, body_digest: given.body_digest, created_ms: given.created_ms, deleted_ms: null }).returning("seq"),
);

async function written(begun: Writing, { connection, type, id, attributes, keys, bodyDigest }: Commit, current: Row | undefined, version: number): Promise<void> {
  if (!attributes || !keys) throw new Error("a resource that is not deleted needs attributes and keys");
  const { engine, tx, nowMs } = begun;
  const columns = { ...columnsOf(type, attributes, keys), version, modified_ms: nowMs };
  if (current) {
    await updated(engine, tx, { ...columns, seq: current.seq });
    return addressed(begun, current.seq, current.addresses, keys.emails);
  }
  const [created] = (await inserted(engine, tx, { ...columns, connection, id, type, body_digest: bodyDigest ?? null, created_ms: nowMs })).rows;
  if (!created) throw new Error("the database did not say where it put the resource");
  return addressed(begun, created.seq, [], keys.emails);
}
