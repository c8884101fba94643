/**
 * Pushes of one group that wait in a hold. IdPs send large changes in several pushes, so those of one group add up: what is carried out
 * after an approval is what all of them together mean, and a later push that passes is not undone by it.
 *
 * @module
 */
import type { KeptGroup, RailName } from "../model/hold.ts";
import type { ResourceId } from "../model/ids.ts";
import { sameJson } from "../model/json.ts";
import type { MemberChange } from "../model/resource.ts";
import { ended } from "./held.ts";
import { checkedJson } from "./storable.ts";
import type { Writing } from "./writing.ts";

interface WaitingGroup {
  readonly rail: RailName;
  readonly detail: string;
  readonly kept: KeptGroup;
  readonly people: readonly ResourceId[];
}

export async function waitingGroup({ tx }: Writing, seq: number): Promise<WaitingGroup | undefined> {
  const row = await tx.selectFrom("held").innerJoin("holds", "holds.id", "held.hold").select(["rail", "detail", "push", "people"]).where("held.seq", "=", seq).executeTakeFirst();
  return row && { rail: row.rail as RailName, detail: row.detail, kept: JSON.parse(row.push) as KeptGroup, people: JSON.parse(row.people) as ResourceId[] };
}

/** Whether the waiting push says all of this already: the IdP has only tried again. */
export async function repeats(begun: Writing, kept: KeptGroup, seq: number): Promise<boolean> {
  const waiting = (await waitingGroup(begun, seq))?.kept;
  if (!waiting) return false;
  if (kept.deleted) return waiting.deleted;
  if (kept.attributes === undefined && kept.members.length === 0) return false;
  return (kept.attributes === undefined || sameJson(kept.attributes, waiting.attributes)) && kept.members.every((change) => waiting.members.some((known) => sameJson(known, change)));
}

/** The older push, and then the newer one. */
export function together(older: KeptGroup, newer: KeptGroup): KeptGroup {
  if (newer.deleted) return newer;
  const attributes = newer.attributes ?? older.attributes;
  const before = newer.members.some(saysAll) ? [] : older.members;
  const members = [...before, ...newer.members.filter((change) => !before.some((known) => sameJson(known, change)))];
  return { type: "Group", method: newer.method, deleted: false, ...(attributes && { attributes }), members };
}

/** It names the whole membership, so what came before it does not matter any more. */
export const saysAll = ({ kind }: MemberChange): boolean => kind === "replace" || kind === "clear";

/** A later push of the group has passed: what it said is not to be undone by the one that waits. */
export async function outdated(begun: Writing, seq: number, passed: { readonly deleted: boolean; readonly attributes: boolean; readonly members: readonly MemberChange[] }): Promise<void> {
  const waiting = await waitingGroup(begun, seq);
  if (!waiting) return;
  const { attributes: named, ...kept } = waiting.kept;
  const attributes = passed.attributes ? undefined : named;
  // A deletion stands for "nobody is in it and it is gone"; a group that is pushed again is wanted.
  const over = passed.deleted || kept.deleted;
  const members = passed.members.some(saysAll) ? [] : kept.members.length === 0 ? [] : [...kept.members, ...passed.members];
  if (over || (attributes === undefined && members.length === 0)) return void (await ended(begun, seq, "replaced"));
  const left: KeptGroup = { ...kept, ...(attributes && { attributes }), members };
  if (!sameJson(left, waiting.kept)) await begun.tx.updateTable("held").set({ push: checkedJson(left) }).where("seq", "=", seq).execute();
}
