/**
 * POST and PUT: from the bytes to the attributes that would be kept.
 *
 * @module
 */
import fc from "fast-check";
import { sameJson } from "../../../src/model/json.ts";
import type { ResourceType } from "../../../src/model/resource.ts";
import { tables } from "../../store/population.ts";
import { bodyText } from "../inputs/bodies.ts";
import { type Name, people, selfId } from "../people.ts";
import { checkPlain, frozen } from "../soundness.ts";
import { cleanly, hold, refused, type Target } from "../target.ts";
import { checkKept } from "./kept.ts";

export interface BodyInput {
  readonly type: ResourceType;
  readonly method: "POST" | "PUT";
  readonly current: Name;
  readonly strict: boolean;
  readonly text: string;
}

const most = { User: 5_000, Group: 400_000 };
/** A PUT leaves these when it does not mention them. */
const left = ["active", "externalId", "roles"];

const inputsOf = (type: ResourceType, current: fc.Arbitrary<Name>): fc.Arbitrary<BodyInput> => fc.record({ type: fc.constant(type), method: fc.constantFrom("POST", "PUT"), current, strict: fc.nat(9).map((n) => n === 0), text: bodyText(type) });

export const bodyTarget: Target<BodyInput> = {
  name: "body",
  inputs: fc.oneof({ weight: 4, arbitrary: inputsOf("User", fc.constantFrom("ann", "everything", "bare")) }, { weight: 1, arbitrary: inputsOf("Group", fc.constant("group")) }),
  run({ type, method, current: name, strict, text }, code, watch) {
    const body = cleanly(watch, () => code.readJson(Buffer.from(text), most[type]));
    if (body === refused) return "refused";
    checkPlain(frozen(body));
    const { body: normal } = watch.work(() => code.normalise({ type, method, body }));
    hold(sameJson(code.normalise({ type, method, body: frozen(normal) }).body, normal), "normalised twice it is another body");
    const current = people[name];
    const result = cleanly(watch, () => (method === "POST" ? code.readCreate(tables[type], normal, { strict, selfId }) : code.readReplace(tables[type], normal, current, { strict, selfId })));
    if (result === refused) return "refused";
    checkKept(type, frozen(result.attributes), code, watch);
    hold(strict ? result.ignored.length === 0 : result.ignored.length <= 100, "what was passed over is not bounded");
    for (const { value } of result.members ?? []) hold(value !== "" && value !== selfId, `a member has the value ${JSON.stringify(value)}`);
    if (method === "PUT") for (const one of left) if (!new RegExp(`"[^"]*${one}`, "i").test(text)) hold(sameJson(result.attributes[one], current[one]), `${one} was not mentioned, and is another`);
    return "accepted";
  },
};
