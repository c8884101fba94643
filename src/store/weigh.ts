/**
 * The rails in a push's own transaction: what is counted is what is true there, so no two pushes pass on the same last place.
 *
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { sql } from "kysely";
import type { RailName, Taking } from "../model/hold.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Held } from "../model/resource.ts";
import { brakeOn, type Stop } from "../rails/brake.ts";
import { administratorRemains } from "./administrators.ts";
import { counts, type Losing } from "./losses.ts";
import { heldRows } from "./leases.ts";
import type { Rails } from "./rail-contract.ts";
import type { Writing } from "./writing.ts";

/** What several people lose by one change. */
export interface Toll extends Losing {
  readonly protectedPeople: readonly ResourceId[];
  readonly administrators: readonly ResourceId[];
}

export const tollOf = (taken: readonly (readonly [ResourceId, Taking])[]): Toll => {
  const those = (which: keyof Taking) => taken.flatMap(([id, taking]) => (taking[which] ? [id] : []));
  return { access: those("access"), records: those("record"), protectedPeople: those("fromProtected"), administrators: those("administrator") };
};

export const everybodyIn = ({ access, records, protectedPeople, administrators }: Toll): readonly ResourceId[] => [...new Set([...access, ...records, ...protectedPeople, ...administrators])];

/**
 * What an approval stands for. Every one satisfies the brake, because somebody has looked at exactly this push; the two questions about
 * single accounts are answered only by an approval of their own.
 */
const satisfiedBy: { readonly [K in RailName]: readonly RailName[] } = {
  brake: ["brake", "deletions"],
  deletions: ["brake", "deletions"],
  protected: ["brake", "deletions", "protected"],
  lastAdministrator: ["brake", "deletions", "protected", "lastAdministrator"],
  configuration: ["brake", "deletions", "protected", "lastAdministrator", "configuration"],
};

/** @param approved the rail of the hold whose approval is being carried out */
export async function weigh(begun: Writing, toll: Toll, { brake, privileged }: Rails, approved: RailName | undefined): Promise<Stop | undefined> {
  const satisfied = approved === undefined ? [] : satisfiedBy[approved];
  if (toll.protectedPeople.length > 0 && !satisfied.includes("protected")) return { rail: "protected", detail: "It would take access, a role or the address from a protected account (rails.protected)." };
  if (toll.administrators.length > 0 && !satisfied.includes("lastAdministrator") && !(await administratorRemains(begun, privileged, toll.administrators))) {
    return { rail: "lastAdministrator", detail: "No other active account in a privileged role would be left, as far as Drawbridge knows." };
  }
  if (satisfied.includes("brake") || (toll.access.length === 0 && toll.records.length === 0)) return undefined;
  return brakeOn(await counts(begun, toll, brake), brake);
}

/** So many people are read at a stretch. */
const atOnce = 500;

/**
 * Judges everybody whom a group's change affects, as they are after it, and stops as soon as a rail bites.
 *
 * @param values members as clients wrote them
 */
export async function weighMany(begun: Writing, values: readonly string[], judge: (person: Held) => Taking, rails: Rails, approved: RailName | undefined): Promise<{ readonly toll: Toll; readonly stop: Stop | undefined }> {
  const taken: (readonly [ResourceId, Taking])[] = [];
  let stop: Stop | undefined;
  for (let at = 0; at < values.length && !stop; at += atOnce) {
    if (at > 0) await turn();
    const before = taken.length;
    for (const person of await peopleOf(begun, values.slice(at, at + atOnce))) {
      const taking = judge(person);
      if (Object.values(taking).includes(true)) taken.push([person.id, taking]);
    }
    if (taken.length > before) stop = await weigh(begun, tollOf(taken), rails, approved);
  }
  return { toll: tollOf(taken), stop };
}

async function peopleOf({ engine, tx, connection }: Writing, values: readonly string[]): Promise<readonly Held[]> {
  const rows = await heldRows(engine, tx, sql`r.connection = ${connection} and r.type = 'User' and r.deleted_ms is null and r.id ${engine.json.among(values)}`);
  return rows.map(({ held }) => held);
}

