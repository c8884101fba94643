/**
 * The brake's arithmetic, and what is protected.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountId } from "../../src/model/ids.ts";
import type { Link } from "../../src/model/link.ts";
import type { Brake } from "../../src/model/policy.ts";
import { brakeOn, type Counts, limitOf } from "../../src/rails/brake.ts";
import { isProtected } from "../../src/rails/protected.ts";

const usual: Brake = { windowMs: 3_600_000, count: 10, share: 0.1, deletes: { count: 5, share: 0.05 } };
const counts = (more: Partial<Counts>): Counts => ({ lost: 0, fresh: 0, records: 0, freshRecords: 0, base: 0, ...more });

/** How many of `people` pass, one by one, before the first is held. */
function passing(people: number, brake = usual, kind: "access" | "records" = "access"): number {
  for (let lost = 0; ; lost++) {
    const one = kind === "access" ? counts({ lost, fresh: 1, base: people }) : counts({ records: lost, freshRecords: 1, base: people });
    if (brakeOn(one, brake)) return lost;
  }
}

describe("the examples", () => {
  test.each([
    { people: 20, held: 11 },
    { people: 50, held: 11 },
    { people: 100, held: 11 },
    { people: 109, held: 11 },
    { people: 110, held: 12 },
    { people: 200, held: 21 },
    { people: 5_000, held: 501 },
  ])("of $people people number $held is held", ({ people, held }) => expect(passing(people) + 1).toBe(held));

  test.each([
    { people: 50, held: 6 },
    { people: 200, held: 11 },
    { people: 5_000, held: 251 },
  ])("of $people people deletion number $held is held", ({ people, held }) => expect(passing(people, usual, "records") + 1).toBe(held));

  test("the table in the module's comment is what the function does", () => {
    const text = readFileSync(new URL("../../src/rails/brake.ts", import.meta.url), "utf8");
    const row = (name: string) => new RegExp(`\\* +${name} +(\\d.*)`).exec(text)?.[1]?.match(/[\d,]+(?=(st|nd|rd|th)?\b)/g)?.map((number) => Number(number.replace(",", "")));
    const people = row("people") ?? [];
    expect(people).toHaveLength(4);
    expect(row("held")?.slice(0, 4)).toEqual(people.map((each) => passing(each) + 1));
  });
});

test.each([
  { count: 10, share: 0.29, base: 100, limit: 29 }, // 0.29 × 100 is 28.999999999999996 to a computer
  { count: 0, share: 0, base: 1_000, limit: 0 },
  { count: 0, share: 1, base: 7, limit: 7 },
  { count: 3, share: 0.1, base: 39, limit: 3 },
])("max($count, floor($share × $base)) is $limit", ({ count, share, base, limit }) => expect(limitOf({ count, share }, base)).toBe(limit));

test("who was counted already costs nothing, however far the limit is exceeded", () => {
  expect(brakeOn(counts({ lost: 500, fresh: 0, base: 10 }), usual)).toBeUndefined();
  expect(brakeOn(counts({ records: 500, freshRecords: 0, base: 10 }), usual)).toBeUndefined();
});

test("what passes is within the limit, and what is held is beyond it", () => {
  const measure = { count: fc.nat(50), share: fc.double({ min: 0, max: 1, noNaN: true }) };
  fc.assert(
    fc.property(fc.record({ windowMs: fc.constant(60_000), ...measure, deletes: fc.record(measure) }), fc.record({ lost: fc.nat(200), fresh: fc.nat(50), records: fc.nat(200), freshRecords: fc.nat(50), base: fc.nat(1_000) }), (brake, counted) => {
      const beyond = counted.fresh > 0 && counted.lost + counted.fresh > limitOf(brake, counted.base);
      const beyondRecords = counted.freshRecords > 0 && counted.records + counted.freshRecords > limitOf(brake.deletes, counted.base);
      expect(brakeOn(counted, brake)?.rail).toBe(beyond ? "brake" : beyondRecords ? "deletions" : undefined);
    }),
  );
});

describe("protected", () => {
  const listed = { protectedEmails: ["break-glass@acme.example"], protectedAccounts: [accountId("usr-1")] };
  const link = (login: string) => ({ login }) as Link;
  test.each<[string, Parameters<typeof isProtected>]>([
    ["the userName", [{ userName: "Break-Glass@ACME.example" }, undefined, listed]],
    ["a second e-mail", [{ userName: "x", emails: [{ value: "y@acme.example" }, { value: "BREAK-GLASS@acme.example" }] }, undefined, listed]],
    ["the address under which the vendor knows the account", [{ userName: "renamed@acme.example" }, link("Break-glass@acme.example"), listed]],
    ["letters that only look different", [{ userName: "break-glass@acme.exampl\uff45" }, undefined, listed]],
    ["the vendor's id of the account", [{ userName: "x" }, { ...link("x@acme.example"), account: accountId("usr-1") }, listed]],
  ])("%s counts", (_, given) => expect(isProtected(...given)).toBe(true));

  test.each<[string, Parameters<typeof isProtected>]>([
    ["somebody else", [{ userName: "ann@acme.example" }, link("ann@acme.example"), listed]],
    ["an address that only contains it", [{ userName: "not-break-glass@acme.example" }, undefined, listed]],
    ["an empty list", [{ userName: "break-glass@acme.example" }, undefined, { protectedEmails: [], protectedAccounts: [] }]],
    ["another account, whose address is an id of the list", [{ userName: "usr-1" }, { ...link("usr-1"), account: accountId("usr-11") }, listed]],
  ])("%s does not", (_, given) => expect(isProtected(...given)).toBe(false));
});
