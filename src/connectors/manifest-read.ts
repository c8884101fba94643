/**
 * The text of a `manifest.yaml` → a manifest, or every mistake in it.
 *
 * @module
 */
import { isAlias, parseDocument, visit } from "yaml";
import type { Problem } from "./manifest-check.ts";
import { crossCheck } from "./manifest-check.ts";
import type { Manifest } from "./manifest-schema.ts";
import { manifestSchema } from "./manifest-schema.ts";

export type ManifestRead = { readonly ok: true; readonly manifest: Manifest } | { readonly ok: false; readonly problems: readonly Problem[] };

export function readManifest(text: string): ManifestRead {
  const document = parseDocument(text, { version: "1.2", schema: "core", strict: true, uniqueKeys: true, prettyErrors: true });
  const errors = document.errors.map(({ message, linePos }) => ({ path: linePos ? `line ${linePos[0].line}` : "", message: message.split("\n")[0] ?? "" }));
  if (errors.length > 0) return { ok: false, problems: errors };
  let aliases = 0;
  visit(document, { Node: (_, node) => void (isAlias(node) && aliases++) });
  if (aliases > 100) return { ok: false, problems: [{ path: "", message: "has more than 100 aliases" }] };

  const raw: unknown = document.toJS({ maxAliasCount: 100 });
  const parsed = manifestSchema.safeParse(raw);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap(problemsOf);
  const problems = [...shape, ...crossCheck(raw)];
  return parsed.success && problems.length === 0 ? { ok: true, manifest: parsed.data } : { ok: false, problems };
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** A union reports what the closest of its members has against the value. */
function problemsOf(issue: Issue): readonly Problem[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") return (issue.keys ?? []).map((key) => ({ path: path === "" ? key : `${path}.${key}`, message: "is not known here" }));
  const closest = issue.code === "invalid_union" ? issue.errors?.filter((errors) => errors.length > 0).toSorted((a, b) => distance(a) - distance(b))[0] : undefined;
  if (closest) return closest.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }));
  return [{ path, message: issue.message }];
}

/** Being of another type altogether is farther off than having a wrong part. */
const distance = (issues: readonly Issue[]): number => issues.reduce((sum, { code, path }) => sum + (path.length === 0 && (code === "invalid_type" || code === "invalid_value") ? 100 : 1), 0);
