/**
 * Microsoft Entra ID, with and without the flag `aadOptscim062020`, its inbound provisioning and its documentation's samples.
 *
 * @module
 */
import { isObject, type JsonObject } from "../model/json.ts";
import { inBody, mapList, memberOf, operationsOf, someOperation, underName, type Pushed, type Dialect } from "./quirk.ts";

export const entra: Dialect = {
  client: "Microsoft Entra ID",
  quirks: [
    {
      is: "writes an app role as JSON inside a text",
      source: "learn.microsoft.com customize-application-attributes (SingleAppRoleAssignment, AppRoleAssignmentsComplex); idps.md F13",
      rewrite: underName(isRoles, (value, path) => (path.endsWith(".value") ? (unpacked(value)?.value ?? value) : eachRole(value, unpackRole))),
    },
    {
      is: "calls the display text of an app role displayName",
      source: "learn.microsoft.com customize-application-attributes (AppRoleAssignmentsComplex); idps.md F14",
      rewrite: underName(isRoles, (value, path) => (path.endsWith(".value") ? value : eachRole(value, renameDisplay))),
    },
    {
      is: "begins the names of operations with a capital",
      source: "learn.microsoft.com application-provisioning-config-problem-scim-compatibility (without the flag); idps.md F5",
      understoodIn: "scim/patch-envelope.ts",
      seen: ({ method, body }) => method === "PATCH" && isObject(body) && capitals(memberOf(body, "operations")),
    },
    {
      is: 'writes booleans as the texts "True" and "False"',
      departsFrom: "RFC 7643, 2.3.2",
      source: "learn.microsoft.com application-provisioning-config-problem-scim-compatibility (without the flag); idps.md F5",
      understoodIn: "scim/values.ts",
      seen: someOperation(({ path, value }) => (path === undefined ? isObject(value) && isWord(memberOf(value, "active")) : nameOf(path) === "active" && isWord(value))),
    },
    {
      is: "names several attributes in one operation without a path, with dotted keys",
      departsFrom: "RFC 7643, 2.1",
      source: "learn.microsoft.com application-provisioning-config-problem-scim-compatibility (with the flag); idps.md F8",
      understoodIn: "scim/patch-apply.ts",
      seen: someOperation(({ path, value }) => path === undefined && isObject(value) && Object.keys(value).some((key) => key.includes("."))),
    },
    {
      is: "removes members by a list of values",
      departsFrom: "RFC 7644, 3.5.2.2",
      source: "learn.microsoft.com use-scim-to-provision-users-and-groups; jumpcloud.com/support; idps.md F10",
      understoodIn: "scim/members.ts",
      seen: someOperation(({ op, path, value }) => op === "remove" && path !== undefined && nameOf(path) === "members" && (Array.isArray(value) || isObject(value))),
    },
    {
      is: "writes the manager as a bare id, in a list, or empties it with a blank id",
      departsFrom: "RFC 7643, 2.3.8",
      source: "learn.microsoft.com use-scim-to-provision-users-and-groups; SCIM Validator; idps.md F12",
      understoodIn: "scim/values.ts",
      seen: (pushed) => managers(pushed).some((value) => typeof value === "string" || Array.isArray(value) || (isObject(value) && value["value"] === "")),
    },
    {
      is: "names attributes of the enterprise extension without its URN",
      departsFrom: "RFC 7644, 3.10",
      source: "learn.microsoft.com use-scim-to-provision-users-and-groups (walk-through); idps.md F4, F12",
      understoodIn: "scim/names.ts",
      seen: (pushed) => inBody((body) => enterprise.some((name) => memberOf(body, name) !== undefined))(pushed) || operationsOf(pushed).some(({ path }) => path !== undefined && enterprise.includes(path.toLowerCase())),
    },
    {
      is: "puts a dot between the URN and the attribute",
      departsFrom: "RFC 7644, 3.10",
      source: "learn.microsoft.com inbound provisioning API; jobs of the old template customappsso; idps.md F12",
      understoodIn: "scim/names.ts",
      seen: someOperation(({ path }) => path !== undefined && dotted.test(path.slice(0, 512))),
    },
    {
      is: "lists a misspelt URN, or Microsoft's own for groups, in schemas",
      departsFrom: "RFC 7643, 3",
      source: "learn.microsoft.com use-scim-to-provision-users-and-groups (walk-through; ADSCIM group URN); idps.md F4, F9",
      understoodIn: "scim/body.ts",
      seen: inBody((body) => textsIn(memberOf(body, "schemas")).some((urn) => odd.has(urn.toLowerCase()))),
    },
  ],
  relies: [
    { is: "quarantines the job where a look-up that finds nobody is a 404: it is 200 and an empty list", source: "learn.microsoft.com application-provisioning-quarantine-status; idps.md 1, 3", keptIn: "bridge/read.ts", shownBy: "corpus/corpus.test.ts" },
    { is: "asks whether a user has a certain manager, and sends the manager again in every cycle if it does not find it", source: "github.com/MicrosoftDocs/azure-docs/issues/11784; idps.md F2, F12", keptIn: "scim/filter-condition.ts", shownBy: "corpus/corpus.test.ts" },
    { is: "reads groups without their members, and does not send memberships again when somebody returns", source: "learn.microsoft.com use-scim-to-provision-users-and-groups, how-provisioning-works; idps.md 4.1, 4.4", keptIn: "scim/project.ts", shownBy: "app/groups.test.ts" },
    { is: "quarantines the job at the first 401: it means a wrong credential and nothing else", source: "learn.microsoft.com application-provisioning-quarantine-status; idps.md 3", keptIn: "http/authenticate.ts", shownBy: "http/authenticate.test.ts" },
  ],
};

const enterprise = ["employeenumber", "costcenter", "organization", "division", "department", "manager"];
const dotted = /^urn:[^[\]"]*:(?:user|group)\.[a-z]/i;
const odd = new Set(["urn:ietf:params:scim:schemas:extension:enterprise:2.0user", "http://schemas.microsoft.com/2006/11/resourcemanagement/adscim/2.0/group"]);

const coreUrn = "urn:ietf:params:scim:schemas:core:2.0:";
/** A path without the core schema's URN, in lower case. */
const nameOf = (path: string): string => path.toLowerCase().replace(`${coreUrn}user:`, "").replace(`${coreUrn}group:`, "");

const isWord = (value: unknown): boolean => typeof value === "string" && /^(?:true|false)$/i.test(value);
const textsIn = (value: unknown): readonly string[] => (Array.isArray(value) ? value.slice(0, 50).filter((one) => typeof one === "string") : []);
const capitalOps: ReadonlySet<unknown> = new Set(["Add", "Replace", "Remove"]);
const capitals = (operations: unknown): boolean => Array.isArray(operations) && operations.some((one) => isObject(one) && capitalOps.has(memberOf(one, "op")));

function managers(pushed: Pushed): readonly unknown[] {
  const found = operationsOf(pushed).filter(({ path }) => path !== undefined && /[:.]?manager$/i.test(path.slice(-8))).map(({ value }) => value);
  return pushed.method !== "PATCH" && isObject(pushed.body) ? [...found, memberOf(pushed.body, "manager")] : found;
}

function isRoles(path: string): boolean {
  const name = nameOf(path);
  return name === "roles" || name === "roles.value" || (name.startsWith("roles[") && (name.endsWith("]") || name.endsWith("].value")));
}

/** Roles come as a list, or one alone. */
const eachRole = (value: unknown, rewrite: (role: JsonObject) => unknown): unknown => {
  if (Array.isArray(value)) return mapList(value, (role) => (isObject(role) ? rewrite(role) : role));
  return isObject(value) ? rewrite(value) : value;
};

function unpackRole(role: JsonObject): unknown {
  const found = unpacked(role["value"]);
  if (!found) return role;
  const { value, display } = found;
  return { ...role, value, ...(display !== undefined && role["display"] === undefined && { display }) };
}

/** The role is `value`, else `displayName` (idps.md, 9); its `id` is Entra's own and has no place in SCIM. */
function unpacked(text: unknown): { readonly value: string; readonly display: string | undefined } | undefined {
  if (typeof text !== "string" || text.length > 4_096 || !text.startsWith("{")) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(json)) return undefined;
  const display = typeof json["displayName"] === "string" && json["displayName"] !== "" ? json["displayName"] : undefined;
  const value = typeof json["value"] === "string" && json["value"] !== "" ? json["value"] : display;
  return value === undefined ? undefined : { value, display };
}

function renameDisplay(role: JsonObject): unknown {
  if (typeof role["displayName"] !== "string" || role["display"] !== undefined) return role;
  const { displayName, ...rest } = role;
  return { ...rest, display: displayName };
}
