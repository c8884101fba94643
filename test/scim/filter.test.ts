import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Fault } from "../../src/model/failure.ts";
import { matches } from "../../src/scim/filter-match.ts";
import { parseElementFilter, parseFilter } from "../../src/scim/filter-parse.ts";
import type { SchemaTable } from "../../src/scim/schema-table.ts";
import { groupTable, userTable } from "../../src/scim/schemas.ts";
import { foundBy, isFoundGroup } from "./people.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const core = "urn:ietf:params:scim:schemas:core:2.0:User";

/** `invalidFilter: …`, or what else came of it. */
function refusal(filter: unknown): string {
  try {
    return `accepted: ${JSON.stringify(parseFilter(userTable, filter))}`;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.failure.kind !== "invalid") return `thrown: ${String(thrown)}`;
    return `${thrown.failure.scimType}: ${thrown.failure.detail}`;
  }
}

describe("filters that identity providers send", () => {
  test.each([
    // Entra (idps.md 4, F1 and F2)
    ['userName eq "f3b8c8c2-6c1f-4b0b-9b8f-0a6a1c1b2d3e"', ""],
    ['userName eq "ANN.LEE@CORP.EXAMPLE"', "ann"],
    ['externalId eq "Ext-1"', "ann"],
    ['externalId eq "ext-1"', ""],
    ['emails[type eq "work"].value eq "ann.lee@CORP.example"', "ann"],
    ['emails[type eq "work"].value eq "home@ann.example"', ""],
    ['id eq "00000000-0000-4000-8000-000000000001" and manager eq "U9"', "ann"],
    ['id eq "00000000-0000-4000-8000-000000000001" and manager eq "U8"', ""],
    ['active eq true and (meta.lastModified ge "0001-01-01T00:00:00Z" and meta.lastModified le "9999-12-31T00:00:00Z")', "ann cyd"],
    // Okta (idps.md 5)
    ['userName eq "bob"', "bob"],
    // suites.md 6.8 and 7644, 3.4.2.2
    ['USERNAME EQ "ann.lee@corp.example"', "ann"],
    ['emails.value eq "bob@home.example"', "bob"],
    ['emails eq "bob@home.example"', "bob"],
    ['emails[type eq "work" and value co "ann"]', "ann"],
    ['emails[type eq "home" and value co "corp"]', ""],
    ['emails[primary eq true]', "ann"],
    ['roles[primary eq "True"].value eq "EDITOR"', "ann"],
    [`${core}:userName sw "B"`, "bob"],
    [`${core.toUpperCase()}:NAME.FAMILYNAME eq "lee"`, "ann"],
    [`${enterprise}:department eq "sales"`, "ann"],
    [`${enterprise}:manager.value eq "U9"`, "ann"],
    [`${enterprise}.manager eq "U9"`, "ann"],
    ['department eq "sales"', "ann"],
    ['manager.value eq "U9"', "ann"],
    ["userName eq bob", "bob"],
    ["userName eq Ann.Lee@corp.example", "ann"],
    ["active eq True", "ann cyd"],
    ['active eq "False"', "bob"],
    ['meta.created gt "2026-01-01T00:00:00Z"', "bob cyd"],
    ["meta.created gt 2026-01-01T00:00:00.0000000Z", "bob cyd"],
    ['meta.created le "2026-01-01T01:00:00+01:00"', "ann"],
    ["(meta.resourceType eq User) or (meta.resourceType eq Group)", "ann bob cyd"],
    ["meta.resourceType eq Group", ""],
    ["meta.resourceType ne Group and meta pr", "ann bob cyd"],
    ['not (title eq "Editor")', "bob cyd"],
    ["not(active eq true)", "bob"],
    ['groups.value eq "00000000-0000-4000-8000-000000000009"', "ann"],
    ['groups.display eq "SALES TEAM"', "ann"],
    ['groups eq "00000000-0000-4000-8000-000000000009"', "ann"],
    [`schemas eq "${enterprise}"`, "ann"],
    [`schemas eq "${core.toUpperCase()}"`, "ann bob cyd"],
    ['x509Certificates.value eq "QUJD"', "bob"],
    ['x509Certificates.value eq "qujd"', ""],
  ])("%s finds %s", (filter, who) => expect(foundBy(filter)).toBe(who));

  test.each([
    ['id eq "00000000-0000-4000-8000-000000000009" and members eq "U1"', true],
    ['members eq "u1"', false],
    ['members[value eq "u2"]', true],
    ["members.display sw ANN", true],
    ['displayName eq "SALES TEAM"', true],
    ['displayName eq "SALES"', false],
    ['externalId eq "g-1"', true],
  ])("of groups: %s is %s", (filter, isFound) => expect(isFoundGroup(filter)).toBe(isFound));
});

describe("what the grammar means", () => {
  test.each([
    ["and binds tighter than or", 'userName eq "bob" or userName eq "cyd" and title pr', "bob"],
    ["parentheses come first", '(userName eq "bob" or userName eq "cyd") and title pr', ""],
    ["not binds tighter than and", 'not (userName eq "bob") and active eq true', "ann cyd"],
    ["not takes in its parentheses whole", 'not (userName eq "bob" or userName eq "cyd")', "ann"],
    ["a double not is none", 'not (not (userName eq "bob"))', "bob"],
    ["brackets hold the whole grammar", 'emails[not (type eq "home") and (value co "ann" or value co "bob")]', "ann bob"],
    ["ne is true of what is absent", 'title ne "Editor"', "bob cyd"],
    ["ne of a list wants no such element at all", 'emails.type ne "home"', "cyd"],
    ["ne in brackets looks at one element", 'emails[type ne "home"]', "ann bob"],
    ["pr", "title pr", "ann"],
    ["pr of a complex attribute", "name pr", "ann bob"],
    ["pr of an extension", `${enterprise}:manager pr`, "ann"],
    ["null means absent", "title eq null", "bob cyd"],
    ["not null means present", "title ne NULL", "ann"],
    ["a value that is the word null is text", 'title eq "null"', ""],
    ["escapes are JSON's", 'name.familyName eq "O\'Neil \\\\ \\"Bo\\""', "bob"],
    ["escapes by number", 'userName eq "\\u0062ob"', "bob"],
    ["blanks may be missing around quotes and brackets", '(userName eq"bob")or(title pr)', "ann bob"],
    ["blanks may abound", '  userName   eq   "bob"  ', "bob"],
  ])("%s", (_what, filter, who) => expect(foundBy(filter)).toBe(who));

  test("a value path with a sub-attribute is one condition on one element", () => {
    expect(parseFilter(userTable, 'emails[type eq "work"].value eq "A@B"')).toMatchObject({
      kind: "element",
      at: { path: ["emails"], listAt: 0 },
      of: { kind: "and", of: [{ operator: "eq", at: { path: ["type"] }, value: "work" }, { operator: "eq", at: { path: ["value"] }, value: "a@b" }] },
    });
  });

  test("names come out as the schema spells them, with the place of the list", () => {
    expect(parseFilter(userTable, `${enterprise.toUpperCase()}:MANAGER.VALUE eq "X"`)).toEqual({
      kind: "compare", operator: "eq", value: "X",
      at: { path: [enterprise, "manager", "value"], listAt: undefined, type: "string", caseExact: true },
    });
  });

  test("the inside of a PATCH path's brackets is relative to the element", () => {
    const members = groupTable.core.attributes.get("members");
    expect(parseElementFilter(members!, 'VALUE eq "U1" or display co "A"')).toMatchObject({ kind: "or", of: [{ at: { path: ["value"] }, value: "U1" }, { at: { path: ["display"] }, value: "a" }] });
    expect(() => parseElementFilter(members!, "userName pr")).toThrow('unknown attribute: "members.userName"');
  });

  test("numbers are compared as numbers", () => {
    const rank = { ...userTable.core.attributes.get("title")!, name: "rank", type: "decimal" as const };
    const table: SchemaTable = { ...userTable, core: { ...userTable.core, attributes: new Map([["rank", rank]]) } };
    expect(parseFilter(table, "rank ge -1.5e1")).toMatchObject({ operator: "ge", value: -15 });
    expect(parseFilter(table, "(rank eq -5)")).toMatchObject({ value: -5 });
    for (const wrong of ['rank eq "5"', "rank eq 1e999", "rank co 5", "rank eq five", "rank eq 0x10"]) expect(() => parseFilter(table, wrong)).toThrow("rank");
  });
});

describe("what is no filter is a 400 invalidFilter", () => {
  test.each([
    // syntax
    'userName eq "x"; DROP TABLE users', 'userName eq "x" UNION SELECT token FROM tokens', 'userName eq "x', '(userName eq "x"', "", "   ", 'userName regex ".*"', "userName eq", 'eq "x"', "()", "*)(uid=*))(|(uid=*",
    'userName eq "x" and', "and", 'userName eq "x")', 'userName pr "x"', "not userName pr", "userName", 'userName eq "x" "y"', 'userName eq title pr', 'emails[type eq "work"', 'emails[]', 'emails[type eq "work"].', 'emails[type eq "work"].value', 'emails[emails[type eq "work"]]', 'userName[value eq "x"]', 'manager[value eq "U9"]', 'schemas[value eq "x"]', 'emails.value[value eq "x"]', "userName eq 'x'", "title eq Vice President",
    // own: a connective as value, a bracket closed twice
    "userName eq and", 'emails[type eq "work"]]',
    // types
    "active gt true", "active co true", 'active eq "perhaps"', "active eq 1", 'meta.created gt "not-a-date"', 'meta.created gt "2026-02-30T00:00:00Z"', 'meta.created co "2026-01-01T00:00:00Z"', 'meta.created gt "2000-01-01T00:00:00Z\' OR \'1\'=\'1"', 'userName eq "a\0b"', 'userName eq "a\\u0000b"', 'userName eq "\\ud800"', 'userName eq "\ud800"', "userName eq 1e999", "userName eq 0", "userName eq true", "userName gt null", 'x509Certificates.value gt "A"', 'name eq "x"', 'addresses eq "x"', 'userName eq "\\x"',
    // own: a half-escaped number, a sign without a number
    'userName eq "\\u00"', "userName eq -",
    // oracle: what is never shown can never be asked for
    'passwordHash sw "a"', 'password sw "a"', "vendorToken pr", "password pr", "PASSWORD eq null", `${core}:password sw "a"`, 'meta.version eq "1"', 'meta.location co "x"', 'groups.$ref co "x"', 'groups[type eq "direct"]', "meta.version pr",
    // prototype walk
    '__proto__.nickName eq "polluted"', 'constructor.name eq "Object"', "__proto__ pr", "toString pr", 'name.__proto__ eq "x"', 'emails[__proto__ eq "x"]', `${core}:__proto__ pr`, `${enterprise}:constructor pr`,
    // names that look like others
    'u\u0455erName eq "x"', 'nic\u212aName eq "x"', "urn:ietf:params:scim:schemas:core:2.0:UserX:userName pr", `${core} pr`, "emails.value.x pr", "name..familyName pr", ".userName pr",
  ])("%j", (filter) => expect(refusal(filter)).toMatch(/^invalidFilter: /));

  test.each([[["userName pr", "active eq true"]], [{ $ne: "x" }], [{ $gt: "" }], [undefined], [null], [7], [["userName pr"]], [new Map()]])("a parameter that is no text: %j", (filter) =>
    expect(refusal(filter)).toBe("invalidFilter: The filter must be given once, as text"),
  );

  test("a value is never part of the message, and a name only its beginning", () => {
    expect(refusal('active eq "secret-value"')).not.toContain("secret-value");
    expect(refusal(`${"x".repeat(3000)} pr`).length).toBeLessThan(160);
    expect(refusal("a\x1b[31mb pr")).not.toContain("\x1b");
  });
});

describe("a literal is data", () => {
  test.each([
    `userName eq "x' OR 1=1--"`, 'userName eq "*)(uid=*))(|(uid=*"', 'userName eq "^(a+)+$"', 'userName co "%" and userName eq "bob"', 'userName sw "_" and userName eq "bob"', 'externalId eq "%" and userName eq "ann.lee@corp.example"', 'userName eq "%zz"',
    // own
    'userName eq "bob\\" or userName pr or userName eq \\""', 'emails[value eq "x] or userName pr or emails[value pr"]',
  ])("%s finds nobody", (filter) => expect(foundBy(filter)).toBe(""));
});

describe("logic that finds nobody", () => {
  test.each([
    "not (active eq true or active eq false)", "not (userName pr and id pr)", "active eq true and active eq false", 'userName eq "x" and title pr',
    // own
    "not (meta.created pr)", 'emails[type eq "work" and type eq "home"]',
  ])("%s", (filter) => expect(foundBy(filter)).toBe(""));
});

describe("a hostile filter costs no more than its length", () => {
  const many = (times: number, text: string): string => text.repeat(times);

  test.each([
    ["longer than 4096 characters", `userName eq "${many(4096, "a")}"`, /longer than 4096/],
    ["101 comparisons", `userName pr${many(100, " or id pr")}`, /more than 100 comparisons/],
    ["101 comparisons in brackets", `emails[value pr${many(100, " or value pr")}]`, /more than 100 comparisons/],
    ["101 comparisons, most of them behind brackets", many(51, "emails[value pr].value pr or ") + "id pr", /more than 100 comparisons/],
    ["51 parentheses", `${many(51, "(")}id pr${many(51, ")")}`, /deeper than 50/],
    ["51 nots", `${many(51, "not (")}id pr${many(51, ")")}`, /deeper than 50/],
    ["brackets in 50 parentheses", `${many(50, "(")}emails[value pr]${many(50, ")")}`, /deeper than 50/],
    ["4000 open parentheses", many(4000, "("), /deeper than 50/],
    ["a long dotted path", `${many(2000, "a.")}a pr`, /unknown attribute/],
    ["backslashes without an end", `userName eq "${many(2000, "\\a")}`, /no closing quotation mark/],
    ["line feeds without an end", `userName eq "${many(4000, "\n")}`, /no closing quotation mark/],
    ["quotation marks", `userName eq ${many(2000, '""')}`, /goes wrong/],
    ["brackets", `emails${many(4000, "[")}`, /goes wrong/],
    ["words", many(2000, "a "), /unknown attribute/],
  ])("%s", (_what, filter, message) => expect(refusal(filter)).toMatch(message));

  test("what just fits is accepted", () => {
    expect(refusal(`${many(50, "(")}id pr${many(50, ")")}`)).toMatch(/^accepted/);
    expect(refusal(`id pr${many(99, " or id pr")}`)).toMatch(/^accepted/);
    expect(refusal(`userName eq "${many(4096 - 14, "a")}"`)).toMatch(/^accepted/);
  });

  test("an or of ands is kept as it is written, not multiplied out", () => {
    const filter = parseFilter(userTable, Array.from({ length: 50 }, () => '(title eq "a" or title eq "b")').join(" and "));
    expect(JSON.stringify(filter).match(/compare/g)).toHaveLength(100);
  });

  test("every name is looked up once, and every string unescaped once", () => {
    let lookups = 0;
    class Counted<K, V> extends Map<K, V> {
      override get(key: K): V | undefined {
        lookups++;
        return super.get(key);
      }
    }
    const table: SchemaTable = { ...userTable, core: { ...userTable.core, attributes: new Counted(userTable.core.attributes) } };
    const unescape = vi.spyOn(JSON, "parse");
    try {
      parseFilter(table, `title eq "${many(20, "\\\\")}"${many(99, ' or title eq "\\""')}`);
      expect(lookups).toBe(100);
      expect(unescape).toHaveBeenCalledTimes(100);
      unescape.mockClear();
      refusal(`userName eq "${many(2000, "\\a")}`);
      expect(unescape).not.toHaveBeenCalled();
    } finally {
      unescape.mockRestore();
    }
  });

  test("whatever arrives, the answer is a filter or a Fault, and nobody's prototype changes", () => {
    const piece = fc.constantFrom("userName", "emails", "__proto__", "constructor", "name.familyName", "active", "not", "and", "or", "eq", "ne", "pr", "gt", "co", "(", ")", "[", "]", ".value", '"x"', '"', "\\", "true", "null", "-5", " ", "\n", "\0", "ß", "\ud800", `${enterprise}:manager`);
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(" ")), fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""))), (text) => {
        expect(refusal(text)).toMatch(/^(accepted|invalidFilter): /);
      }),
      { numRuns: 3000 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype).length).toBe(before);
  });
});

describe("any expression means what it says", () => {
  type Person = Readonly<Record<"title" | "nickName", string | undefined>>;
  interface Expression { readonly text: string; readonly rank: 0 | 1 | 2; readonly holds: (person: Person) => boolean }

  const attribute = fc.constantFrom("title" as const, "nickName" as const);
  const leaf: fc.Arbitrary<Expression> = fc.oneof(
    fc.record({ name: attribute, value: fc.constantFrom("a", "b"), operator: fc.constantFrom("eq", "ne", "gt") }).map(({ name, value, operator }) => ({
      text: `${name} ${operator} "${value}"`,
      rank: 2 as const,
      holds: (person: Person) => (operator === "eq" ? person[name] === value : operator === "ne" ? person[name] !== value : person[name] !== undefined && person[name] > value),
    })),
    attribute.map((name) => ({ text: `${name} pr`, rank: 2 as const, holds: (person: Person) => person[name] !== undefined })),
  );
  /** Only the parentheses that precedence demands. */
  const inside = (part: Expression, rank: number): string => (part.rank < rank ? `(${part.text})` : part.text);
  const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => ({ text: `${inside(a, 1)} and ${inside(b, 1)}`, rank: 1 as const, holds: (person: Person) => a.holds(person) && b.holds(person) })),
      fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => ({ text: `${a.text} or ${b.text}`, rank: 0 as const, holds: (person: Person) => a.holds(person) || b.holds(person) })),
      tie("expression").map((a) => ({ text: `not (${a.text})`, rank: 2 as const, holds: (person: Person) => !a.holds(person) })),
    ),
  }));

  test("as an evaluation of the expression without any parsing does", () => {
    const values = [undefined, "a", "b", "c"];
    const people = values.flatMap((title) => values.map((nickName): Person => ({ title, nickName })));
    fc.assert(
      fc.property(expression, ({ text, holds }) => {
        fc.pre(text.length < 3000 && (text.match(/"|pr/g)?.length ?? 0) < 150);
        const filter = parseFilter(userTable, text, { comparisons: 1000, depth: 1000 });
        for (const person of people) expect(matches(filter, JSON.parse(JSON.stringify(person)))).toBe(holds(person));
      }),
      { numRuns: 1000 },
    );
  });
});
