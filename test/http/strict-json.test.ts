import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { TurnedAway } from "../../src/http/errors.ts";
import { caps, readJson, readJsonInTurns } from "../../src/http/strict-json.ts";

const read = (text: string | Buffer, maxElements = 5000) => readJson(Buffer.from(text as string), maxElements);
const bytes = (...parts: readonly (string | readonly number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

/** The scimType of the refusal, or what was read. */
function outcome(text: string | Buffer, maxElements?: number): unknown {
  try {
    return read(text, maxElements);
  } catch (thrown) {
    if (!(thrown instanceof TurnedAway)) throw thrown;
    expect(thrown.face.status).toBe(400);
    return thrown.face.scimType;
  }
}

test("what JSON.stringify writes is read back, value by value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8, noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      if (/"(__proto__|constructor|prototype)"/i.test(text)) return; // dropped
      if (outcome(text) === "invalidSyntax" || outcome(text) === "invalidValue") return; // names equal but for case, NUL, lone surrogates
      expect(read(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test("what JSON.parse refuses is refused", () => {
  const pieces = fc.constantFrom("{", "}", "[", "]", ",", ":", '"', '"a"', "1", "-", "0", ".", "e", "E+", "true", "fals", "null", " ", "\n", "\t", "\\", "\\u00", "+", "//", "'", "\u00a0", "\u2028");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (!valid) expect(outcome(text)).toBe("invalidSyntax");
    }),
    { numRuns: 5000 },
  );
});

test.each([
  // malformed
  ["open brace only", "{"],
  ["open bracket behind a value", '{"a":[1,'],
  ["a comment", '{/*x*/"a":1}'],
  ["a line comment", '{"a":1}//x'],
  ["single quotes", "{'a':1}"],
  ["a name without quotes", "{a:1}"],
  ["NaN", '{"a":NaN}'],
  ["Infinity", '{"a":-Infinity}'],
  ["undefined", '{"a":undefined}'],
  ["two documents", '{"a":1}{"a":2}'],
  ["a word behind the document", '{"a":1} x'],
  ["a plus and a leading zero", '{"a":+01}'],
  ["a leading zero", '{"a":01}'],
  ["hexadecimal", '{"a":0x1}'],
  ["no digit behind the point", '{"a":1.}'],
  ["no digit in the exponent", '{"a":1e}'],
  ["a minus alone", '{"a":-}'],
  ["a raw line break in a text", '{"a":"b\nc"}'],
  ["a raw tab in a name", '{"a\tb":1}'],
  ["a trailing comma in an object", '{"a":1,}'],
  ["a trailing comma in a list", '{"a":[1,]}'],
  ["XML", "<r/>"],
  ["blanks only", "   \n\t "],
  ["nothing", ""],
  ["a no-break space", '{"a":\u00a01}'],
  ["an unknown escape", '{"a":"\\x41"}'],
  ["half an escape", '{"a":"\\u00g1"}'],
  ["an escape at the end", '{"a":"\\'],
  ["a word cut short", '{"a":tru'],
  // charset
  ["UTF-16", Buffer.from('{"a":1}', "utf16le")],
  ["a byte order mark", "\ufeff{}"],
  ["invalid UTF-8 in a text", bytes('{"a":"', [0xc3, 0x28], '"}')],
  ["invalid UTF-8 in a name", bytes('{"', [0xff], '":1}')],
  ["a truncated sequence", bytes('{"a":"', [0xe2, 0x82], '"}')],
  ["an overlong slash", bytes('{"a":"', [0xc0, 0xaf], '"}')],
  ["a five-byte sequence", bytes('{"a":"', [0xf8, 0x88, 0x80, 0x80, 0x80], '"}')],
  ["a surrogate in UTF-8", bytes('{"a":"', [0xed, 0xa0, 0x80], '"}')],
  // duplicate keys
  ["a name twice", '{"userName":"a","userName":"b"}'],
  ["a name twice in another case", '{"userName":"a","USERNAME":"b"}'],
  ["a name twice, once escaped", '{"userName":"a","user\\u004eame":"b"}'],
  ["a name twice, once with a Kelvin sign", '{"key":1,"\u212aEY":2}'],
  ["a name twice inside an element", '{"Operations":[{"op":"add","value":1,"value":2}]}'],
  ["a name twice behind many others", `{${Array.from({ length: 40 }, (_, n) => `"n${n}":1,`).join("")}"N39":1}`],
  ["one of the first names twice behind many others", `{${Array.from({ length: 40 }, (_, n) => `"n${n}":1,`).join("")}"N3":1}`],
  ["__proto__ twice", '{"__proto__":1,"__PROTO__":2}'],
])("%s is invalidSyntax", (_name, text) => {
  expect(outcome(text)).toBe("invalidSyntax");
});

test.each([
  ["a lone high surrogate", '{"a":"\\ud800x"}'],
  ["a lone low surrogate", '{"a":"x\\udfff"}'],
  ["surrogates in the wrong order", '{"a":"\\udc00\\ud800"}'],
  ["a lone surrogate in a name", '{"\\ud83d":1}'],
  ["NUL in a text", '{"a":"x\\u0000y"}'],
  ["NUL in a nested name", '{"a":{"b\\u0000c":1}}'],
  ["a number beyond all bounds", '{"a":1e400}'],
  ["a negative number beyond all bounds", '{"a":[-1e999]}'],
  ["a number of 41 characters", `{"a":${"1".repeat(41)}}`],
])("%s is invalidValue", (_name, text) => {
  expect(outcome(text)).toBe("invalidValue");
});

describe("every cap holds, and not one below", () => {
  const deep = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
  const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const named = (count: number) => `{${Array.from({ length: count }, (_, n) => `"n${n}":0`).join(",")}}`;
  test.each([
    ["objects in objects", deep(20), deep(21)],
    ["lists in lists", lists(20), lists(21)],
    ["depth that would end the stack", deep(1), deep(200_000)],
    ["names in one object", named(caps.namesPerObject), named(caps.namesPerObject + 1)],
    ["the length of a name", `{"${"n".repeat(caps.nameLength)}":1}`, `{"${"n".repeat(caps.nameLength + 1)}":1}`],
    ["the length of a text", `["${"n".repeat(caps.stringLength)}"]`, `["${"n".repeat(caps.stringLength + 1)}"]`],
    ["the length of a text with escapes", `["\\n${"n".repeat(caps.stringLength - 1)}"]`, `["\\n${"n".repeat(caps.stringLength)}"]`],
    ["the number of values", `[${"1,".repeat(4998)}1]`, `[${"1,".repeat(4999)}1]`],
    ["the number of values in objects", `[${'{"a":1},'.repeat(2498)}{"a":1}]`, `[${'{"a":1},'.repeat(2499)}{"a":1}]`],
  ])("%s", (_name, fits, tooMuch) => {
    expect(outcome(fits)).not.toBe("invalidSyntax");
    expect(outcome(tooMuch)).toBe("invalidSyntax");
  });

  test("a depth that was left does not count", () => {
    const text = `[${Array.from({ length: 50 }, () => deep(10)).join(",")}]`;
    expect(read(text)).toHaveLength(50);
  });
});

describe("names that lead to a prototype", () => {
  test.each(["__proto__", "constructor", "prototype", "__PROTO__", "Constructor", "\\u005f_proto_\\u005f"])("%s is dropped, the rest is kept", (name) => {
    const value = read(`{"a":1,"${name}":{"polluted":true},"b":{"${name}":{"polluted":true},"c":2}}`) as Record<string, unknown>;
    expect(Object.getOwnPropertyNames(value)).toEqual(["a", "b"]);
    expect(Object.getOwnPropertyNames(value["b"])).toEqual(["c"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("a name that every object has is an ordinary member, even where the prototype's is read-only", () => {
    const was = Object.getOwnPropertyDescriptor(Object.prototype, "toString")!;
    Object.defineProperty(Object.prototype, "toString", { ...was, writable: false });
    try {
      const value = read('{"toString":"x","valueOf":1,"hasOwnProperty":null}');
      expect(Object.entries(value as object)).toEqual([["toString", "x"], ["valueOf", 1], ["hasOwnProperty", null]]);
    } finally {
      Object.defineProperty(Object.prototype, "toString", was);
    }
  });
});

test("escapes, astral characters and every kind of blank come out as they are meant", () => {
  const text = ' {\r\n\t"a\\u00e9\\n\\/\\"\\\\" : "\\ud83d\\ude00 \u00fc\u{1f600}\\b\\f\\r\\t" } ';
  expect(read(text)).toEqual(JSON.parse(text));
});

test("a name seen before does not keep the text of an older body", () => {
  for (let n = 0; n < 3; n++) expect(read(`{"aNameOfSomeLength${n}":${n}}`)).toEqual({ [`aNameOfSomeLength${n}`]: n });
});

describe("a large body", () => {
  const large = Buffer.from(JSON.stringify({ displayName: "Everybody", members: Array.from({ length: 30_000 }, (_, n) => ({ value: `person ${n}`, nested: [{ n }, []] })) }));

  test("is read in turns, and is the same value", async () => {
    let turns = 0;
    let isReading = true;
    const others = () => {
      turns += 1;
      if (isReading) setImmediate(others);
    };
    setImmediate(others);
    const value = await readJsonInTurns(large, 400_000);
    isReading = false;
    expect(value).toEqual(JSON.parse(large.toString()));
    expect(turns).toBeGreaterThan(10);
  });

  test.each([
    ["cut short", large.subarray(0, large.length - 3)],
    ["with something behind it", Buffer.concat([large, Buffer.from(" x")])],
    ["with too many values", large],
  ])("%s is refused as a small one is", async (name, bytes) => {
    const most = name === "with too many values" ? 100_000 : 400_000;
    await expect(readJsonInTurns(bytes, most)).rejects.toBeInstanceOf(TurnedAway);
    expect(outcome(bytes, most)).toBe("invalidSyntax");
  });
});
