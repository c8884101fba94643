/**
 * An undo, written as new pushes: committed, journalled and due like any other, for the worker of whichever server runs.
 *
 * @module
 */
import { strongestLane } from "../../model/operation.ts";
import type { Lane } from "../../model/operation.ts";
import { failureOf } from "../../model/failure.ts";
import type { CorrelationId } from "../../model/ids.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Attributes, JournalEntry } from "../../model/resource.ts";
import { planUser } from "../../plan/plan-user.ts";
import { wantedOf } from "../../plan/wanted.ts";
import { keysOf } from "../../scim/search-form.ts";
import { affects } from "../affected.ts";
import { differences } from "../differences.ts";
import { keysFor } from "../keys.ts";
import type { Rooms } from "../rooms.ts";
import type { LeftOut, UndoPlan, UndoStep } from "./plan-undo.ts";

/** What an undo needs of the house. */
export type UndoRooms = Pick<Rooms, "connection" | "site" | "users" | "groups" | "store">;

export interface Undone {
  readonly written: number;
  /** What could not be written after all. */
  readonly left: readonly LeftOut[];
}

/** @param range how the range was chosen, for the journal; @param by who asked for it */
export async function writeUndo({ steps }: UndoPlan, { range, by, correlation }: { readonly range: JsonObject; readonly by: string; readonly correlation: CorrelationId }, rooms: UndoRooms): Promise<Undone> {
  const { store, connection } = rooms;
  const left: LeftOut[] = [];
  const absent = new Set<string>();
  await store.append(connection, [{ kind: "decision", resource: undefined, correlation, data: { undo: range, by, steps: steps.length, notes: [`an undo was begun by ${by}`] } }]);
  let written = 0;
  for (const step of steps) {
    const refused = absent.has(step.id) ? "the group could not be made again" : await write(step, absent, { by, correlation }, rooms).catch((thrown: unknown) => failureOf(thrown).detail);
    if (refused === undefined) written += 1;
    else {
      left.push({ id: step.id, label: step.label, why: refused });
      if (step.kind === "recreate") absent.add(step.id);
    }
  }
  return { written, left };
}

interface Signed {
  readonly by: string;
  readonly correlation: CorrelationId;
}

/** @returns why it could not be written; `undefined` = it was */
function write(step: UndoStep, absent: ReadonlySet<string>, signed: Signed, rooms: UndoRooms): Promise<string | undefined> {
  if (step.kind === "members") return writeMembers(step, absent, signed, rooms);
  return step.type === "User" ? writePerson(step, signed, rooms) : writeGroupAttributes(step, signed, rooms);
}

type AttributeStep = Extract<UndoStep, { kind: "restore" | "recreate" }>;

const beforeOf = (step: AttributeStep): Attributes | undefined => (step.kind === "restore" ? step.before : undefined);

const entry = (step: UndoStep, { by, correlation }: Signed, more: JsonObject): JournalEntry => ({
  kind: "push",
  resource: step.id,
  correlation,
  data: { method: "undo", by, ...(step.kind === "recreate" && { restores: step.restores }), ...more },
});

async function writePerson(step: AttributeStep, signed: Signed, rooms: UndoRooms): Promise<string | undefined> {
  const { store, connection } = rooms;
  const committed = await store.commit({
    connection,
    type: "User",
    id: step.id,
    readAt: step.kind === "restore" ? step.version : undefined,
    attributes: step.after,
    keys: keysFor(step.after, rooms),
    bodyDigest: undefined,
    journal: [entry(step, signed, { ...differences(beforeOf(step), step.after) })],
    due: { lane: await laneFor(step, rooms), lease: undefined },
    by: "operator",
  });
  if (committed.kind === "committed" && step.kind === "recreate") await store.markAnswered(connection, [step.id]);
  return saysOf(committed);
}

/** @throws Fault for what cannot be planned: an address that cannot change back, an account that is gone */
async function laneFor(step: AttributeStep, { store, connection, site }: UndoRooms): Promise<Lane> {
  const held = step.kind === "restore" ? await store.hold(connection, step.id) : undefined;
  const { plan } = planUser(wantedOf(step.after, site.policy.identity, held?.groups), held?.link, site.vendor, site.policy);
  return strongestLane(plan) ?? "profile";
}

async function writeGroupAttributes(step: AttributeStep, signed: Signed, rooms: UndoRooms): Promise<string | undefined> {
  const { store, connection, groups } = rooms;
  const current = step.kind === "restore" ? await store.read(connection, "Group", step.id, { groups: false, members: false }) : undefined;
  const journal = [entry(step, signed, { type: "Group", ...differences(beforeOf(step), step.after) })];
  const keys = keysOf(groups, step.after, { emailKey: undefined });
  const readAt = step.kind === "restore" ? step.version : undefined;
  return saysOf(await store.commitGroup({ connection, id: step.id, readAt, attributes: step.after, keys, members: [], affects: affects(current, step.after, rooms), journal, by: "operator" }));
}

async function writeMembers(step: Extract<UndoStep, { kind: "members" }>, absent: ReadonlySet<string>, signed: Signed, rooms: UndoRooms): Promise<string | undefined> {
  const { store, connection } = rooms;
  const current = await store.read(connection, "Group", step.id, { groups: false, members: false });
  const add = step.add.filter(({ value }) => !absent.has(value));
  const members = [...(add.length > 0 ? [{ kind: "add" as const, members: add }] : []), ...(step.remove.length > 0 ? [{ kind: "remove" as const, values: step.remove }] : [])];
  const journal = [entry(step, signed, { type: "Group", members: { added: add.length, removed: step.remove.length } })];
  return saysOf(await store.commitGroup({ connection, id: step.id, readAt: current?.version, attributes: undefined, keys: undefined, members, affects: affects(current, undefined, rooms), journal, by: "operator" }));
}

function saysOf(committed: { readonly kind: string }): string | undefined {
  switch (committed.kind) {
    case "committed":
      return undefined;
    case "taken":
      return "the name or address belongs to somebody else by now";
    case "missing":
      return "is not there any more";
    default:
      return "was changed while it was being undone; run the undo again";
  }
}
