/**
 * What the doctor says: one sentence about what was found, and one about what to change.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";

/**
 * `ok` · `note`: worth knowing, nothing to do · `skipped`: could not be looked at, and why · `warning`: works, and will not for long or not
 * for everybody · `failure`: does not work.
 */
export type Finding = About & ({ readonly outcome: "ok" | "note" | "skipped" } | { readonly outcome: "warning" | "failure"; /** What a person changes, and where: one sentence. */ readonly change: string });

interface About {
  /** What was looked at, the same in every version: `store.writes`, `vendor.credential`. */
  readonly check: string;
  /** `undefined` = the server as a whole. */
  readonly connection?: ConnectionId | undefined;
  /** What was found: one sentence. */
  readonly says: string;
}

export type Outcome = Finding["outcome"];

export const ok = (check: string, says: string): Finding => ({ check, outcome: "ok", says });
export const note = (check: string, says: string): Finding => ({ check, outcome: "note", says });
export const skipped = (check: string, says: string): Finding => ({ check, outcome: "skipped", says });
export const warning = (check: string, says: string, change: string): Finding => ({ check, outcome: "warning", says, change });
export const failure = (check: string, says: string, change: string): Finding => ({ check, outcome: "failure", says, change });

/** The findings of one connection. */
export const of = (connection: ConnectionId, findings: readonly Finding[]): readonly Finding[] => findings.map((finding) => ({ ...finding, connection }));

export const failed = (findings: readonly Finding[]): boolean => findings.some(({ outcome }) => outcome === "failure");

/** For scripts, as monitoring systems read it: 0 nothing to do, 1 warnings, 2 something does not work. */
export const exitCode = (findings: readonly Finding[]): 0 | 1 | 2 => (failed(findings) ? 2 : findings.some(({ outcome }) => outcome === "warning") ? 1 : 0);

/** `1 person`, `3 people`; the plural with an s unless it is given. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
