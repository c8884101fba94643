/**
 * What a vendor's answer means: one pass over status, body and the manifest's ordered rules.
 *
 *     answer                        a read is          a write is
 *     never sent                    unreachable        unreachable
 *     sent, none or cut off, 5xx    unreachable        uncertain
 *     2xx, not JSON or too large    protocol           uncertain
 *     2xx, but not as promised      protocol, refused  uncertain, refused
 *     3xx                           protocol           protocol
 *     429                           throttled          throttled
 *     408                           unreachable        uncertain
 *     other 4xx                     first matching rule, else by status
 *
 * @module
 */
import type { Failure } from "../../model/failure.ts";
import type { Json } from "../../model/json.ts";
import { isObject } from "../../model/json.ts";
import { readJson } from "./json-answer.ts";
import { at, firstText, takenOut } from "./json-path.ts";
import { quote, tells } from "./quote.ts";
import { retryAfterSeconds } from "./retry-after.ts";
import type { Sent } from "./transport.ts";

export type RuleFailure = "credentials" | "notFound" | "conflict" | "invalid" | "refused" | "unsupported" | "throttled" | "protocol";

/** All conditions that are given must hold. */
export interface ErrorRule {
  readonly status?: readonly number[] | undefined;
  readonly code?: readonly (string | number)[] | undefined;
  readonly textContains?: string | undefined;
  /** A field that the vendor complains about. */
  readonly field?: string | undefined;
  readonly failure: RuleFailure;
  /** Our words for it. */
  readonly say?: string | undefined;
}

export interface ErrorRules {
  /** Paths, the first that holds something wins. */
  readonly message: readonly string[];
  readonly code: readonly string[];
  /** Path of an object: field → complaint. */
  readonly fields?: string | undefined;
  readonly rules: readonly ErrorRule[];
}

/** What a 2xx body must show. */
export interface Accept {
  readonly at: string;
  readonly equals?: Json | undefined;
  readonly exists?: boolean | undefined;
  readonly otherwise: "refused" | "protocol";
}

export interface Asked {
  /** The vendor's title, for the sentences. */
  readonly vendor: string;
  /** The call's name in the manifest. */
  readonly call: string;
  readonly isRead: boolean;
  /** Whether a 2xx without a body is against the documents. */
  readonly needsBody: boolean;
  /** Whether 204 is a yes all the same. */
  readonly noContent?: boolean;
  readonly accept: readonly Accept[];
  readonly errors: ErrorRules;
  /** Lower-case names of headers, or paths in the body. */
  readonly requestId: readonly string[];
  readonly retryAfter: readonly string[];
  /** Texts that must not be quoted back. */
  readonly secrets: readonly string[];
  /** Names of fields that are taken out of an answer before anybody sees it. */
  readonly neverKeep?: readonly string[];
  readonly nowMs: number;
}

export type Judgement = { readonly ok: true; readonly status: number; readonly value: Json | undefined } | { readonly ok: false; readonly status: number | undefined; readonly failure: Failure };

export function judge(sent: Sent, question: Asked): Judgement {
  const { vendor, call, isRead, neverKeep = [] } = question;
  const failed = (status: number | undefined, failure: Failure): Judgement => ({ ok: false, status, failure });
  const unclear = (detail: string): Failure => ({ kind: isRead ? "unreachable" : "uncertain", detail });

  if (sent.kind === "silent") {
    if (!sent.sent) return failed(undefined, { kind: "unreachable", detail: `${vendor} could not be reached: ${sent.reason}` });
    return failed(undefined, unclear(`${vendor} gave no answer to "${call}": ${sent.reason}`));
  }
  const { status } = sent;
  if (sent.kind === "cut" && (status < 300 || status >= 500)) {
    if (sent.tooLarge && isRead) return failed(status, { kind: "protocol", detail: `${vendor} answered "${call}" with ${sent.reason}` });
    return failed(status, unclear(`${vendor} broke off its answer to "${call}": ${sent.reason}`));
  }
  const encoded = !/^(identity)?$/i.test(sent.headers["content-encoding"]?.trim() ?? "");
  const read = sent.kind === "cut" ? ({ kind: "empty" } as const) : encoded ? ({ kind: "not JSON", why: "compressed without being asked to" } as const) : readJson(sent.bytes);
  const value = read.kind === "json" ? read.value : undefined;
  const asked: Asked = { ...question, secrets: [...question.secrets, ...takenOut(value, neverKeep)] };
  const facts: Facts = { status, value, headers: sent.headers, trace: traceOf(sent.headers, value, asked) };

  if (status >= 500) return failed(status, unclear(`${vendor} answered ${status} to "${call}"${facts.trace}`));
  if (status >= 300 && status < 400) return failed(status, { kind: "protocol", detail: `${vendor} answered "${call}" with a redirect (${status}), which is not followed; check the address in the settings` });
  if (status >= 400) return failed(status, refusal(facts, asked));

  if (status === 204 && asked.noContent && read.kind === "empty") return { ok: true, status, value: undefined };
  if (read.kind === "not JSON" || (read.kind === "empty" && asked.needsBody)) {
    const why = read.kind === "empty" ? "an empty body" : `a body that is ${read.why}`;
    return failed(status, { kind: isRead ? "protocol" : "uncertain", detail: `${vendor} answered ${status} to "${call}" with ${why}` });
  }
  const breach = asked.accept.find((rule) => !shows(value, rule));
  if (breach === undefined) return { ok: true, status, value };
  const rule = ruleFor(facts, asked);
  if (rule) return failed(status, failureBy(rule, facts, asked));
  if (breach.otherwise === "refused") return failed(status, failureBy({ failure: "refused" }, facts, asked));
  // A write that was acknowledged without what the documents promise may well have been carried out.
  return failed(status, { kind: isRead ? "protocol" : "uncertain", detail: `${vendor} answered ${status} to "${call}" without "${breach.at}" as its documents show it` });
}

interface Facts {
  readonly status: number;
  readonly value: Json | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly trace: string;
}

function shows(value: Json | undefined, { at: path, equals, exists }: Accept): boolean {
  const found = at(value, path);
  if (equals !== undefined && found !== equals) return false;
  return exists === undefined || (found !== undefined && found !== null) === exists;
}

function refusal(facts: Facts, asked: Asked): Failure {
  const rule = ruleFor(facts, asked);
  return rule ? failureBy(rule, facts, asked) : byStatus(facts, asked);
}

const ruleFor = (facts: Facts, { errors }: Asked): ErrorRule | undefined =>
  errors.rules.find((rule) => {
    if (rule.status && !rule.status.includes(facts.status)) return false;
    if (rule.code && !rule.code.map(String).includes(firstText(facts.value, errors.code) ?? "")) return false;
    if (rule.textContains !== undefined && !textOf(facts, errors).toLowerCase().includes(rule.textContains.toLowerCase())) return false;
    return rule.field === undefined || fieldsOf(facts, errors).includes(rule.field);
  });

const fieldsOf = ({ value }: Facts, { fields }: ErrorRules): readonly string[] => {
  const found = fields === undefined ? undefined : at(value, fields);
  return isObject(found) ? Object.keys(found) : [];
};

function textOf(facts: Facts, errors: ErrorRules): string {
  const complaints = errors.fields === undefined ? undefined : at(facts.value, errors.fields);
  return [firstText(facts.value, errors.message), isObject(complaints) ? Object.values(complaints).flat().filter((text) => typeof text === "string").join(" ") : undefined].filter((text) => text !== undefined).join(" ");
}

/** As `textOf`, each complaint under the name of its field. */
function complaintOf(facts: Facts, errors: ErrorRules): string {
  const complaints = errors.fields === undefined ? undefined : at(facts.value, errors.fields);
  if (!isObject(complaints)) return textOf(facts, errors);
  const named = Object.entries(complaints).flatMap(([field, said]) => {
    const texts = [said].flat().filter((text) => typeof text === "string");
    return texts.length === 0 ? [] : [`${field}: ${texts.join(" ")}`];
  });
  return [firstText(facts.value, errors.message)?.replace(/[.\s]+$/, ""), ...named].filter((text) => text !== undefined).join("; ");
}

function byStatus(facts: Facts, asked: Asked): Failure {
  const by = (failure: RuleFailure): Failure => failureBy({ failure }, facts, asked);
  switch (facts.status) {
    case 401:
    case 403:
      return by("credentials");
    case 404:
    case 410:
      return by("notFound");
    case 405:
      return by("unsupported");
    case 408:
      return { kind: asked.isRead ? "unreachable" : "uncertain", detail: `${asked.vendor} answered 408 to "${asked.call}"` };
    case 409:
      return by("conflict");
    case 400:
    case 413:
    case 414:
    case 422:
      return by("invalid");
    case 429:
      return by("throttled");
    default:
      return by("refused");
  }
}

function failureBy({ failure, say }: Pick<ErrorRule, "failure" | "say">, facts: Facts, asked: Asked): Failure {
  const { vendor, call, errors, secrets } = asked;
  const plain = `${vendor} answered ${facts.status} to "${call}"${say === undefined ? "" : `: ${say}`}${facts.trace}`;
  const words = quote(complaintOf(facts, errors), secrets);
  const quoted = words === "" ? plain : `${vendor} answered ${facts.status} to "${call}"${say === undefined ? "" : `: ${say}`} (it says: "${words}")${facts.trace}`;
  switch (failure) {
    case "invalid": {
      const field = fieldsOf(facts, errors)[0];
      return field === undefined ? { kind: "invalid", detail: quoted } : { kind: "invalid", detail: quoted, field: quote(field, secrets) };
    }
    case "conflict":
    case "notFound":
      return { kind: failure, detail: quoted };
    case "refused":
      return { kind: "refused", detail: quoted, vendorStatus: facts.status };
    // These become our 5xx, where a vendor's words have no place.
    case "credentials":
    case "protocol":
      return { kind: failure, detail: plain };
    case "unsupported":
      // The connector, which knows the capability and the manual steps, fills them in.
      return { kind: "unsupported", detail: plain, capability: "get", steps: "" };
    case "throttled":
      return { kind: "throttled", detail: plain, retryAfterSeconds: retryAfterSeconds(asked.retryAfter.map((name) => facts.headers[name.toLowerCase()]).find((text) => text !== undefined), asked.nowMs) };
  }
}

function traceOf(headers: Readonly<Record<string, string>>, value: Json | undefined, { requestId, secrets }: Asked): string {
  const id = requestId.map((name) => headers[name.toLowerCase()]).find((text) => text !== undefined) ?? firstText(value, requestId);
  return id !== undefined && /^[A-Za-z0-9._:-]{1,80}$/.test(id) && !tells(id, secrets) ? ` (request id ${id})` : "";
}
