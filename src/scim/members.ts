/**
 * Members of a group as clients write them.
 *
 * A member is its `value`; whatever else of the schema stands in the element is kept exactly, so that it can be shown again. A
 * list that is to be stored must say of each element whom it means: an element without a value is an error, never "nobody".
 *
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { Fault, invalid } from "../model/failure.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import type { Member } from "../model/resource.ts";
import { resolveSub } from "./names.ts";
import type { Attribute, SchemaTable } from "./schema-table.ts";
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
  const { members, ignored } = (Array.isArray(value) && readBefore.get(value)) || takenFrom(reading, attribute, Array.isArray(value) ? value : [value]);
  for (const name of ignored) reading.ignored.add(name);
  return selfId === undefined || !members.has(selfId) ? [...members.values()] : [...members.values()].filter((member) => member.value !== selfId);
}

interface Taken {
  readonly members: Map<string, Member>;
  readonly ignored: Set<string>;
}

/** @param into where former elements of the same list are */
function takenFrom(reading: Reading, attribute: Attribute, elements: readonly unknown[], into: Taken = { members: new Map(), ignored: new Set() }): Taken {
  const { members, ignored } = into;
  const subs = new Map<string, Attribute | undefined>(); // 50,000 elements are told by the same two names
  for (const element of elements) {
    const member = readMember({ ...reading, ignored }, attribute, element, subs);
    if (!members.has(member.value)) members.set(member.value, member);
  }
  return into;
}

/** What `readLargeAhead` has found in a list, for as long as the list is there. */
const readBefore = new WeakMap<readonly unknown[], Taken>();
const selectedBefore = new WeakMap<readonly unknown[], Set<string>>();

/** Members that are read in one go; more are read a stretch at a time. */
const few = 5_000;
const stretch = 2_000;

/**
 * Reads the members of a group's body ahead, with turns for everybody else in between: 170,000 of them fit into 8 MiB. Changes nothing about
 * what `readMembers` and `readSelection` say of them afterwards, and where they are wrong leaves it to those to say so.
 *
 * @param body of a POST, PUT or PATCH, as it came
 */
export async function readLargeAhead(table: SchemaTable, body: unknown, strict: boolean): Promise<void> {
  const attribute = table.core.attributes.get("members");
  const lists = listsIn(body);
  if (!attribute || lists.reduce((sum, { list }) => sum + list.length, 0) <= few) return;
  let since = 0;
  for (const { list, removes } of lists) {
    const reading: Reading = { type: table.type, extension: undefined, strict, ignored: new Set() };
    const taken: Taken = { members: new Map(), ignored: new Set() };
    const selected = new Set<string>();
    try {
      for (let at = 0; at < list.length; at += stretch) {
        const some = list.slice(at, at + stretch);
        if (removes) select(some, selected);
        else takenFrom(reading, attribute, some, taken);
        since += some.length;
        if (since < stretch) continue;
        since = 0;
        await turn();
      }
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      return;
    }
    if (removes) selectedBefore.set(list, selected);
    else readBefore.set(list, taken);
  }
}

const isRemoval = (operation: JsonObject): boolean => Object.entries(operation).some(([name, word]) => name.toLowerCase() === "op" && typeof word === "string" && word.toLowerCase() === "remove");

/** Every list that may be one of members: of the body itself, of an operation, of an operation's value. */
function listsIn(body: unknown): readonly { readonly list: readonly unknown[]; readonly removes: boolean }[] {
  if (!isObject(body)) return [];
  const named = (object: JsonObject, name: string): readonly unknown[] => Object.keys(object).flatMap((key) => (key.toLowerCase() === name && Array.isArray(object[key]) ? [object[key]] : []));
  const operations = named(body, "operations").flat().filter(isObject);
  const written = [...named(body, "members"), ...operations.flatMap((one) => Object.values(one).filter(isObject).flatMap((value) => named(value, "members")))];
  return [
    ...written.map((list) => ({ list: list as readonly unknown[], removes: false })),
    ...operations.flatMap((one) => named(one, "value").map((list) => ({ list: list as readonly unknown[], removes: isRemoval(one) }))),
  ];
}

/**
 * The values that a list names for removal. An empty list names nobody.
 *
 * @throws Fault `invalidValue` if something in it is no member at all: a removal that did nothing must not look like one that did
 */
export function readSelection(value: unknown): readonly string[] {
  if (!Array.isArray(value) && !isObject(value)) throw invalid("invalidValue", "members to remove must be a list; leave the value out to remove all of them");
  const known = Array.isArray(value) && selectedBefore.get(value);
  return [...(known || select(Array.isArray(value) ? value : [value], new Set()))];
}

function select(elements: readonly unknown[], into: Set<string>): Set<string> {
  for (const element of elements) {
    const named = valueOf(element);
    if (typeof named !== "string" || named === "") throw invalid("invalidValue", "A member to remove has no value");
    into.add(named);
  }
  return into;
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
