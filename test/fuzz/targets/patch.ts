/**
 * PATCH: from the bytes to the attributes that would be kept, or the members that would come and go.
 *
 * @module
 */
import fc from "fast-check";
import { isObject, sameJson, type JsonObject } from "../../../src/model/json.ts";
import type { ResourceType } from "../../../src/model/resource.ts";
import { tables } from "../../store/population.ts";
import type { Code } from "../code.ts";
import { massivePatch, patchText } from "../inputs/bodies.ts";
import { type Name, people, selfId } from "../people.ts";
import { checkPlain, frozen } from "../soundness.ts";
import { cleanly, hold, refused, type Target, type Watch } from "../target.ts";
import { checkKept } from "./kept.ts";

export interface PatchInput {
  readonly type: ResourceType;
  readonly current: Name;
  readonly strict: boolean;
  readonly text: string;
}

const most = { User: 5_000, Group: 400_000 };
const maxOperations = 1_000;

const strict = fc.nat(9).map((n) => n === 0);
const inputsOf = (type: ResourceType, current: fc.Arbitrary<Name>, text: fc.Arbitrary<string>): fc.Arbitrary<PatchInput> => fc.record({ type: fc.constant(type), current, strict, text });

export const patchTarget: Target<PatchInput> = {
  name: "patch",
  inputs: fc.oneof(
    { weight: 1_600, arbitrary: inputsOf("User", fc.constantFrom("ann", "ann", "everything", "bare"), patchText("User")) },
    { weight: 400, arbitrary: inputsOf("Group", fc.constant("group"), patchText("Group")) },
    { weight: 1, arbitrary: inputsOf("User", fc.constantFrom("everything", "many"), massivePatch("User")) },
  ),
  run(input, code, watch) {
    const { type, text } = input;
    const body = cleanly(watch, () => code.readJson(Buffer.from(text), most[type]));
    if (body === refused) return "refused";
    checkPlain(frozen(body));
    const { body: normal } = watch.work(() => code.normalise({ type, method: "PATCH", body }));
    hold(sameJson(code.normalise({ type, method: "PATCH", body: frozen(normal) }).body, normal), "normalised twice it is another body");
    return type === "User" ? patched(input, normal, code, watch) : patchedGroup(input, normal, code, watch);
  },
};

function patched({ current: name, strict }: PatchInput, body: unknown, code: Code, watch: Watch): "accepted" | "refused" {
  const current = people[name];
  const result = cleanly(watch, () => code.patchUser(tables.User, current, body, { strict, maxOperations }));
  if (result === refused) return "refused";
  hold(result.changed === !sameJson(result.attributes, current), "it says wrongly whether anything has changed");
  checkKept("User", frozen(result.attributes), code, watch);
  const only = onlyOperation(body);
  if (only === undefined) return "accepted";
  const again = cleanly(watch, () => code.patchUser(tables.User, result.attributes, body, { strict, maxOperations }));
  // A filter may no longer match what it made of its element; then the second one is refused.
  hold(again === refused || !again.changed, `the same ${only} a second time changes something`);
  return "accepted";
}

/** What the only operation of a PATCH is called; of several, a later one may undo an earlier one. */
function onlyOperation(body: unknown): string | undefined {
  const operations = isObject(body) ? Object.entries(body).find(([name]) => name.toLowerCase() === "operations")?.[1] : undefined;
  const [first, ...more] = Array.isArray(operations) ? (operations as readonly JsonObject[]) : [];
  if (!first || more.length > 0) return undefined;
  // `{"emails": […], "EMAILS.value": …}` is several operations in one.
  const value = Object.entries(first).find(([name]) => name.toLowerCase() === "value")?.[1];
  const hasPath = Object.entries(first).some(([name, path]) => name.toLowerCase() === "path" && path !== null);
  if (!hasPath && (!isObject(value) || Object.keys(value).length > 1 || isObject(Object.values(value)[0]))) return undefined;
  return String(Object.entries(first).find(([name]) => name.toLowerCase() === "op")?.[1]).toLowerCase();
}

function patchedGroup({ current: name, strict }: PatchInput, body: unknown, code: Code, watch: Watch): "accepted" | "refused" {
  const current = people[name];
  const result = cleanly(watch, () => code.patchGroup(tables.Group, current, body, { strict, maxOperations, selfId }));
  if (result === refused) return "refused";
  if (result.attributes) checkKept("Group", frozen(result.attributes), code, watch);
  for (const change of result.members) {
    checkPlain(change);
    if ("members" in change) for (const { value } of change.members) hold(value !== "" && value !== selfId, `a member has the value ${JSON.stringify(value)}`);
    if (change.kind === "remove") hold(change.values.length > 0 && change.values.every((value) => value !== ""), "a removal names nobody");
  }
  const clears = operationsOf(body).filter((operation) => isClearing(operation)).length;
  hold(result.members.filter(({ kind }) => kind === "clear").length <= clears, "a group is emptied that nobody asked to empty");
  return "accepted";
}

const operationsOf = (body: unknown): readonly unknown[] => {
  const operations = isObject(body) ? Object.entries(body).find(([name]) => name.toLowerCase() === "operations")?.[1] : undefined;
  return Array.isArray(operations) ? operations : [];
};

/** A `remove` at `members` that says nothing of whom. */
function isClearing(operation: unknown): boolean {
  if (!isObject(operation)) return false;
  const of = (wanted: string) => Object.entries(operation).find(([name]) => name.toLowerCase() === wanted)?.[1];
  return String(of("op")).toLowerCase() === "remove" && of("value") === undefined && /(^|:)members$/i.test(String(of("path")));
}
