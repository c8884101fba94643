/**
 * What IdPs write → what RFC 7644 means, row by row.
 *
 * There is no telling who calls, and one Entra connection speaks two dialects, so every row looks at every push. The body that
 * came in stays as it is; whatever is no SCIM at all goes through untouched and is refused behind.
 *
 * @module
 */
import { authentik } from "./authentik.ts";
import { entra } from "./entra.ts";
import { google } from "./google.ts";
import { jumpcloud } from "./jumpcloud.ts";
import { okta } from "./okta.ts";
import { onelogin } from "./onelogin.ts";
import { ping } from "./ping.ts";
import type { Dialect, Pushed, Quirk } from "./quirk.ts";
import { rippling } from "./rippling.ts";
import { sailpoint } from "./sailpoint.ts";

/** Rewrites come in this order; each row sees what the former one left. */
export const dialects: readonly Dialect[] = [onelogin, entra, okta, sailpoint, authentik, jumpcloud, ping, google, rippling];
export const quirks: readonly Quirk[] = dialects.flatMap((dialect) => dialect.quirks);

export interface Normal {
  readonly body: unknown;
  /** `is` of the rows that were met, for the timeline. */
  readonly quirks: readonly string[];
}

/** @param strict nothing is rewritten and nothing noticed: what departs from the RFC is refused behind (`scim/strict.ts`) */
export function normalise(pushed: Pushed, strict = false): Normal {
  if (strict) return { body: pushed.body, quirks: [] };
  const met: string[] = [];
  let { body } = pushed;
  for (const quirk of quirks) {
    const now = { ...pushed, body };
    const next = "rewrite" in quirk ? quirk.rewrite(now) : body;
    if (next !== body || ("seen" in quirk && quirk.seen(now))) met.push(quirk.is);
    body = next;
  }
  return { body, quirks: met };
}
