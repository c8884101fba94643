/**
 * How a connection works at the moment: it delivers, it only observes, or an operator or a breach has frozen it.
 *
 * @module
 */
import type { ConnectionId } from "./ids.ts";
import type { Lane } from "./operation.ts";

export interface Mode {
  readonly connection: ConnectionId;
  /** Pushes are refused; only denials that are owned already are carried out. */
  readonly frozen: boolean;
  /** Pushes are kept and nothing is written at the vendor. Lies beneath a freeze and is there again after it. */
  readonly observes: boolean;
  /** Why it is so, in the words of whoever decided; empty while it simply delivers. */
  readonly reason: string;
  /** `drawbridge` where a breach was found at run time, `configuration`, or a person's name. */
  readonly by: string;
  /** Database time, ms since 1970. */
  readonly sinceMs: number;
}

/** Who freezes a connection on which an invariant was found broken (reliability.md, section 3). */
export const ourselves = "drawbridge";

/** What a vendor call is for. */
export interface Errand {
  readonly lane: Lane;
  /** False for a call that only reads. */
  readonly write: boolean;
  /** The person has a denial that was acknowledged and is not carried out yet. */
  readonly owned: boolean;
}

/**
 * Whether a mode lets a vendor call through.
 *
 *     mode                    denial that is owned   other denials   everything else   reads for it
 *     delivers                yes                    yes             yes               yes
 *     observes                yes                    no              no                yes
 *     frozen                  yes                    yes             no                no
 *     frozen while it observed yes                   no              no                no
 *
 * Every denial of a frozen connection is owned: nothing new is accepted. While a connection observes, a denial is owned only if it
 * was acknowledged before.
 */
export function permits({ frozen, observes }: Pick<Mode, "frozen" | "observes">, { lane, write, owned }: Errand): boolean {
  if (lane === "deny") return !observes || owned || (!write && !frozen);
  return frozen ? false : !observes || !write;
}
