/**
 * Google Workspace's automatic provisioning, which only apps of its catalogue have.
 *
 * @module
 */
import { isObject } from "../model/json.ts";
import { memberOf, type Dialect } from "./quirk.ts";

export const google: Dialect = {
  client: "Google Workspace",
  quirks: [
    {
      is: "creates people who are not active",
      source: "github.com/getprobo/probo/pull/711 (seen of Google Workspace); RFC 7643, 4.1.1",
      understoodIn: "plan/plan-user.ts",
      seen: ({ type, method, body }) => type === "User" && method === "POST" && isObject(body) && memberOf(body, "active") === false,
    },
  ],
  relies: [],
};
