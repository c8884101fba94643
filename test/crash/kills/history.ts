/**
 * The history checker: every person is a register, facet by facet. An uncertain write may have happened; the last acknowledged one must
 * have, unless a later one, certain or not, stands in its place.
 *
 * @module
 */

/** What one push makes of a person; what is left out stays. */
export interface Written {
  readonly access?: "active" | "inactive" | "none";
  readonly givenName?: string;
  readonly role?: string;
}

/** One push of the IdP's, however often it was repeated. A person's pushes follow one another. */
export interface Event {
  readonly person: string;
  readonly push: string;
  readonly writes: Written;
  /** ms since 1970. */
  readonly sentMs: number;
  /** `undefined`: the IdP gave up without a yes. */
  readonly ackedMs: number | undefined;
}

/** How it stands at rest. */
export interface Rest {
  readonly person: string;
  /** As our own answers show the person; `undefined` = there is none. */
  readonly desired: { readonly active: boolean; readonly givenName: string | undefined; readonly role: string } | undefined;
  readonly accounts: readonly { readonly active: boolean; readonly givenName: string; readonly role: string }[];
}

/** @returns sentences, one per violation */
export function violations(events: readonly Event[], rests: readonly Rest[]): readonly string[] {
  return rests.flatMap((rest) => ofPerson(events.filter(({ person }) => person === rest.person), rest));
}

function ofPerson(events: readonly Event[], { person, desired, accounts }: Rest): readonly string[] {
  const found: string[] = [];
  const told = (says: string) => found.push(`${person}: ${says}; history ${events.map(({ push, ackedMs }) => `${push}${ackedMs === undefined ? "?" : ""}`).slice(-6).join(" ")}`);
  if (accounts.length > 1) told(`I1: ${accounts.length} accounts`);
  const [account] = accounts;

  const access = possible(events, "access") ?? ["none"];
  const heldAccess = account?.active ? "active" : account ? "inactive" : "none";
  const isRight = access.some((one) => (one === "active" ? heldAccess === "active" : heldAccess !== "active"));
  if (!isRight) told(`${heldAccess === "active" ? "I2: an acknowledged denial is not true" : "I3: an acknowledged grant is lost"}: wanted ${access.join(" or ")}, the vendor holds ${heldAccess}`);
  const desiredAccess = desired?.active ? "active" : desired ? "inactive" : "none";
  if (!access.includes(desiredAccess)) told(`I3: wanted ${access.join(" or ")}, we hold ${desiredAccess}`);

  if ((desired?.active ?? false) !== (account?.active ?? false)) told(`I3: we want ${desiredAccess}, the vendor holds ${heldAccess}`);
  for (const facet of ["givenName", "role"] as const) {
    const allowed = possible(events, facet);
    if (desired && allowed && !allowed.includes(desired[facet] ?? "")) told(`I3: ${facet} is ${desired[facet]} here, acknowledged was ${allowed.join(" or ")}`);
    if (desired?.active && account?.active && account[facet] !== desired[facet]) told(`I3: ${facet} is ${account[facet]} at the vendor and ${desired[facet]} here`);
  }
  return found;
}

/** The last acknowledged value and every uncertain one after it; `undefined` = nothing was ever acknowledged nor tried. */
function possible<Facet extends keyof Written>(events: readonly Event[], facet: Facet): readonly string[] | undefined {
  const about = events.filter(({ writes }) => writes[facet] !== undefined);
  const lastAcked = about.findLastIndex(({ ackedMs }) => ackedMs !== undefined);
  if (about.length === 0) return undefined;
  const later = about.slice(lastAcked < 0 ? 0 : lastAcked).map(({ writes }) => String(writes[facet]));
  return lastAcked < 0 && facet === "access" ? ["none", ...later] : later;
}
