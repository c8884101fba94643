/**
 * What a PATCH of many operations may cost, counted instead of timed.
 *
 * @module
 */
import { afterEach, expect, test, vi } from "vitest";
import { patchUser } from "../../src/scim/patch.ts";
import { userTable } from "../../src/scim/schemas.ts";

afterEach(() => vi.restoreAllMocks());

test("the key of an element is made once, however many operations look through the list", () => {
  const Operations = Array.from({ length: 90 }, (_, n) => ({ op: "add", path: "entitlements", value: [{ type: `t${n}`, value: `one ${n}` }, { type: `u${n}`, value: `other ${n}` }] }));
  const written = vi.spyOn(JSON, "stringify");
  const { attributes } = patchUser(userTable, { userName: "ann", active: true }, { Operations }, { strict: false, maxOperations: 100 });
  expect(attributes["entitlements"]).toHaveLength(180);
  // 180 elements and what is merged of them; one for each operation and element would be 16,000.
  expect(written.mock.calls.length).toBeLessThan(1_000);
});
