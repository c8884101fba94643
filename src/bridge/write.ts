/**
 * The way of one write, from the IdP's words to the vendor's answer. Read this file first.
 *
 *     push ─ normalise ─ interpret ─ plan ─ commit ─ converge ─ reply
 *            dialects    scim        plan   store    delivery   scim
 *
 * Each step takes what the last returned and knows nothing else. Up to `commit` nothing has happened, and every failure is the
 * IdP's answer. After `commit` the push cannot be lost: a vendor that is slow or down delays it, and the IdP is told what we
 * know at its deadline. A push that changes nothing commits nothing and calls nobody.
 *
 * @module
 */
import { normalise } from "../dialects/dialect.ts";
import { invalid } from "../model/failure.ts";
import { isResourceId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import { missing } from "../scim/errors.ts";
import type { Exchange, WriteRequest } from "../scim/exchange.ts";
import { commitUser } from "./commit-user.ts";
import { decideUser } from "./decide-user.ts";
import { deliver } from "./deliver.ts";
import { refuseIfFrozen, withheld } from "./halted.ts";
import { heldBack, letGo } from "./held-back.ts";
import { ends } from "./impossible.ts";
import type { Push } from "./push.ts";
import { replyToUser } from "./reply.ts";
import type { Rooms } from "./rooms.ts";
import { sameCreate, says } from "./same-create.ts";
import { writeGroup } from "./write-group.ts";

/** How often a push is decided anew because somebody else was faster. */
const maxTurns = 8;

/** @returns the answer's resource, or `undefined` for 204 */
export async function write(request: WriteRequest, exchange: Exchange, rooms: Rooms): Promise<JsonObject | undefined> {
  if (request.id !== undefined && !isResourceId(request.id)) throw missing(request.type);
  await refuseIfFrozen(rooms);
  const push = pushOf(request, exchange, rooms);
  const { fault } = rooms;
  if (fault) await fault("write.parsed");
  const shown = push.type === "Group" ? writeGroup(push, rooms) : writeUser(push, rooms);
  if (!fault) return shown;
  await shown;
  await fault("reply.before");
  return shown;
}

async function writeUser(pushed: Push, rooms: Rooms): Promise<JsonObject | undefined> {
  let push = pushed;
  for (let turn = 0; turn < maxTurns; turn++) {
    const decided = await decideUser(push, rooms);
    if (decided.kind === "unchanged") return replyToUser(push, decided, { kind: "done" }, rooms);
    if (decided.kind === "letGo") {
      await letGo(push, decided, rooms);
      continue;
    }

    const committed = decided.kind === "redeliver" ? decided : await commitUser(push, decided, rooms);
    if (committed.kind === "moved") continue; // somebody else was first: decide again on what is true now
    if (committed.kind === "held") throw heldBack(committed, rooms);
    if (committed.kind === "taken" && decided.kind === "change" && decided.held?.attributes && ends(decided.held.attributes, decided.attributes)) {
      push = { ...push, taken: says[committed.attribute] }; // the denial goes on without the name
      continue;
    }
    if (committed.kind === "taken") {
      const twin = await sameCreate(push, committed, rooms);
      if (twin === "gone") continue;
      return replyToUser(push, twin, { kind: "done" }, rooms);
    }

    const outcome = (await withheld(committed, rooms)) ? ({ kind: "done" } as const) : await deliver(push, committed, rooms);
    if (outcome.kind === "moved") continue; // its twin was taken back
    // Given up with nothing to return to: a repeated push, or a deletion that only a person can carry out.
    const told = outcome.kind === "failed" && (committed.kind === "redeliver" || push.method === "DELETE");
    const final = told ? ({ kind: "undone", failure: outcome.failure } as const) : outcome;
    return replyToUser(push, committed, final, rooms);
  }
  throw invalid("invalidValue", "This resource is being changed by too many requests at once. Try again.");
}

function pushOf({ method, type, id, body, query }: WriteRequest, exchange: Exchange, { clock, site }: Rooms): Push {
  const { body: normal, quirks } = method === "DELETE" ? { body: undefined, quirks: [] } : normalise({ type, method, body }, site.policy.strict);
  return { method, type, id, body: normal, quirks, exchange, arrivedMs: clock.now(), query };
}
