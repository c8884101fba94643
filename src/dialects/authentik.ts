/**
 * authentik, as its source code has it: PATCH where ServiceProviderConfig offers it, else PUT with all members.
 *
 * @module
 */
import { isObject } from "../model/json.ts";
import { memberOf, someOperation, type Dialect } from "./quirk.ts";

export const authentik: Dialect = {
  client: "authentik",
  quirks: [
    {
      is: "changes a resource by an operation without a path that holds the whole of it, schemas included",
      departsFrom: "RFC 7644, 3.5.2",
      source: "github.com/goauthentik/authentik authentik/providers/scim/clients/groups.py (_update_patch_general)",
      understoodIn: "scim/patch-apply.ts",
      seen: someOperation(({ path, value }) => path === undefined && isObject(value) && memberOf(value, "schemas") !== undefined),
    },
  ],
  relies: [
    { is: "believes patch.supported", source: "docs.goauthentik.io; github.com/goauthentik/authentik authentik/providers/scim/clients/groups.py", keptIn: "scim/discovery.ts", shownBy: "dialects/relied-on.test.ts" },
    { is: "takes bulk.maxOperations for the number of operations that one PATCH may have", source: "github.com/goauthentik/authentik authentik/providers/scim/clients/groups.py (_patch_chunked)", keptIn: "app.ts", shownBy: "dialects/relied-on.test.ts" },
    { is: "adds nobody to a group that is shown without members: one that was emptied is shown with an empty list", source: "github.com/goauthentik/authentik authentik/providers/scim/clients/groups.py (patch_compare_users), pull/25024; suites.md 5.7", keptIn: "scim/project.ts", shownBy: "dialects/relied-on.test.ts" },
  ],
};
