/**
 * What must hold of attributes that a write has come to, before the store and the answer see them.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../src/model/json.ts";
import { sameJson } from "../../../src/model/json.ts";
import type { Attributes, ResourceType } from "../../../src/model/resource.ts";
import { everything } from "../../../src/scim/project.ts";
import { tables } from "../../store/population.ts";
import type { Code } from "../code.ts";
import { base, stored } from "../people.ts";
import { checkPlain, checkStorable, frozen } from "../soundness.ts";
import { cleanly, hold, refused, type Watch } from "../target.ts";

/** The store keeps these elsewhere, or nobody may write them. */
const neverKept = ["id", "meta", "schemas", "groups", "members", "password"];

const spellings = {
  User: new Set([...tables.User.core.attributes.values()].map(({ name }) => name).concat(tables.User.extensions.map(({ urn }) => urn))),
  Group: new Set([...tables.Group.core.attributes.values()].map(({ name }) => name)),
};

/** A document of ours, as large as the largest group. */
const wholeAnswer = 400_000;

/** Storable, findable, showable; and the answer, sent back as a PUT, changes nothing. */
export function checkKept(type: ResourceType, attributes: Attributes, code: Code, watch: Watch): void {
  const table = tables[type];
  checkPlain(attributes);
  checkStorable(attributes, true);
  for (const name of Object.keys(attributes)) hold(spellings[type].has(name) && !neverKept.includes(name), `${name} is among what is kept`);
  const keys = cleanly(watch, () => code.keysOf(table, attributes, { emailKey: undefined }));
  if (keys !== refused) hold(code.fold(keys.name) === keys.name, `a key folds to another one: ${keys.name}`);
  watch.work(() => code.checkedJson(attributes));
  const answer = watch.work(() => code.show(table, stored(type, attributes), base, everything));
  const text = watch.work(() => JSON.stringify(answer));
  const read = code.readJson(Buffer.from(text), wholeAnswer);
  hold(sameJson(read, answer), "an answer does not read as it was written");
  const again = code.readReplace(table, frozen(code.normalise({ type, method: "PUT", body: frozen(read) }).body), attributes, { strict: false, selfId: undefined });
  hold(sameJson(again.attributes, attributes), `the answer, sent back, changes something: ${difference(attributes, again.attributes)}`);
}

function difference(before: JsonObject, after: JsonObject): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !sameJson(before[name], after[name]));
  return names.map((name) => `${name} ${brief(before[name])} → ${brief(after[name])}`).join("; ");
}

const brief = (value: Json | undefined): string => (JSON.stringify(value) ?? "nothing").slice(0, 200);
