/**
 * Bulk requests and cursors: what else a client's text is read from.
 *
 * @module
 */
import fc from "fast-check";
import { seedBodies } from "../inputs/seeds.ts";
import { damaged, oddText } from "../inputs/texts.ts";
import { likelyUser, valueOf, written } from "../inputs/values.ts";
import { checkPlain, frozen } from "../soundness.ts";
import { cleanly, hold, refused, type Target } from "../target.ts";

export interface BulkInput {
  readonly text: string;
  /** Changed characters of a cursor that we have made. */
  readonly cursor: readonly (readonly [at: number, character: string])[];
}

const reference = fc.constantFrom("bulkId:a", "bulkId:b", "BULKID:a", "bulkId:", "bulkId:bulkId:a", "U1");
const operation = fc.record(
  { method: fc.constantFrom("POST", "put", "PATCH", "DELETE", "GET", ""), path: fc.oneof(fc.constantFrom("/Users", "/Groups", "/Users/2819c223-7f76-453a-919d-413861904646", "/Groups/bulkId:a", "/Me", "Users", "/Users/", "//", "/Users/a/b"), oddText), bulkId: fc.oneof(fc.constantFrom("a", "b", "c"), oddText), version: oddText, data: fc.oneof(likelyUser as fc.Arbitrary<unknown>, fc.record({ displayName: fc.constant("G"), members: fc.array(fc.record({ value: reference }), { maxLength: 3 }) }), valueOf(["members", "value"])) },
  { requiredKeys: ["method"] },
);
const body = fc.record({ schemas: fc.constantFrom<unknown>(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], [], null), Operations: fc.array(operation as fc.Arbitrary<unknown>, { maxLength: 4 }), failOnErrors: fc.constantFrom<unknown>(1, 0, -1, "1", null) }, { requiredKeys: ["schemas", "Operations"] });
const seeds = seedBodies.map(([, , text]) => text).filter((text) => text.includes("BulkRequest"));

const question = ["acme", "User", 100, null];
const nowMs = 1_700_000_000_000;

export const bulkTarget: Target<BulkInput> = {
  name: "bulk and cursor",
  inputs: fc.record({ text: fc.oneof({ weight: 3, arbitrary: body.map(written) }, { weight: 1, arbitrary: damaged(fc.constantFrom(...seeds)) }), cursor: fc.array(fc.tuple(fc.nat(200), fc.constantFrom("A", "b", "-", "_", "=", "", "é", "\u0000")), { maxLength: 2 }) }),
  run({ text, cursor }, code, watch) {
    const cursors = code.openCursors("key of this installation");
    const sealed = cursors.seal(question, '["x",1]', nowMs);
    const changed = cursor.reduce((all, [at, character]) => all.slice(0, at % all.length) + character + all.slice((at % all.length) + 1), sealed);
    const position = cleanly(watch, () => cursors.open(question, changed, nowMs));
    hold(changed === sealed ? position === '["x",1]' : position === refused, "a cursor opens that nobody has sealed");

    const value = cleanly(watch, () => code.readJson(Buffer.from(text), 400_000));
    if (value === refused) return "refused";
    const request = cleanly(watch, () => code.readBulk(frozen(value), 1_000));
    if (request === refused) return "refused";
    for (const { target, refused: face, data, needs } of request.operations) {
      hold((target === undefined) === (face !== undefined), "an operation is neither refused nor does it lead anywhere");
      checkPlain(watch.work(() => code.resolved(data ?? null, (id) => (id === "a" ? "A1" : undefined))));
      checkPlain(watch.work(() => code.withoutMembers(data, new Set(needs)))?.data ?? null);
    }
    return "accepted";
  },
};
