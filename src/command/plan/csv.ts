/**
 * A directory's export as CSV (RFC 4180; commas, semicolons or tabs) → people and groups, by the names that directories give their columns.
 *
 * @module
 */
import type { JsonObject } from "../../model/json.ts";
import { UsageError } from "../confirm.ts";

export interface Table {
  readonly people: readonly (JsonObject & { readonly userName: string })[];
  /** Name → userNames. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Columns that mean nothing here. */
  readonly ignored: readonly string[];
}

/** Attribute → what its column may be called, folded to letters. */
const columns: Readonly<Record<string, readonly string[]>> = {
  userName: ["username", "login", "userprincipalname", "upn"],
  email: ["email", "mail", "emailaddress", "workemail", "primaryemail"],
  givenName: ["givenname", "firstname"],
  familyName: ["familyname", "lastname", "surname", "sn"],
  displayName: ["displayname", "fullname", "name"],
  externalId: ["externalid", "objectid", "id"],
  title: ["title", "jobtitle"],
  active: ["active", "enabled", "accountenabled", "status"],
  groups: ["groups", "group", "memberof"],
  roles: ["roles", "role"],
};

const yes = new Set(["true", "yes", "y", "1", "active", "enabled", "provisioned"]);
const no = new Set(["false", "no", "n", "0", "inactive", "disabled", "suspended", "deprovisioned", "deactivated"]);

/** @throws UsageError that names the line */
export function readCsv(text: string): Table {
  const rows = rowsOf(text.replace(/^\uFEFF/, ""));
  const [head = []] = rows;
  const known = head.map((cell) => Object.entries(columns).find(([, names]) => names.includes(cell.toLowerCase().replaceAll(/[^a-z]/g, "")))?.[0]);
  if (!known.includes("userName") && !known.includes("email")) throw new UsageError(`The first line of the CSV must name its columns, userName or email among them; it has: ${head.join(", ")}.`);
  const groups = new Map<string, string[]>();
  const people = rows.slice(1).map((cells, at) => {
    const value = (name: string): string => cells[known.indexOf(name)]?.trim() ?? "";
    if (cells.length !== head.length) throw new UsageError(`Line ${at + 2} of the CSV has ${cells.length} cells, and its first line ${head.length}.`);
    const userName = value("userName") || value("email");
    if (userName === "") throw new UsageError(`Line ${at + 2} of the CSV has neither userName nor email.`);
    for (const group of parts(value("groups"))) groups.set(group, [...(groups.get(group) ?? []), userName]);
    return personOf(userName, value, at + 2);
  });
  return { people, groups, ignored: head.filter((_, at) => known[at] === undefined) };
}

function personOf(userName: string, value: (name: string) => string, line: number): JsonObject & { readonly userName: string } {
  const email = value("email") || (userName.includes("@") ? userName : "");
  const name = { ...(value("givenName") && { givenName: value("givenName") }), ...(value("familyName") && { familyName: value("familyName") }) };
  const roles = parts(value("roles"));
  return {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName,
    ...(value("externalId") && { externalId: value("externalId") }),
    ...(Object.keys(name).length > 0 && { name }),
    ...(value("displayName") && { displayName: value("displayName") }),
    ...(value("title") && { title: value("title") }),
    ...(email && { emails: [{ value: email, type: "work", primary: true }] }),
    ...(roles.length > 0 && { roles: roles.map((role) => ({ value: role })) }),
    active: isActive(value("active"), line),
  };
}

function isActive(text: string, line: number): boolean {
  const word = text.toLowerCase();
  if (word === "" || yes.has(word)) return true;
  if (no.has(word)) return false;
  throw new UsageError(`Line ${line} of the CSV: "${text.slice(0, 40)}" says neither active nor inactive.`);
}

const parts = (text: string): readonly string[] => text.split(/[;|]/).map((part) => part.trim()).filter((part) => part !== "");

function rowsOf(text: string): readonly (readonly string[])[] {
  const line = text.split(/\r?\n/, 1)[0] ?? "";
  const delimiter = [",", ";", "\t"].toSorted((a, b) => line.split(b).length - line.split(a).length)[0] ?? ",";
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endCell = () => {
    row.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.some((one) => one !== "")) rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (quoted && letter === '"' && text[at + 1] === '"') {
      cell += '"';
      at++;
    } else if (quoted && letter === '"') quoted = false;
    else if (quoted) cell += letter;
    else if (letter === '"' && cell === "") quoted = true;
    else if (letter === delimiter) endCell();
    else if (letter === "\n") endRow();
    else if (letter !== "\r") cell += letter;
  }
  if (quoted) throw new UsageError("A quotation mark in the CSV is never closed.");
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}
