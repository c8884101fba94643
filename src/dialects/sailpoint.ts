/**
 * SailPoint IdentityNow.
 *
 * @module
 */
import { isObject } from "../model/json.ts";
import { someOperation, type Dialect } from "./quirk.ts";

export const sailpoint: Dialect = {
  client: "SailPoint",
  quirks: [
    {
      is: "changes single values with add and without a path",
      source: "developer.sailpoint.com/discuss/t/7752; idps.md F29",
      understoodIn: "scim/patch-apply.ts",
      seen: someOperation(({ op, path, value }) => op === "add" && path === undefined && isObject(value)),
    },
  ],
  relies: [
    { is: "pages through all people and groups to the end to aggregate them", source: "developer.sailpoint.com; idps.md 6", keptIn: "store/list.ts", shownBy: "store/list.test.ts" },
  ],
};
