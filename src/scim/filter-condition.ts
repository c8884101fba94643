/**
 * One condition of a filter: operator and value checked against the attribute's type, and the value brought into the form in which
 * it is compared.
 *
 * @module
 */
import type { AttributeRef, CompareOperator, Filter } from "../model/filter.ts";
import { fold } from "../model/fold.ts";
import { parseDateTime } from "./date-time.ts";
import type { Token } from "./filter-lex.ts";
import { invalidFilter } from "./filter-lex.ts";
import { compared } from "./filter-match.ts";
import type { Attribute } from "./schema-table.ts";

/** A name that stands in a filter, resolved. */
export interface Named {
  readonly name: string;
  readonly at: AttributeRef;
  /** The attribute that the last step of `at` leads to. */
  readonly attribute: Attribute;
  /** Fixed by the resource type, so the answer is known without looking. */
  readonly constant?: string;
  /** An attribute of another resource type, which no resource of this one has (RFC 7644, 3.4.2.1). */
  readonly absent?: true;
}

type Value = Extract<Token, { readonly text: string }>;

const operators: ReadonlySet<string> = new Set<CompareOperator>(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
export const isOperator = (word: string): word is CompareOperator => operators.has(word);

const equality: ReadonlySet<CompareOperator> = new Set(["eq", "ne"]);
const inside: ReadonlySet<CompareOperator> = new Set(["co", "sw", "ew"]);

/** @throws Fault `invalidFilter` where operator, value and type do not go together */
export function condition(named: Named, operator: CompareOperator | "pr", value: Value | undefined): Filter {
  if (named.absent) return always(operator === "ne" ? !isNull(value) : operator === "eq" && isNull(value));
  if (operator === "pr" || value === undefined) return named.constant === undefined ? present(named.at) : always(true);
  if (isNull(value)) {
    if (!equality.has(operator)) throw invalidFilter(`null can only be compared with eq and ne, not with ${operator}`);
    const there = named.constant === undefined ? present(named.at) : always(true);
    return operator === "ne" ? there : { kind: "not", of: there };
  }
  const { at, attribute } = leaf(named);
  const literal = literalFor(attribute, operator, value);
  if (named.constant !== undefined) return always(compared(named.constant, operator, literal));
  return { kind: "compare", at, operator, value: typeof literal === "string" && !attribute.caseExact ? fold(literal) : literal };
}

const isNull = (value: Value | undefined): boolean => value?.kind === "word" && value.text.toLowerCase() === "null";

const present = (at: AttributeRef): Filter => ({ kind: "present", at });

/** Every resource has an id, so this is true of all, and its opposite of none; no store needs a word for it. */
export function always(truth: boolean): Filter {
  const all: Filter = present({ path: ["id"], listAt: undefined, type: "string", caseExact: true });
  return truth ? all : { kind: "not", of: all };
}

/** `emails eq "x"`, `manager eq "x"`: a complex attribute alone is compared by its `value` (idps.md, F2). */
function leaf({ name, at, attribute }: Named): { readonly at: AttributeRef; readonly attribute: Attribute } {
  if (attribute.type !== "complex") return { at, attribute };
  const value = attribute.sub.get("value");
  if (!value) throw invalidFilter(`${JSON.stringify(name)} has parts: name one of them, as in name.familyName`);
  return { at: { path: [...at.path, value.name], listAt: at.listAt, type: value.type, caseExact: value.caseExact }, attribute: value };
}

function literalFor({ name, type }: Attribute, operator: CompareOperator, value: Value): string | number | boolean {
  const wrong = (what: string) => invalidFilter(`${name} ${operator} needs ${what}`);
  switch (type) {
    case "boolean": {
      if (!equality.has(operator)) throw invalidFilter(`${name} is true or false and can only be compared with eq and ne`);
      const word = value.text.toLowerCase();
      if (word !== "true" && word !== "false") throw wrong("true or false");
      return word === "true";
    }
    case "integer":
    case "decimal": {
      if (inside.has(operator)) throw invalidFilter(`${name} is a number and cannot be searched with ${operator}`);
      const number = value.kind === "word" && isNumber(value.text) ? Number(value.text) : Number.NaN;
      if (!Number.isFinite(number)) throw wrong("a number");
      return number;
    }
    case "dateTime": {
      if (inside.has(operator)) throw invalidFilter(`${name} is a time and cannot be searched with ${operator}`);
      const ms = parseDateTime(value.text);
      if (ms === undefined) throw wrong("a time such as 2011-05-13T04:42:34Z");
      return ms;
    }
    default: {
      if (type === "binary" && !equality.has(operator) && !inside.has(operator)) throw invalidFilter(`${name} is binary and has no order`);
      if (value.kind === "word" && !isBareText(value.text)) throw wrong("a value in quotation marks");
      return value.text;
    }
  }
}

/** A number as JSON writes it. */
const isNumber = (word: string): boolean => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(word) && word.length <= 40;

/** A value without quotation marks, as Postman collections send it, that can be nothing but text. */
const isBareText = (word: string): boolean => /^[a-z0-9][a-z0-9@._:+-]*$/i.test(word) && !isNumber(word) && !reserved.has(word.toLowerCase());

const reserved: ReadonlySet<string> = new Set([...operators, "pr", "and", "or", "not", "true", "false", "null"]);
