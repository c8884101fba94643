/**
 * PingFederate, PingOne and PingDirectory.
 *
 * @module
 */
import type { Dialect } from "./quirk.ts";

export const ping: Dialect = {
  client: "Ping Identity",
  quirks: [],
  relies: [
    { is: "looks people up with POST /.search, so that no address stands in a URL (PingDirectory)", source: "docs.pingidentity.com; idps.md 6", keptIn: "http/search.ts", shownBy: "dialects/relied-on.test.ts" },
    { is: "takes somebody's access away with active, or deletes them, as its administrator chooses", source: "docs.pingidentity.com; idps.md 6", keptIn: "plan/plan-user.ts", shownBy: "dialects/relied-on.test.ts" },
    { is: "gets its access token with client credentials", source: "docs.pingidentity.com; idps.md 6", keptIn: "http/token-endpoint.ts", shownBy: "http/access-token.test.ts" },
  ],
};
