/**
 * What the tests of the writing half share: short ways to write, and to see how a write was refused.
 *
 * @module
 */
import { Fault } from "../../src/model/failure.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Attributes } from "../../src/model/resource.ts";
import { readCreate, readReplace, type Written } from "../../src/scim/body.ts";
import { patchUser, type Patched } from "../../src/scim/patch.ts";
import { patchGroup, type PatchedGroup } from "../../src/scim/patch-group.ts";
import { enterpriseUrn, groupTable, userTable } from "../../src/scim/schemas.ts";

export const enterprise = enterpriseUrn;
export const lenient = { strict: false };
export const strict = { strict: true };

export const ann: Attributes = {
  userName: "ann@corp.example",
  externalId: "e-1",
  active: true,
  name: { givenName: "Ann", familyName: "Lee" },
  emails: [{ value: "ann@corp.example", type: "work", primary: true }],
  roles: [{ value: "editor" }],
};

export const createUser = (body: unknown, options = lenient): Written => readCreate(userTable, body, options);
/** The attributes of a user whose body is complete but for these. */
export const created = (more: JsonObject): Attributes => createUser({ userName: "ann@corp.example", ...more }).attributes;
export const replaceUser = (body: JsonObject, current: Attributes = ann, options = lenient): Written => readReplace(userTable, body, current, options);

export const operations = (...list: readonly unknown[]) => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: list });
export const patchBody = (body: unknown, current: Attributes = ann, options = lenient): Patched => patchUser(userTable, current, body, { ...options, maxOperations: 1_000 });
export const patch = (list: readonly unknown[], current: Attributes = ann, options = lenient): Patched => patchBody(operations(...list), current, options);

export const eng: Attributes = { displayName: "Eng" };
export const groupPatch = (list: readonly unknown[], options = lenient): PatchedGroup => patchGroup(groupTable, eng, operations(...list), { ...options, maxOperations: 1_000, selfId: "G1" });

/** The `scimType` of the fault that an act ends in; anything else that happens is told as it is. */
export function refusal(act: () => unknown): string {
  try {
    return `accepted: ${JSON.stringify(act())}`;
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.kind === "invalid") return thrown.failure.scimType ?? "invalid";
    throw thrown;
  }
}
