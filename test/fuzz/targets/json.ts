/**
 * The JSON reader: whatever it takes, the language's own reader takes, and both see the same.
 *
 * @module
 */
import fc from "fast-check";
import { isObject, sameJson } from "../../../src/model/json.ts";
import { bodyText, patchText } from "../inputs/bodies.ts";
import { seedBodies } from "../inputs/seeds.ts";
import { damaged, oddText, repeated } from "../inputs/texts.ts";
import { checkPlain } from "../soundness.ts";
import { cleanly, hold, refused, type Target } from "../target.ts";

export interface JsonInput {
  readonly text: string;
  /** Bytes that are no UTF-8, where the text goes beyond ASCII. */
  readonly latin1: boolean;
}

const most = 5_000;
const pieces = fc.array(fc.oneof(fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', '"b"', '"A"', '"__proto__"', '"constructor"', '"\\u0061"', "1", "-", "0", ".5", "1e9", "true", "null", " ", "\\", '"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\u0000"'), oddText), { maxLength: 16 }).map((all) => all.join(""));
const nested = fc.tuple(fc.constantFrom("[", '{"a":', '[{"a":', "[[],"), fc.nat(30), fc.constantFrom("1", "", "{}", '"x"')).map(([open, depth, inner]) => open.repeat(depth) + inner + [...open.repeat(depth)].toReversed().map((one) => (one === "[" ? "]" : one === "{" ? "}" : "")).join(""));

export const jsonTarget: Target<JsonInput> = {
  name: "json",
  inputs: fc.record({
    text: fc.oneof({ weight: 4, arbitrary: damaged(fc.constantFrom(...seedBodies.map(([, , text]) => text))) }, { weight: 3, arbitrary: pieces }, { weight: 2, arbitrary: damaged(bodyText("User")) }, { weight: 1, arbitrary: damaged(patchText("Group")) }, { weight: 1, arbitrary: nested }, { weight: 1, arbitrary: repeated(20_000) }),
    latin1: fc.nat(9).map((n) => n === 0),
  }),
  run({ text, latin1 }, code, watch) {
    const bytes = Buffer.from(text, latin1 ? "latin1" : "utf8");
    const value = cleanly(watch, () => code.readJson(bytes, most));
    if (value === refused) return "refused";
    checkPlain(value);
    const plain = withoutDropped(JSON.parse(bytes.toString("utf8")));
    hold(sameJson(value, plain), "two readers of one body disagree about it");
    hold(sameJson(code.readJson(Buffer.from(JSON.stringify(value)), most), value), "written and read again it is another value");
    return "accepted";
  },
};

const dropped = new Set(["__proto__", "constructor", "prototype"]);

/** What the language's own reader has read, without the names that ours drops. */
function withoutDropped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDropped);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.keys(value).filter((name) => !dropped.has(name.toLowerCase())).map((name) => [name, withoutDropped(value[name])]));
}
