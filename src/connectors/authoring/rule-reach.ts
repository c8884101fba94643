/**
 * Error rules that can never apply, because an earlier one takes every answer that they mean.
 *
 * @module
 */
import type { Json } from "../../model/json.ts";
import type { ErrorRule } from "../kit/judge.ts";
import { judge } from "../kit/judge.ts";
import { put } from "../kit/json-path.ts";
import type { Problem } from "../manifest-check.ts";
import type { Manifest } from "../manifest-schema.ts";

export function ruleProblems({ errors, title }: Manifest): readonly Problem[] {
  return errors.rules.flatMap((rule, index) => {
    const path = `errors.rules.${index}`;
    if (rule.code && errors.code.length === 0) return [{ path: "errors.code", message: "no place of a code is named, so no rule can ask for one" }];
    if (rule.field !== undefined && errors.fields === undefined) return [{ path: "errors.fields", message: "no place of complaints about fields is named, so no rule can ask for one" }];
    const answers = samplesOf(rule).map(({ status, code }) => ({ status, body: answerFor(rule, code, errors) }));
    const taken = answers.map(({ status, body }) => errors.rules.findIndex((other) => means(other, status, body, { errors, title })));
    return taken.every((by) => by < index && by >= 0) ? [{ path, message: `never applies: every answer that it means is taken by errors.rules.${taken[0]}` }] : [];
  });
}

function samplesOf({ status = [400, 403, 404, 409, 422], code }: ErrorRule): readonly { readonly status: number; readonly code: string | number | undefined }[] {
  const codes: readonly (string | number | undefined)[] = code ?? [undefined];
  return status.flatMap((one) => codes.map((value) => ({ status: one, code: value })));
}

function answerFor(rule: ErrorRule, code: string | number | undefined, errors: Manifest["errors"]): Record<string, Json> {
  const body: Record<string, Json> = {};
  const [message] = errors.message;
  const [place] = errors.code;
  if (rule.field !== undefined && errors.fields !== undefined) put(body, errors.fields, { [rule.field]: [rule.textContains ?? "wrong"] });
  else if (rule.textContains !== undefined && message !== undefined) put(body, message, rule.textContains);
  if (code !== undefined && place !== undefined) put(body, place, code);
  return body;
}

/** Asks the judge itself: with this rule alone, does it speak? Its words are unmistakable. */
function means(rule: ErrorRule, status: number, body: Record<string, Json>, { errors, title }: { readonly errors: Manifest["errors"]; readonly title: string }): boolean {
  const mark = "this rule and no other";
  const judgement = judge(
    { kind: "answered", status, headers: {}, bytes: Buffer.from(JSON.stringify(body)) },
    { vendor: title, call: "any", isRead: true, needsBody: false, accept: status < 300 ? [{ at: "never.there", exists: true, otherwise: "refused" }] : [], errors: { ...errors, rules: [{ ...rule, failure: "refused", say: mark }] }, requestId: [], retryAfter: [], secrets: [], nowMs: 0 },
  );
  return !judgement.ok && judgement.failure.detail.includes(mark);
}
