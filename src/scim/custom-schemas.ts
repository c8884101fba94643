/**
 * Extensions of the operator's own: `scim-schemas/*.json`, each a Schema as RFC 7643, 7 describes it.
 *
 * Refused is everything that would be advertised and not kept: uniqueness we do not check, names that could not be addressed, a
 * secret that would be shown.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { Fault } from "../model/failure.ts";
import { fold } from "../model/fold.ts";
import type { SchemaDocument } from "./schema-documents.ts";
import { completed, discoveryDocuments, enterpriseDocument, groupDocument, userDocument } from "./schema-documents.ts";

const traits = {
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "a letter, then letters, digits, - or _, at most 64")
    .refine((name) => !Object.hasOwn(Object.prototype, name), "every JavaScript object has something of this name: choose another"),
  multiValued: z.boolean().optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  caseExact: z.boolean().optional(),
  canonicalValues: z.array(z.string()).optional(),
  mutability: z.enum(["readWrite", "readOnly", "writeOnly", "immutable"]).optional(),
  returned: z.enum(["always", "default", "request", "never"]).optional(),
  uniqueness: z.literal("none", "uniqueness of custom attributes is not checked: leave it out or say none").optional(),
  referenceTypes: z.array(z.string()).optional(),
};
const simpleTypes = ["string", "boolean", "integer", "decimal", "dateTime", "reference", "binary"] as const;
const hidden = ({ mutability, returned }: { readonly mutability?: string | undefined; readonly returned?: string | undefined }): boolean => mutability !== "writeOnly" || returned === "never";
const hiddenMessage = { message: "writeOnly needs returned: never", path: ["returned"] };
const distinct = (attributes: readonly { readonly name: string }[]): boolean => new Set(attributes.map(({ name }) => fold(name))).size === attributes.length;
const distinctMessage = "two attributes have the same name, letter case apart";

const subAttribute = z.strictObject({ ...traits, type: z.enum(simpleTypes) }).refine(hidden, hiddenMessage);
const attribute = z
  .strictObject({ ...traits, type: z.enum([...simpleTypes, "complex"]), subAttributes: z.array(subAttribute).min(1).refine(distinct, distinctMessage).optional() })
  .refine(hidden, hiddenMessage)
  .refine(({ type, subAttributes }) => (type === "complex") === (subAttributes !== undefined), { message: "complex attributes have subAttributes, and only they", path: ["subAttributes"] })
  .refine(({ multiValued, subAttributes }) => !multiValued || !subAttributes?.some((sub) => sub.multiValued), { message: "a list inside a list cannot be addressed", path: ["subAttributes"] });

const schema = z.strictObject({
  schemas: z.array(z.string()).optional(),
  id: z
    .string()
    .max(200)
    .regex(/^urn:[a-z0-9][a-z0-9-]{1,31}:[a-z0-9._:-]+$/i, "a URN of letters, digits, dots, colons, hyphens and underscores")
    .regex(/:(user|group)$/i, "must end in :User or :Group, which says what it extends"),
  name: z.string().min(1),
  description: z.string().optional(),
  attributes: z.array(attribute).min(1).refine(distinct, distinctMessage),
  meta: z.unknown().optional(),
});

/**
 * @param dir may be missing: then there are no custom schemas
 * @returns in the order of the file names
 * @throws Fault `invalid` that lists every mistake of every file with its path
 */
export function readCustomSchemas(dir: string): readonly SchemaDocument[] {
  if (!existsSync(dir)) return [];
  const files = readdirSync(dir).filter((file) => file.endsWith(".json")).toSorted();
  const owners = new Map([userDocument, enterpriseDocument, groupDocument, ...discoveryDocuments].map(({ id }) => [fold(id), "this server itself"]));
  const found: SchemaDocument[] = [];
  const mistakes: string[] = [];
  for (const file of files) {
    const read = readSchema(join(dir, file));
    if (Array.isArray(read)) mistakes.push(...read.map((mistake) => `${file}: ${mistake}`));
    else {
      const document = read as SchemaDocument;
      const owner = owners.get(fold(document.id));
      if (owner !== undefined) mistakes.push(`${file}: id: ${document.id} is taken by ${owner}`);
      owners.set(fold(document.id), file);
      found.push(document);
    }
  }
  if (mistakes.length > 0) throw new Fault({ kind: "invalid", detail: `${basename(dir)}: ${mistakes.join("; ")}` });
  return found;
}

function readSchema(path: string): SchemaDocument | readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    return [error instanceof SyntaxError ? "is not JSON" : "cannot be read"];
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return parsed.error.issues.map((issue) => `${issue.path.join(".") || "the file"}: ${issue.message}`);
  const { id, name, description, attributes } = parsed.data;
  return { id, name, description: description ?? name, attributes: attributes.map((rough) => completed(rough)) };
}

/**
 * The extensions that a connection has of those that there are.
 *
 * @param urns in any letter case; `undefined` = all
 * @throws Fault `invalid` for a URN that no file has
 */
export function chosenSchemas(all: readonly SchemaDocument[], urns: readonly string[] | undefined, connection: string): readonly SchemaDocument[] {
  if (urns === undefined) return all;
  const unknown = urns.find((urn) => !all.some(({ id }) => fold(id) === fold(urn)));
  if (unknown !== undefined) throw new Fault({ kind: "invalid", detail: `connections.${connection}.schemas: ${unknown} is in no file of scim-schemas; there ${all.length === 0 ? "is none" : `are ${all.map(({ id }) => id).join(", ")}`}` });
  return all.filter(({ id }) => urns.some((urn) => fold(urn) === fold(id)));
}
