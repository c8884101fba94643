/**
 * A vendor's "yes" is believed when a read shows it.
 *
 *     the read shows            outcome
 *     what was wanted           confirmed
 *     something else            Fault protocol
 *     nothing about it          accepted, not confirmed; or Fault credentials, where a full key would show it
 *     nobody                    gone (fine for a removal), else Fault notFound: the caller makes its positive control
 *     no answer                 Fault uncertain for denials and roles, so that they are asserted again; else accepted
 *
 * @module
 */
import type { Evidence } from "../model/capability.ts";
import { Fault, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { ProfileChange } from "../model/person.ts";
import type { Call, Target } from "./connector.ts";
import { fillJson } from "./kit/template.ts";
import type { Values } from "./kit/template.ts";
import { sameTags } from "./kit/transforms.ts";
import { isLeftOut, samePart } from "./manifest-fields.ts";
import type { Reads, Shown } from "./manifest-reads.ts";
import type { Confirm, Manifest } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

export interface Confirmed {
  readonly confirmed: boolean;
  readonly gone: boolean;
}

export interface Question {
  readonly confirm: Confirm;
  readonly target: Target;
  readonly values: Values;
  readonly changes?: ProfileChange;
  /** What a read without an answer means. */
  readonly unanswered: "uncertain" | "accepted";
}

/** What equality depends on. */
export interface Sight {
  readonly manifest: Manifest;
  readonly settings: Settings;
  readonly endpoints: Evidence;
}

/** @throws Fault per the table above */
export async function confirmed(sight: Sight, reads: Reads, question: Question, call: Call): Promise<Confirmed> {
  const { manifest } = sight;
  const { confirm, target, unanswered } = question;
  if (confirm === "none") return { confirmed: false, gone: false };
  let shown: Shown | undefined;
  try {
    shown = await reads.lookUp(confirm.call, target.account, call, target.email);
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (failure.kind === "internal") throw thrown;
    if (failure.kind !== "credentials" && unanswered === "accepted") return { confirmed: false, gone: false };
    // Whatever the read ended with, the write has been sent: nobody may take it for "never sent".
    throw failure.kind === "credentials" ? thrown : new Fault({ kind: "uncertain", detail: `${manifest.title} accepted the change, but it could not be read back: ${failure.detail}` }, { cause: thrown });
  }
  const verdict = verdictOn(sight, question, shown);
  switch (verdict) {
    case "shown":
      return { confirmed: true, gone: shown === undefined };
    case "unseen":
      return { confirmed: false, gone: false };
    case "weak key":
      throw new Fault({ kind: "credentials", detail: `${manifest.title} does not show whether the change took effect; the key is not strong enough` });
    case "nobody":
      throw new Fault({ kind: "notFound", detail: `${manifest.title} accepted the change, and then no longer knew the account` });
    case "otherwise":
      throw new Fault({ kind: "protocol", detail: `${manifest.title} accepted the change and still shows the old state` });
  }
}

export type Verdict = "shown" | "otherwise" | "unseen" | "weak key" | "nobody";

/** What a read says about the question; pure. */
export function verdictOn(sight: Sight, { confirm, values, changes = {} }: Pick<Question, "confirm" | "values" | "changes">, shown: Shown | undefined): Verdict {
  if (confirm === "none") return "unseen";
  if ("gone" in confirm) {
    if (shown === undefined) return "shown";
    // A vendor that keeps a removed account as an inactive record has ended the access all the same.
    return shown.account.active === false ? "shown" : "otherwise";
  }
  if (shown === undefined) return "nobody";
  const { account } = shown;
  if ("shows" in confirm) return Object.entries(changes).every(([part, value]) => holds(sight, part, value, part === "email" ? account.email : account.profile[part])) ? "shown" : "otherwise";
  const found: Json | undefined = account[confirm.at];
  if (found === undefined) return confirm.unseen === "credentials" ? "weak key" : "unseen";
  const wanted = fillJson(confirm.equals, values);
  const same = confirm.at === "tags" ? sameTags(account.tags ?? [], Array.isArray(wanted) ? wanted.map(String) : []) : found === wanted;
  return same ? "shown" : "otherwise";
}

function holds({ manifest, settings, endpoints }: Sight, part: string, wanted: string | null, found: string | undefined): boolean {
  if (wanted === null) return found === undefined;
  const field = manifest.fields.find(({ scim }) => scim === part);
  if (found === undefined) return field !== undefined && isLeftOut(field, settings, endpoints, wanted);
  return field !== undefined && samePart(field, settings, endpoints, found, wanted);
}
