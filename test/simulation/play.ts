/**
 * Plays one seed of the real code from the first push to the rest after the last fault, and says what was wrong.
 *
 * @module
 */
import { openStore } from "../../src/store/open-store.ts";
import { fixIds } from "./fixed-ids.ts";
import { Idp } from "./idp.ts";
import { Judge } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { Processes } from "./processes.ts";
import type { Random } from "./random.ts";
import { randomFrom } from "./random.ts";
import { openGroups, openReal, reachedBy } from "./real.ts";
import { remembering } from "./remembering.ts";
import type { Sabotage } from "./sabotage.ts";
import type { Scenario } from "./scenario.ts";
import { wildScenario } from "./scenario.ts";
import type { Ended } from "./stage.ts";
import { perform } from "./stage.ts";
import { SimVendor } from "./vendor.ts";
import { World } from "./world.ts";

export interface Counts {
  readonly events: number;
  readonly virtualSeconds: number;
  /** Of processes of ours, and how often one stood still for 5 to 150 s. */
  readonly crashes: number;
  readonly pauses: number;
  readonly vendorCalls: number;
  /** Of the vendor's calls: writes that were carried out and whose answer was lost, or that were carried out after their caller had given up; 5xx, 429 or unsent writes; reads without an answer. */
  readonly lost: number;
  readonly late: number;
  readonly refused: number;
  readonly unread: number;
  /** Runs in front of a vendor whose list is half a minute behind. */
  readonly lagging: number;
  readonly deliveries: number;
  readonly twice: number;
  /** Answers of ours that the IdP never got. */
  readonly unanswered: number;
}

export interface Played {
  readonly seed: string;
  readonly violations: readonly string[];
  /** Digest of everything that happened. */
  readonly trace: string;
  /** What happened, where it was asked for. */
  readonly lines: readonly string[] | undefined;
  readonly counts: Counts;
  readonly ended: Ended;
  readonly vendor: SimVendor;
  readonly idp: Idp;
  /** Accounts that a link, or a tombstone, knows. */
  readonly known: ReadonlySet<string>;
}

export interface Wanted {
  readonly seed: string;
  readonly keepLines?: boolean;
  /** Default: everything that the real code must stand. */
  scenario?(random: Random): Scenario;
  readonly sabotage?: Sabotage;
}

export async function play({ seed, keepLines = false, scenario: scenarioOf = (random) => wildScenario(random), sabotage }: Wanted): Promise<Played> {
  const random = randomFrom(seed);
  const restore = fixIds(random.stream("ids"));
  const world = new World(random, { keepLines });
  const scenario = scenarioOf(random.stream("scenario"));
  world.note(told(scenario));
  const vendor = new SimVendor(scenario.vendor, scenario.faults, world);
  const store = await openStore({ url: "file::memory:", clock: { now: () => world.nowMs, sleep: (ms) => world.sleep(ms) } });
  const ledger = new Ledger((line) => world.note(line));
  const remembered = remembering(store);
  const watched = (sabotage?.store ?? ((plain) => plain))(ledger.watch(remembered));
  const setting = sabotage?.setting?.(scenario.setting) ?? scenario.setting;
  const slow = random.stream("slow store");
  const processes = new Processes(world, scenario, (life) => {
    const reached = reachedBy(life, watched, world, () => (scenario.storeSlowMs > 0 && slow.chance(0.3) ? slow.between(1, scenario.storeSlowMs) : 0));
    return openReal(life, { world, vendor, ledger, setting, store: reached, connector: sabotage?.connector, random: random.stream(`jitter ${life.name}`), bug: (text) => judge.blame(`a bug: ${text}`) });
  });
  const idp = new Idp(world, scenario.idp, scenario.troubles, () => processes.open);
  const judge = new Judge({ world, vendor, ledger, idp, store: remembered, settleMs: scenario.setting.settleMs });
  try {
    await openGroups(store, idp.groups);
    const ended = await perform({ world, scenario, vendor, processes, idp, quiet: () => judge.quiet(), isDone: () => judge.isDone(), isLinked: (account) => ledger.linked.has(account) });
    if (ended.stuck > 0) judge.blame(`the IdP never got through with ${ended.stuck} people`);
    else if (!ended.cameToRest) judge.blame("it did not come to rest");
    const known = await judge.atRest();
    const { lost, late, refused, unread } = vendor.fates;
    const { deliveries, twice, unanswered } = idp.counts;
    const counts: Counts = { events: world.events, virtualSeconds: Math.round(world.sinceMs / 1000), crashes: processes.crashes, pauses: world.pauses, vendorCalls: vendor.calls.length, lost, late, refused, unread, lagging: scenario.vendor.listLagMs > 0 ? 1 : 0, deliveries, twice, unanswered };
    return { seed, violations: judge.violations, trace: world.digest(), lines: world.lines, counts, ended, vendor, idp, known };
  } finally {
    await store.close();
    restore();
  }
}

const told = (scenario: Scenario): string =>
  JSON.stringify({ ...scenario, people: scenario.people.map(({ email, history }) => [email, ...history.map(({ kind, after: { active, title, roles } }) => `${kind} ${active ? "on" : "off"} ${title} ${roles.join()}`)]) });
