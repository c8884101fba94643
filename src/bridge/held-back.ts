/**
 * What the IdP and whoever is on duty are told about a push that a rail has stopped, and how a waiting push is let go.
 *
 * @module
 */
import { heldDetail, holdAlarm } from "../rails/words.ts";
import { faceOfFailure, Refusal } from "../scim/errors.ts";
import type { StoppedByRail } from "../store/rail-contract.ts";
import type { LetGo, Push } from "./push.ts";
import type { Rooms } from "./rooms.ts";

/** 503 and the hold's name; the alarm is raised once, by whoever opened the hold. */
export function heldBack(stopped: StoppedByRail, { connection, log }: Rooms): Refusal {
  const { hold, rail, detail, opened } = stopped;
  if (opened) log.alarm(holdAlarm(hold, rail, detail), { connection });
  return new Refusal(faceOfFailure({ kind: "held", hold, detail: heldDetail(stopped, connection) }));
}

export async function letGo({ exchange }: Push, { held, waiting }: LetGo, { store, connection }: Rooms): Promise<void> {
  await store.endWaiting(connection, held.id, waiting, { as: "replaced", note: "over: a later push wants the opposite of the one that waited", correlation: exchange.correlation });
}
