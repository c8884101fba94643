/**
 * What the IdP is told (the table of DESIGN 3): the outcome's face, or the resource as it is desired.
 *
 * @module
 */
import type { Failure } from "../model/failure.ts";
import type { JsonObject } from "../model/json.ts";
import type { Held, StoredResource } from "../model/resource.ts";
import type { Outcome } from "../delivery/outcome.ts";
import { faceOfFailure, Refusal } from "../scim/errors.ts";
import { readProjection, show } from "../scim/project.ts";
import type { Push } from "./push.ts";
import type { Rooms } from "./rooms.ts";

export function replyToUser(push: Push, { held }: { readonly held: Held }, outcome: Outcome, rooms: Rooms): JsonObject | undefined {
  const refused = refusalOf(push, outcome, rooms);
  if (refused) throw refused;
  if (push.method === "POST") void noteAnswer(push, held, rooms);
  return held.attributes && show(rooms.users, stored(held, held.attributes), push.exchange.base, readProjection(rooms.users, push.query));
}

/** Never throws; without the note a repeat of the create gets the same resource once more. */
async function noteAnswer(push: Push, { id }: Held, { answered, connection, fault, log }: Rooms): Promise<void> {
  try {
    const out = await push.exchange.answered;
    if (fault) await fault("reply.sent");
    if (out) answered.mark(connection, id);
  } catch (thrown) {
    log.error("could not note that a create was answered", { connection, resource: id, error: String(thrown) });
  }
}

export const stored = ({ type, id, version, createdMs, modifiedMs, groups }: Held, attributes: NonNullable<Held["attributes"]>): StoredResource => ({
  type, id, version, createdMs, modifiedMs, attributes, groups, members: [], emptied: false,
});

function refusalOf(push: Push, outcome: Outcome, rooms: Rooms): Refusal | undefined {
  const { title } = rooms.site.vendor;
  switch (outcome.kind) {
    case "done":
    case "waits":
    case "failed":
      return undefined;
    case "pending":
      return rooms.site.policy.delivery.onOutage === "reject" && push.method !== "POST" ? away(title) : undefined;
    case "undone":
      return new Refusal(faceOfFailure(outcome.failure));
    case "owned":
      return new Refusal({ status: 502, detail: `${title} did not take the access away: ${reason(outcome.failure)} Drawbridge keeps trying and has raised an alarm.` });
    case "partial":
      return new Refusal({ status: 501, detail: `${title} allows only a part of this, and that part is done. Left for a person: ${outcome.left}` });
  }
}

const away = (title: string): Refusal => new Refusal({ status: 503, retryAfterSeconds: 30, detail: `${title} does not answer at the moment; denials are kept and retried.` });

const reason = ({ detail }: Failure): string => (/[.!?]$/.test(detail) ? detail : `${detail}.`);
