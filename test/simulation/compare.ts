/**
 * One run of the experiment of reliability.md, section 4: any design, the same pushes and the same faults, and whether it ended badly.
 *
 * @module
 */
import type { Idp } from "./idp.ts";
import { Idp as NewIdp } from "./idp.ts";
import { roleFor } from "./judge.ts";
import type { NaiveDesign } from "./naive.ts";
import { emptyDisk, openNaive } from "./naive.ts";
import { play } from "./play.ts";
import { Processes } from "./processes.ts";
import { randomFrom } from "./random.ts";
import type { Sabotage } from "./sabotage.ts";
import type { Cell, Scenario } from "./scenario.ts";
import { plainScenario } from "./scenario.ts";
import { perform } from "./stage.ts";
import { SimVendor } from "./vendor.ts";
import { World } from "./world.ts";

/** How a run can end badly. */
export const endings = ["duplicate", "live", "lost", "unknown", "stuck", "broken"] as const;
/**
 * `duplicate`: a person has two accounts · `live`: an acknowledged deactivation is live · `lost`: the vendor does not hold the last
 * acknowledged state · `unknown`: an account that no link knows · `stuck`: the IdP never got through ·
 * `broken`: the judge saw an invariant broken on the way (the real code alone: a small bridge has no journal that it could ask).
 */
export type Ending = (typeof endings)[number];

export async function compareReal(seed: string, cell: Cell, sabotage: Sabotage): Promise<ReadonlySet<Ending>> {
  let people: Scenario["people"] = [];
  const played = await play({
    seed,
    sabotage,
    scenario: (random) => {
      const scenario = plainScenario(cell, random);
      people = scenario.people;
      return scenario;
    },
  });
  const found = endingsOf(played.vendor, played.idp, people, played.known, played.ended.stuck);
  return played.violations.length === 0 ? found : new Set([...found, "broken"]);
}

export async function compareNaive(seed: string, cell: Cell, design: NaiveDesign): Promise<ReadonlySet<Ending>> {
  const random = randomFrom(seed);
  const world = new World(random, { keepLines: false });
  const scenario = plainScenario(cell, random.stream("scenario"));
  const vendor = new SimVendor(scenario.vendor, scenario.faults, world);
  const disk = emptyDisk();
  const processes = new Processes(world, scenario, (life) => Promise.resolve(openNaive(design, life, vendor, disk)));
  const idp = new NewIdp(world, scenario.idp, scenario.troubles, () => processes.open);
  const { stuck } = await perform({ world, scenario, vendor, processes, idp, quiet: () => Promise.resolve(), isDone: () => Promise.resolve(disk.steps.length === 0) });
  return endingsOf(vendor, idp, scenario.people, new Set([...disk.links.values()].map(({ account }) => account)), stuck);
}

function endingsOf(vendor: SimVendor, idp: Idp, people: Scenario["people"], known: ReadonlySet<string>, stuck: number): ReadonlySet<Ending> {
  const found = new Set<Ending>();
  if (stuck > 0 || idp.refused.length > 0) found.add("stuck");
  for (const [at, { email }] of people.entries()) {
    const accounts = vendor.holds(email);
    if (accounts.length > 1) found.add("duplicate");
    if (accounts.some(({ id }) => !known.has(id))) found.add("unknown");
    const last = idp.acknowledged.findLast(({ push }) => push.person === at + 1)?.push.wish.after;
    if (!last) continue;
    const states = accounts.map((account) => vendor.now(account));
    const live = states.filter(({ active }) => active);
    if (!last.active && live.length > 0) found.add("live");
    if (last.active && !live.some(({ role, profile }) => role === roleFor(last.roles) && profile["title"] === last.title)) found.add("lost");
  }
  return found;
}
