/**
 * Markdown tables of a manifest.
 *
 * @module
 */
import { placesOf } from "../manifest-fields.ts";
import type { Manifest } from "../manifest-schema.ts";

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`).join("\n");

export const fieldRows = (manifest: Manifest): readonly (readonly string[])[] =>
  manifest.fields.map((field) => {
    const places = placesOf(field);
    const evidence = [...new Set(places.map((place) => place.evidence))];
    return [`\`${field.scim}\``, places.map(({ at }) => `\`${at}\``).join(", "), field.sentOn.length === 0 ? "only read" : field.sentOn.join(", "), evidence.length === 1 ? (evidence[0] ?? "") : places.map(({ at, evidence: own }) => `${at}: ${own}`).join(", ")];
  });

export const settingRows = (manifest: Manifest): readonly (readonly string[])[] =>
  Object.entries(manifest.settings).map(([name, { label, required, default: standard, secret, oneOf }]) => [`\`${name}\``, `${label}${secret ? " (secret)" : ""}${oneOf ? `: ${oneOf.join(", ")}` : ""}`, required ? "yes" : "no", standard === undefined ? "–" : `\`${standard}\``]);
