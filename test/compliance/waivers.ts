/**
 * Waivers: failures that we have looked at and stand by, each with the section of the RFC that says why. One file, `waivers.json`.
 *
 * A failure that no waiver covers is red, and so is a waiver that covers nothing any more.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Check } from "./suite.ts";

const pattern = z.string().refine((text) => {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}, "must be a regular expression");

const waiver = z.strictObject({
  suite: z.string(),
  /** The names of the checks, from beginning to end. */
  check: pattern,
  /** What the suite must say besides, somewhere in it; without it another fault of the same checks would be covered, too. */
  says: pattern.optional(),
  rfc: z.string().regex(/^RFC \d{4}, \d/, "must name a section, as in RFC 7644, 3.5.2"),
  reason: z.string().min(20),
});

export type Waiver = z.output<typeof waiver>;

export const waivers: readonly Waiver[] = z.array(waiver).parse(JSON.parse(readFileSync(new URL("waivers.json", import.meta.url), "utf8")));

export interface Verdict {
  readonly passed: number;
  readonly skipped: number;
  readonly waived: readonly { readonly waiver: Waiver; readonly checks: readonly Check[] }[];
  readonly failed: readonly Check[];
  /** Waivers for this suite that covered nothing. */
  readonly idle: readonly Waiver[];
}

/** Of several waivers that cover a failure the first is taken. */
export function judge(suite: string, checks: readonly Check[], among: readonly Waiver[] = waivers): Verdict {
  const ours = among.filter((one) => one.suite === suite);
  const covers = (one: Waiver, { name, says }: Check): boolean => new RegExp(`^(?:${one.check})$`, "s").test(name) && (one.says === undefined || new RegExp(one.says, "s").test(says ?? ""));
  const covered = new Map<Waiver, Check[]>(ours.map((one) => [one, []]));
  const failed: Check[] = [];
  for (const check of checks.filter(({ result }) => result === "failed")) {
    const found = ours.find((one) => covers(one, check));
    if (found) covered.get(found)?.push(check);
    else failed.push(check);
  }
  return {
    passed: checks.filter(({ result }) => result === "passed").length,
    skipped: checks.filter(({ result }) => result === "skipped").length,
    waived: [...covered].filter(([, waived]) => waived.length > 0).map(([one, waived]) => ({ waiver: one, checks: waived })),
    failed,
    idle: [...covered].filter(([, waived]) => waived.length === 0).map(([one]) => one),
  };
}
