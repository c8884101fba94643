/**
 * A parsed filter as text again, every name with its whole path. Parsed once more it must be the same filter.
 *
 * @module
 */
import type { AttributeRef, Filter } from "../../src/model/filter.ts";

export function printed(filter: Filter): string {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.of.map((part) => (part.kind === "and" || part.kind === "or" ? `(${printed(part)})` : printed(part))).join(` ${filter.kind} `);
    case "not":
      return `not (${printed(filter.of)})`;
    case "present":
      return `${nameOf(filter.at)} pr`;
    case "element":
      return `${nameOf(filter.at)}[${printed(filter.of)}]`;
    case "compare":
      return `${nameOf(filter.at)} ${filter.operator} ${literal(filter.at, filter.value)}`;
  }
}

const nameOf = ({ path }: AttributeRef): string => {
  const [first = "", ...rest] = path;
  return /^urn:/i.test(first) ? `${first}:${rest.join(".")}` : path.join(".");
};

const literal = ({ type }: AttributeRef, value: string | number | boolean | null): string => (type === "dateTime" && typeof value === "number" ? JSON.stringify(timeText(value)) : JSON.stringify(value));

/** Years before 0 and after 9999 have six digits in JavaScript, and SCIM has no way to write them. */
function timeText(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.length > 24 ? text.replace(/^[+-]\d\d/, "") : text;
}
