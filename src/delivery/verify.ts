/**
 * Looks at the account after a write without a clear answer, once the vendor can no longer be carrying it out, and takes what
 * it sees for what is applied: the plan then asserts again whatever is missing.
 *
 * @module
 */
import type { Call } from "../connectors/connector.ts";
import type { Link } from "../model/link.ts";
import { asObserved } from "../plan/as-observed.ts";
import type { Planned } from "../plan/plan-user.ts";
import type { Wanted } from "../plan/wanted.ts";
import type { Store } from "../store/store.ts";
import type { Site } from "./site.ts";
import { controlled } from "./tenant.ts";

/** @throws Fault what the connector threw */
export async function observed(link: Link, wanted: Wanted | undefined, planned: Pick<Planned, "wantedRole" | "byDefault">, site: Site, store: Pick<Store, "peopleWithAccess">, call: Call): Promise<Link> {
  const clear = { ...link, verifyAt: undefined };
  if (link.account === undefined) return clear;
  // Without a way to look, a denial is simply asserted again; that harms nobody.
  if (!site.connector.get) return { ...clear, applied: { ...link.applied, access: link.applied.access === "inactive" ? undefined : link.applied.access } };
  const account = await site.connector.get({ account: link.account, kind: link.kind, email: link.login }, call);
  // A withdrawn invitation is nobody, and stays so unless it was accepted after all.
  if (!account && link.kind === "invitation") return clear;
  if (!account) {
    await controlled(site, store, link.account, call);
    return { ...clear, applied: { ...link.applied, access: "gone", confirmed: true } };
  }
  return asObserved(clear, account, wanted, planned, site.policy);
}
