/**
 * Role policies in force, one per connection: a changed one is counted like a push before it takes effect.
 *
 * @module
 */
import { sql } from "kysely";
import { type KeptPush } from "../model/hold.ts";
import type { HoldId, ResourceId } from "../model/ids.ts";
import { resourceId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import { sameJson } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import { ended, stopped } from "./held.ts";
import { journalled } from "./journal.ts";
import { heldRows } from "./leases.ts";
import { lostNow } from "./losses.ts";
import { replanned } from "./replan.ts";
import { checkedJson } from "./storable.ts";
import type { PolicyStore, PolicyTaking, StoppedByRail } from "./rail-contract.ts";
import { everybodyIn, tollOf, weigh } from "./weigh.ts";
import { undo, writing, type Writing } from "./writing.ts";

/** Under this name a policy waits in a hold; no resource is called so. */
const itsName: ResourceId = resourceId("configuration");

type Answer = { readonly kind: "taken" } | StoppedByRail;

export const policyStore = (engine: Engine): PolicyStore => ({
  async rolePolicy(connection) {
    const row = await engine.db.selectFrom("policies").select("policy").where("connection", "=", connection).executeTakeFirst();
    return row && (JSON.parse(row.policy) as JsonObject);
  },

  async peopleWithAccess(connection, after, limit) {
    const rows = await heldRows(engine, engine.db, sql`r.connection = ${connection} and r.type = 'User' and r.deleted_ms is null and l.has_access = 1 and r.id > ${after ?? ""} order by r.id limit ${limit}`);
    return rows.map(({ held }) => held);
  },

  takePolicy: (change) => writing<Answer>(engine, change.connection, itsName, (begun) => taken(begun, change), change.affected.length),
});

async function taken(begun: Writing, { connection, policy, taken: taking, affected, rails, dry, correlation }: PolicyTaking): Promise<Answer> {
  const { tx, nowMs } = begun;
  const waiting = begun.waiting && (await tx.selectFrom("held").innerJoin("holds", "holds.id", "held.hold").select(["held.hold", "held.push", "held.decision", "holds.detail"]).where("held.seq", "=", begun.waiting.seq).executeTakeFirst());
  const isSame = waiting !== undefined && sameJson((JSON.parse(waiting.push) as Extract<KeptPush, { type: "Policy" }>).policy, policy);
  const approved = isSame && waiting.decision === "approved" ? (waiting.hold as HoldId) : undefined;
  const toll = tollOf(taking);
  const stop = isSame && !approved ? { rail: "configuration" as const, detail: waiting.detail } : await weigh(begun, toll, rails, approved && "configuration");
  if (stop) {
    const detail = stop.rail === "configuration" ? stop.detail : `The changed role policy (roles.map, roles.fallback, adopt) is not in force: ${stop.detail}`;
    return stopped(begun, { rail: "configuration", detail }, { resource: itsName, correlation, kept: { type: "Policy", policy }, people: everybodyIn(toll) });
  }
  if (dry) return undo<Answer>({ kind: "taken" });
  const former = await tx.selectFrom("policies").select("policy").where("connection", "=", connection).executeTakeFirst();
  const isKnown = former !== undefined && sameJson(JSON.parse(former.policy), policy);
  if (isKnown && !begun.waiting) return undo<Answer>({ kind: "taken" });
  const values = { policy: checkedJson(policy), at_ms: nowMs };
  await tx.insertInto("policies").values({ connection, ...values }).onConflict((one) => one.column("connection").doUpdateSet(values)).execute();
  await lostNow(begun, toll, approved);
  await replanned(begun, affected, "deny", correlation);
  if (begun.waiting) await ended(begun, begun.waiting.seq, approved ? "carriedOut" : "replaced");
  const entry: JournalEntry = { kind: "decision", resource: undefined, correlation, data: { policy, losing: toll.access.length, affected: affected.length, ...(approved && { approved }), notes: ["this role policy is in force from now on"] } };
  // The first one of a connection replaces none.
  if (former) await journalled(begun, [entry]);
  return { kind: "taken" };
}
