/**
 * What holds of every write, however it looks.
 *
 * @module
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { normalise } from "../../src/dialects/dialect.ts";
import { Fault } from "../../src/model/failure.ts";
import { isObject, type Json } from "../../src/model/json.ts";
import { readCreate } from "../../src/scim/body.ts";
import { patchUser } from "../../src/scim/patch.ts";
import { patchGroup } from "../../src/scim/patch-group.ts";
import { groupTable, userTable } from "../../src/scim/schemas.ts";
import { ann as plainAnn, eng, enterprise, operations } from "./writing.ts";

const ann = { ...plainAnn, [enterprise]: { department: "Sales", manager: { value: "U9" } } };

const names = ["userName", "active", "ACTIVE", "name", "name.givenName", "emails", "emails.value", 'emails[type eq "work"].value', 'emails[type eq "home"]', 'emails[value co "@"].display', "roles", 'roles[primary eq "True"].value', "title", "manager", `${enterprise}:manager.value`, `${enterprise}:department`, enterprise, "password", "externalId", "members", 'members[value eq "U1"]', "displayName", "id", "schemas", "__proto__", "constructor", "constructor.prototype", "nope", "", "a[", "emails[type eq"];
const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...names) }, fc.string());
const leaf = fc.oneof(fc.constantFrom<unknown>(null, true, false, "True", "false", "", "x", "a@x.io", "b@x.io", "U1", "work", 0, 1.5, "a\u0000", "\ud800", "a@b@c"), fc.string(), fc.double());
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, { weight: 3, arbitrary: leaf }, fc.array(tie("value"), { maxLength: 3 }), fc.array(tie("element"), { maxLength: 3 }), tie("element"), fc.dictionary(name, tie("value"), { maxKeys: 3 })),
  element: fc.record({ value: leaf, type: leaf, primary: fc.constantFrom<unknown>(true, false, "True", null), display: leaf }, { requiredKeys: [] }),
}));
const operation = fc.oneof({ weight: 9, arbitrary: fc.record({ op: fc.constantFrom("add", "Replace", "remove", "REMOVE"), path: fc.oneof(name, fc.constant(null)), value }, { requiredKeys: ["op"] }) }, value);
const list = fc.array(operation, { maxLength: 5 });
const options = { strict: false, maxOperations: 4 };

/** JSON text and back, as a body comes in: `__proto__` is an own name then. */
const overTheWire = (body: unknown): unknown => JSON.parse(JSON.stringify(body) ?? "null");

function outcome<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.kind === "invalid" && thrown.failure.scimType) return undefined;
    throw thrown;
  }
}

/** The promise of `Attributes`: nothing is null, no list or object is empty, at most one element is primary. */
function isStorable(json: Json | undefined): boolean {
  if (json === null || json === undefined || json === "") return false;
  if (Array.isArray(json)) return json.length > 0 && json.every(isStorable) && json.filter((element) => isObject(element) && element["primary"] === true).length < 2;
  return !isObject(json) || (Object.keys(json).length > 0 && Object.values(json).every(isStorable));
}

const prototypeNames = Reflect.ownKeys(Object.prototype).length;

test("a PATCH of a user ends in a storable result or a fault, and changes nothing it was given", () => {
  let accepted = 0;
  fc.assert(
    fc.property(list, (raw) => {
      const body = overTheWire(operations(...raw));
      const [before, sent] = [JSON.stringify(ann), JSON.stringify(body)];
      const { body: normal } = normalise({ type: "User", method: "PATCH", body });
      const result = outcome(() => patchUser(userTable, ann, normal, options));
      expect([JSON.stringify(ann), JSON.stringify(body)]).toEqual([before, sent]);
      expect(Reflect.ownKeys(Object.prototype)).toHaveLength(prototypeNames);
      if (!result) return;
      accepted++;
      expect(isStorable(result.attributes), JSON.stringify(result.attributes)).toBe(true);
      expect(result.attributes).not.toHaveProperty("password");
      expect(result.changed).toBe(JSON.stringify(result.attributes) !== before && result.attributes !== ann);
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test("a replace that is sent twice changes something once at most", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.record({ op: fc.constant("replace"), path: fc.constantFrom(...names), value }), (raw) => {
      const body = overTheWire(operations(raw));
      const first = outcome(() => patchUser(userTable, ann, body, options));
      if (!first) return;
      accepted++;
      // A filter may no longer match what it made of its element; then the second is refused.
      expect(outcome(() => patchUser(userTable, first.attributes, body, options))?.changed ?? false).toBe(false);
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test("a PATCH of a group ends in deltas or a fault, and only a remove without a value clears", () => {
  let accepted = 0;
  fc.assert(
    fc.property(list, (raw) => {
      const body = overTheWire(operations(...raw)) as { readonly Operations: readonly Record<string, unknown>[] };
      const result = outcome(() => patchGroup(groupTable, eng, body, { ...options, selfId: "U1" }));
      expect(Reflect.ownKeys(Object.prototype)).toHaveLength(prototypeNames);
      if (!result) return;
      accepted++;
      const clears = body.Operations.filter(({ op, path, value: given }) => String(op).toLowerCase() === "remove" && path === "members" && given === undefined).length;
      expect(result.members.filter(({ kind }) => kind === "clear")).toHaveLength(clears);
      for (const change of result.members) if ("members" in change) expect(change.members.some(({ value: one }) => one === "U1" || one === "")).toBe(false);
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test("a body ends in storable attributes or a fault", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 6 }), fc.constantFrom("User" as const, "Group" as const), (raw, type) => {
      const body = overTheWire({ userName: "ann", displayName: "Eng", ...raw });
      const sent = JSON.stringify(body);
      const { body: normal } = normalise({ type, method: "POST", body });
      const result = outcome(() => readCreate(type === "User" ? userTable : groupTable, normal, { strict: false }));
      expect(JSON.stringify(body)).toBe(sent);
      expect(Reflect.ownKeys(Object.prototype)).toHaveLength(prototypeNames);
      if (!result) return;
      accepted++;
      expect(isStorable(result.attributes), JSON.stringify(result.attributes)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});
