/**
 * The path of a PATCH operation by itself: what it leads to, and whom its filter means.
 *
 * @module
 */
import fc from "fast-check";
import { sameJson } from "../../../src/model/json.ts";
import type { ResourceType } from "../../../src/model/resource.ts";
import { tables } from "../../store/population.ts";
import { patchPath } from "../inputs/bodies.ts";
import { repeated } from "../inputs/texts.ts";
import { printed } from "../print.ts";
import { cleanly, hold, refused, type Target } from "../target.ts";

export interface PathInput {
  readonly type: ResourceType;
  readonly path: string;
}

const elements = [{ value: "U1", type: "work", primary: true }, { value: "a@x.io", type: "HOME", display: "Ann" }, { value: "Ä" }, {}, "plain", 5];

const pathsOf = (type: ResourceType): fc.Arbitrary<PathInput> => fc.oneof({ weight: 20, arbitrary: patchPath(type) }, { weight: 1, arbitrary: repeated(6_000) }).map((path) => ({ type, path }));

export const pathTarget: Target<PathInput> = {
  name: "path",
  inputs: fc.oneof({ weight: 3, arbitrary: pathsOf("User") }, { weight: 1, arbitrary: pathsOf("Group") }),
  run({ type, path }, code, watch) {
    const target = cleanly(watch, () => code.parsePath(tables[type], path));
    if (target === refused) return "refused";
    if (target.kind !== "elements") return "accepted";
    const { attribute, filter, sub, extension } = target;
    hold(attribute.multiValued, "brackets behind what is no list");
    const list = `${extension ? `${extension.urn}:` : ""}${attribute.name}`;
    const text = `${list}[${printed(filter)}]${sub ? `.${sub.name}` : ""}`;
    if (text.length < 4_096) {
      const again = code.parsePath(tables[type], text);
      hold(again.kind === "elements" && again.attribute === attribute && again.sub === sub && sameJson(again.filter, filter), `printed and parsed again it leads elsewhere: ${text}`);
    }
    for (const element of elements) {
      const is = watch.work(() => code.matchesElement(filter, attribute, element));
      // Of an element without any known part neither is true.
      hold(!(is && code.matchesElement({ kind: "not", of: filter }, attribute, element)), "a filter and its opposite agree");
    }
    return "accepted";
  },
};
