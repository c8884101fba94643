/**
 * What is to be planned, as it comes in a file: SCIM requests, or a whole directory as a SCIM list or as CSV.
 *
 * @module
 */
import type { Json, JsonObject } from "../../model/json.ts";
import { isObject } from "../../model/json.ts";
import { UsageError } from "../confirm.ts";
import { readCsv } from "./csv.ts";

export type Step =
  /** As an IdP would send it. `{name}` in path and body stands for the id of whoever is called so. */
  | { readonly kind: "request"; readonly method: string; readonly path: string; readonly body: Json | undefined }
  /** Somebody as the directory has them: looked up, then made or replaced. */
  | { readonly kind: "person"; readonly userName: string; readonly resource: JsonObject }
  /** `members`: userNames. */
  | { readonly kind: "group"; readonly displayName: string; readonly resource: JsonObject; readonly members: readonly string[] };

export interface Input {
  readonly steps: readonly Step[];
  readonly notes: readonly string[];
}

/** @throws UsageError for what is none of these */
export function readInput(text: string): Input {
  const isJson = /^\s*[[{]/.test(text.replace(/^\uFEFF/, ""));
  if (!isJson) return fromTable(text);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new UsageError("The input begins like JSON and is none.");
  }
  if (isObject(value) && Array.isArray(value["Resources"])) return fromDirectory(value["Resources"] as readonly Json[]);
  const all = (Array.isArray(value) ? value : [value]) as readonly Json[];
  if (all.length === 0) throw new UsageError("The input holds nothing.");
  if (all.every((one) => isObject(one) && one["method"] === undefined && (one["userName"] !== undefined || one["displayName"] !== undefined))) return fromDirectory(all);
  return { steps: all.map(requestIn), notes: [] };
}

const methods = ["POST", "PUT", "PATCH", "DELETE", "GET"];

function requestIn(one: Json, at: number): Step {
  const where = `Request ${at + 1}`;
  if (!isObject(one) || typeof one["method"] !== "string" || typeof one["path"] !== "string") throw new UsageError(`${where} must hold "method" and "path" (and "body"): { "method": "POST", "path": "/Users", "body": { … } }.`);
  const method = one["method"].toUpperCase();
  if (!methods.includes(method)) throw new UsageError(`${where}: "method" must be one of ${methods.join(", ")}.`);
  // A whole address, as it may stand in a log, leads to the same place.
  const path = one["path"].replace(/^https?:\/\/[^/]+/, "").replace(/^\/scim\/[^/]+\/v2/, "");
  if (!path.startsWith("/")) throw new UsageError(`${where}: "path" must begin with a slash, such as /Users.`);
  return { kind: "request", method, path, body: one["body"] };
}

function fromDirectory(resources: readonly Json[]): Input {
  const people = resources.filter((one): one is JsonObject & { readonly userName: string } => isObject(one) && typeof one["userName"] === "string");
  const groups = resources.filter((one): one is JsonObject & { readonly displayName: string } => isObject(one) && one["userName"] === undefined && typeof one["displayName"] === "string");
  if (people.length + groups.length < resources.length) throw new UsageError(`${resources.length - people.length - groups.length} of the ${resources.length} resources are neither people (userName) nor groups (displayName).`);
  const names = new Map(people.flatMap((person) => [person["id"], person["externalId"]].flatMap((id) => (typeof id === "string" ? [[id, person.userName] as const] : []))));
  let strangers = 0;
  const memberNames = (members: Json | undefined): readonly string[] =>
    (Array.isArray(members) ? (members as readonly Json[]) : []).flatMap((member) => {
      const value = isObject(member) ? member["value"] : undefined;
      const name = typeof value === "string" ? (names.get(value) ?? (value.includes("@") ? value : undefined)) : undefined;
      if (name === undefined) strangers += 1;
      return name === undefined ? [] : [name];
    });
  const steps: Step[] = [
    ...people.map((person): Step => ({ kind: "person", userName: person.userName, resource: bare(person) })),
    ...groups.map((group): Step => ({ kind: "group", displayName: group.displayName, resource: bare(group), members: memberNames(group["members"]) })),
  ];
  return { steps, notes: strangers > 0 ? [`${strangers} members of groups are not among the people of the export and are left out.`] : [] };
}

/** Ids and whatever else the other side made are its own. */
function bare({ id: _id, meta: _meta, groups: _groups, members: _members, ...rest }: JsonObject): JsonObject {
  return rest;
}

function fromTable(text: string): Input {
  const { people, groups, ignored } = readCsv(text);
  return {
    steps: [
      ...people.map((person): Step => ({ kind: "person", userName: person.userName, resource: person })),
      ...[...groups].map(([displayName, members]): Step => ({ kind: "group", displayName, resource: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName }, members })),
    ],
    notes: ignored.length > 0 ? [`Columns that mean nothing here: ${ignored.join(", ")}.`] : [],
  };
}
