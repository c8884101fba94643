/**
 * Members of a group as clients write them.
 *
 * A member is its `value`; whatever else of the schema stands in the element is kept exactly, so that it can be shown again. A
 * list that is to be stored must say of each element whom it means: an element without a value is an error, never "nobody".
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { isObject, type Json } from "../model/json.ts";
import type { Member } from "../model/resource.ts";
import { resolveSub } from "./names.ts";
import type { Attribute } from "./schema-table.ts";
import { checkText, plainRule } from "./text-rules.ts";
import { ignore, readSub, type Reading } from "./values.ts";

/** A member's value may be anybody's id, also of somebody whom we do not know (yet). */
const valueRule = { ...plainRule, maxLength: 1_024, visible: true };

/**
 * Members to be added or set, each once, in order of arrival; the group itself is left out.
 *
 * @param value a list, or one member without its list
 * @throws Fault `invalidValue` if it is anything else, or if an element names nobody
 */
export function readMembers(reading: Reading, attribute: Attribute, value: unknown, selfId: string | undefined): readonly Member[] {
  if (!Array.isArray(value) && !isObject(value)) throw invalid("invalidValue", "members must be a list");
  const members = new Map<string, Member>();
  const subs = new Map<string, Attribute | undefined>(); // 50,000 elements are told by the same two names
  for (const element of Array.isArray(value) ? value : [value]) {
    const member = readMember(reading, attribute, element, subs);
    if (member.value !== selfId && !members.has(member.value)) members.set(member.value, member);
  }
  return [...members.values()];
}

/**
 * The values that a list names for removal. An empty list names nobody.
 *
 * @throws Fault `invalidValue` if something in it is no member at all: a removal that did nothing must not look like one that did
 */
export function readSelection(value: unknown): readonly string[] {
  if (!Array.isArray(value) && !isObject(value)) throw invalid("invalidValue", "members to remove must be a list; leave the value out to remove all of them");
  const values = new Set<string>();
  for (const element of Array.isArray(value) ? value : [value]) {
    const named = valueOf(element);
    if (typeof named !== "string" || named === "") throw invalid("invalidValue", "A member to remove has no value");
    values.add(named);
  }
  return [...values];
}

function readMember(reading: Reading, attribute: Attribute, element: unknown, subs: Map<string, Attribute | undefined>): Member {
  if (!isObject(element)) throw invalid("invalidValue", "Each of members must be an object with a value");
  let value: Json | undefined;
  const rest: Record<string, Json> = {};
  for (const name of Object.keys(element)) {
    let sub = subs.get(name);
    if (!sub && !subs.has(name)) subs.set(name, (sub = resolveSub(attribute, name)));
    if (!sub) ignore(reading, `members.${name}`);
    else if (sub.name === "value") value = element[name];
    else {
      const part = readSub(reading, attribute, sub, element[name]);
      if (part !== undefined) rest[sub.name] = part;
    }
  }
  if (typeof value !== "string" || value === "") throw invalid("invalidValue", "A member has no value");
  const why = checkText(value, valueRule);
  if (why !== undefined) throw invalid("invalidValue", `members.value ${why}`);
  return { value, rest };
}

const valueOf = (element: unknown): unknown => {
  if (!isObject(element)) return undefined;
  const name = Object.keys(element).find((key) => key.toLowerCase() === "value");
  return name === undefined ? undefined : element[name];
};
