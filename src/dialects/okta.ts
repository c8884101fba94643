/**
 * Okta: OIN and wizard (AIW) apps, and its compliance suites.
 *
 * @module
 */
import { isObject, type JsonObject } from "../model/json.ts";
import { inBody, memberOf, someOperation, type Quirk } from "./quirk.ts";

export const okta: readonly Quirk[] = [
  {
    is: "sends the resource's id, meta or groups along, which it can not change",
    source: "developer.okta.com okta-scim guides scim-20; idps.md F20, F21, F24",
    understoodIn: "scim/body.ts, scim/patch-apply.ts",
    seen: (pushed) => inBody(hasReadOnly)(pushed) || someOperation(({ path, value }) => path === undefined && isObject(value) && hasReadOnly(value))(pushed),
  },
  {
    is: "changes attributes in an operation without a path",
    source: "developer.okta.com okta-scim guides scim-20; idps.md F22",
    understoodIn: "scim/patch-apply.ts",
    seen: someOperation(({ op, path, value }) => op === "replace" && path === undefined && isObject(value)),
  },
  {
    is: "puts the members of a group into an operation without a path",
    source: "developer.okta.com okta-scim guides scim-20 (older form of push now); idps.md F27",
    understoodIn: "scim/patch-group.ts",
    seen: ({ type, ...push }) => type === "Group" && someOperation(({ path, value }) => path === undefined && isObject(value) && memberOf(value, "members") !== undefined)({ type, ...push }),
  },
];

const hasReadOnly = (object: JsonObject): boolean => ["id", "meta", "groups"].some((name) => memberOf(object, name) !== undefined);
