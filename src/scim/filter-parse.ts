/**
 * A filter's tokens → a tree whose names are resolved, by the whole grammar of RFC 7644, 3.4.2.2.
 *
 * `not` binds tighter than `and`, `and` tighter than `or`. `eq null` becomes "not present"; a value path followed by a sub-attribute
 * (`emails[type eq "work"].value eq "x"`) becomes one condition on one element. Beyond the RFC, as clients send it (idps.md, 4 to 6,
 * suites.md, 6): a complex attribute alone stands for its `value`, `True` is true, and values may lack their quotation marks where
 * nothing else can be meant.
 *
 * @module
 */
import type { Filter } from "../model/filter.ts";
import type { Named } from "./filter-condition.ts";
import { always, condition, isOperator } from "./filter-condition.ts";
import type { Token } from "./filter-lex.ts";
import { invalidFilter, tokens } from "./filter-lex.ts";
import { refInElement, refOf, resolveName, resolveSub } from "./names.ts";
import type { Attribute, SchemaTable } from "./schema-table.ts";
import { shown } from "./values.ts";

export interface FilterCaps {
  /** Characters. */
  readonly length: number;
  /** Comparisons and `pr`, those in brackets included. */
  readonly comparisons: number;
  /** Parentheses and brackets inside each other. */
  readonly depth: number;
}

/** reliability.md, 11. */
export const filterCaps: FilterCaps = { length: 4096, comparisons: 100, depth: 50 };

/**
 * @param text as the client sent it; anything but text (a parameter given twice) is refused
 * @param besides another type over which the same search goes: what only that one has, none of these has (RFC 7644, 3.4.2.1)
 * @throws Fault `invalidFilter`
 */
export const parseFilter = (table: SchemaTable, text: unknown, caps: Partial<FilterCaps> = {}, besides?: SchemaTable): Filter => parse((name) => resolved(table, name, besides), text, { ...filterCaps, ...caps });

/**
 * What stands between the brackets of a PATCH path: every reference is relative to one element of `attribute`.
 *
 * @throws Fault `invalidFilter`
 */
export const parseElementFilter = (attribute: Attribute, text: string, caps: Partial<FilterCaps> = {}): Filter => parse((name) => resolvedInElement(attribute, name), text, { ...filterCaps, ...caps });

type Resolve = (name: string) => Named;

function resolved(table: SchemaTable, name: string, besides?: SchemaTable): Named {
  const found = resolveName(table, name);
  if (!found && besides) return { ...resolved(besides, name), absent: true };
  if (!found) throw unknown(name);
  const { extension, attribute, sub } = found;
  const named = { name, at: refOf(found), attribute: sub ?? attribute };
  if (extension || attribute.name !== "meta") return readable(named, attribute);
  if (!sub || sub.name === "resourceType") return { ...named, constant: table.type };
  return sub.type === "dateTime" ? named : refused(name);
}

function resolvedInElement(attribute: Attribute, name: string): Named {
  const sub = resolveSub(attribute, name);
  if (!sub) throw unknown(`${attribute.name}.${name}`);
  return readable({ name, at: refInElement(sub), attribute: sub }, attribute);
}

const quoted = (name: string): string => JSON.stringify(shown(name.length > 80 ? `${name.slice(0, 80)}...` : name));
const unknown = (name: string): Error => invalidFilter(`The filter names an unknown attribute: ${quoted(name)}`);

const refused = (name: string): never => {
  throw invalidFilter(`${quoted(name)} cannot be used in a filter`);
};

/** A filter on what is never shown would be a way to guess it. Of a user's groups only what is stored can be looked for; the rest is the same for all. */
function readable(named: Named, of: Attribute): Named {
  const isHidden = [of, named.attribute].some(({ returned, mutability }) => returned === "never" || mutability === "writeOnly");
  const isComputed = of.name === "groups" && of.mutability === "readOnly" && (named.attribute.name === "$ref" || named.attribute.name === "type");
  return isHidden || isComputed ? refused(named.name) : named;
}

function parse(resolve: Resolve, text: unknown, caps: FilterCaps): Filter {
  if (typeof text !== "string") throw invalidFilter("The filter must be given once, as text");
  if (text.length > caps.length) throw invalidFilter(`The filter is longer than ${caps.length} characters`);
  const all = tokens(text);
  let at = 0;
  let comparisons = 0;

  const peek = (): Token => all[at] as Token;
  const word = (): string => {
    const token = peek();
    return token.kind === "word" ? token.text.toLowerCase() : "";
  };
  const expected = (what: string): Error => invalidFilter(`The filter breaks off or goes wrong where ${what} should stand`);
  const take = (kind: "(" | ")" | "[" | "]"): void => {
    if (peek().kind !== kind) throw expected(`"${kind}"`);
    at++;
  };
  const deeper = (depth: number): number => {
    if (depth >= caps.depth) throw invalidFilter(`The filter is nested deeper than ${caps.depth} levels`);
    return depth + 1;
  };

  const joined = (kind: "and" | "or", next: (names: Resolve, depth: number) => Filter) => (names: Resolve, depth: number): Filter => {
    const of = [next(names, depth)];
    while (word() === kind) {
      at++;
      of.push(next(names, depth));
    }
    return of.length === 1 ? (of[0] as Filter) : { kind, of };
  };
  const either: (names: Resolve, depth: number) => Filter = joined("or", joined("and", (names, depth) => term(names, depth)));

  function term(names: Resolve, depth: number): Filter {
    if (word() === "not" && all[at + 1]?.kind === "(") {
      at++;
      return { kind: "not", of: term(names, depth) };
    }
    if (peek().kind === "(") {
      at++;
      const inner = either(names, deeper(depth));
      take(")");
      return inner;
    }
    const token = peek();
    if (token.kind !== "word") throw expected("an attribute");
    at++;
    const named = names(token.text);
    return peek().kind === "[" ? valuePath(named, depth) : comparison(named);
  }

  function comparison(named: Named): Filter {
    if (++comparisons > caps.comparisons) throw invalidFilter(`The filter has more than ${caps.comparisons} comparisons`);
    const operator = word();
    at++;
    if (operator === "pr") return condition(named, "pr", undefined);
    if (!isOperator(operator)) throw expected("an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)");
    const value = peek();
    if (value.kind !== "word" && value.kind !== "string") throw expected("a value");
    at++;
    return condition(named, operator, value);
  }

  /** Never inside another one: the parts of an element are not complex (RFC 7643, 2.3.8). */
  function valuePath(list: Named, depth: number): Filter {
    if (list.at.listAt === undefined) throw invalidFilter(`${quoted(list.name)} is no list, so it has no elements to choose from`);
    at++;
    const element: Resolve = (name) => ({ ...resolvedInElement(list.attribute, name), ...(list.absent && { absent: true }) });
    const inner = either(element, deeper(depth));
    take("]");
    const sub = peek();
    if (sub.kind !== "word" || !sub.text.startsWith(".")) return list.absent ? always(false) : { kind: "element", at: list.at, of: inner };
    at++;
    if (list.absent) return (comparison(element(sub.text.slice(1))), always(false));
    return { kind: "element", at: list.at, of: { kind: "and", of: [inner, comparison(element(sub.text.slice(1)))] } };
  }

  const whole = either(resolve, 0);
  if (peek().kind !== "end") throw expected('"and", "or" or the end');
  return whole;
}
