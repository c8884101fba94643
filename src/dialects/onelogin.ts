/**
 * OneLogin, whose requests follow a JSON template that the customer edits and that often dates from SCIM 1.1.
 *
 * @module
 */
import { isObject } from "../model/json.ts";
import { inBody, mapList, mapObject, memberOf, underName, type Pushed, type Dialect } from "./quirk.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const enterprise1 = "urn:scim:schemas:extension:enterprise:1.0";

export const onelogin: Dialect = {
  client: "OneLogin",
  quirks: [
    {
      is: "names the schemas of SCIM 1.1",
      departsFrom: "RFC 7643, 3",
      source: "developers.onelogin.com SCIM template; RFC 7643, 10.3 (successors); idps.md F30",
      rewrite: (pushed) =>
        !isObject(pushed.body) || pushed.method === "PATCH" ? pushed.body : mapObject(pushed.body, (value, key) => (key.toLowerCase() === "schemas" && Array.isArray(value) ? mapList(value, (urn) => successor(urn, pushed.type)) : value)),
    },
    {
      is: "puts the enterprise attributes under the URN of SCIM 1.1",
      departsFrom: "RFC 7643, 4.3",
      source: "developers.onelogin.com SCIM template; idps.md 6",
      rewrite: renamedExtension,
    },
    {
      is: "calls the manager's value managerId, as SCIM 1.1 did",
      departsFrom: "RFC 7643, 4.3",
      source: "developers.onelogin.com SCIM template (manager.managerId); idps.md 6",
      rewrite: underName(
        (name) => name === "manager" || name === enterprise.toLowerCase() || name === `${enterprise.toLowerCase()}:manager`,
        (value, name) => (name.endsWith("manager") ? withValue(value) : isObject(value) ? mapObject(value, (inner, key) => (key.toLowerCase() === "manager" ? withValue(inner) : inner)) : value),
      ),
    },
    {
      is: "writes booleans as the texts true and false in whole resources",
      departsFrom: "RFC 7643, 2.3.2",
      source: "developers.onelogin.com SCIM template; idps.md F30",
      understoodIn: "scim/values.ts",
      seen: inBody((body) => typeof memberOf(body, "active") === "string"),
    },
  ],
  relies: [
    { is: "says nothing in its User-Agent", source: "github.com/goauthentik/authentik/issues/11249 (a log of its requests); suites.md 6.18", keptIn: "http/door.ts", shownBy: "dialects/relied-on.test.ts" },
  ],
};

function successor(urn: unknown, type: Pushed["type"]): unknown {
  if (typeof urn !== "string") return urn;
  const name = urn.slice(0, 100).toLowerCase();
  if (name === "urn:scim:schemas:core:1.0") return `urn:ietf:params:scim:schemas:core:2.0:${type}`;
  return name === enterprise1 ? enterprise : urn;
}

/** Renames the key, unless the present-day one stands beside it. */
function renamedExtension({ method, body }: Pushed): unknown {
  if (method === "PATCH" || !isObject(body) || memberOf(body, enterprise.toLowerCase()) !== undefined) return body;
  const names = Object.keys(body).filter((key) => key.toLowerCase() === enterprise1);
  return names.length === 1 ? Object.fromEntries(Object.entries(body).map(([key, value]) => [key === names[0] ? enterprise : key, value])) : body;
}

function withValue(manager: unknown): unknown {
  if (!isObject(manager) || memberOf(manager, "value") !== undefined) return manager;
  const names = Object.keys(manager).filter((key) => key.toLowerCase() === "managerid");
  return names.length === 1 ? Object.fromEntries(Object.entries(manager).map(([key, value]) => [key === names[0] ? "value" : key, value])) : manager;
}
