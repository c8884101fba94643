/**
 * Plays the API tests that Okta publishes for SCIM servers (Runscope's JSON), as far as they use the format.
 *
 * The files are Okta's and no part of this repository; the folder that holds them is given as OKTA_SUITES.
 *
 * @module
 */
import { runInNewContext } from "node:vm";
import { isObject } from "../../../src/model/json.ts";
import type { Check } from "../suite.ts";

export interface RunscopeTest {
  readonly name: string;
  readonly steps: readonly RunscopeStep[];
}

interface RunscopeStep {
  readonly step_type: string;
  readonly skipped?: boolean;
  readonly note?: string;
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, readonly string[] | string>>;
  readonly body?: string;
  readonly variables?: readonly { readonly name?: string; readonly source: string; readonly property?: string }[];
  readonly assertions?: readonly Assertion[];
  readonly scripts?: readonly (string | null)[];
}

interface Assertion {
  readonly source: string;
  readonly property?: string;
  readonly comparison: string;
  readonly value?: string | number | null;
}

interface Answer {
  readonly status: number;
  readonly ms: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

/** One check for each assertion and each assertion of a script. `variables` is what the file's `{{names}}` stand for; steps add to it. */
export async function playRunscope(test: RunscopeTest, variables: Map<string, unknown>): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const filled = (text: string): string => text.replace(/\{\{\s*([\w ]+?)\s*\}\}/g, (whole, name: string) => (variables.has(name) ? String(variables.get(name)) : whole));
  for (const step of test.steps.filter(({ step_type, skipped }) => step_type === "request" && skipped !== true)) {
    const headers = Object.entries(step.headers ?? {}).map(([name, value]): [string, string] => [name, filled(String(typeof value === "string" ? value : value[0])).trim()]);
    const answer = await send(step.method ?? "GET", filled(step.url ?? ""), headers, step.body === undefined ? undefined : filled(step.body));
    for (const { name, source, property } of step.variables ?? []) if (name !== undefined && source === "response_json") variables.set(name, found(answer.json, property) ?? "");
    const title = (step.note ?? step.url ?? "").trim();
    const said = [...(step.assertions ?? []).map((assertion) => judge(assertion, answer, filled)), ...(step.scripts ?? []).flatMap((script) => (script === null || script === "" ? [] : judgeScript(script, answer, variables)))];
    checks.push(...said.map(({ name, passed, says }): Check => ({ name: `${title}: ${name}`, result: passed ? "passed" : "failed", says: `${step.method} answered ${answer.status}; ${says}` })));
  }
  return checks;
}

async function send(method: string, url: string, headers: [string, string][], body: string | undefined): Promise<Answer> {
  const since = performance.now();
  const answer = await fetch(encodeURI(decodeURI(url)), { method, headers, ...(body !== undefined && method !== "GET" && { body }) });
  const text = await answer.text();
  return { status: answer.status, ms: performance.now() - since, headers: answer.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `Resources[0].emails.value`; a list without an index stands for that part of each element, as the older file has it. */
function found(json: unknown, path: string | undefined): unknown {
  if (path === undefined || path === "") return json;
  return path.split(/[.[\]]+/).filter((name) => name !== "").reduce<unknown>((at, name) => {
    if (Array.isArray(at) && !/^\d+$/.test(name)) return at.map((element) => (isObject(element) ? element[name] : undefined));
    return (at as Record<string, unknown> | undefined)?.[name];
  }, json);
}

interface Said {
  readonly name: string;
  readonly passed: boolean;
  readonly says: string;
}

function judge(assertion: Assertion, answer: Answer, filled: (text: string) => string): Said {
  const wanted = assertion.value === undefined || assertion.value === null ? undefined : filled(String(assertion.value));
  const got = valueOf(assertion, answer);
  const name = [assertion.source, assertion.property, assertion.comparison, assertion.value].filter((part) => part !== undefined && part !== null && part !== "").join(" ");
  return { name, passed: holds(assertion.comparison, got, wanted), says: `found ${JSON.stringify(got)?.slice(0, 120)}` };
}

function valueOf({ source, property }: Assertion, { status, ms, headers, json }: Answer): unknown {
  if (source === "response_status") return status;
  if (source === "response_time") return ms;
  return source === "response_headers" ? (headers.get(property ?? "") ?? undefined) : found(json, property);
}

function holds(comparison: string, got: unknown, wanted: string | undefined): boolean {
  const isEmpty = got === undefined || got === null || got === "" || (typeof got === "object" && Object.keys(got).length === 0);
  switch (comparison) {
    case "equal":
      return String(got) === String(wanted);
    case "equal_number":
      return !isEmpty && Number(got) === Number(wanted);
    case "not_empty":
      return !isEmpty;
    case "is_a_number":
      return typeof got === "number"; // Okta's documentation wants integers; Runscope would take their text, too
    case "is_less_than":
      return Number(got) < Number(wanted);
    case "has_value":
      return wanted === undefined ? got !== undefined : Array.isArray(got) ? got.map(String).includes(wanted) : String(got) === wanted;
    case "contains":
      return (Array.isArray(got) ? got.join(",") : String(got)).includes(wanted ?? "");
    default:
      return false;
  }
}

/** Scripts see an answer, variables, and an `assert` that may be called or asked for `ok`. */
function judgeScript(script: string, { text, status }: Answer, variables: Map<string, unknown>): readonly Said[] {
  const said: Said[] = [];
  const ok = (value: unknown, name: string) => void said.push({ name: `script: ${name}`, passed: Boolean(value), says: `found ${String(value)}` });
  const world = { response: { body: text, status }, assert: Object.assign((value: unknown, name: string) => ok(value, name), { ok }), log: () => {}, variables: { get: (name: string) => variables.get(name), set: (name: string, value: unknown) => variables.set(name, value) } };
  try {
    runInNewContext(script, world, { timeout: 5_000 });
  } catch (thrown) {
    said.push({ name: "script: ends without an error", passed: false, says: String(thrown) });
  }
  return said;
}
