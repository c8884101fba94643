/**
 * JumpCloud's custom SCIM integration. Its removal of members by a list is Entra's row: a habit has one home.
 *
 * @module
 */
import { isObject } from "../model/json.ts";
import { memberOf, type Dialect } from "./quirk.ts";

export const jumpcloud: Dialect = {
  client: "JumpCloud",
  quirks: [
    {
      is: "renames a group by a PUT that says nothing of its members",
      source: "jumpcloud.com/support provision-and-manage-users-and-groups-in-apps-using-custom-scim-identity-management-integration; idps.md 14.15",
      understoodIn: "scim/body.ts",
      seen: ({ type, method, body }) => type === "Group" && method === "PUT" && isObject(body) && memberOf(body, "members") === undefined,
    },
  ],
  relies: [{ is: "makes a person and a group of its own when it is switched on, and takes them away again: nothing of them is left", source: "jumpcloud.com/support provision-and-manage-users-and-groups-in-apps-using-custom-scim-identity-management-integration; idps.md 14.39", keptIn: "store/deletion.ts", shownBy: "dialects/relied-on.test.ts" }],
};
