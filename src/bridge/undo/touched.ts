/**
 * What a range of the journal changed: for every resource, each attribute before the first push of the range and after the last, and who
 * came into which group and who left. Pure.
 *
 * @module
 */
import type { ResourceId } from "../../model/ids.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { isObject } from "../../model/json.ts";
import type { ResourceType } from "../../model/resource.ts";
import type { JournalRow } from "../../store/store.ts";

/** `undefined` = the attribute was not there. */
export interface Change {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export interface MemberMove {
  /** Whether the value was a member before the range; after it, it was the other way round, or came back. */
  readonly was: boolean;
  readonly is: boolean;
  /** What else stood in the element when it left. */
  readonly rest: JsonObject;
}

export interface Touched {
  readonly id: ResourceId;
  readonly type: ResourceType;
  readonly attributes: ReadonlyMap<string, Change>;
  readonly created: boolean;
  readonly deleted: boolean;
  /** Of a group. */
  readonly members: ReadonlyMap<string, MemberMove>;
  /** Of a deleted user: the groups that they were in. */
  readonly groups: readonly ResourceId[];
}

interface Gathering {
  type: ResourceType;
  readonly attributes: Map<string, Change>;
  created: boolean;
  deleted: boolean;
  readonly members: Map<string, MemberMove>;
  groups: readonly ResourceId[];
}

/** @param rows of the kinds `push` and `decision`, in order */
export function touchedBy(rows: readonly JournalRow[]): readonly Touched[] {
  const refused = new Set(rows.flatMap(({ kind, resource, correlation, data }) => (kind === "decision" && isObject(data) && data["refused"] !== undefined ? [`${resource} ${correlation}`] : [])));
  const all = new Map<ResourceId, Gathering>();
  for (const { kind, resource, correlation, data } of rows) {
    // What a vendor refused was taken back when it was.
    if (kind !== "push" || resource === undefined || !isObject(data) || refused.has(`${resource} ${correlation}`)) continue;
    const touched = all.get(resource) ?? { type: "User", attributes: new Map(), created: false, deleted: false, members: new Map(), groups: [] };
    gather(touched, data, !all.has(resource));
    all.set(resource, touched);
  }
  return [...all].map(([id, touched]) => ({ id, ...touched }));
}

function gather(touched: Gathering, data: JsonObject, isFirst: boolean): void {
  const { membership, method, type } = data;
  if (isObject(membership)) {
    touched.type = "Group";
    return move(touched, membership);
  }
  if (type === "Group") touched.type = "Group";
  const before = isObject(data["before"]) ? data["before"] : {};
  const after = isObject(data["after"]) ? data["after"] : {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) touched.attributes.set(name, { before: firstOf(touched, name, before), after: after[name] });
  const isWhole = touched.type === "User" ? "userName" : "displayName";
  if (isFirst && (method === "POST" || data["restores"] !== undefined)) touched.created = true;
  if (method === "DELETE" && before[isWhole] !== undefined && after[isWhole] === undefined) touched.deleted = true;
  if (Array.isArray(data["groups"])) touched.groups = data["groups"].filter((one) => typeof one === "string") as ResourceId[];
}

function firstOf({ attributes }: Gathering, name: string, before: JsonObject): Json | undefined {
  const known = attributes.get(name);
  return known ? known.before : before[name];
}

function move({ members }: Gathering, membership: JsonObject): void {
  const rests = isObject(membership["rests"]) ? membership["rests"] : {};
  for (const value of textsIn(membership["left"])) {
    const rest = rests[value];
    members.set(value, { was: members.get(value)?.was ?? true, is: false, rest: isObject(rest) ? rest : {} });
  }
  for (const value of textsIn(membership["joined"])) {
    const known = members.get(value);
    members.set(value, { was: known?.was ?? false, is: true, rest: known?.rest ?? {} });
  }
}

const textsIn = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === "string") : []);
