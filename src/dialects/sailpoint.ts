/**
 * SailPoint IdentityNow.
 *
 * @module
 */
import { isObject } from "../model/json.ts";
import { someOperation, type Quirk } from "./quirk.ts";

export const sailpoint: readonly Quirk[] = [
  {
    is: "changes single values with add and without a path",
    source: "developer.sailpoint.com/discuss/t/7752; idps.md F29",
    understoodIn: "scim/patch-apply.ts",
    seen: someOperation(({ op, path, value }) => op === "add" && path === undefined && isObject(value)),
  },
];
