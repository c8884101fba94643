/**
 * Rippling's custom apps, whose administrator says what the server can do.
 *
 * @module
 */
import type { Dialect } from "./quirk.ts";

export const rippling: Dialect = {
  client: "Rippling",
  quirks: [],
  relies: [
    { is: "reads ServiceProviderConfig to try the connection", source: "authn.sh guides scim rippling; idps.md 6", keptIn: "scim/discovery.ts", shownBy: "scim/discovery.test.ts" },
    { is: "changes groups with PATCH or with PUT, as its administrator chooses: either gives the same members", source: "workos.com/docs integrations rippling-scim; idps.md 6", keptIn: "bridge/write-group.ts", shownBy: "dialects/relied-on.test.ts" },
  ],
};
