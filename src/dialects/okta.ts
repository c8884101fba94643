/**
 * Okta: OIN and wizard (AIW) apps, and its compliance suites.
 *
 * @module
 */
import { isObject, type JsonObject } from "../model/json.ts";
import { inBody, memberOf, someOperation, type Dialect } from "./quirk.ts";

export const okta: Dialect = {
  client: "Okta",
  quirks: [
    {
      is: "sends the resource's id, meta or groups along, which it can not change",
      departsFrom: "RFC 7644, 3.5.2, in a PATCH; a POST or PUT may (RFC 7644, 3.3)",
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
  ],
  relies: [
    { is: "reads the whole user from the answer to its create, and keeps the id", source: "developer.okta.com okta-scim guides scim-20; idps.md 3", keptIn: "bridge/reply.ts", shownBy: "corpus/corpus.test.ts" },
    { is: "sends with PUT what a GET gave it: whatever is accepted is returned", source: "developer.okta.com okta-scim guides scim-20; idps.md 1", keptIn: "scim/project.ts", shownBy: "corpus/corpus.test.ts" },
    { is: "never deletes a user; it deactivates", source: "developer.okta.com okta-scim concepts scim faqs; idps.md 1", keptIn: "plan/plan-user.ts", shownBy: "app/leaver.test.ts" },
    { is: "reads the roles and entitlements that it may give from resource types of its own", source: "developer.okta.com guides scim-with-entitlements; idps.md 9, F40", keptIn: "scim/catalogue.ts", shownBy: "app/catalogue.test.ts" },
  ],
};

const hasReadOnly = (object: JsonObject): boolean => ["id", "meta", "groups"].some((name) => memberOf(object, name) !== undefined);
