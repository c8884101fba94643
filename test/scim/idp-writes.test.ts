/**
 * What IdPs were seen to write, in their order, through rows and engine, on one resource after the other.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { normalise } from "../../src/dialects/dialect.ts";
import { isObject, type Json } from "../../src/model/json.ts";
import type { Attributes, Member, MemberChange } from "../../src/model/resource.ts";
import { readCreate, readReplace } from "../../src/scim/body.ts";
import { patchUser } from "../../src/scim/patch.ts";
import { patchGroup } from "../../src/scim/patch-group.ts";
import { tableOf } from "../../src/scim/schemas.ts";

interface Row {
  readonly idp: string;
  readonly step: string;
  readonly method: "POST" | "PUT" | "PATCH";
  readonly type: "User" | "Group";
  readonly id?: string;
  readonly body: unknown;
  /** JSON pointer → what must stand there afterwards; `null` = nothing. */
  readonly then?: Readonly<Record<string, Json>>;
}

interface Stored {
  readonly attributes: Attributes;
  readonly members: readonly Member[];
}

const rows = JSON.parse(readFileSync(new URL("../corpus/idp-writes.json", import.meta.url), "utf8")) as readonly Row[];
const idps = [...new Set(rows.map(({ idp }) => idp))];

describe.each(idps)("%s", (idp) => {
  const stored = new Map<string, Stored>();
  test.each(rows.filter((row) => row.idp === idp).map((row) => [row.step, row] as const))("%s", (step, row) => {
    const before = stored.get(row.id ?? step) ?? { attributes: {}, members: [] };
    const after = written(row, before);
    stored.set(row.id ?? step, after);
    for (const [pointer, wanted] of Object.entries(row.then ?? {})) {
      const found = at({ ...after.attributes, members: after.members }, pointer);
      if (wanted === null) expect(found ?? [], pointer).toEqual([]);
      else if (isObject(wanted)) expect(found, pointer).toHaveLength(wanted["length"] as number);
      else expect(found, pointer).toBe(wanted);
    }
  });
});

function written({ method, type, body }: Row, before: Stored): Stored {
  const { body: normal } = normalise({ type, method, body });
  const table = tableOf(type);
  if (method === "PATCH" && type === "User") return { attributes: patchUser(table, before.attributes, normal, { strict: false, maxOperations: 100 }).attributes, members: [] };
  if (method === "PATCH") {
    const { attributes, members } = patchGroup(table, before.attributes, normal, { strict: false, maxOperations: 100 });
    return { attributes: attributes ?? before.attributes, members: members.reduce(applied, before.members) };
  }
  const { attributes, members } = method === "POST" ? readCreate(table, normal, { strict: false }) : readReplace(table, normal, before.attributes, { strict: false });
  return { attributes, members: members ?? before.members };
}

function applied(members: readonly Member[], change: MemberChange): readonly Member[] {
  switch (change.kind) {
    case "clear":
      return [];
    case "replace":
      return change.members;
    case "remove":
      return members.filter(({ value }) => !change.values.includes(value));
    case "add":
      return [...members, ...change.members.filter(({ value }) => !members.some((member) => member.value === value))];
  }
}

const at = (json: unknown, pointer: string): unknown => pointer.slice(1).split("/").reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], json);

test("every row that an IdP writes is among them", () => {
  expect(rows.length).toBeGreaterThanOrEqual(76);
  expect(rows.filter(({ then }) => then).length).toBeGreaterThan(50);
});
