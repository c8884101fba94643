/**
 * A SCIM filter (RFC 7644, 3.4.2.2) after parsing: plain data, every name resolved through the schema.
 *
 * The parser makes it, the store turns it into a query, and `matches` evaluates it on one element. Text in `value` is
 * folded already where the attribute is not case-exact; date-times are milliseconds since 1970.
 *
 * @module
 */
export type CompareOperator = "eq" | "ne" | "co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le";

export type Filter =
  | { readonly kind: "and" | "or"; readonly of: readonly Filter[] }
  | { readonly kind: "not"; readonly of: Filter }
  | { readonly kind: "compare"; readonly at: AttributeRef; readonly operator: CompareOperator; readonly value: string | number | boolean | null }
  | { readonly kind: "present"; readonly at: AttributeRef }
  /** Some one element of `at` satisfies `of`, whose references are relative to the element. */
  | { readonly kind: "element"; readonly at: AttributeRef; readonly of: Filter };

/** Where a value stands in a resource, by the names under which it is stored (their spelling in the schema). */
export interface AttributeRef {
  /** `["userName"]`, `["name", "familyName"]`, `["emails", "value"]`, `["urn:…:User", "manager", "value"]`; inside an element `["type"]`. */
  readonly path: readonly string[];
  /** Which step of the path holds a list, if one does. */
  readonly listAt: number | undefined;
  readonly type: AttributeType;
  readonly caseExact: boolean;
}

export type AttributeType = "string" | "boolean" | "integer" | "decimal" | "dateTime" | "reference" | "binary" | "complex";
