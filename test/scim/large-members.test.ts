/**
 * Members that are read ahead, a stretch at a time, say what they would have said in one go.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { readCreate } from "../../src/scim/body.ts";
import { readLargeAhead } from "../../src/scim/members.ts";
import { patchGroup } from "../../src/scim/patch-group.ts";
import { groupTable } from "../../src/scim/schemas.ts";
import { Fault } from "../../src/model/failure.ts";

const some = (count: number, from = 0, more: object = {}) => Array.from({ length: count }, (_, n) => ({ value: `m${from + n}`, ...more }));
const self = "m17";
const patch = (...Operations: readonly unknown[]) => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations });

/** What comes of it, or how it is refused. */
function outcome<T>(step: () => T): unknown {
  try {
    return step();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.failure;
    throw thrown;
  }
}

const patches: readonly (readonly [string, (size: number) => readonly unknown[]])[] = [
  ["one operation", (size) => [{ op: "add", path: "members", value: some(size) }]],
  ["members that come twice, and the group itself", (size) => [{ op: "Add", path: "members", value: [...some(size), ...some(100), { value: self }] }]],
  ["members with more in them", (size) => [{ op: "add", path: "members", value: some(size, 0, { display: "Ann", type: "User" }) }]],
  ["names that no schema has", (size) => [{ op: "replace", path: "members", value: some(size, 0, { colour: "red" }) }]],
  ["a removal", (size) => [{ op: "remove", path: "members", value: [...some(size), ...some(10)] }]],
  ["many operations", (size) => Array.from({ length: 100 }, (_, n) => ({ op: n % 2 === 0 ? "add" : "remove", path: "members", value: some(size / 100, n * 10) }))],
  ["an operation without a path", (size) => [{ op: "add", value: { members: some(size) } }]],
  ["a member without a value, far back", (size) => [{ op: "add", path: "members", value: [...some(size), { display: "nobody" }] }]],
  ["a removal of what is no member", (size) => [{ op: "remove", path: "members", value: [...some(size), 7] }]],
  ["an operation that is wrong before members that are wrong", (size) => [{ op: "add", path: "nothing[", value: 1 }, { op: "add", path: "members", value: [...some(size), {}] }]],
];

describe.each(patches)("a PATCH: %s", (_, operations) => {
  test.each([false, true])("strict %s: the same as in one go", async (strict) => {
    const apply = (body: unknown) => outcome(() => patchGroup(groupTable, { displayName: "Eng" }, body, { strict, maxOperations: 1_000, selfId: self }));
    const ahead = patch(...operations(12_000));
    await readLargeAhead(groupTable, ahead, strict);
    expect(apply(ahead)).toEqual(apply(patch(...operations(12_000))));
  });
});

test.each([false, true])("a create, strict %s: the same as in one go", async (strict) => {
  const body = () => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Eng", Members: some(12_000, 0, { colour: "red" }) });
  const create = (from: unknown) => outcome(() => readCreate(groupTable, from, { strict, selfId: self }));
  const ahead = body();
  await readLargeAhead(groupTable, ahead, strict);
  expect(create(ahead)).toEqual(create(body()));
});

test.each([
  { size: 60_000, least: 25, most: 40 },
  { size: 4_000, least: 0, most: 0 },
])("$size members leave $least turns or more to others", async ({ size, least, most }) => {
  let turns = 0;
  let isOver = false;
  const count = () => {
    if (isOver) return;
    turns += 1;
    setImmediate(count);
  };
  const body = patch({ op: "add", path: "members", value: some(size) });
  setImmediate(count);
  await readLargeAhead(groupTable, body, false);
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(least);
  expect(turns).toBeLessThanOrEqual(most);
  if (size < 5_000) return;
  // What was read ahead is not read again.
  const [{ value }] = (body as unknown as { Operations: [{ value: { value: unknown }[] }] }).Operations;
  value[0]!.value = "";
  expect(patchGroup(groupTable, { displayName: "Eng" }, body, { strict: false, maxOperations: 10 }).members).toMatchObject([{ kind: "add", members: { length: size } }]);
});

test("names that no schema has are told, and a removal that was read ahead is not read again", async () => {
  const coloured = patch({ op: "add", path: "members", value: some(6_000, 0, { colour: "red" }) });
  await readLargeAhead(groupTable, coloured, false);
  expect(patchGroup(groupTable, { displayName: "Eng" }, coloured, { strict: false, maxOperations: 10 }).ignored).toEqual(["members.colour"]);
  const value: { value: unknown }[] = some(6_000);
  const removal = patch({ op: "REMOVE", path: "members", value });
  await readLargeAhead(groupTable, removal, false);
  value[0]!.value = 7;
  expect(patchGroup(groupTable, { displayName: "Eng" }, removal, { strict: false, maxOperations: 10 }).members).toMatchObject([{ kind: "remove", values: { length: 6_000 } }]);
});
