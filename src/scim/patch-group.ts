/**
 * PATCH of a group (RFC 7644, 3.5.2): attributes as for a user, members as deltas.
 *
 * Members are rows and never read here: a group of 50,000 costs what its operations say, and two PATCHes at once lose nobody.
 * So only what can be said without reading is understood: whom to add, whom to remove by value, all of them, none of them.
 * Everything else about a member is refused, and nothing that names nobody ever empties a group.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { sameJson } from "../model/json.ts";
import type { Attributes, MemberChange } from "../model/resource.ts";
import { equalitiesOf } from "./equalities.ts";
import { readMembers, readSelection } from "./members.ts";
import { checkResult, dropNobody, type PatchOptions } from "./patch.ts";
import { applyOperation, type Aim, type Draft } from "./patch-apply.ts";
import { readOperations, type PatchOperation } from "./patch-envelope.ts";
import { meaningful } from "./patch-unknown.ts";
import type { SchemaTable } from "./schema-table.ts";
import { strictPatch } from "./strict.ts";
import type { Reading } from "./values.ts";

export interface PatchedGroup {
  /** `undefined` = unchanged. */
  readonly attributes: Attributes | undefined;
  /** In the order of the operations. */
  readonly members: readonly MemberChange[];
  readonly ignored: readonly string[];
}

export interface GroupPatchOptions extends PatchOptions {
  /** The group's own id, which is never its member. */
  readonly selfId?: string | undefined;
}

/** @throws Fault as `patchUser`; `invalidValue`, `invalidFilter` and `mutability` for members that can not be told apart */
export function patchGroup(table: SchemaTable, current: Attributes, body: unknown, { strict, maxOperations, selfId }: GroupPatchOptions): PatchedGroup {
  const draft: Draft = { attributes: { ...current }, password: undefined };
  const members: MemberChange[] = [];
  const ignored = new Set<string>();
  const spent = { steps: 0 };
  const onMembers = (op: PatchOperation["op"], at: Aim, value: unknown, reading: Reading) => {
    const change = memberChange(op, at, value, reading, selfId);
    if (change) members.push(change);
  };
  const operations = readOperations(body, maxOperations);
  if (strict) strictPatch(table, body);
  for (const operation of meaningful(table, operations, { strict, ignored })) applyOperation(draft, operation, { table, strict, ignored, spent, onMembers });
  dropNobody(table, draft.attributes);
  checkResult(table, current, draft.attributes);
  return { attributes: sameJson(current, draft.attributes) ? undefined : draft.attributes, members, ignored: [...ignored] };
}

/** `undefined` = nobody comes or goes. */
function memberChange(op: PatchOperation["op"], at: Aim, value: unknown, reading: Reading, selfId: string | undefined): MemberChange | undefined {
  if (at.sub || (at.kind === "elements" && op !== "remove")) throw invalid("mutability", "A member can be added and removed, not changed");
  if (at.kind === "elements") return removal(valuesIn(at));
  if (op === "remove") return value === undefined ? { kind: "clear" } : removal(readSelection(value));
  if (value === null) return undefined;
  const members = readMembers(reading, at.attribute, value, selfId);
  return op === "add" && members.length === 0 ? undefined : { kind: op, members };
}

const removal = (values: readonly string[]): MemberChange | undefined => (values.length > 0 ? { kind: "remove", values } : undefined);

/** Whom `members[value eq "a" or value eq "b"]` means. */
function valuesIn({ attribute, text }: Extract<Aim, { kind: "elements" }>): readonly string[] {
  const equalities = equalitiesOf(attribute, text);
  if (!equalities || equalities.joined === "and" || equalities.of.some(({ sub }) => sub.name !== "value")) {
    throw invalid("invalidFilter", 'Members to remove are named by their value, as in members[value eq "…"]');
  }
  return [...new Set(equalities.of.map(({ value }) => String(value)))].filter((value) => value !== "");
}
